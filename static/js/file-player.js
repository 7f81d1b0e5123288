/** Plays a finished recording by its address: listening again, and seeking where the stream is gone. */

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
    this.#audio.pause();
    this.#audio.removeAttribute('src');
    this.#audio.load();
  }

  pause() {
    this.#audio.pause();
  }

  resume() {
    this.#audio.play().catch((error) => {
      if (error.name === 'NotAllowedError' && !this.#listeners.signal.aborted) this.#callbacks.onBlocked();
    });
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
