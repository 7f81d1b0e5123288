/** Checks where captions are cut and how their times are written. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { captionLines, lrc, srt } from '../../static/js/captions.js';

/** Marks as an engine gives them: each character that is no punctuation sounds for 200 ms. */
function marksOf(text, pattern = /[\p{L}\p{N}]/gu) {
  return Array.from(text.matchAll(pattern), (match, i) => ({
    text: match[0],
    start: Array.from(text.slice(0, match.index)).length,
    start_ms: i * 200,
    end_ms: i * 200 + 200,
  }));
}
const words = (text) => marksOf(text, /[\p{L}\p{N}]+(?:[.:'][\p{L}\p{N}]+)*/gu);
const lines = (text, marks = marksOf(text)) => captionLines(text, marks).map((line) => line.text);

test('Chinese is cut at its punctuation, which stays with its clause', () => {
  assert.deepEqual(lines('你好，世界。今天天气真好！'), ['你好，', '世界。', '今天天气真好！']);
});

test('times run from the first mark of a line to its last', () => {
  const [first, second] = captionLines('你好，世界。', marksOf('你好，世界。'));
  assert.deepEqual([first.startMs, first.endMs, second.startMs, second.endMs], [0, 400, 400, 800]);
});

test('closing quotes stay, opening quotes go to the next line', () => {
  assert.deepEqual(lines('他说：“你好！”“再见。”'), ['他说：', '“你好！”', '“再见。”']);
});

test('points and colons inside numbers cut nothing', () => {
  const text = 'At 10:30 it was 3.14. Then it ended.';
  assert.deepEqual(lines(text, words(text)), ['At 10:30 it was 3.14.', 'Then it ended.']);
});

test('code points are counted, not UTF-16 units', () => {
  assert.deepEqual(lines('😀你好，𠮷野家。'), ['😀你好，', '𠮷野家。']);
});

test('a long clause is cut, and never inside a Latin word', () => {
  assert.deepEqual(lines('字'.repeat(70)).map((line) => line.length), [32, 32, 6]);
  const text = 'abcdefghij '.repeat(8).trim();
  for (const line of lines(text)) assert.match(line, /^(abcdefghij ?)+$/);
});

test('an engine may mark punctuation too', () => {
  const every = (text) => marksOf(text, /[^\s]/gu);
  assert.deepEqual(lines('他说：“你好！”再见。', every('他说：“你好！”再见。')), ['他说：', '“你好！”', '再见。']);
});

test('words that nobody says stand with what is said next', () => {
  const marks = [{ text: '好', start: 4, start_ms: 0, end_ms: 9 }];
  assert.deepEqual(lines('☆☆，你好。', marks), ['☆☆，你好。']);
});

test('a line break in the text is a cut and not part of a line', () => {
  assert.deepEqual(lines('床前明月光\n疑是地上霜'), ['床前明月光', '疑是地上霜']);
});

test('marks may come in any order', () => {
  assert.deepEqual(lines('你好，世界。', marksOf('你好，世界。').reverse()), ['你好，', '世界。']);
});

test('.srt', () => {
  const marks = [
    { text: '你好', start: 0, start_ms: 0, end_ms: 999.6 },
    { text: '世界', start: 3, start_ms: 3_661_005, end_ms: 3_661_900 },
  ];
  assert.equal(
    srt('你好，世界。', marks),
    '1\n00:00:00,000 --> 00:00:01,000\n你好，\n\n2\n01:01:01,005 --> 01:01:01,900\n世界。\n',
  );
});

test('.lrc', () => {
  const marks = [
    { text: '你好', start: 0, start_ms: 0, end_ms: 1000 },
    { text: '世界', start: 3, start_ms: 61_234, end_ms: 61_996 },
  ];
  assert.equal(lrc('你好，世界。', marks), '[00:00.00]你好，\n[01:01.23]世界。\n[01:02.00]\n');
});

test('without marks there are no captions', () => {
  assert.equal(srt('你好', []), '');
  assert.equal(lrc('你好', []), '');
});
