/** Draws a reading: pinyin over each character, a button where there are other readings, gaps between the words. */

import { toneMarks } from './pinyin.js';

/** @typedef {import('./reading-words.js').Part} Part */

/**
 * @param {import('./reading-words.js').Word[]} words
 * @param {import('./readings.js').Readings} readings
 * @param {import('./i18n.js').Translator} translator
 * @returns {{elements: HTMLElement[], parts: Map<HTMLButtonElement, Part>}}
 */
export function draw(words, readings, translator) {
  const parts = new Map();
  const drawn = (part) => {
    const chosen = readings.chosen(part.start) !== undefined;
    const changeable = part.pinyin && (part.others.length > 0 || chosen);
    const element = changeable ? buttonOf(part, chosen, translator) : still(part);
    if (changeable) parts.set(element, part);
    return element;
  };
  const elements = words.map((word) => {
    if (word.parts.every(({ pinyin }) => !pinyin)) return made('span', 'loose', word.parts.map(({ text }) => text).join(''));
    const element = made('span', `word gap-${word.gap}`);
    element.append(...word.parts.map(drawn));
    return element;
  });
  return { elements, parts };
}

function still(part) {
  if (!part.pinyin) return made('span', 'loose', part.text);
  const element = made('span', 'char');
  element.append(rubyOf(part));
  return element;
}

function buttonOf(part, chosen, translator) {
  const button = made('button', chosen ? 'char chosen' : 'char');
  button.type = 'button';
  button.append(rubyOf(part));
  const values = { char: part.text, pinyin: toneMarks(part.pinyin) };
  const words = chosen ? translator.say('readings_chosen', values) : translator.say('readings_char', values);
  button.setAttribute('aria-label', words);
  button.setAttribute('aria-haspopup', 'menu');
  button.setAttribute('aria-expanded', 'false');
  return button;
}

function rubyOf({ text, pinyin }) {
  const ruby = made('ruby', '');
  const mark = made('rt', '', toneMarks(pinyin));
  mark.lang = 'zh-Latn';
  ruby.append(made('span', 'base', text), mark);
  return ruby;
}

export function made(name, className, words = '') {
  return Object.assign(document.createElement(name), { className, textContent: words });
}
