/** Plays a finished recording by its address: listening again, and seeking where the stream is gone. */

import { playElement, releaseElement } from './audio-element.js';

/** @implements {import('./player.js').Player} */
export class FilePlayer {
  #audio;
  #url;
  #callbacks;
  #listeners = new AbortController();

  canSeek = true;

  constructor(audio, url, callbacks) {
    this.#audio = audio;
    this.#url = url;
    this.#callbacks = callbacks;
  }

  open() {
    const { signal } = this.#listeners;
    const { onAudible, onWaiting, onPaused, onEnded, onError } = this.#callbacks;
    this.#audio.addEventListener('playing', () => (onAudible(), onWaiting(false)), { signal });
    this.#audio.addEventListener('pause', () => this.#audio.ended || onPaused(), { signal });
    this.#audio.addEventListener('ended', () => onEnded(), { signal });
    this.#audio.addEventListener('error', () => onError(new Error(this.#audio.error?.message || 'no recording')), { signal });
    this.#audio.src = this.#url;
  }

  append() {}

  end() {}

  stop() {
    this.#listeners.abort();
    releaseElement(this.#audio);
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

  seek(ms) {
    this.#audio.currentTime = ms / 1000;
    this.resume();
  }
}
