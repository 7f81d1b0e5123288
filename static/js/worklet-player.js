/** Plays PCM through an AudioWorklet, which keeps playing while the page itself is busy. */

import { openContext, watchForBlock } from './audio-context.js';
import { floatsFromPcm16 } from './pcm.js';

/** @implements {import('./player.js').Player} */
export class WorkletPlayer {
  #sampleRate;
  #callbacks;
  #context = null;
  #node = null;
  #early = [];
  /** The last report of the worklet: `ms` was heard when the context's clock showed `at`. */
  #report = { ms: 0, at: 0, state: 'waiting' };
  #audible = false;

  canSeek = false;

  constructor(sampleRate, callbacks) {
    this.#sampleRate = sampleRate;
    this.#callbacks = callbacks;
  }

  open() {
    const context = openContext(this.#sampleRate);
    this.#context = context;
    watchForBlock(context, () => this.#callbacks.onBlocked());
    context.audioWorklet
      .addModule(new URL('./worklet.js', import.meta.url))
      .then(() => this.#context && this.#connect())
      .catch((error) => this.#context && this.#callbacks.onError(error));
  }

  append(bytes) {
    const floats = floatsFromPcm16(bytes);
    this.#send({ samples: floats }, [floats.buffer]);
  }

  end() {
    this.#send({ end: true });
  }

  stop() {
    this.#node?.disconnect();
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
    const { ms, at, state } = this.#report;
    const since = state === 'playing' ? (this.#context.currentTime - at) * 1000 : 0;
    return Math.max(0, ms + since - (this.#context.outputLatency || 0) * 1000);
  }

  seek() {}

  #connect() {
    this.#node = new AudioWorkletNode(this.#context, 'pcm-player', { numberOfInputs: 0, outputChannelCount: [1] });
    this.#node.port.onmessage = ({ data }) => this.#onReport(data);
    this.#node.connect(this.#context.destination);
    for (const [message, transfer] of this.#early.splice(0)) this.#node.port.postMessage(message, transfer);
  }

  #send(message, transfer = []) {
    if (this.#node) this.#node.port.postMessage(message, transfer);
    else this.#early.push([message, transfer]);
  }

  #onReport({ frames, at, state }) {
    if (!this.#context) return;
    const before = this.#report.state;
    this.#report = { ms: (frames / this.#sampleRate) * 1000, at, state };
    if (state === before) return;
    if (state === 'ended') {
      this.#callbacks.onEnded();
      return;
    }
    if (state === 'playing' && !this.#audible) {
      this.#audible = true;
      this.#callbacks.onAudible();
    }
    this.#callbacks.onWaiting(state === 'waiting');
  }
}
