/** Checks that both languages say the same things, and that the page and the code ask only for what exists. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

import { fill, pickLanguage, Translator } from '../../static/js/i18n.js';
import { MESSAGES } from '../../static/js/messages.js';

const root = new URL('../../', import.meta.url);
const holes = (message) => Array.from(message.matchAll(/\{(\w+)\}/g), (match) => match[1]).sort();

test('both languages have the same messages, with the same holes', () => {
  assert.deepEqual(Object.keys(MESSAGES.en).sort(), Object.keys(MESSAGES.zh).sort());
  for (const key of Object.keys(MESSAGES.zh)) assert.deepEqual(holes(MESSAGES.en[key]), holes(MESSAGES.zh[key]), key);
});

test('the labels that were promised', () => {
  assert.deepEqual([MESSAGES.en.speak, MESSAGES.en.stop, MESSAGES.en.download_wav], ['Speak and play', 'Stop', 'Download .wav']);
  assert.deepEqual([MESSAGES.zh.speak, MESSAGES.zh.stop, MESSAGES.zh.download_wav], ['合成并播放', '停止', '下载 .wav']);
});

test('every message the template asks for exists and stands there in Chinese', () => {
  const html = readFileSync(new URL('templates/index.html', root), 'utf8');
  const keys = Array.from(html.matchAll(/data-i18n(?:-[a-z-]+)?="(\w+)"/g), (match) => match[1]);
  assert.ok(keys.length > 20);
  for (const key of keys) {
    assert.ok(key in MESSAGES.zh, key);
    if (key !== 'title') assert.ok(html.includes(MESSAGES.zh[key]), `${key}: ${MESSAGES.zh[key]}`);
  }
});

test('every state and every error of the wire has words', () => {
  const speech = readFileSync(new URL('static/js/speech.js', root), 'utf8');
  const states = speech.match(/@typedef \{([^}]*)\} State/)[1].match(/\w+/g);
  for (const state of states) assert.ok(`state_${state}` in MESSAGES.zh, state);
  const page = readFileSync(new URL('docs/protocol.md', root), 'utf8');
  const codes = page.slice(page.indexOf('## Errors')).match(/`[a-z_]+`(?=[^|]*\|)/g).map((code) => code.slice(1, -1));
  for (const code of codes.filter((code) => !code.startsWith('TTS'))) assert.ok(`error_${code}` in MESSAGES.zh, code);
});

test('no message is written that nothing asks for', () => {
  const folder = new URL('static/js/', root);
  const code = readdirSync(folder)
    .filter((file) => file !== 'messages.js')
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  const html = readFileSync(new URL('templates/index.html', root), 'utf8');
  for (const key of Object.keys(MESSAGES.zh)) {
    const asked = code.includes(`'${key}'`) || html.includes(`"${key}"`) || /^((state|error|warning)_|(fe)?male$)/.test(key);
    assert.ok(asked, key);
  }
});

test('Chinese first, English where the browser prefers it', () => {
  assert.equal(pickLanguage(['zh-CN', 'en']), 'zh');
  assert.equal(pickLanguage(['en-US', 'zh-CN']), 'en');
  assert.equal(pickLanguage(['fr-FR', 'en']), 'en');
  assert.equal(pickLanguage(['fr-FR']), 'zh');
  assert.equal(pickLanguage([]), 'zh');
  assert.equal(pickLanguage([undefined, 'toString', 'en']), 'en');
});

test('holes are filled, and an unknown hole is left to be seen', () => {
  assert.equal(fill('{count}/{max} {other}', { count: 0, max: 500 }), '0/500 {other}');
  assert.equal(new Translator('en').say('counter', { count: 3, max: 500 }), '3/500');
});
