/** The course of one utterance, from the press to the last sound: what arrives goes to the player, what changes is told. */

import { FilePlayer } from './file-player.js';

/** @typedef {'connecting' | 'queued' | 'synthesizing' | 'playing' | 'buffering' | 'blocked' | 'paused' | 'done' | 'stopped' | 'error'} State */

/**
 * @typedef {object} Watcher
 * @property {(state: State) => void} onState
 * @property {(timing: {firstChunkMs?: number, audibleMs?: number}) => void} onTiming
 * @property {(peaks: number[]) => void} onPeaks
 * @property {(items: object[]) => void} onMarks
 * @property {(data: object) => void} onComplete      all has arrived; the WAV can be had
 * @property {(warning: {code: string, message: string}) => void} onWarning
 * @property {(error: {code: string, message: string}) => void} onError
 */

export class Speech {
  #client;
  #audio;
  #watcher;
  #makePlayer;
  #player = null;
  #pressedAt = performance.now();
  #heard = false;
  #arrived = false;
  /** Kept to start over where the first attempt finds no sound device; some hundred kilobytes. */
  #chunks = [];

  /** @type {State | null} */
  state = null;
  /** What `done` told, once all has arrived. */
  result = null;
  marks = [];

  /**
   * @param {{client: import('./client.js').Client, audio: HTMLAudioElement, watcher: Watcher,
   *   makePlayer: (callbacks: import('./player.js').Callbacks) => import('./player.js').Player}} parts
   */
  constructor({ client, audio, watcher, makePlayer }) {
    this.#client = client;
    this.#audio = audio;
    this.#watcher = watcher;
    this.#makePlayer = makePlayer;
  }

  /** Must be called inside the click, or the browser refuses to play. */
  start(request) {
    this.#set('queued');
    this.#audio.muted = false;
    this.#player = this.#makePlayer(this.#callbacks());
    this.#player.open();
    this.#client.start(request, {
      connecting: () => this.#progress('connecting'),
      queued: () => this.#progress('queued'),
      started: () => this.#progress('synthesizing'),
      audio_chunk: (data) => this.#onChunk(data),
      marks: ({ items }) => this.#onMarks(items),
      warning: (warning) => this.#watcher.onWarning(warning),
      done: (data) => this.#onDone(data),
      failed: (error) => this.#fail(error),
    });
  }

  stop() {
    if (!this.result) this.#client.cancel();
    this.#silence();
    if (this.active) this.#set('stopped');
  }

  get active() {
    return !['done', 'stopped', 'error'].includes(this.state);
  }

  get positionMs() {
    return this.#player?.positionMs ?? 0;
  }

  /** Pauses or goes on; at the end it begins again. */
  toggle() {
    if (!this.active) this.seek(0);
    else if (this.#player.paused) this.resume();
    else {
      this.#player.pause();
      this.#set('paused');
    }
  }

  resume() {
    this.#player?.resume();
    this.#set(this.#heard ? 'playing' : 'synthesizing');
  }

  /** Plays from a point; possible once all has arrived. */
  seek(ms) {
    if (!this.result?.wav_url) return;
    if (!this.#player?.canSeek) {
      this.#silence();
      this.#player = new FilePlayer(this.#audio, this.result.wav_url, this.#callbacks());
      this.#player.open();
    }
    this.#set('playing');
    this.#player.seek(ms);
  }

  #callbacks() {
    return {
      onAudible: () => this.#onAudible(),
      onEnded: () => this.#onEnded(),
      onBlocked: () => this.#set('blocked'),
      onPaused: () => this.active && this.#set('paused'),
      onWaiting: (waiting) => this.#onWaiting(waiting),
      onError: (error) => this.#onPlayerError(error),
    };
  }

  #onChunk({ chunk, peaks }) {
    if (this.#chunks.length === 0) this.#watcher.onTiming({ firstChunkMs: performance.now() - this.#pressedAt });
    this.#chunks.push(chunk);
    this.#player.append(chunk);
    this.#watcher.onPeaks(peaks);
  }

  #onMarks(items) {
    this.marks.push(...items);
    this.#watcher.onMarks(items);
  }

  #onDone(data) {
    this.#arrived = true;
    this.#player.end();
    if (data.status !== 'completed') {
      this.#silence();
      this.#set('stopped');
      return;
    }
    this.result = data;
    this.#watcher.onComplete(data);
  }

  #onAudible() {
    if (!this.#heard) this.#watcher.onTiming({ audibleMs: performance.now() - this.#pressedAt });
    this.#heard = true;
    this.#set('playing');
  }

  /** News from the server; what the player needs from the listener is more urgent. */
  #progress(state) {
    if (this.state !== 'blocked' && this.state !== 'paused') this.#set(state);
  }

  /** A player runs dry in the middle, or at the end while `done` is still on its way. */
  #onWaiting(waiting) {
    if (this.state === 'playing' && waiting) this.#set('buffering');
    else if (this.state === 'buffering' && !waiting) this.#set('playing');
    else if (this.state === 'paused' && !waiting) this.#set('playing');
  }

  /** Firefox plays nothing where there is no sound device, unless it is muted: then the eyes still get the reading. */
  #onPlayerError(error) {
    if (this.#audio.muted || !/MediaSinkAudioError/.test(error.message)) {
      this.#fail({ code: 'playback', message: error.message });
      return;
    }
    this.#watcher.onWarning({ code: 'no_sound_device', message: error.message });
    this.#audio.muted = true;
    this.#set('buffering');
    this.#silence();
    this.#player = this.#makePlayer(this.#callbacks());
    this.#player.open();
    for (const chunk of this.#chunks) this.#player.append(chunk);
    if (this.#arrived) this.#player.end();
  }

  #onEnded() {
    if (this.active) this.#set('done');
  }

  #fail(error) {
    if (!this.result) this.#client.cancel();
    this.#silence();
    this.#set('error');
    this.#watcher.onError(error);
  }

  #silence() {
    this.#player?.stop();
    this.#player = null;
  }

  #set(state) {
    if (state === this.state) return;
    this.state = state;
    this.#watcher.onState(state);
  }
}
