/** Talks to the server: one utterance at a time, waiting for the connection when it must. */

import { EVENT_NAMES, faultOfEvent } from './protocol.js';

const CONNECT_PATIENCE_MS = 12_000;
const ACK_PATIENCE_MS = 15_000;

/**
 * Hears about one utterance; exactly one of `done` and `failed` is called last, unless it is cancelled.
 * @typedef {object} Listener
 * @property {() => void} connecting
 * @property {(data: {position: number}) => void} queued
 * @property {(data: object) => void} started
 * @property {(data: {chunk: ArrayBuffer, peaks: number[]}) => void} audio_chunk
 * @property {(data: {items: object[]}) => void} marks
 * @property {(data: {code: string, message: string}) => void} warning
 * @property {(data: object) => void} done
 * @property {(error: {code: string, message: string}) => void} failed
 */

export class Client {
  #socket;
  #count = 0;
  /** @type {{id: string, request: object, listener: Listener, sent: boolean, nextSeq: number} | null} */
  #current = null;
  #timer = 0;

  /** @param {object} socket  a Socket.IO socket, connected or not */
  constructor(socket) {
    this.#socket = socket;
    socket.on('connect', () => this.#send());
    socket.on('disconnect', (reason) => this.#onDisconnect(reason));
    for (const name of EVENT_NAMES) socket.on(name, (data) => this.#onEvent(name, data));
  }

  /** Asks for an utterance; an earlier one is cancelled. */
  start(request, listener) {
    this.cancel();
    this.#count += 1;
    // A name need only be unique on this connection, so a count does, and `crypto` is not needed.
    this.#current = { id: `p${this.#count}`, request, listener, sent: false, nextSeq: 0 };
    if (this.#socket.connected) {
      this.#send();
      return;
    }
    listener.connecting();
    if (!this.#socket.active) this.#socket.connect();
    this.#timer = setTimeout(() => this.#fail('unreachable'), CONNECT_PATIENCE_MS);
  }

  /** Forgets the current utterance and tells the server so. */
  cancel() {
    const current = this.#take();
    if (current?.sent && this.#socket.connected) this.#socket.emit('cancel', { id: current.id });
  }

  #send() {
    const current = this.#current;
    if (!current || current.sent) return;
    clearTimeout(this.#timer);
    current.sent = true;
    const request = { ...current.request, id: current.id };
    this.#socket.timeout(ACK_PATIENCE_MS).emit('synthesize', request, (late, ack) => {
      if (this.#current !== current) return;
      if (late) this.#fail('no_answer');
      else if (!ack?.ok) this.#fail(ack?.code ?? 'bad_event', ack?.message);
    });
  }

  #onDisconnect(reason) {
    // Socket.IO comes back by itself, except when the server said goodbye.
    if (reason === 'io server disconnect') this.#socket.connect();
    if (this.#current?.sent) this.#fail('connection_lost', reason);
  }

  #onEvent(name, data) {
    const current = this.#current;
    if (!current?.sent) return;
    // An error without an id answers a message that could not be read: the last one was ours.
    const ours = data?.id === current.id || (name === 'error' && data?.id === null);
    if (!ours) return;
    const fault = faultOfEvent(name, data) ?? (name === 'audio_chunk' && data.seq !== current.nextSeq ? 'seq' : null);
    if (fault) {
      this.#socket.emit('cancel', { id: current.id });
      this.#fail('bad_event', `${name}.${fault}`);
    } else if (name === 'error') this.#fail(data.code, data.message);
    else {
      if (name === 'audio_chunk') current.nextSeq += 1;
      if (name === 'done') this.#take();
      current.listener[name](data);
    }
  }

  #fail(code, message = '') {
    this.#take()?.listener.failed({ code, message });
  }

  #take() {
    clearTimeout(this.#timer);
    const current = this.#current;
    this.#current = null;
    return current;
  }
}
