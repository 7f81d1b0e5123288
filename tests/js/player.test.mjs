/** Checks which player each kind of browser gets, and the arithmetic of PCM. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { Cushion } from '../../static/js/cushion.js';
import { floatsFromPcm16 } from '../../static/js/pcm.js';
import { choosePlayer, createPlayer } from '../../static/js/player.js';

const source = (...taken) => ({ isTypeSupported: (mime) => taken.includes(mime) });
const WEBM = 'audio/webm;codecs=opus';
const FLAC = 'audio/mp4;codecs=flac';
const AAC = 'audio/mp4;codecs=mp4a.40.2';
const context = { AudioContext: class {}, AudioWorkletNode: class {} };

const cases = [
  ['Chromium and Firefox', { MediaSource: source(WEBM, FLAC, AAC), ...context, isSecureContext: true }, 'mse', 'webm'],
  ['MediaSource needs no secure context', { MediaSource: source(WEBM), ...context, isSecureContext: false }, 'mse', 'webm'],
  ['Safari without WebM', { MediaSource: source(FLAC, AAC), ManagedMediaSource: source(AAC), ...context }, 'mse', 'mp4-flac'],
  ['an iPhone', { ManagedMediaSource: source(AAC), ...context, isSecureContext: true }, 'mms', 'mp4-aac'],
  ['MediaSource that takes none of ours', { MediaSource: source(), ...context, isSecureContext: true }, 'worklet', 'pcm'],
  ['no MediaSource', { ...context, isSecureContext: true }, 'worklet', 'pcm'],
  ['no MediaSource on plain http', { ...context, isSecureContext: false }, 'buffer', 'pcm'],
  ['no worklets', { AudioContext: class {}, isSecureContext: true }, 'buffer', 'pcm'],
];
for (const [name, scope, kind, format] of cases) {
  test(`${name}: ${kind} with ${format}`, () => {
    const choice = choosePlayer(scope);
    assert.deepEqual([choice.kind, choice.format], [kind, format]);
    assert.equal(choice.mime === null, format === 'pcm');
  });
}

test('a browser without sound gets no player', () => {
  assert.equal(choosePlayer({}), null);
});

test('an unknown kind is refused, not guessed', () => {
  assert.throws(() => createPlayer({ kind: 'flash' }, null, 24000, {}), /flash/);
});

test('16-bit little-endian becomes floats, also inside a larger buffer', () => {
  const bytes = new Uint8Array([9, 9, 0, 0, 0, 0x40, 0, 0x80, 0xff, 0x7f]);
  const expected = [0, 0.5, -1, 32767 / 32768];
  assert.deepEqual([...floatsFromPcm16(bytes.subarray(2))], expected);
  assert.deepEqual([...floatsFromPcm16(bytes.slice(2).buffer)], expected);
});

test('the cushion grows with each underrun, to a limit', () => {
  const cushion = new Cushion();
  const first = cushion.seconds;
  cushion.grow();
  assert.equal(cushion.seconds, 2 * first);
  for (let i = 0; i < 10; i += 1) cushion.grow();
  assert.ok(cushion.seconds <= 0.6);
});
