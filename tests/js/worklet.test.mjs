/** Runs the audio thread's processor block by block, in the place of the browser. */

import assert from 'node:assert/strict';
import test from 'node:test';

const BLOCK = 128;
const RATE = 16_000;

globalThis.sampleRate = RATE;
globalThis.currentTime = 0;
globalThis.AudioWorkletProcessor = class {
  port = { reports: [], postMessage: (report) => this.port.reports.push(report) };
};
let Processor;
globalThis.registerProcessor = (name, given) => {
  assert.equal(name, 'pcm-player');
  Processor = given;
};
await import('../../static/js/worklet.js');

function setUp() {
  globalThis.currentTime = 0;
  const processor = new Processor();
  const heard = [];
  return {
    heard,
    reports: processor.port.reports,
    states: () => processor.port.reports.map(({ state }) => state).filter((state, i, all) => state !== all[i - 1]),
    send: (data) => processor.port.onmessage({ data }),
    run: (blocks = 1) => {
      let alive = true;
      for (let i = 0; i < blocks; i += 1) {
        const block = new Float32Array(BLOCK);
        alive = processor.process([], [[block]]);
        heard.push(...block);
        globalThis.currentTime += BLOCK / RATE;
      }
      return alive;
    },
  };
}
const ramp = (length, from = 0) => Float32Array.from({ length }, (_, i) => (from + i + 1) / 10_000);

test('nothing is played before the cushion is full', () => {
  const { heard, states, send, run } = setUp();
  send({ samples: ramp(500) });
  run(4);
  assert.ok(heard.every((sample) => sample === 0));
  assert.deepEqual(states(), []);
});

test('every sample is played, in order and unchanged', () => {
  const { heard, states, send, run } = setUp();
  send({ samples: ramp(1000) });
  send({ samples: ramp(1001, 1000) });
  send({ end: true });
  run(17);
  assert.deepEqual(heard.slice(0, 2001), [...ramp(2001)]);
  assert.deepEqual(states(), ['playing', 'ended']);
});

test('a text shorter than the cushion is played when it is all there', () => {
  const { heard, states, send, run } = setUp();
  send({ samples: ramp(100) });
  run(2);
  send({ end: true });
  run(2);
  assert.deepEqual(heard.slice(2 * BLOCK, 2 * BLOCK + 100), [...ramp(100)]);
  assert.deepEqual(states(), ['playing', 'ended']);
});

test('an underrun is told, has soft edges and needs a larger cushion', () => {
  const { heard, states, send, run } = setUp();
  send({ samples: new Float32Array(1024).fill(0.5) });
  run(10);
  const largestStep = heard.slice(1).reduce((most, sample, i) => Math.max(most, Math.abs(sample - heard[i])), 0);
  assert.deepEqual(states(), ['playing', 'waiting']);
  assert.equal(heard.at(-1), 0);
  send({ samples: new Float32Array(1024).fill(0.5) });
  run(2);
  assert.deepEqual(states(), ['playing', 'waiting'], 'the first cushion is not enough any more');
  send({ samples: new Float32Array(1024).fill(0.5) });
  run(2);
  assert.deepEqual(states(), ['playing', 'waiting', 'playing']);
  const after = heard.slice(1024).map((sample, i) => Math.abs(sample - heard[1023 + i]));
  assert.ok(Math.max(...after) < 0.01, 'no click after the start');
  assert.ok(largestStep < 0.01, 'no click at the underrun');
  assert.equal(heard[0], 0.5, 'the first samples are not faded');
});

test('reports tell the position from time to time', () => {
  const { reports, send, run } = setUp();
  send({ samples: ramp(16_000) });
  run(50);
  assert.ok(reports.length >= 5 && reports.length <= 12, String(reports.length));
  const last = reports.at(-1);
  assert.ok(Math.abs(last.frames / RATE - last.at) < 1e-9);
});

test('the processor is let go at its end', () => {
  const { send, run } = setUp();
  send({ samples: ramp(1000) });
  send({ end: true });
  assert.equal(run(2), true);
  assert.equal(run(20), false);
});
