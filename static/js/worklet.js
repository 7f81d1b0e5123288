/** The audio thread's half of the worklet player: a queue of samples with a cushion and soft edges at underruns. */

import { Cushion } from './cushion.js';

const FADE_S = 0.005;
const REPORT_S = 0.05;

class PcmPlayer extends AudioWorkletProcessor {
  #queue = [];
  #offset = 0;
  #buffered = 0;
  #played = 0;
  #reportedAt = 0;
  #state = 'waiting';
  #noMore = false;
  #gain = 0;
  #last = 0;
  #cushion = new Cushion();

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      if (data.end) this.#noMore = true;
      else this.#push(data.samples);
    };
  }

  /** One output channel of 128 frames; returning false lets the browser free the node. */
  process(_inputs, [[output]]) {
    if (this.#state === 'waiting') this.#tryStart();
    const fade = 1 / (FADE_S * sampleRate);
    for (let i = 0; i < output.length; i += 1) {
      const sample = this.#state === 'playing' ? this.#next() : null;
      this.#gain = sample === null ? Math.max(0, this.#gain - fade) : Math.min(1, this.#gain + fade);
      if (sample !== null) this.#last = sample;
      output[i] = this.#last * this.#gain;
    }
    this.#settle(output.length);
    return this.#state !== 'ended' || this.#gain > 0;
  }

  #push(samples) {
    if (samples.length === 0) return;
    this.#queue.push(samples);
    this.#buffered += samples.length;
  }

  #tryStart() {
    const enough = this.#buffered >= this.#cushion.seconds * sampleRate;
    if (!enough && !(this.#noMore && this.#buffered > 0)) return;
    // The very first samples are played as they are; only after an underrun the edge is softened.
    if (this.#played === 0) this.#gain = 1;
    this.#report('playing');
  }

  #next() {
    const head = this.#queue[0];
    if (!head) return null;
    const sample = head[this.#offset];
    this.#offset += 1;
    this.#buffered -= 1;
    this.#played += 1;
    if (this.#offset === head.length) {
      this.#queue.shift();
      this.#offset = 0;
    }
    return sample;
  }

  /** After each block: end, underrun, or a report of the position from time to time. */
  #settle(frames) {
    if (this.#state === 'ended') return;
    if (this.#buffered === 0 && this.#noMore) this.#report('ended', frames);
    else if (this.#buffered === 0 && this.#state === 'playing') {
      this.#cushion.grow();
      this.#report('waiting', frames);
    } else if (this.#state === 'playing' && currentTime - this.#reportedAt >= REPORT_S) this.#report('playing', frames);
  }

  #report(state, frames = 0) {
    this.#state = state;
    this.#reportedAt = currentTime;
    this.port.postMessage({ frames: this.#played, at: currentTime + frames / sampleRate, state });
  }
}

registerProcessor('pcm-player', PcmPlayer);
