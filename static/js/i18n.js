/** Puts the page into the reader's language: Chinese first, English where the browser asks for it. */

import { MESSAGES } from './messages.js';

const TAGS = { zh: 'zh-CN', en: 'en' };

/** The first language of the browser that the page knows; Chinese where there is none. */
export function pickLanguage(wanted) {
  const languages = wanted.map((tag) => String(tag).toLowerCase().split('-')[0]);
  return languages.find((language) => Object.hasOwn(MESSAGES, language)) ?? 'zh';
}

/** Fills `{name}` in a message. */
export function fill(message, values = {}) {
  return message.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export class Translator {
  /** @type {'zh' | 'en'} */
  language;

  constructor(language) {
    this.language = language;
  }

  /** A language tag for `Intl` and for `lang`. */
  get tag() {
    return TAGS[this.language];
  }

  say(key, values) {
    return fill(MESSAGES[this.language][key] ?? key, values);
  }

  has(key) {
    return key in MESSAGES[this.language];
  }

  /** Translates all that is marked with `data-i18n` (the text) or `data-i18n-<attribute>`. */
  apply(document) {
    document.documentElement.lang = this.tag;
    document.title = this.say('title');
    for (const element of document.querySelectorAll('[data-i18n]')) element.textContent = this.say(element.dataset.i18n);
    for (const name of ['placeholder', 'label', 'aria-label']) {
      for (const element of document.querySelectorAll(`[data-i18n-${name}]`)) {
        element.setAttribute(name, this.say(element.getAttribute(`data-i18n-${name}`)));
      }
    }
  }
}
