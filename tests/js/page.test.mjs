/** Checks the small pure parts of the page: file names, letters, marks in time, labels. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

import { errorKey, shortcutKey } from '../../static/js/form.js';
import { Translator } from '../../static/js/i18n.js';
import { graphemes, markAt } from '../../static/js/reading.js';
import { fileName } from '../../static/js/stage.js';
import { recall, remember } from '../../static/js/store.js';
import { languageName, voiceLabel, voiceLabels } from '../../static/js/voices.js';

test('every module is loaded at once, not one after the other is read', () => {
  const html = readFileSync(new URL('../../templates/index.html', import.meta.url), 'utf8');
  const listed = html.match(/for module in \[([^\]]*)\]/)[1].match(/[\w-]+/g);
  const files = readdirSync(new URL('../../static/js/', import.meta.url)).map((file) => file.replace('.js', ''));
  // `main` is the script itself, and the audio thread loads `worklet` for itself.
  assert.deepEqual([...listed, 'main', 'worklet'].sort(), files.sort());
});

test('the vendored client is the one that was written down', () => {
  const folder = new URL('../../static/vendor/', import.meta.url);
  const hash = createHash('sha256').update(readFileSync(new URL('socket.io.esm.min.js', folder))).digest('hex');
  assert.ok(readFileSync(new URL('README.md', folder), 'utf8').includes(`${hash}  socket.io.esm.min.js`));
});

test('a file is named after its first words, without what file systems refuse', () => {
  assert.equal(fileName('你好，世界。', 'wav'), '声流-你好，世界。.wav');
  assert.equal(fileName('a/b:c*?\n"d"', 'srt'), '声流-a b c d.srt');
  assert.equal(fileName('...', 'lrc'), '声流-shengliu.lrc');
  assert.equal(Array.from(fileName('😀'.repeat(40), 'wav')).length, '声流-.wav'.length + 16);
});

test('letters are what readers see, counted as the server counts', () => {
  assert.deepEqual(graphemes('你👍🏽e\u0301好'), [
    { text: '你', start: 0 },
    { text: '👍🏽', start: 1 },
    { text: 'e\u0301', start: 3 },
    { text: '好', start: 5 },
  ]);
});

test('the mark heard at a time is the last that began', () => {
  const marks = [0, 200, 400].map((start_ms) => ({ start_ms }));
  assert.deepEqual([-1, 0, 199, 200, 399, 400, 9000].map((ms) => markAt(marks, ms)), [-1, 0, 0, 1, 1, 2, 2]);
});

test('voices are found by their language in the reader’s language', () => {
  const [zh, en] = [new Translator('zh'), new Translator('en')];
  const french = { name: 'français (voix féminine)', language: 'fr', sex: 'female' };
  const mandarin = { name: '普通话（男声）', language: 'zh', sex: 'male' };
  assert.equal(voiceLabel(french, zh), '法语 · 女声');
  assert.equal(voiceLabel(french, en), 'French · female');
  assert.equal(voiceLabel(mandarin, zh), '普通话（男声）');
  assert.equal(voiceLabel(mandarin, en), 'Chinese · male');
  assert.equal(voiceLabel({ ...french, name: 'Amélie' }, zh), '法语 · 女声 · Amélie');
  const local = { name: 'English (New York City, male)', language: 'en-US-x-nyc', sex: 'male' };
  assert.equal(voiceLabel(local, zh), '美国英语 · 男声 · English (New York City, male)');
  assert.equal(voiceLabel({ name: 'Belter ♀', language: 'not a tag', sex: 'female' }, zh), 'Belter ♀');
  assert.equal(languageName('not a tag', 'zh-CN'), null);
});

test('voices that would read alike say their own names', () => {
  const voices = ['English (male)', 'English (New York, male)'].map((name) => ({ name, language: 'en', sex: 'male' }));
  const labels = voiceLabels(voices, new Translator('zh'));
  assert.deepEqual(labels, ['英语 · 男声 · English (male)', '英语 · 男声 · English (New York, male)']);
});

test('an unknown error code still gets words', () => {
  assert.equal(errorKey('busy'), 'error_busy');
  assert.equal(errorKey('brand_new'), 'error_other');
});

test('the shortcut is named as on the keyboard', () => {
  assert.equal(shortcutKey('MacIntel'), '⌘');
  assert.equal(shortcutKey('Linux x86_64'), 'Ctrl');
});

test('without storage nothing is remembered and nothing breaks', () => {
  assert.deepEqual(recall(), {});
  remember({ language: 'en' });
});
