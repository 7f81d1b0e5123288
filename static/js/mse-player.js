/** Plays a growing WebM or MP4 file through MediaSource, or ManagedMediaSource where only that exists. */

import { AppendQueue } from './append-queue.js';
import { playElement, releaseElement } from './audio-element.js';

/** @implements {import('./player.js').Player} */
export class MsePlayer {
  #audio;
  #mime;
  #callbacks;
  #source = null;
  #queue = null;
  #early = [];
  #url = '';
  #bytes = 0;
  #ended = false;
  #audible = false;
  #listeners = new AbortController();

  constructor(audio, mime, callbacks) {
    this.#audio = audio;
    this.#mime = mime;
    this.#callbacks = callbacks;
  }

  open() {
    const audio = this.#audio;
    const Source = globalThis.MediaSource ?? globalThis.ManagedMediaSource;
    this.#source = new Source();
    // A ManagedMediaSource opens only where the sound cannot be sent to another device.
    audio.disableRemotePlayback = true;
    this.#listen(this.#source, 'sourceopen', () => this.#onSourceOpen());
    this.#listen(this.#source, 'startstreaming', () => this.#queue?.hold(false));
    this.#listen(this.#source, 'endstreaming', () => this.#queue?.hold(true));
    this.#listen(audio, 'playing', () => this.#onPlaying());
    this.#listen(audio, 'waiting', () => this.#onWaiting());
    this.#listen(audio, 'timeupdate', () => this.#queue?.pump());
    this.#listen(audio, 'pause', () => audio.ended || this.#callbacks.onPaused());
    this.#listen(audio, 'ended', () => this.#callbacks.onEnded());
    this.#listen(audio, 'error', () => this.#fail(new Error('playback failed')));
    this.#url = URL.createObjectURL(this.#source);
    audio.src = this.#url;
    this.resume();
  }

  append(bytes) {
    this.#bytes += bytes.byteLength;
    if (this.#queue) this.#queue.push(bytes);
    else this.#early.push(bytes);
  }

  end() {
    this.#ended = true;
    if (this.#bytes === 0) this.#callbacks.onEnded();
    else this.#queue?.end();
  }

  stop() {
    this.#listeners.abort();
    this.#queue?.close();
    releaseElement(this.#audio);
    URL.revokeObjectURL(this.#url);
  }

  pause() {
    this.#audio.pause();
  }

  resume() {
    playElement(this.#audio, this.#listeners.signal, () => this.#callbacks.onBlocked());
  }

  get paused() {
    return this.#audio.paused;
  }

  get positionMs() {
    return this.#audio.currentTime * 1000;
  }

  get canSeek() {
    return this.#source.readyState === 'ended' && !this.#queue?.evicted;
  }

  seek(ms) {
    this.#audio.currentTime = ms / 1000;
    this.resume();
  }

  #listen(target, name, handler) {
    target.addEventListener(name, handler, { signal: this.#listeners.signal });
  }

  #onSourceOpen() {
    // Also fired when seeking reopens an ended source.
    if (this.#queue) return;
    let buffer;
    try {
      buffer = this.#source.addSourceBuffer(this.#mime);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#queue = new AppendQueue(buffer, {
      playedS: () => this.#audio.currentTime,
      onDrained: () => this.#source.readyState === 'open' && this.#source.endOfStream(),
      onError: (error) => this.#fail(error),
    });
    this.#listen(buffer, 'updateend', () => this.#skipGapAtStart(buffer));
    for (const bytes of this.#early.splice(0)) this.#queue.push(bytes);
    if (this.#ended) this.#queue.end();
  }

  /** Some decoders place the first sample a few milliseconds late; Firefox would wait there for ever. */
  #skipGapAtStart(buffer) {
    if (buffer.buffered.length === 0 || this.#queue.evicted) return;
    const start = buffer.buffered.start(0);
    if (this.#audio.currentTime < start) this.#audio.currentTime = start;
  }

  /** When the element has failed, appending fails too, but only the element knows why. */
  #fail(error) {
    this.#callbacks.onError(this.#audio.error?.message ? new Error(this.#audio.error.message) : error);
  }

  /** Firefox also waits for a moment before it ends, when all is there. */
  #onWaiting() {
    if (this.#audible && this.#source.readyState !== 'ended') this.#callbacks.onWaiting(true);
  }

  #onPlaying() {
    if (!this.#audible) {
      this.#audible = true;
      this.#callbacks.onAudible();
    }
    this.#callbacks.onWaiting(false);
  }
}
