/** Runs the test vectors shared with the server, and checks the checker of events. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { checkRequest, countChars, EVENT_NAMES, faultOfEvent } from '../../static/js/protocol.js';

const vectors = JSON.parse(readFileSync(new URL('../vectors/protocol.json', import.meta.url), 'utf8'));

for (const vector of vectors) {
  test(`vector: ${vector.name}`, () => {
    const verdict = checkRequest(vector.request, vector.door);
    assert.equal(verdict.ok, vector.ok);
    if (vector.ok) {
      assert.deepEqual(verdict.value, vector.normalised);
      return;
    }
    assert.equal(verdict.error.code, vector.code);
    if (vector.field) {
      assert.equal(verdict.error.field, vector.field);
      assert.ok(verdict.error.message.includes(vector.field), 'the message names the field');
    }
  });
}

test('a refused format lists the choices', () => {
  const { error } = checkRequest({ text: '你好', format: 'ogg' }, 'socket');
  for (const choice of ['pcm', 'webm', 'mp4-flac', 'opus']) assert.ok(error.message.includes(choice));
});

test('the limit of characters is the server’s', () => {
  assert.equal(checkRequest({ text: '一二三四' }, 'socket', 3).error.code, 'text_too_long');
});

test('characters are code points', () => {
  assert.equal(countChars('你好😀𠮷'), 4);
});

const EVENTS = {
  queued: { id: 'u1', position: 0 },
  started: { id: 'u1', sample_rate: 22050, mime: 'audio/webm;codecs=opus', voice: 'v', emotion: 'neutral' },
  audio_chunk: { id: 'u1', seq: 0, at_ms: 0, chunk: new ArrayBuffer(4), peaks: [0, 0.5] },
  marks: { id: 'u1', items: [{ text: '你', pinyin: 'ni3', start: 0, start_ms: 0, end_ms: 180.5 }] },
  warning: { id: 'u1', code: 'clamped', message: 'x' },
  done: { id: 'u1', status: 'completed', audio_ms: 12.5, first_chunk_ms: 5, rtf: 0.1, cached: false, wav_url: '/a.wav' },
  error: { id: null, code: 'busy', message: 'x' },
};

test('every event of the contract is known', () => {
  assert.deepEqual(EVENT_NAMES.toSorted(), Object.keys(EVENTS).toSorted());
});

for (const [name, data] of Object.entries(EVENTS)) {
  test(`event ${name}: good ones pass, broken ones are named`, () => {
    assert.equal(faultOfEvent(name, data), null);
    assert.equal(faultOfEvent(name, { ...data, extra: 1 }), null);
    assert.equal(faultOfEvent(name, null), 'data');
    assert.equal(faultOfEvent(name, { ...data, id: 7 }), 'id');
  });
}

test('a named place of SSML is a mark without text', () => {
  const item = { name: 'here', text: '', pinyin: '', start: 9, end: 9, start_ms: 100, end_ms: 100 };
  assert.equal(faultOfEvent('marks', { id: 'u1', items: [item] }), null);
});

test('broken fields inside lists are found', () => {
  assert.equal(faultOfEvent('marks', { id: 'u1', items: [{ text: '你', start: 0, start_ms: NaN, end_ms: 1 }] }), 'items');
  assert.equal(faultOfEvent('audio_chunk', { ...EVENTS.audio_chunk, chunk: 'AAAA' }), 'chunk');
  assert.equal(faultOfEvent('done', { ...EVENTS.done, status: 'finished' }), 'status');
});
