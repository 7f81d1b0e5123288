/** Makes .srt and .lrc captions from the marks of an utterance, one line per clause. */

/** @typedef {{text: string, start: number, start_ms: number, end_ms: number}} Mark */
/** @typedef {{text: string, startMs: number, endMs: number}} Line */

const LONGEST_LINE = 32;
const ALWAYS_BREAKS = /[，。！？；：、…\n।۔،؛؟]/u;
/** In 3.14 or 10:30 these belong to the word; they end a clause only before white space or the end. */
const BREAKS_BEFORE_SPACE = /[,.!?;:]/u;
const CLOSES = /[，。！？；：、…,.!?;:”’）〕》」』】)\]"'।۔،؛؟]/u;

/** The clauses of a text as ranges of code points: each with the punctuation that ends it and the quotes that close it. */
function clausesOf(chars) {
  const ends = (i) =>
    ALWAYS_BREAKS.test(chars[i]) ||
    (BREAKS_BEFORE_SPACE.test(chars[i]) && (i + 1 >= chars.length || /[\s”’"')]/u.test(chars[i + 1])));
  const clauses = [];
  let from = 0;
  for (let i = 0; i < chars.length; i += 1) {
    if (!ends(i)) continue;
    while (i + 1 < chars.length && CLOSES.test(chars[i + 1])) i += 1;
    clauses.push({ from, to: i + 1 });
    from = i + 1;
  }
  if (from < chars.length) clauses.push({ from, to: chars.length });
  return clauses;
}

const endOf = (mark) => mark.start + Array.from(mark.text).length;

/** Whether two neighbours are parts of one word, as in scripts that put spaces between words. */
function areOneWord(mark, next) {
  const touching = endOf(mark) >= next.start;
  return touching && /[\p{Script=Latin}\p{N}]$/u.test(mark.text) && /^[\p{Script=Latin}\p{N}]/u.test(next.text);
}

/** Cuts a clause that is too long for a line between two of its marks. */
function piecesOf({ from, to }, marks) {
  const pieces = [];
  let first = 0;
  marks.forEach((mark, i) => {
    const next = marks[i + 1];
    if (next && (next.start - from < LONGEST_LINE || areOneWord(mark, next))) return;
    const end = next ? next.start : to;
    pieces.push({ from, to: end, marks: marks.slice(first, i + 1) });
    from = end;
    first = i + 1;
  });
  return pieces;
}

/**
 * @param {string} text  the request's text; marks count its code points
 * @param {Mark[]} marks
 * @returns {Line[]}
 */
export function captionLines(text, marks) {
  const chars = Array.from(text);
  const sorted = [...marks].sort((a, b) => a.start - b.start || a.start_ms - b.start_ms);
  const lines = [];
  let silent = 0;
  for (const clause of clausesOf(chars)) {
    const inside = sorted.filter((mark) => mark.start >= clause.from && mark.start < clause.to);
    // What nobody says is shown with what is said next.
    const range = { from: clause.from - silent, to: clause.to };
    silent = inside.length === 0 ? range.to - range.from : 0;
    for (const piece of piecesOf(range, inside)) {
      lines.push({
        text: chars.slice(piece.from, piece.to).join('').replace(/\s+/gu, ' ').trim(),
        startMs: Math.min(...piece.marks.map((mark) => mark.start_ms)),
        endMs: Math.max(...piece.marks.map((mark) => mark.end_ms)),
      });
    }
  }
  return lines;
}

const pad = (value, width = 2) => String(value).padStart(width, '0');

function srtTime(ms) {
  const whole = Math.max(0, Math.round(ms));
  const seconds = Math.floor(whole / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${pad(h)}:${pad(m)}:${pad(s)},${pad(whole % 1000, 3)}`;
}

function lrcTime(ms) {
  const hundredths = Math.max(0, Math.round(ms / 10));
  return `[${pad(Math.floor(hundredths / 6000))}:${pad(Math.floor(hundredths / 100) % 60)}.${pad(hundredths % 100)}]`;
}

/** SubRip: numbered blocks, a blank line after each. */
export function srt(text, marks) {
  return captionLines(text, marks)
    .map((line, i) => `${i + 1}\n${srtTime(line.startMs)} --> ${srtTime(line.endMs)}\n${line.text}\n`)
    .join('\n');
}

/** LRC: lines begin where they are sung; an empty one clears the last. */
export function lrc(text, marks) {
  const lines = captionLines(text, marks);
  if (lines.length === 0) return '';
  const shown = lines.map((line) => `${lrcTime(line.startMs)}${line.text}`);
  return `${[...shown, lrcTime(lines.at(-1).endMs)].join('\n')}\n`;
}
