/** Writes pinyin as readers know it: hang2 becomes háng. */

const MARKS = ['\u0304', '\u0301', '\u030c', '\u0300', ''];

/** The letter that carries the mark: a or e, the o of ou, else the last vowel; m and n in syllables like ng. */
function carrier(letters) {
  const open = letters.search(/[ae]/);
  if (open >= 0) return open;
  if (letters.includes('ou')) return letters.indexOf('o');
  const last = Math.max(...Array.from('iouü', (vowel) => letters.lastIndexOf(vowel)));
  return last >= 0 ? last : letters.search(/[mn]/);
}

/**
 * One syllable or several, with their marks; the neutral tone has none, and what is no pinyin stays as it is.
 * A v is the ü of keyboards that have none.
 */
export function toneMarks(pinyin) {
  return pinyin.replace(/([a-zü]+)([1-5])/g, (_, typed, tone) => {
    const letters = typed.replaceAll('v', 'ü');
    const end = carrier(letters) + 1;
    return (letters.slice(0, end) + (end > 0 ? MARKS[tone - 1] : '') + letters.slice(end)).normalize('NFC');
  });
}
