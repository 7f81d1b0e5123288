/** Follows utterances from press to end with a fake client and a fake player. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { Speech } from '../../static/js/speech.js';

function setUp() {
  const log = [];
  const note = (name) => (value) => log.push(value === undefined ? name : [name, value]);
  const player = { paused: false, positionMs: 0, canSeek: true };
  for (const name of ['open', 'append', 'end', 'stop', 'pause', 'resume', 'seek']) player[name] = note(name);
  const client = { start: (_request, listener) => (client.listener = listener), cancel: note('cancel') };
  const states = [];
  const watcher = { onState: (state) => states.push(state), onPeaks() {}, onMarks() {} };
  const told = { timing: {}, complete: null, error: null, warnings: [] };
  watcher.onWarning = ({ code }) => told.warnings.push(code);
  watcher.onTiming = (timing) => Object.assign(told.timing, timing);
  watcher.onComplete = (data) => (told.complete = data);
  watcher.onError = (error) => (told.error = error);
  let callbacks;
  const makePlayer = (given) => ((callbacks = given), player);
  const audio = { muted: false };
  const speech = new Speech({ client, audio, watcher, makePlayer });
  speech.start({ text: '你好' });
  return { speech, client, player, audio, states, told, log, hear: (name, value) => callbacks[name](value) };
}
const chunk = { chunk: new ArrayBuffer(2), peaks: [0.5] };
const DONE = { status: 'completed', audio_ms: 500, wav_url: '/x.wav' };

test('the course of a good utterance', () => {
  const { client, states, told, log, hear } = setUp();
  client.listener.queued({ position: 0 });
  client.listener.started({});
  client.listener.audio_chunk(chunk);
  hear('onAudible');
  client.listener.done(DONE);
  hear('onEnded');
  assert.deepEqual(states, ['queued', 'synthesizing', 'playing', 'done']);
  assert.deepEqual(log.map((entry) => entry[0]?.length > 1 ? entry[0] : entry), ['open', 'append', 'end']);
  assert.ok(told.timing.firstChunkMs <= told.timing.audibleMs);
  assert.equal(told.complete, DONE);
});

test('the player is opened before anything is asked for: play() must run inside the click', () => {
  const { log } = setUp();
  assert.equal(log[0], 'open');
});

test('stopping silences the player and cancels', () => {
  const { speech, client, states, log } = setUp();
  client.listener.audio_chunk(chunk);
  speech.stop();
  assert.equal(states.at(-1), 'stopped');
  assert.ok(log.includes('stop') && log.includes('cancel'));
});

test('stopping after all has arrived cancels nothing, and it can still be heard again', () => {
  const { speech, client, log } = setUp();
  client.listener.done(DONE);
  speech.stop();
  assert.ok(!log.includes('cancel'));
  assert.equal(speech.result, DONE);
});

test('an underrun shows and passes', () => {
  const { client, states, hear } = setUp();
  client.listener.audio_chunk(chunk);
  hear('onAudible');
  hear('onWaiting', true);
  hear('onWaiting', false);
  assert.deepEqual(states.slice(-3), ['playing', 'buffering', 'playing']);
});

test('refused autoplay asks for a tap, and the tap plays', () => {
  const { speech, client, states, log, hear } = setUp();
  hear('onBlocked');
  client.listener.started({});
  assert.equal(states.at(-1), 'blocked');
  speech.resume();
  assert.ok(log.includes('resume'));
});

test('an error silences and is told', () => {
  const { client, states, told, log } = setUp();
  client.listener.audio_chunk(chunk);
  client.listener.failed({ code: 'connection_lost', message: '' });
  assert.equal(states.at(-1), 'error');
  assert.equal(told.error.code, 'connection_lost');
  assert.ok(log.includes('stop'));
});

test('sound that cannot be played ends the work on the server too', () => {
  const { told, log, hear } = setUp();
  hear('onError', new Error('no decoder'));
  assert.deepEqual(told.error, { code: 'playback', message: 'no decoder' });
  assert.ok(log.includes('cancel'));
});

test('without a sound device it starts over, muted, and says so', () => {
  const { client, audio, told, log, hear } = setUp();
  client.listener.audio_chunk(chunk);
  client.listener.done(DONE);
  hear('onError', new Error('OnMediaSinkAudioError'));
  assert.equal(audio.muted, true);
  assert.deepEqual(told.warnings, ['no_sound_device']);
  assert.deepEqual(log.slice(-4), ['stop', 'open', ['append', chunk.chunk], 'end']);
  hear('onError', new Error('OnMediaSinkAudioError'));
  assert.equal(told.error.code, 'playback');
});

test('a pause by a media key shows, and playing on shows', () => {
  const { states, hear } = setUp();
  hear('onAudible');
  hear('onPaused');
  hear('onWaiting', false);
  assert.deepEqual(states.slice(-3), ['playing', 'paused', 'playing']);
});

test('nothing can be sought before all has arrived', () => {
  const { speech, client, log } = setUp();
  speech.seek(100);
  assert.ok(!log.some((entry) => entry[0] === 'seek'));
  client.listener.done(DONE);
  speech.seek(100);
  assert.deepEqual(log.at(-1), ['seek', 100]);
});
