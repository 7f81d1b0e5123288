/** Feeds the append queue to a fake SourceBuffer that is as strict as the real one. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { AppendQueue } from '../../static/js/append-queue.js';

class FakeBuffer extends EventTarget {
  updating = false;
  appended = [];
  removed = [];
  room = Infinity;

  get buffered() {
    const from = this.removed.at(-1)?.[1] ?? 0;
    return { length: this.appended.length ? 1 : 0, start: () => from, end: () => 60 };
  }

  appendBuffer(bytes) {
    assert.equal(this.updating, false, 'appending while updating throws in a browser');
    if (this.room <= 0) throw Object.assign(new Error('full'), { name: 'QuotaExceededError' });
    this.room -= 1;
    this.appended.push(bytes);
    this.updating = true;
  }

  remove(from, to) {
    assert.equal(this.updating, false);
    this.removed.push([from, to]);
    this.room += 2;
    this.updating = true;
  }

  settle() {
    this.updating = false;
    this.dispatchEvent(new Event('updateend'));
  }
}

function setUp(playedS = 0) {
  const buffer = new FakeBuffer();
  const told = { drained: 0, errors: [], playedS };
  const queue = new AppendQueue(buffer, {
    playedS: () => told.playedS,
    onDrained: () => (told.drained += 1),
    onError: (error) => told.errors.push(error),
  });
  return { buffer, queue, told };
}

test('appends one at a time, in order', () => {
  const { buffer, queue } = setUp();
  for (const n of [1, 2, 3]) queue.push(n);
  assert.deepEqual(buffer.appended, [1]);
  buffer.settle();
  buffer.settle();
  assert.deepEqual(buffer.appended, [1, 2, 3]);
});

test('says drained once, after the last append is in', () => {
  const { buffer, queue, told } = setUp();
  queue.push(1);
  queue.push(2);
  queue.end();
  buffer.settle();
  assert.equal(told.drained, 0);
  buffer.settle();
  queue.pump();
  assert.equal(told.drained, 1);
});

test('a full buffer gives up what was played and the append is tried again', () => {
  const { buffer, queue, told } = setUp(30);
  buffer.room = 1;
  queue.push(1);
  queue.push(2);
  buffer.settle();
  assert.deepEqual(buffer.removed, [[0, 25]]);
  assert.equal(queue.evicted, true);
  buffer.settle();
  assert.deepEqual(buffer.appended, [1, 2]);
  assert.deepEqual(told.errors, []);
});

test('a buffer full of sound not yet played waits until it is', () => {
  const { buffer, queue, told } = setUp(2);
  buffer.room = 1;
  queue.push(1);
  queue.push(2);
  queue.end();
  buffer.settle();
  queue.pump();
  assert.deepEqual(buffer.removed, []);
  assert.equal(told.drained, 0);
  told.playedS = 20;
  queue.pump();
  buffer.settle();
  buffer.settle();
  assert.deepEqual(buffer.appended, [1, 2]);
  assert.equal(told.drained, 1);
});

test('a held queue keeps what comes', () => {
  const { buffer, queue } = setUp();
  queue.hold(true);
  queue.push(1);
  assert.deepEqual(buffer.appended, []);
  queue.hold(false);
  assert.deepEqual(buffer.appended, [1]);
});

test('sound that cannot be decoded is told once, and nothing more is appended', () => {
  const { buffer, queue, told } = setUp();
  queue.push(1);
  buffer.dispatchEvent(new Event('error'));
  buffer.settle();
  queue.push(2);
  queue.end();
  assert.equal(told.errors.length, 1);
  assert.equal(told.drained, 0);
  assert.deepEqual(buffer.appended, [1]);
});

test('a closed queue is silent', () => {
  const { buffer, queue, told } = setUp();
  queue.push(1);
  queue.push(2);
  queue.close();
  buffer.settle();
  queue.end();
  assert.deepEqual(buffer.appended, [1]);
  assert.equal(told.drained, 0);
});
