/** Checks the reading view's logic: tone marks, choices that follow their characters, words, the menu, the questions. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { toneMarks } from '../../static/js/pinyin.js';
import { faultOfReport } from '../../static/js/protocol.js';
import { ReadingClient } from '../../static/js/reading-client.js';
import { offer, step } from '../../static/js/reading-menu.js';
import { wordsOf, writtenOut } from '../../static/js/reading-words.js';
import { kept, Readings } from '../../static/js/readings.js';

const MARKED = {
  hang2: 'háng', lü4: 'lǜ', nüe4: 'nüè', lv4: 'lǜ', nve4: 'nüè', xiong2: 'xióng', liu2: 'liú', gui4: 'guì', dou1: 'dōu',
  hao3: 'hǎo', jie1: 'jiē', zhuang4: 'zhuàng', er2: 'ér', huar1: 'huār', wanr2: 'wánr', le5: 'le', de5: 'de', n2: 'ń', ng4: 'ǹg', m2: 'ḿ', hng5: 'hng',
  'bai3 fen1 zhi1': 'bǎi fēn zhī', '': '', hello: 'hello',
};

for (const [pinyin, marked] of Object.entries(MARKED)) {
  test(`tone marks: ${pinyin || 'nothing'}`, () => assert.equal(toneMarks(pinyin), marked));
}

test('a mark is one character with its letter where Unicode has one', () => {
  assert.deepEqual(['lü3', 'hang2', 'n3'].map((pinyin) => toneMarks(pinyin).length), [2, 4, 1]);
});

const same = (before, after, caret) => kept(Array.from(before), Array.from(after), caret);

test('what stayed of an edited text is its head and its tail', () => {
  assert.deepEqual(same('银行行长', '银行的行长'), { head: 2, tail: 2 });
  assert.deepEqual(same('银行行长', '银河行长'), { head: 1, tail: 2 });
  assert.deepEqual(same('银行', '银行'), { head: 2, tail: 0 });
  assert.deepEqual(same('', '银行'), { head: 0, tail: 0 });
  assert.deepEqual(same('银行', ''), { head: 0, tail: 0 });
});

test('among equal neighbours the caret tells which of them was taken away', () => {
  assert.deepEqual(same('行行', '行', 0), { head: 0, tail: 1 });
  assert.deepEqual(same('行行', '行', 1), { head: 1, tail: 0 });
  assert.deepEqual(same('行行', '行行行', 1), { head: 0, tail: 2 });
  assert.deepEqual(same('行行', '行行行', 3), { head: 2, tail: 0 });
});

const chosen = (text, choices) => {
  const readings = new Readings();
  readings.follow(text);
  for (const [index, pinyin] of Object.entries(choices)) readings.choose(Number(index), pinyin, 'hang2');
  return readings;
};

const EDITS = [
  ['writing before moves them', '银行行长', '在银行行长', { 2: 'xing2', 3: 'heng2' }],
  ['writing after leaves them', '银行行长', '银行行长好', { 1: 'xing2', 2: 'heng2' }],
  ['writing between parts them', '银行行长', '银行的行长', { 1: 'xing2', 3: 'heng2' }],
  ['a character outside the plane counts once', '银行行长', '😀银行行长', { 2: 'xing2', 3: 'heng2' }],
  ['taking away before moves them', '银行行长', '行行长', { 0: 'xing2', 1: 'heng2' }],
  ['a changed character loses its own', '银行行长', '银河行长', { 2: 'heng2' }],
  ['both changed', '银行行长', '银河系长', {}],
  ['another text', '银行行长', '你好', {}],
  ['no text', '银行行长', '', {}],
];

for (const [name, before, after, left] of EDITS) {
  test(`choices follow their characters: ${name}`, () => {
    const readings = chosen(before, { 1: 'xing2', 2: 'heng2' });
    readings.follow(after);
    assert.deepEqual(readings.fields, Object.keys(left).length > 0 ? { readings: left } : {});
  });
}

test('to choose the usual reading again takes the choice back', () => {
  const readings = chosen('银行', { 1: 'xing2' });
  assert.equal(readings.chosen(1), 'xing2');
  readings.choose(1, 'heng2', 'xing2');
  assert.deepEqual(readings.fields, { readings: { 1: 'heng2' } });
  readings.choose(1, 'hang2', 'heng2');
  assert.deepEqual(readings.fields, {});
});

test('after an edit what was usual is chosen like any other, and a reset still takes it back', () => {
  const readings = chosen('银行', { 1: 'xing2' });
  readings.follow('步行银行');
  readings.choose(3, 'hang2', 'xing2');
  assert.deepEqual(readings.fields, { readings: { 3: 'hang2' } });
  readings.reset(3);
  assert.deepEqual(readings.fields, {});
});

const syllable = (start, end, pinyin) => ({ start, end, pinyin });
const reported = (text, words, others = {}) => ({
  characters: Array.from(text, (char, index) => ({ index, char, pinyin: '', others: others[index] ?? [] })),
  sentences: [{ text, spoken: text, words: words.map(([gap, ...syllables]) => ({ syllables, break: gap })) }],
  warnings: [],
});
const outline = (text, words, others) =>
  wordsOf(text, reported(text, words, others)).map(({ parts, gap }) => [gap, ...parts.map((part) => [part.text, part.pinyin])]);

test('words have their characters, their breaks and the punctuation after them', () => {
  const words = [[1, syllable(0, 1, 'ni3'), syllable(1, 2, 'hao3')], [4, syllable(3, 4, 'shi4')]];
  assert.deepEqual(outline('你好，世 x', words), [
    [1, ['你', 'ni3'], ['好', 'hao3'], ['，', '']],
    [4, ['世', 'shi4']],
    [0, [' x', '']],
  ]);
});

test('a merged 儿 stands under one pinyin', () => {
  assert.deepEqual(outline('花儿', [[4, syllable(0, 2, 'huar1')]]), [[4, ['花儿', 'huar1']]]);
});

test('syllables of one place stand together, in whatever order they are spoken', () => {
  const percent = [[1, syllable(2, 3, 'bai3'), syllable(2, 3, 'fen1'), syllable(2, 3, 'zhi1')], [4, syllable(0, 2, 'shi2')]];
  assert.deepEqual(outline('10%', percent), [[4, ['10', 'shi2']], [1, ['%', 'bai3 fen1 zhi1']]]);
});

test('nothing of a text is lost, and places count code points', () => {
  const text = '😀“银行”\n(ok)，行。';
  const words = [[2, syllable(2, 3, 'yin2'), syllable(3, 4, 'hang2')], [4, syllable(11, 12, 'xing2')]];
  const found = wordsOf(text, reported(text, words, { 11: ['hang2'] }));
  const parts = found.flatMap((word) => word.parts);
  assert.equal(parts.map((part) => part.text).join(''), text);
  assert.deepEqual(parts.find(({ start }) => start === 11), { text: '行', start: 11, pinyin: 'xing2', others: ['hang2'] });
});

test('places past the end, empty ones and foreign words are no pinyin', () => {
  assert.deepEqual(outline('ab', [[1, syllable(0, 1, ''), syllable(1, 1, 'a1'), syllable(1, 9, 'a1')]]), [[0, ['ab', '']]]);
});

test('only what is spoken otherwise than written is written out', () => {
  const sentences = [{ text: '2024年。', spoken: '二零二四年。' }, { text: '你好', spoken: '你好' }];
  assert.deepEqual(writtenOut({ sentences }), ['二零二四年。']);
});

test('a menu offers the reading in force first, and remembers a choice whose tone bends', () => {
  assert.deepEqual(offer({ pinyin: 'hang2', others: ['xing2'] }), { readings: ['hang2', 'xing2'], current: 'hang2' });
  assert.deepEqual(offer({ pinyin: 'ni2', others: ['ni3'] }, 'ni3'), { readings: ['ni2', 'ni3'], current: 'ni3' });
  assert.deepEqual(offer({ pinyin: 'a1', others: ['a1'] }, 'a2'), { readings: ['a1'], current: 'a1' });
});

test('arrows go round in a menu, other keys lead nowhere', () => {
  assert.deepEqual([step('ArrowDown', 0, 3), step('ArrowDown', 2, 3), step('ArrowUp', 0, 3)], [1, 0, 2]);
  assert.deepEqual([step('Home', 2, 3), step('End', 0, 3), step('x', 1, 3), step('Escape', 1, 3)], [0, 2, null, null]);
});

const REPORT = {
  spoken: '行',
  characters: [{ index: 0, char: '行', pinyin: 'hang2', others: ['xing2'] }],
  sentences: [{ text: '行', spoken: '行', words: [{ syllables: [{ start: 0, end: 1, pinyin: 'hang2', phones: [] }], break: 4 }] }],
  warnings: [{ code: 'unreadable', message: 'x' }],
};

test('a broken answer is named by its field', () => {
  assert.equal(faultOfReport(REPORT), null);
  assert.equal(faultOfReport([]), 'characters');
  assert.equal(faultOfReport(null), 'data');
  assert.equal(faultOfReport({ ...REPORT, characters: [{ index: 0, char: '行', pinyin: 'hang2' }] }), 'characters');
  assert.equal(faultOfReport({ ...REPORT, sentences: [{ text: '行', spoken: '行', words: [{ break: 1 }] }] }), 'sentences');
  assert.equal(faultOfReport({ ...REPORT, warnings: ['x'] }), 'warnings');
});

/** A question and what came of it: `['answer', report]` or `['error', code]`. */
const asking = (client, request, options) =>
  new Promise((resolve) => {
    const hooks = { onAnswer: (report) => resolve(['answer', report]), onError: ({ code }) => resolve(['error', code]) };
    client.ask(request, hooks, options);
  });
const answering = (status, body) => async () => new Response(body, { status });

test('an answer comes back, an error comes in the words of the wire', async () => {
  const outcome = (fetch) => asking(new ReadingClient('x', fetch), { text: '行' }, { soon: true });
  assert.deepEqual(await outcome(answering(200, JSON.stringify(REPORT))), ['answer', REPORT]);
  assert.deepEqual(await outcome(answering(200, '{}')), ['error', 'bad_event']);
  assert.deepEqual(await outcome(answering(200, '<html>')), ['error', 'bad_event']);
  assert.deepEqual(await outcome(answering(502, '<html>')), ['error', 'bad_event']);
  assert.deepEqual(await outcome(answering(503, '{"code": "busy", "message": "x"}')), ['error', 'busy']);
  assert.deepEqual(await outcome(() => Promise.reject(new TypeError('no network'))), ['error', 'unreachable']);
});

test('a text that is still being written is not asked about', async () => {
  const asked = [];
  const fetch = (_url, { body }) => (asked.push(JSON.parse(body).text), answering(200, JSON.stringify(REPORT))());
  const client = new ReadingClient('x', fetch, 20);
  asking(client, { text: '银' });
  await asking(client, { text: '银行' });
  assert.deepEqual(asked, ['银行']);
});

test('the latest question wins, and the earlier one is given up', async () => {
  const outcomes = [];
  const open = [];
  const client = new ReadingClient('x', (_url, { signal }) => new Promise((resolve) => open.push({ resolve, signal })), 0);
  asking(client, { text: '银' }).then(() => outcomes.push('early'));
  await new Promise((resolve) => setTimeout(resolve, 10));
  const late = asking(client, { text: '银行' });
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(open.map(({ signal }) => signal.aborted), [true, false]);
  for (const { resolve } of open) resolve(new Response(JSON.stringify(REPORT)));
  assert.deepEqual(await late, ['answer', REPORT]);
  assert.deepEqual(outcomes, []);
});
