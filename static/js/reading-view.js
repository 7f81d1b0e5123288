/** The panel that shows how the text will be read, and lets the reader choose other readings. */

import { errorKey, warningWords } from './form.js';
import { checkRequest, countChars } from './protocol.js';
import { draw, made } from './reading-lines.js';
import { ReadingMenu, offer } from './reading-menu.js';
import { wordsOf, writtenOut } from './reading-words.js';

export class ReadingView {
  #by = (id) => document.getElementById(id);
  #toggle = this.#by('readings-toggle');
  #panel = this.#by('readings');
  #lines = this.#by('readings-text');
  #form;
  #translator;
  #readings;
  #client;
  #menu = new ReadingMenu(this.#by('readings-menu'), (pinyin) => this.#onPick(pinyin));
  /** What is shown: the text it belongs to, and what the server told about it. */
  #shown = { text: '', report: null, error: null };
  /** The characters that can be changed, by their buttons. */
  #parts = new Map();

  /**
   * @param {{form: import('./form.js').Form, translator: import('./i18n.js').Translator,
   *   readings: import('./readings.js').Readings, client: import('./reading-client.js').ReadingClient}} parts
   */
  constructor({ form, translator, readings, client }) {
    this.#form = form;
    this.#translator = translator;
    this.#readings = readings;
    this.#client = client;
    this.#toggle.addEventListener('click', () => this.#open(this.#panel.hidden));
    form.text.addEventListener('input', (event) => this.#onEdit(event.isComposing));
    form.text.addEventListener('compositionend', () => this.#onEdit(false));
    form.voice.addEventListener('change', () => this.#ask(true));
    this.#lines.addEventListener('click', ({ target }) => this.#onClick(target.closest('button')));
    this.#lines.addEventListener('keydown', (event) => this.#onKey(event));
    this.#lines.addEventListener('scroll', () => this.#menu.close());
    this.#onEdit(false);
  }

  /** Says everything again, in the page's language of now. */
  translate() {
    if (!this.#panel.hidden) this.#draw();
  }

  #open(open) {
    this.#panel.hidden = !open;
    this.#toggle.setAttribute('aria-expanded', String(open));
    if (open) this.#ask(true);
    else this.#client.cancel();
  }

  /** While an input method composes, the text is not yet what it will be. */
  #onEdit(composing) {
    const { value, selectionEnd } = this.#form.text;
    this.#readings.follow(value, countChars(value.slice(0, selectionEnd)));
    if (!composing) this.#ask();
  }

  #ask(soon = false) {
    if (this.#panel.hidden) return;
    const { text, voice } = this.#form.read();
    this.#client.cancel();
    if (text.trim() === '') {
      this.#show({ text, report: null, error: null });
      return;
    }
    const request = { text, voice, ...this.#readings.fields };
    const { ok, error } = checkRequest(request, 'http', this.#form.maxChars);
    if (!ok) {
      this.#show({ text, report: null, error });
      return;
    }
    this.#panel.setAttribute('aria-busy', 'true');
    const onAnswer = (report) => this.#show({ text, report, error: null });
    this.#client.ask(request, { onAnswer, onError: (fault) => this.#show({ text, report: null, error: fault }) }, { soon });
  }

  #show(shown) {
    this.#shown = shown;
    this.#panel.setAttribute('aria-busy', 'false');
    this.#draw();
  }

  #draw() {
    const { text, report } = this.#shown;
    this.#menu.close();
    const focused = this.#parts.get(document.activeElement)?.start;
    const { elements, parts } = draw(report ? wordsOf(text, report) : [], this.#readings, this.#translator);
    this.#parts = parts;
    this.#lines.replaceChildren(...elements);
    this.#lines.hidden = !report;
    this.#lines.lang = this.#form.voiceData.language;
    const buttons = Array.from(this.#parts.keys());
    const again = buttons.find((button) => this.#parts.get(button).start === focused);
    this.#rove(again ?? buttons[0]);
    again?.focus();
    this.#by('readings-notes').replaceChildren(...this.#notes().map((words) => made('p', '', words)));
    const status = this.#by('readings-status');
    const words = this.#words();
    if (status.textContent !== words) status.textContent = words;
    status.classList.toggle('error', this.#shown.error !== null);
  }

  /** What the panel says about itself: what is wrong, or what can be done. */
  #words() {
    const { text, report, error } = this.#shown;
    const values = { max: this.#form.maxChars, count: countChars(text) };
    if (error) return this.#translator.say(errorKey(error.code), { message: error.message, ...values });
    if (!report) return this.#translator.say('readings_blank');
    if (this.#parts.size > 0) return this.#translator.say('readings_hint');
    return report.characters.some(({ pinyin }) => pinyin) ? '' : this.#translator.say('readings_none');
  }

  #notes() {
    const { report } = this.#shown;
    if (!report) return [];
    const spoken = writtenOut(report).map((words) => this.#translator.say('readings_spoken', { spoken: words }));
    return [...spoken, ...report.warnings.map((warning) => warningWords(this.#translator, warning))];
  }

  /** One character can be reached with Tab, the others from there with the arrows. */
  #rove(current) {
    for (const button of this.#parts.keys()) button.tabIndex = button === current ? 0 : -1;
  }

  #onKey(event) {
    const buttons = Array.from(this.#parts.keys());
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -buttons.length, End: buttons.length };
    const at = buttons.indexOf(event.target);
    if (at < 0 || !(event.key in moves)) return;
    event.preventDefault();
    buttons[Math.max(0, Math.min(buttons.length - 1, at + moves[event.key]))].focus();
    this.#rove(document.activeElement);
  }

  /** Between an edit and its answer the places of the characters are not known. */
  #onClick(button) {
    const part = this.#parts.get(button);
    if (!part || this.#shown.text !== this.#form.text.value) return;
    if (this.#menu.owner === button) {
      this.#menu.close();
      return;
    }
    this.#rove(button);
    const chosen = this.#readings.chosen(part.start);
    const reset = chosen ? this.#translator.say('readings_reset') : null;
    const label = this.#translator.say('readings_menu', { char: part.text });
    this.#menu.open(button, { ...offer(part, chosen), reset, label });
  }

  #onPick(pinyin) {
    const { start, pinyin: usual } = this.#parts.get(this.#menu.owner);
    const chosen = this.#readings.chosen(start);
    if (pinyin === null) this.#readings.reset(start);
    else if (pinyin !== (chosen ?? usual)) this.#readings.choose(start, pinyin, usual);
    this.#ask(true);
  }
}
