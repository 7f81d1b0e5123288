/** Checks how peaks become bars and how much time the drawing stands for. */

import assert from 'node:assert/strict';
import test from 'node:test';

import { barsFrom, guessMs, PEAK_MS, spanFor } from '../../static/js/waveform.js';

test('a bar is the largest peak of its stretch, and -1 where nothing has arrived', () => {
  const bars = [...barsFrom([0.1, 0.5, 0.25, 0], 8 * PEAK_MS, 4)];
  assert.deepEqual(bars, [0.5, 0.25, -1, -1]);
});

test('silence is drawn as silence, not as missing', () => {
  assert.deepEqual([...barsFrom([0, 0], 2 * PEAK_MS, 2)], [0, 0]);
});

test('more bars than peaks: no bar is left out', () => {
  const bars = [...barsFrom([0.5, 0.25], 2 * PEAK_MS, 8)];
  assert.deepEqual(bars, [0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25]);
});

test('no peak is lost, whatever the numbers', () => {
  for (const [count, bars] of [[997, 80], [80, 80], [3001, 217]]) {
    for (const loud of [0, Math.floor(count / 3), count - 1]) {
      const peaks = new Array(count).fill(0.01);
      peaks[loud] = 1;
      assert.equal(Math.max(...barsFrom(peaks, count * PEAK_MS, bars)), 1, `${loud} of ${count} in ${bars}`);
    }
  }
});

test('the span grows in steps when the guess was short', () => {
  assert.equal(spanFor(900, 1000), 1000);
  assert.equal(spanFor(1100, 1000), 1250);
  assert.equal(spanFor(1240, 1000), 1250);
});

test('slow speech is guessed longer', () => {
  assert.equal(guessMs(100, 0.5), 2 * guessMs(100, 1));
  assert.ok(guessMs(1, 2) >= 1000);
});
