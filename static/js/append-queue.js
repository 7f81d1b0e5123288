/** Feeds a SourceBuffer one append at a time, makes room when it is full, and says when all is in. */

/** Played sound that stays in the buffer when room is made: seeking a little back must not stall. */
const KEEP_BEHIND_S = 5;

export class AppendQueue {
  #buffer;
  #waiting = [];
  #ending = false;
  #held = false;
  #closed = false;
  #playedS;
  #onDrained;
  #onError;

  /** Whether played sound was thrown away to make room. */
  evicted = false;

  /**
   * @param {SourceBuffer} buffer
   * @param {{playedS: () => number, onDrained: () => void, onError: (error: Error) => void}} hooks
   *   `onDrained` is called once, after `end`, when the last append is in
   */
  constructor(buffer, { playedS, onDrained, onError }) {
    this.#buffer = buffer;
    this.#playedS = playedS;
    this.#onDrained = onDrained;
    this.#onError = onError;
    buffer.addEventListener('updateend', () => this.pump());
    buffer.addEventListener('error', () => this.#fail(new Error('the sound could not be decoded')));
  }

  push(bytes) {
    this.#waiting.push(bytes);
    this.pump();
  }

  end() {
    this.#ending = true;
    this.pump();
  }

  /** Holds appends back while a ManagedMediaSource has enough. */
  hold(held) {
    this.#held = held;
    this.pump();
  }

  close() {
    this.#closed = true;
    this.#waiting = [];
  }

  /** Does the next thing that can be done; also called as time passes, since playing makes room. */
  pump() {
    if (this.#closed || this.#buffer.updating) return;
    if (this.#waiting.length > 0) {
      if (!this.#held) this.#append();
    } else if (this.#ending) {
      this.#closed = true;
      this.#onDrained();
    }
  }

  #append() {
    try {
      this.#buffer.appendBuffer(this.#waiting[0]);
      this.#waiting.shift();
    } catch (error) {
      if (error.name === 'QuotaExceededError') this.#makeRoom();
      else this.#fail(error);
    }
  }

  #makeRoom() {
    const { buffered } = this.#buffer;
    const upTo = this.#playedS() - KEEP_BEHIND_S;
    // With nothing to remove yet, the next `pump` tries again when more has been played.
    if (buffered.length === 0 || upTo <= buffered.start(0)) return;
    this.evicted = true;
    this.#buffer.remove(buffered.start(0), upTo);
  }

  #fail(error) {
    if (this.#closed) return;
    this.close();
    this.#onError(error);
  }
}
