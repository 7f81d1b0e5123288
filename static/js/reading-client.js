/** Asks the server how a text is read, when the text has come to rest; only the latest question is answered. */

import { faultOfReport } from './protocol.js';

const REST_MS = 300;

export class ReadingClient {
  #url;
  #fetch;
  #restMs;
  #timer = 0;
  /** @type {AbortController | null} */
  #asked = null;

  /** @param {string | URL} url */
  constructor(url, fetch = (...all) => globalThis.fetch(...all), restMs = REST_MS) {
    this.#url = url;
    this.#fetch = fetch;
    this.#restMs = restMs;
  }

  /**
   * Exactly one of the hooks is called, unless another question comes first.
   * @param {object} request
   * @param {{onAnswer: (report: object) => void, onError: (error: {code: string, message: string}) => void}} hooks
   */
  ask(request, hooks, { soon = false } = {}) {
    this.cancel();
    const asked = new AbortController();
    this.#asked = asked;
    this.#timer = setTimeout(() => this.#send(request, hooks, asked), soon ? 0 : this.#restMs);
  }

  /** Forgets the last question. */
  cancel() {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    this.#asked = null;
  }

  async #send(request, { onAnswer, onError }, asked) {
    const { report, error } = await this.#post(request, asked.signal);
    if (asked !== this.#asked) return;
    this.#asked = null;
    if (error) onError(error);
    else onAnswer(report);
  }

  async #post(request, signal) {
    const headers = { 'Content-Type': 'application/json' };
    let answer;
    try {
      answer = await this.#fetch(this.#url, { method: 'POST', headers, body: JSON.stringify(request), signal });
    } catch (error) {
      return { error: { code: 'unreachable', message: String(error) } };
    }
    const data = await answer.json().catch(() => null);
    if (!answer.ok) return { error: { code: data?.code ?? 'bad_event', message: data?.message ?? `HTTP ${answer.status}` } };
    const fault = faultOfReport(data);
    return fault ? { error: { code: 'bad_event', message: `read.${fault}` } } : { report: data };
  }
}
