/** Everything below the controls: the state in words, the river of sound, the text being read, and what can be kept. */

import { lrc, srt } from './captions.js';
import { errorKey, warningWords } from './form.js';
import { Reading } from './reading.js';
import { guessMs, Waveform } from './waveform.js';

const FLOWING = ['connecting', 'queued', 'synthesizing', 'buffering'];
const MOVING = [...FLOWING, 'playing'];
const STOPPABLE = [...MOVING, 'blocked', 'paused'];

/** A file name from the first words of a text. */
export function fileName(text, extension) {
  const words = Array.from(text.replace(/[\\/:*?"<>|\p{C}]/gu, ' ').trim().replace(/\s+/gu, ' '));
  return `声流-${words.slice(0, 16).join('').trim().replace(/[.\s]+$/u, '') || 'shengliu'}.${extension}`;
}

export class Stage {
  #by = (id) => document.getElementById(id);
  #translator;
  #waveform = new Waveform(this.#by('waveform'));
  #reading;
  #river = this.#by('river');
  #text = '';
  #timing = {};
  #said = { state: 'idle', error: null, warnings: [] };
  #totalMs = 0;
  #told = '';
  #urls = [];
  #frame = 0;
  #stillWater = matchMedia('(prefers-reduced-motion: reduce)');

  /** Where the sound is; set by whoever plays. */
  position = () => 0;

  /**
   * @param {import('./i18n.js').Translator} translator
   * @param {{onSeek: (ms: number) => void, onToggle: () => void}} hooks
   */
  constructor(translator, { onSeek, onToggle }) {
    this.#translator = translator;
    this.#reading = new Reading(this.#by('reading'), onSeek);
    this.#by('waveform').addEventListener('redraw', () => this.#draw());
    this.#river.addEventListener('click', (event) => {
      const box = this.#by('waveform').getBoundingClientRect();
      onSeek(this.#waveform.timeAt((event.clientX - box.left) / box.width));
    });
    this.#river.addEventListener('keydown', (event) => this.#onKey(event, onSeek, onToggle));
    this.#draw();
  }

  /** A new utterance begins. */
  begin({ text, language, speed }) {
    this.#text = text;
    this.#timing = {};
    this.#totalMs = 0;
    this.#said = { ...this.#said, error: null, warnings: [] };
    this.#waveform.reset(guessMs(Array.from(text).length, speed));
    this.#reading.show(text, language);
    this.#by('reading').hidden = false;
    this.#by('result').hidden = true;
    document.body.dataset.seek = 'no';
    delete document.body.dataset.firstAudioMs;
    delete document.body.dataset.audibleMs;
    this.translate();
  }

  state(state) {
    this.#said.state = state;
    document.body.dataset.state = state;
    this.#by('stop').disabled = !STOPPABLE.includes(state);
    this.#by('tap').hidden = state !== 'blocked';
    if (state === 'blocked') this.#by('tap').focus();
    if (state === 'done') this.#reading.finish();
    this.translate();
    this.#run();
  }

  timing(timing) {
    Object.assign(this.#timing, timing);
    const { firstChunkMs, audibleMs } = this.#timing;
    if (firstChunkMs !== undefined) document.body.dataset.firstAudioMs = String(Math.round(firstChunkMs));
    if (audibleMs !== undefined) document.body.dataset.audibleMs = String(Math.round(audibleMs));
    this.translate();
  }

  peaks(peaks) {
    this.#waveform.add(peaks);
  }

  marks(items) {
    this.#reading.add(items);
  }

  warn(warning) {
    this.#said.warnings.push(warning);
    this.translate();
  }

  /** `error` is what the wire calls it, `values` what its words need. */
  error(error, values = {}) {
    this.#said.error = { key: errorKey(error.code), values: { message: error.message, ...values } };
    this.translate();
  }

  /** All has arrived: it can be kept, and sought in. */
  complete({ audio_ms: audioMs, wav_url: wavUrl }, marks) {
    this.#totalMs = audioMs;
    this.#waveform.finish(audioMs);
    document.body.dataset.seek = wavUrl ? 'yes' : 'no';
    this.#by('result').hidden = !wavUrl;
    if (wavUrl) this.#offer('wav', wavUrl);
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
    this.#by('srt').hidden = this.#by('lrc').hidden = marks.length === 0;
    if (marks.length > 0) {
      this.#offer('srt', this.#blob(srt(this.#text, marks), 'application/x-subrip'));
      this.#offer('lrc', this.#blob(lrc(this.#text, marks), 'text/plain'));
    }
    this.#draw();
  }

  /** Says everything again, in the page's language of now. */
  translate() {
    const { state, error, warnings } = this.#said;
    const say = (key, values) => this.#translator.say(key, values);
    this.#put('state', say(`state_${state}`));
    const { firstChunkMs, audibleMs } = this.#timing;
    const times = [
      firstChunkMs === undefined ? '' : say('first_audio', { ms: Math.round(firstChunkMs) }),
      audibleMs === undefined ? '' : say('audible', { ms: Math.round(audibleMs) }),
    ];
    this.#put('timing', times.filter(Boolean).join(' · '));
    this.#put('error', error ? say(error.key, error.values) : '');
    this.#by('error').hidden = !error;
    this.#put('notes', warnings.map((warning) => warningWords(this.#translator, warning)).join(' '));
    this.#by('notes').hidden = warnings.length === 0;
  }

  /** Writing the same words again would make screen readers say them again. */
  #put(id, words) {
    const element = this.#by(id);
    if (element.textContent !== words) element.textContent = words;
  }

  #blob(content, type) {
    const url = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }));
    this.#urls.push(url);
    return url;
  }

  #offer(id, url) {
    const link = this.#by(id);
    link.href = url;
    link.download = fileName(this.#text, id);
  }

  /** Draws as long as something moves. */
  #run() {
    cancelAnimationFrame(this.#frame);
    this.#draw();
    if (!MOVING.includes(this.#said.state)) return;
    this.#frame = requestAnimationFrame(() => this.#run());
  }

  #draw() {
    const { state } = this.#said;
    const ms = state === 'done' ? this.#totalMs : this.position();
    const flowing = FLOWING.includes(state) && !this.#stillWater.matches ? performance.now() / 1000 : 0;
    this.#waveform.draw(ms, flowing);
    if (state !== 'done') this.#reading.at(STOPPABLE.includes(state) ? ms : -1);
    this.#describe(ms);
  }

  /** Once a second, so that a screen reader on the slider can keep up. */
  #describe(ms) {
    const total = (this.#totalMs / 1000).toFixed(1);
    const at = String(Math.round(Math.min(ms, this.#totalMs) / 1000));
    const known = this.#totalMs > 0;
    const told = `${at} ${total} ${this.#translator.language}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#river.setAttribute('aria-disabled', String(!known));
    this.#river.setAttribute('aria-valuemax', total);
    this.#river.setAttribute('aria-valuenow', at);
    const words = known ? this.#translator.say('at_of', { at, total }) : '';
    this.#river.setAttribute('aria-valuetext', words);
  }

  #onKey(event, onSeek, onToggle) {
    const moves = { ArrowLeft: -1000, ArrowDown: -1000, ArrowRight: 1000, ArrowUp: 1000 };
    if (event.key === ' ' || event.key === 'Enter') onToggle();
    else if (event.key in moves) onSeek(Math.min(this.#totalMs, Math.max(0, this.position() + moves[event.key])));
    else if (event.key === 'Home') onSeek(0);
    else return;
    event.preventDefault();
  }
}
