/** Chooses how to play: what this browser can do decides the player and with it the format to ask the server for. */

import { BufferPlayer } from './buffer-player.js';
import { MsePlayer } from './mse-player.js';
import { WorkletPlayer } from './worklet-player.js';

/**
 * What every player looks like. Times are milliseconds of the utterance.
 * @typedef {object} Player
 * @property {() => void} open                called inside the click, before anything has arrived
 * @property {(bytes: ArrayBuffer) => void} append
 * @property {() => void} end                 nothing more will be appended
 * @property {() => void} stop                silence now; the player is not used again
 * @property {() => void} pause
 * @property {() => void} resume              also how a tap answers `onBlocked`
 * @property {boolean} paused
 * @property {number} positionMs              what is heard now
 * @property {boolean} canSeek                whether `seek` works once all has arrived
 * @property {(ms: number) => void} seek
 *
 * @typedef {object} Callbacks
 * @property {() => void} onAudible           the first sound is heard
 * @property {() => void} onEnded
 * @property {() => void} onBlocked           the browser wants another tap before it plays
 * @property {() => void} onPaused            somebody else paused it, a media key for one
 * @property {(waiting: boolean) => void} onWaiting   an underrun begins or is over
 * @property {(error: Error) => void} onError
 */

/** In order of liking: small and streamed first, then what Safari takes. */
export const MSE_FORMATS = [
  { format: 'webm', mime: 'audio/webm;codecs=opus' },
  { format: 'mp4-flac', mime: 'audio/mp4;codecs=flac' },
  { format: 'mp4-aac', mime: 'audio/mp4;codecs=mp4a.40.2' },
];

/** @typedef {{kind: 'mse' | 'mms' | 'worklet' | 'buffer', format: string, mime: string | null}} Choice */

/**
 * @param {object} scope  `window`, or in tests something with the same names
 * @returns {Choice | null}  null where the browser cannot play at all
 */
export function choosePlayer(scope) {
  // Where both exist the managed one is not needed; iPhones have only that one.
  for (const [kind, Source] of [['mse', scope.MediaSource], ['mms', scope.ManagedMediaSource]]) {
    const taken = Source && MSE_FORMATS.find(({ mime }) => Source.isTypeSupported(mime));
    if (taken) return { kind, ...taken };
  }
  if (!scope.AudioContext) return null;
  // Plain http on a LAN address is no secure context, and has no worklets.
  const kind = scope.isSecureContext && scope.AudioWorkletNode ? 'worklet' : 'buffer';
  return { kind, format: 'pcm', mime: null };
}

/**
 * @param {Choice} choice
 * @param {HTMLAudioElement} audio
 * @param {number} sampleRate  the rate asked for, used by the players of PCM
 * @param {Callbacks} callbacks
 * @returns {Player}
 */
export function createPlayer(choice, audio, sampleRate, callbacks) {
  switch (choice.kind) {
    case 'mse':
    case 'mms':
      return new MsePlayer(audio, choice.mime, callbacks);
    case 'worklet':
      return new WorkletPlayer(sampleRate, callbacks);
    case 'buffer':
      return new BufferPlayer(sampleRate, callbacks);
    default:
      throw new Error(`no player of kind ${choice.kind}`);
  }
}
