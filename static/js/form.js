/** The controls: what is chosen, what can be chosen, and what was chosen last time. */

import { MESSAGES } from './messages.js';
import { countChars } from './protocol.js';
import { recall, remember } from './store.js';
import { labelVoices } from './voices.js';

const NUMBERS = ['intensity', 'speed', 'pitch', 'volume'];

export class Form {
  #form;
  #translator;
  #counter;
  #maxChars;

  /**
   * @param {HTMLFormElement} form
   * @param {import('./i18n.js').Translator} translator
   */
  constructor(form, translator) {
    this.#form = form;
    this.#translator = translator;
    this.#counter = form.querySelector('#counter');
    this.#maxChars = Number(this.#counter.dataset.max);
    this.text.addEventListener('input', () => this.#count());
    this.voice.addEventListener('change', () => this.#offerEmotions());
    for (const name of NUMBERS) form.elements[name].addEventListener('input', () => this.#showNumber(name));
    form.addEventListener('change', () => this.#remember());
    this.#restore();
    this.translate();
  }

  get text() {
    return this.#form.elements.text;
  }

  get voice() {
    return this.#form.elements.voice;
  }

  get maxChars() {
    return this.#maxChars;
  }

  /** What the chosen voice is like: its language and its own sample rate. */
  get voiceData() {
    const { language = '', rate = '' } = this.voice.selectedOptions[0]?.dataset ?? {};
    return { language, sampleRate: Number(rate) || 24000 };
  }

  /** The fields of a request; what the server would assume anyway is left to it. */
  read() {
    const { elements } = this.#form;
    const numbers = Object.fromEntries(NUMBERS.map((name) => [name, Number(elements[name].value)]));
    return { text: this.text.value, voice: this.voice.value, emotion: elements.emotion.value, ...numbers };
  }

  write(text) {
    this.text.value = text;
    this.text.dispatchEvent(new Event('input', { bubbles: true }));
  }

  /** Shows everything that depends on the page's language. */
  translate() {
    labelVoices(this.voice, this.#translator);
    this.#labelEmotions();
    NUMBERS.forEach((name) => this.#showNumber(name));
    this.#count();
  }

  #count() {
    const values = { count: countChars(this.text.value), max: this.#maxChars };
    this.#counter.textContent = this.#translator.say('counter', values);
    this.#counter.setAttribute('aria-label', this.#translator.say('counter_label', values));
    const over = values.count > values.max;
    this.#counter.classList.toggle('over', over);
    this.text.setAttribute('aria-invalid', String(over));
  }

  #showNumber(name) {
    const input = this.#form.elements[name];
    const { min, max, value, dataset } = input;
    const shown = new Intl.NumberFormat(this.#translator.tag, { signDisplay: name === 'pitch' ? 'exceptZero' : 'auto' });
    const words = this.#translator.say(dataset.unit, { value: shown.format(Number(value)) });
    this.#form.querySelector(`[data-for="${name}"]`).textContent = words;
    input.setAttribute('aria-valuetext', words);
    input.style.setProperty('--fill', `${((value - min) / (max - min)) * 100}%`);
  }

  /** Each voice has its own emotions, named by it; a choice that both know is kept. */
  #offerEmotions() {
    const { emotion } = this.#form.elements;
    const chosen = emotion.value;
    const moods = document.querySelector('#moods').content.querySelector(`[data-moods="${this.voice.selectedOptions[0].dataset.moods}"]`);
    emotion.replaceChildren(...Array.from(moods.children, (option) => option.cloneNode(true)));
    if (Array.from(emotion.options).some(({ value }) => value === chosen)) emotion.value = chosen;
    this.#labelEmotions();
  }

  #labelEmotions() {
    for (const option of this.#form.elements.emotion.options) option.textContent = option.dataset[this.#translator.language];
  }

  #remember() {
    const { text: _text, ...choices } = this.read();
    remember({ choices });
  }

  /** Puts back what still exists of the last choices. */
  #restore() {
    const choices = recall().choices ?? {};
    const { elements } = this.#form;
    const exists = (select, value) => Array.from(select.options).some((option) => option.value === value);
    if (exists(this.voice, choices.voice)) this.voice.value = choices.voice;
    this.#offerEmotions();
    if (exists(elements.emotion, choices.emotion)) elements.emotion.value = choices.emotion;
    for (const name of NUMBERS) {
      if (typeof choices[name] === 'number') elements[name].value = String(choices[name]);
    }
  }
}

/** A shortcut is named as the reader's keyboard names it. */
export function shortcutKey(platform) {
  return /mac|iphone|ipad/i.test(platform) ? '⌘' : 'Ctrl';
}

/** Which messages exist for a code of the wire; the page words the known ones itself. */
export function errorKey(code) {
  const key = `error_${code}`;
  return key in MESSAGES.zh ? key : 'error_other';
}

/** What a warning of the server says in the reader's language; one that the page does not know speaks for itself. */
export function warningWords(translator, { code, message }) {
  return translator.has(`warning_${code}`) ? translator.say(`warning_${code}`, { message }) : message;
}
