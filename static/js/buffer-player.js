/** Plays PCM as AudioBufferSourceNodes scheduled one after another: works without a secure context. */

import { Cushion } from './cushion.js';
import { openContext, watchForBlock } from './audio-context.js';
import { floatsFromPcm16 } from './pcm.js';

/** @implements {import('./player.js').Player} */
export class BufferPlayer {
  #sampleRate;
  #callbacks;
  #context = null;
  #cushion = new Cushion();
  /** Stretches already scheduled: from `at` on the context's clock, `ms` of the utterance is heard. */
  #segments = [];
  #nodes = new Set();
  #nextAt = -1;
  #sentMs = 0;
  #noMore = false;
  #started = false;
  #timer = 0;

  canSeek = false;

  constructor(sampleRate, callbacks) {
    this.#sampleRate = sampleRate;
    this.#callbacks = callbacks;
  }

  open() {
    this.#context = openContext(this.#sampleRate);
    watchForBlock(this.#context, () => this.#callbacks.onBlocked());
  }

  append(bytes) {
    const floats = floatsFromPcm16(bytes);
    if (!this.#context || floats.length === 0) return;
    const buffer = this.#context.createBuffer(1, floats.length, this.#sampleRate);
    buffer.copyToChannel(floats, 0);
    const node = this.#context.createBufferSource();
    node.buffer = buffer;
    node.connect(this.#context.destination);
    node.onended = () => this.#onNodeEnded(node);
    this.#nodes.add(node);
    this.#schedule(node, floats.length / this.#sampleRate);
  }

  end() {
    this.#noMore = true;
    if (this.#nodes.size === 0) this.#callbacks.onEnded();
  }

  stop() {
    clearTimeout(this.#timer);
    for (const node of this.#nodes) node.onended = null;
    this.#nodes.clear();
    this.#context?.close();
    this.#context = null;
  }

  pause() {
    this.#context?.suspend();
  }

  resume() {
    this.#context?.resume();
  }

  get paused() {
    return this.#context?.state !== 'running';
  }

  get positionMs() {
    if (!this.#context) return 0;
    const now = this.#context.currentTime - (this.#context.outputLatency || 0);
    const segment = this.#segments.findLast(({ at }) => at <= now);
    return segment ? Math.min(segment.ms + (now - segment.at) * 1000, segment.ms + segment.lengthMs) : 0;
  }

  seek() {}

  #schedule(node, seconds) {
    const now = this.#context.currentTime;
    if (this.#nextAt < now) {
      if (this.#started) this.#cushion.grow();
      this.#nextAt = now + this.#cushion.seconds;
      this.#segments.push({ at: this.#nextAt, ms: this.#sentMs, lengthMs: 0 });
      this.#announce();
    }
    node.start(this.#nextAt);
    this.#nextAt += seconds;
    this.#sentMs += seconds * 1000;
    this.#segments.at(-1).lengthMs += seconds * 1000;
  }

  /** Says that sound is heard, when it is. */
  #announce() {
    clearTimeout(this.#timer);
    const context = this.#context;
    const { at } = this.#segments.at(-1);
    const check = () => {
      const left = at + (context.outputLatency || 0) - context.currentTime;
      if (left > 0 || context.state !== 'running') {
        this.#timer = setTimeout(check, Math.max(10, left * 1000));
        return;
      }
      if (!this.#started) this.#callbacks.onAudible();
      this.#started = true;
      this.#callbacks.onWaiting(false);
    };
    check();
  }

  #onNodeEnded(node) {
    this.#nodes.delete(node);
    if (this.#nodes.size > 0) return;
    if (this.#noMore) this.#callbacks.onEnded();
    else this.#callbacks.onWaiting(true);
  }
}
