/** Shows the text while it is read, and lights up the characters being heard. */

/** What a listener sees as one character, each with the code point where it begins. */
export function graphemes(text) {
  const parts = globalThis.Intl?.Segmenter
    ? Array.from(new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text), (part) => part.segment)
    : Array.from(text);
  let start = 0;
  return parts.map((part) => {
    const at = start;
    start += Array.from(part).length;
    return { text: part, start: at };
  });
}

/** The mark heard at a time: the last that has begun; `marks` are in the order of time. */
export function markAt(marks, ms) {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (marks[middle].start_ms <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export class Reading {
  #panel;
  /** @type {{span: HTMLElement, start: number}[]} */
  #letters = [];
  #marks = [];
  #shown = -1;

  /**
   * @param {HTMLElement} panel
   * @param {(ms: number) => void} onPick  a character was clicked; called with when it is heard
   */
  constructor(panel, onPick) {
    this.#panel = panel;
    panel.addEventListener('click', ({ target }) => {
      const letter = this.#letters.find(({ span }) => span === target);
      const mark = letter && this.#markOf(letter.start);
      if (mark) onPick(mark.start_ms);
    });
  }

  show(text, language) {
    this.#marks = [];
    this.#shown = -1;
    this.#letters = graphemes(text).map(({ text: letter, start }) => {
      const span = document.createElement('span');
      span.textContent = letter;
      return { span, start };
    });
    this.#panel.lang = language;
    this.#panel.replaceChildren(...this.#letters.map(({ span }) => span));
    this.#panel.scrollTop = 0;
  }

  add(marks) {
    this.#marks = [...this.#marks, ...marks].sort((a, b) => a.start_ms - b.start_ms);
  }

  /** Lights up what is heard at this time; between two sounds nothing new is lit. */
  at(ms) {
    const index = markAt(this.#marks, ms);
    const silent = index >= 0 && ms >= this.#marks[index].end_ms + 120;
    const key = index * 2 + (silent ? 1 : 0);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#light(this.#marks[index], silent);
  }

  /** All of it was heard. */
  finish() {
    this.#shown = -1;
    for (const { span } of this.#letters) span.className = 'said';
  }

  #light(mark, silent) {
    const from = mark ? mark.start : 0;
    const to = mark ? from + Array.from(mark.text).length : 0;
    for (const { span, start } of this.#letters) {
      const now = !silent && start >= from && start < to;
      span.className = now ? 'now' : start < to ? 'said' : '';
      if (now && start === from) this.#keepInView(span);
    }
  }

  /** Scrolls the panel and never the page. */
  #keepInView(span) {
    const { scrollTop, clientHeight } = this.#panel;
    const top = span.offsetTop - this.#panel.offsetTop;
    if (top < scrollTop || top + span.offsetHeight > scrollTop + clientHeight) {
      this.#panel.scrollTop = top - clientHeight / 3;
    }
  }

  #markOf(start) {
    return this.#marks.findLast((mark) => mark.start <= start && start < mark.start + Array.from(mark.text).length);
  }
}
