/** The small menu of a character's readings: arrows move in it, Escape leaves it. */

import { toneMarks } from './pinyin.js';

/** Where a key leads in a menu of so many entries; null where it leads nowhere. */
export function step(key, at, count) {
  if (key === 'ArrowDown') return (at + 1) % count;
  if (key === 'ArrowUp') return (at - 1 + count) % count;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : null;
}

/** The readings to offer, and which of them is in force: a chosen one stays so where its tone bends in speech. */
export function offer({ pinyin, others }, chosen) {
  const readings = Array.from(new Set([pinyin, ...others]));
  return { readings, current: readings.includes(chosen) ? chosen : pinyin };
}

export class ReadingMenu {
  #menu;
  #onPick;
  /** @type {HTMLElement | null} */
  #owner = null;

  /**
   * @param {HTMLElement} menu
   * @param {(pinyin: string | null) => void} onPick  null to have it read as usual
   */
  constructor(menu, onPick) {
    this.#menu = menu;
    this.#onPick = onPick;
    menu.addEventListener('click', ({ target }) => {
      const item = target.closest('[role^="menuitem"]');
      if (item) this.#pick(item.dataset.pinyin ?? null);
    });
    menu.addEventListener('keydown', (event) => this.#onKey(event));
    menu.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget !== this.#owner && !menu.contains(relatedTarget)) this.close();
    });
  }

  get owner() {
    return this.#owner;
  }

  /**
   * @param {HTMLElement} owner  the button it belongs to
   * @param {{readings: string[], current: string, reset: string | null, label: string}} content
   */
  open(owner, { readings, current, reset, label }) {
    this.close();
    this.#owner = owner;
    const items = readings.map((pinyin) => this.#item(pinyin, pinyin === current));
    if (reset) items.push(this.#resetItem(reset));
    this.#menu.replaceChildren(...items);
    this.#menu.setAttribute('aria-label', label);
    this.#menu.hidden = false;
    owner.setAttribute('aria-expanded', 'true');
    this.#place();
    items[Math.max(0, readings.indexOf(current))].focus();
  }

  /** Closes it; the keyboard goes back to the character when it was here. */
  close() {
    const owner = this.#owner;
    if (!owner) return;
    this.#owner = null;
    owner.setAttribute('aria-expanded', 'false');
    if (this.#menu.contains(document.activeElement)) owner.focus();
    this.#menu.hidden = true;
  }

  #item(pinyin, current) {
    const item = document.createElement('button');
    item.type = 'button';
    item.tabIndex = -1;
    item.lang = 'zh-Latn';
    item.dataset.pinyin = pinyin;
    item.textContent = toneMarks(pinyin);
    item.setAttribute('role', 'menuitemradio');
    item.setAttribute('aria-checked', String(current));
    return item;
  }

  #resetItem(words) {
    const item = document.createElement('button');
    item.type = 'button';
    item.tabIndex = -1;
    item.textContent = words;
    item.setAttribute('role', 'menuitem');
    return item;
  }

  /** Below the character, and within the width of the panel. */
  #place() {
    const panel = this.#menu.offsetParent;
    const box = panel.getBoundingClientRect();
    const { left, bottom } = this.#owner.getBoundingClientRect();
    const x = Math.max(0, Math.min(left - box.left, panel.clientWidth - this.#menu.offsetWidth));
    this.#menu.style.setProperty('--x', `${x}px`);
    this.#menu.style.setProperty('--y', `${bottom - box.top + 4}px`);
  }

  #pick(pinyin) {
    // While it is open, the owner still tells which character is meant.
    this.#onPick(pinyin);
    this.close();
  }

  #onKey(event) {
    const items = Array.from(this.#menu.children);
    const to = step(event.key, items.indexOf(document.activeElement), items.length);
    if (to !== null) items[to].focus();
    else if (event.key === 'Escape') this.close();
    else if (event.key === 'Tab') {
      this.close();
      return;
    } else return;
    event.preventDefault();
  }
}
