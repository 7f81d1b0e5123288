/** Talks through the client to a fake socket: waiting, refusals, strangers' events and lost connections. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { Client } from '../../static/js/client.js';

class FakeSocket {
  connected = false;
  active = true;
  sent = [];
  connects = 0;
  #handlers = {};

  on(name, handler) {
    this.#handlers[name] = handler;
  }

  connect() {
    this.connects += 1;
    this.active = true;
  }

  emit(name, body, ack) {
    this.sent.push({ name, body, ack });
  }

  timeout() {
    return this;
  }

  fire(name, data) {
    if (name === 'connect') this.connected = true;
    if (name === 'disconnect') this.connected = false;
    this.#handlers[name]?.(data);
  }
}

function setUp({ connected = true } = {}) {
  const socket = new FakeSocket();
  const client = new Client(socket);
  if (connected) socket.fire('connect');
  const heard = [];
  const names = ['connecting', 'queued', 'started', 'audio_chunk', 'marks', 'warning', 'done', 'failed'];
  const listener = Object.fromEntries(names.map((name) => [name, (data) => heard.push([name, data])]));
  return { socket, client, listener, heard, kinds: () => heard.map(([name]) => name) };
}
const chunk = (id, seq) => ({ id, seq, at_ms: 0, chunk: new ArrayBuffer(2), peaks: [0] });
const done = (id) => ({ id, status: 'completed', audio_ms: 1, wav_url: '/x.wav' });

test('a request waits for the connection', () => {
  const { socket, client, listener, kinds } = setUp({ connected: false });
  client.start({ text: '你好' }, listener);
  assert.deepEqual(kinds(), ['connecting']);
  assert.deepEqual(socket.sent, []);
  socket.fire('connect');
  assert.deepEqual(socket.sent.map(({ name, body }) => [name, body]), [['synthesize', { text: '你好', id: 'p1' }]]);
  client.cancel();
});

test('a connection that gave up is asked to try again', () => {
  const { socket, client, listener } = setUp({ connected: false });
  socket.active = false;
  client.start({ text: '你好' }, listener);
  assert.equal(socket.connects, 1);
  client.cancel();
});

test('no connection in time is told in the end', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { client, listener, heard } = setUp({ connected: false });
  client.start({ text: '你好' }, listener);
  t.mock.timers.tick(60_000);
  assert.deepEqual(heard.at(-1), ['failed', { code: 'unreachable', message: '' }]);
});

test('events of this utterance arrive, those of others do not', () => {
  const { socket, client, listener, kinds } = setUp();
  client.start({ text: '你好' }, listener);
  socket.fire('started', { id: 'p1', sample_rate: 16000, mime: 'audio/pcm' });
  socket.fire('audio_chunk', chunk('p0', 5));
  socket.fire('audio_chunk', chunk('p1', 0));
  socket.fire('marks', { id: 'p1', items: [] });
  socket.fire('done', done('p1'));
  socket.fire('audio_chunk', chunk('p1', 1));
  assert.deepEqual(kinds(), ['started', 'audio_chunk', 'marks', 'done']);
});

test('a second request cancels the first', () => {
  const { socket, client, listener } = setUp();
  client.start({ text: '一' }, listener);
  client.start({ text: '二' }, listener);
  assert.deepEqual(socket.sent.map(({ name, body }) => [name, body.id]), [['synthesize', 'p1'], ['cancel', 'p1'], ['synthesize', 'p2']]);
});

test('cancelling before the connection is there sends nothing, ever', () => {
  const { socket, client, listener } = setUp({ connected: false });
  client.start({ text: '你好' }, listener);
  client.cancel();
  socket.fire('connect');
  assert.deepEqual(socket.sent, []);
});

test('a refusal is told once though it comes twice', () => {
  const { socket, client, listener, heard } = setUp();
  client.start({ text: '你好' }, listener);
  socket.fire('error', { id: 'p1', code: 'busy', message: 'full' });
  socket.sent[0].ack(null, { ok: false, code: 'busy', message: 'full' });
  assert.deepEqual(heard, [['failed', { code: 'busy', message: 'full' }]]);
});

test('an error without an id is ours', () => {
  const { socket, client, listener, kinds } = setUp();
  client.start({ text: '你好' }, listener);
  socket.fire('error', { id: null, code: 'bad_request', message: 'x' });
  assert.deepEqual(kinds(), ['failed']);
});

test('an acknowledgement that never comes is told', () => {
  const { socket, client, listener, heard } = setUp();
  client.start({ text: '你好' }, listener);
  socket.sent[0].ack(new Error('operation has timed out'));
  assert.equal(heard[0][1].code, 'no_answer');
});

test('a late acknowledgement of an earlier utterance says nothing about this one', () => {
  const { socket, client, listener, kinds } = setUp();
  client.start({ text: '一' }, listener);
  client.start({ text: '二' }, listener);
  socket.sent[0].ack(null, { ok: false, code: 'busy', message: '' });
  assert.deepEqual(kinds(), []);
});

test('a lost connection ends the utterance, and the next one goes out', () => {
  const { socket, client, listener, heard } = setUp();
  client.start({ text: '一' }, listener);
  socket.fire('disconnect', 'transport close');
  assert.equal(heard.at(-1)[1].code, 'connection_lost');
  client.start({ text: '二' }, listener);
  socket.fire('connect');
  assert.equal(socket.sent.at(-1).body.text, '二');
  client.cancel();
});

test('a server that says goodbye is called again', () => {
  const { socket } = setUp();
  socket.fire('disconnect', 'io server disconnect');
  assert.equal(socket.connects, 1);
});

for (const [name, broken] of [
  ['a chunk that is missing', chunk('p1', 1)],
  ['a chunk that is no bytes', { ...chunk('p1', 0), chunk: 'AAAA' }],
]) {
  test(`${name} ends the utterance instead of playing noise`, () => {
    const { socket, client, listener, heard } = setUp();
    client.start({ text: '你好' }, listener);
    socket.fire('audio_chunk', broken);
    assert.equal(heard.at(-1)[1].code, 'bad_event');
    assert.equal(socket.sent.at(-1).name, 'cancel');
  });
}
