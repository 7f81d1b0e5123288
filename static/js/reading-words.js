/** Arranges what the server tells about a reading as words of characters, ready to be shown. */

/** @typedef {{text: string, start: number, pinyin: string, others: string[]}} Part */
/** @typedef {{parts: Part[], gap: number}} Word  `gap` is the break after it, 0 to 4; words without pinyin are text */

/** Stays with the word before it, so that no line begins with it. */
const CLOSES = /^[\p{Pe}\p{Pf}，。！？；：、…—～,.!?;:%]+/u;

/**
 * The words of a text; together they hold all of it.
 * @param {string} text
 * @param {{characters: {others: string[]}[], sentences: {words: object[]}[]}} report
 * @returns {Word[]}
 */
export function wordsOf(text, report) {
  const points = Array.from(text);
  const words = [];
  let at = 0;
  const loose = (end) => {
    if (end <= at) return;
    const between = points.slice(at, end).join('');
    const [closing] = (words.length > 0 && between.match(CLOSES)) || [''];
    if (closing) words.at(-1).parts.push(plain(closing, at));
    const rest = between.slice(closing.length);
    if (rest) words.push({ parts: [plain(rest, at + Array.from(closing).length)], gap: 0 });
    at = end;
  };
  let last = null;
  for (const { word, gap, start, end, pinyin } of groups(report, points.length)) {
    if (word === last && start > at) words.at(-1).parts.push(plain(points.slice(at, start).join(''), at));
    else loose(start);
    const part = { text: points.slice(start, end).join(''), start, pinyin, others: report.characters[start]?.others ?? [] };
    if (word === last) words.at(-1).parts.push(part);
    else words.push({ parts: [part], gap });
    last = word;
    at = end;
  }
  loose(points.length);
  return words;
}

const plain = (text, start) => ({ text, start, pinyin: '', others: [] });

/** The spoken places in the order of the text; syllables of one place, such as those of a number, are one group. */
function groups({ sentences }, length) {
  const words = sentences.flatMap((sentence) => sentence.words);
  const syllables = words
    .flatMap((word, i) => word.syllables.map((syllable) => ({ ...syllable, word: i, gap: word.break })))
    .filter(({ start, end, pinyin }) => pinyin !== '' && start >= 0 && start < end && end <= length)
    .sort((a, b) => a.start - b.start);
  const found = [];
  for (const { start, end, pinyin, word, gap } of syllables) {
    const before = found.at(-1);
    if (!before || start >= before.end) found.push({ start, end, pinyin, word, gap });
    else Object.assign(before, { end: Math.max(end, before.end), pinyin: `${before.pinyin} ${pinyin}`, gap });
  }
  return found;
}

/** What is spoken otherwise than it is written, such as numbers. */
export function writtenOut({ sentences }) {
  return sentences.filter(({ text, spoken }) => spoken !== text).map(({ spoken }) => spoken);
}
