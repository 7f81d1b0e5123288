/** Puts the page together: the controls ask, the server speaks, the stage shows. */

import { io } from '../vendor/socket.io.esm.min.js';
import { Client } from './client.js';
import { Form, shortcutKey } from './form.js';
import { pickLanguage, Translator } from './i18n.js';
import { EXAMPLES } from './messages.js';
import { choosePlayer, createPlayer } from './player.js';
import { checkRequest, countChars } from './protocol.js';
import { ReadingClient } from './reading-client.js';
import { ReadingView } from './reading-view.js';
import { Readings } from './readings.js';
import { Speech } from './speech.js';
import { Stage } from './stage.js';
import { recall, remember } from './store.js';

const by = (id) => document.getElementById(id);

/** Found beside the page, so that the service may live below a prefix of its host. */
const socket = io({
  path: new URL('socket.io/', document.baseURI).pathname,
  transports: ['websocket', 'polling'],
  tryAllTransports: true,
  reconnectionDelay: 300,
  reconnectionDelayMax: 2000,
});

const wanted = [recall().language, ...(navigator.languages ?? [navigator.language])];
const translator = new Translator(pickLanguage(wanted));
translator.apply(document);

const client = new Client(socket);
const form = new Form(by('form'), translator);
const readings = new Readings();
const readingView = new ReadingView({
  form,
  translator,
  readings,
  client: new ReadingClient(new URL('api/read', document.baseURI)),
});
const choice = choosePlayer(window);
document.body.dataset.player = choice?.kind ?? 'none';

/** @type {Speech | null} */
let speech = null;

const stage = new Stage(translator, {
  onSeek: (ms) => speech?.seek(ms),
  onToggle: () => speech?.toggle(),
});
stage.position = () => speech?.positionMs ?? 0;

function refuse(error) {
  const blank = error.field === 'text' && form.text.value.trim() === '';
  stage.state('error');
  stage.error(blank ? { ...error, code: 'blank' } : error, { max: form.maxChars, count: countChars(form.text.value) });
  if (error.field === 'text') form.text.focus();
}

/** Runs inside the click: the browser lets it play because of that. */
function speak() {
  speech?.stop();
  if (!choice) {
    refuse({ code: 'no_player', message: '' });
    return;
  }
  const { language, sampleRate } = form.voiceData;
  // PCM is asked for at the rate it will be played at; files carry their own.
  const rate = choice.mime ? {} : { sample_rate: sampleRate };
  const request = { ...form.read(), ...readings.fields, format: choice.format, ...rate };
  const verdict = checkRequest(request, 'socket', form.maxChars);
  if (!verdict.ok) {
    refuse(verdict.error);
    return;
  }
  stage.begin({ text: request.text, language, speed: request.speed });
  speech = newSpeech(sampleRate);
  speech.start(request);
}

function newSpeech(sampleRate) {
  const audio = by('audio');
  const mine = (handler) => (value) => made === speech && handler(value);
  const made = new Speech({
    client,
    audio,
    makePlayer: (callbacks) => createPlayer(choice, audio, sampleRate, callbacks),
    watcher: {
      onState: mine((state) => stage.state(state)),
      onTiming: mine((timing) => stage.timing(timing)),
      onPeaks: mine((peaks) => stage.peaks(peaks)),
      onMarks: mine((items) => stage.marks(items)),
      onComplete: mine((data) => stage.complete(data, made.marks)),
      onWarning: mine((warning) => stage.warn(warning)),
      onError: mine((error) => stage.error(error, { max: form.maxChars, count: countChars(form.text.value) })),
    },
  });
  return made;
}

function translate() {
  translator.apply(document);
  by('language').lang = translator.language === 'zh' ? 'en' : 'zh-CN';
  by('shortcut').textContent = translator.say('shortcut', { key: shortcutKey(navigator.platform) });
  form.translate();
  readingView.translate();
  stage.translate();
}

let example = -1;

by('form').addEventListener('submit', (event) => {
  event.preventDefault();
  speak();
});
document.addEventListener('keydown', (event) => {
  // While an input method is composing, Enter chooses a word; Safari tells by the code 229 only.
  const composing = event.isComposing || event.keyCode === 229;
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || composing || event.repeat) return;
  event.preventDefault();
  speak();
});
by('stop').addEventListener('click', () => {
  speech?.stop();
  by('speak').focus();
});
by('tap').addEventListener('click', () => speech?.resume());
by('replay').addEventListener('click', () => speech?.seek(0));
by('example').addEventListener('click', () => {
  const texts = EXAMPLES[form.voiceData.language.split('-')[0]] ?? EXAMPLES[translator.language];
  example = (example + 1) % texts.length;
  form.write(texts[example]);
  form.text.focus();
});
by('language').addEventListener('click', () => {
  translator.language = translator.language === 'zh' ? 'en' : 'zh';
  remember({ language: translator.language });
  translate();
});

translate();
document.body.dataset.ready = 'yes';
