/** The wire contract of docs/protocol.md: what a request may hold and what an event must hold. */

export const FORMATS = ['pcm', 'wav', 'webm', 'mp4-flac', 'mp4-aac', 'mp3', 'flac', 'opus'];
export const MAX_CHARS = 500;

/** @typedef {{code: string, field: string | null, message: string}} Refusal */
/** @typedef {{ok: true, value: object} | {ok: false, error: Refusal}} Verdict */

/** A rule returns what is wrong with a value, or nothing. */
const number = (least, most, whole = false) => (value) => {
  const fits = typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value));
  return fits ? null : `must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}`;
};
const boolean = (value) => (typeof value === 'boolean' ? null : 'must be true or false');
const oneOf = (choices) => (value) => (choices.includes(value) ? null : `must be one of ${choices.join(', ')}`);
const string = (value) => {
  if (typeof value !== 'string') return 'must be a string';
  return hasLoneSurrogate(value) ? 'holds half of a surrogate pair, which is no character' : null;
};
const name = (value) => {
  const length = typeof value === 'string' ? countChars(value) : 1;
  return string(value) ?? (length >= 1 && length <= 64 ? null : `must have 1 to 64 characters, not ${length}`);
};
const readings = (value) => {
  if (typeof value !== 'object' || Array.isArray(value)) return 'must be an object of index: pinyin';
  for (const [index, pinyin] of Object.entries(value)) {
    if (!/^[0-9]{1,6}$/.test(index)) return `${JSON.stringify(index)} is no index of a character, counted from 0`;
    if (typeof pinyin === 'string' && /^[a-zü]{1,6}[1-5]$/.test(pinyin)) continue;
    return `${JSON.stringify(pinyin)} is no pinyin with a tone from 1 to 5, such as hang2`;
  }
  return null;
};

const COMMON = {
  text: [string, null],
  ssml: [string, null],
  voice: [name, null],
  language: [name, null],
  emotion: [name, 'neutral'],
  intensity: [number(0, 125), 100],
  speed: [number(0.5, 2), 1],
  pitch: [number(-12, 12), 0],
  energy: [number(-2, 2), 0],
  volume: [number(0, 2), 1],
  sample_rate: [number(8000, 48000, true), null],
  readings: [readings, {}],
};

/** Per door: field -> [rule, default]. */
const DOORS = {
  socket: {
    ...COMMON,
    format: [oneOf(FORMATS), 'pcm'],
    id: [name, null],
    window_ms: [number(100, 60000, true), null],
    more: [boolean, false],
  },
  http: { ...COMMON, format: [oneOf(FORMATS), 'wav'], stream: [boolean, true] },
};

/** Characters are Unicode code points, as the server counts them. */
export function countChars(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Iteration joins true pairs, so a surrogate that is left is alone. */
function hasLoneSurrogate(text) {
  for (const char of text) {
    const point = char.codePointAt(0);
    if (point >= 0xd800 && point <= 0xdfff) return true;
  }
  return false;
}

/**
 * Only the server reads SSML, so only the server counts what is spoken of it.
 * @returns {Refusal | null}
 */
function faultOfText({ text, ssml, more }, maxChars) {
  const field = ssml === null ? 'text' : 'ssml';
  const refuse = (message, code = 'bad_request') => ({ code, field, message: `${field}: ${message}` });
  if (text !== null && ssml !== null) return refuse('cannot stand beside text; leave one out');
  if (more && ssml !== null) {
    return { code: 'bad_request', field: 'more', message: 'more: only text comes in pieces; send ssml whole' };
  }
  if (more && text.trim() === '') return null;
  const source = text ?? ssml;
  if (source === null) return refuse('is required, or ssml');
  if (source.trim() === '') return refuse('is blank');
  const count = ssml === null ? countChars(text) : 0;
  return count > maxChars ? refuse(`has ${count} characters; at most ${maxChars} are spoken at once`, 'text_too_long') : null;
}

/** An index past the end belongs to another text. */
function faultOfReadings(given, text) {
  const count = countChars(text);
  const past = Object.keys(given).find((index) => Number(index) >= count);
  const message = `readings: ${Number(past)} is past the text's ${count} characters`;
  return past === undefined ? null : { code: 'bad_request', field: 'readings', message };
}

/**
 * Judge a request as the server will, and fill in the defaults.
 * @param {'socket' | 'http'} door
 * @returns {Verdict}
 */
export function checkRequest(request, door = 'socket', maxChars = MAX_CHARS) {
  const refuse = (field, message) => ({ ok: false, error: { code: 'bad_request', field, message } });
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    return refuse(null, 'a request must be an object');
  }
  const rules = DOORS[door];
  const stranger = Object.keys(request).find((field) => !Object.hasOwn(rules, field));
  if (stranger !== undefined) {
    return refuse(stranger, `${stranger}: no such field; choices: ${Object.keys(rules).join(', ')}`);
  }
  const value = {};
  for (const [field, [rule, standard]] of Object.entries(rules)) {
    // As on the server, null is the same as left out.
    const given = request[field] ?? null;
    const fault = given === null ? null : rule(given);
    if (fault) return refuse(field, `${field}: ${fault}`);
    value[field] = given ?? standard;
  }
  // Text in pieces may begin with nothing.
  if (value.more && value.ssml === null) value.text ??= '';
  const wrong = faultOfText(value, maxChars) ?? faultOfReadings(value.readings, value.text ?? value.ssml);
  if (wrong) return { ok: false, error: wrong };
  const chosen = Object.entries(value.readings).map(([index, pinyin]) => [String(Number(index)), pinyin]);
  return { ok: true, value: { ...value, readings: Object.fromEntries(chosen) } };
}

const isText = (value) => typeof value === 'string';
const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);
const isTextOrNull = (value) => value === null || isText(value);
const isNumberOrNull = (value) => value === null || isNumber(value);
const isBinary = (value) => value instanceof ArrayBuffer || ArrayBuffer.isView(value);
const isOneOf = (choices) => (value) => choices.includes(value);
const isListOf = (test) => (value) => Array.isArray(value) && value.every(test);
const isShape = (shape) => (value) =>
  typeof value === 'object' && value !== null && Object.entries(shape).every(([name, test]) => test(value[name]));

/** What `POST /api/read` answers, as far as the page looks at it. */
const SYLLABLE = { start: isNumber, end: isNumber, pinyin: isText };
const WORD = { syllables: isListOf(isShape(SYLLABLE)), break: isNumber };
const REPORT = {
  characters: isListOf(isShape({ index: isNumber, char: isText, pinyin: isText, others: isListOf(isText) })),
  sentences: isListOf(isShape({ text: isText, spoken: isText, words: isListOf(isShape(WORD)) })),
  warnings: isListOf(isShape({ code: isText, message: isText })),
};

const MARK = { text: isText, start: isNumber, start_ms: isNumber, end_ms: isNumber };

/** What each event of the server must hold; more is allowed, so that the server may grow first. */
const EVENTS = {
  queued: { id: isText, position: isNumber },
  started: { id: isText, sample_rate: isNumber, mime: isText },
  audio_chunk: { id: isText, seq: isNumber, at_ms: isNumber, chunk: isBinary, peaks: isListOf(isNumber) },
  marks: { id: isText, items: isListOf(isShape(MARK)) },
  warning: { id: isTextOrNull, code: isText, message: isText },
  done: { id: isText, status: isOneOf(['completed', 'cancelled']), audio_ms: isNumberOrNull, wav_url: isTextOrNull },
  error: { id: isTextOrNull, code: isText, message: isText },
};

export const EVENT_NAMES = Object.keys(EVENTS);

/** Name the first field of an event that breaks the contract, or return null. */
export function faultOfEvent(name, data) {
  return faultIn(EVENTS[name], data);
}

/** The same for the answer that tells how a text is read. */
export function faultOfReport(data) {
  return faultIn(REPORT, data);
}

function faultIn(shape, data) {
  if (typeof data !== 'object' || data === null) return 'data';
  const broken = Object.entries(shape).find(([field, test]) => !test(data[field]));
  return broken ? broken[0] : null;
}
