/** The readings that were chosen for characters of the text, which follow their characters while it is edited. */

/**
 * How much of a text stayed, at its head and at its tail.
 * @param {string[]} before  characters
 * @param {string[]} after
 * @param {number} caret  where the edit ended
 */
export function kept(before, after, caret = after.length) {
  const shortest = Math.min(before.length, after.length);
  let head = 0;
  while (head < shortest && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shortest && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  if (head + tail <= shortest) return { head, tail };
  // Where one of 行行 is taken away, both ends fit; what stands behind the caret was not touched.
  tail = Math.min(tail, Math.max(after.length - caret, shortest - head));
  return { head: shortest - tail, tail };
}

export class Readings {
  #characters = [];
  /** @type {Map<number, {pinyin: string, usual: string | null}>} */
  #chosen = new Map();

  /** Takes over an edited text; `caret` counts characters. Choices for what was changed are dropped. */
  follow(text, caret) {
    const after = Array.from(text);
    const before = this.#characters;
    if (after.join('') === before.join('')) return;
    const { head, tail } = kept(before, after, caret);
    const moved = new Map();
    for (const [index, { pinyin }] of this.#chosen) {
      // What would be usual beside new neighbours is not known.
      const choice = { pinyin, usual: null };
      if (index < head) moved.set(index, choice);
      else if (index >= before.length - tail) moved.set(index + after.length - before.length, choice);
    }
    this.#characters = after;
    this.#chosen = moved;
  }

  /** Reads a character as chosen; `usual` is how it is read otherwise. To choose that again takes the choice back. */
  choose(index, pinyin, usual) {
    const known = this.#chosen.get(index)?.usual ?? (this.#chosen.has(index) ? null : usual);
    if (pinyin === known) this.#chosen.delete(index);
    else this.#chosen.set(index, { pinyin, usual: known });
  }

  reset(index) {
    this.#chosen.delete(index);
  }

  /** The pinyin chosen for a character, if any. */
  chosen(index) {
    return this.#chosen.get(index)?.pinyin;
  }

  /** The fields these add to a request. */
  get fields() {
    const readings = Object.fromEntries(Array.from(this.#chosen, ([index, { pinyin }]) => [String(index), pinyin]));
    return this.#chosen.size > 0 ? { readings } : {};
  }
}
