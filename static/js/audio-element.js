/** What players on the document's <audio> have in common: being allowed to play, and letting go. */

/** Plays, and tells when the browser wants a tap first; not after `signal` was aborted. */
export function playElement(audio, signal, onBlocked) {
  audio.play().catch((error) => {
    if (error.name === 'NotAllowedError' && !signal.aborted) onBlocked();
  });
}

/** Stops, and forgets what was playing. */
export function releaseElement(audio) {
  audio.pause();
  audio.removeAttribute('src');
  audio.load();
}
