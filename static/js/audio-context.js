/** Opens an AudioContext inside a click, and notices when the browser does not let it run. */

const PATIENCE_MS = 600;

/** At the sound's own rate the browser resamples once, at its output, and chunks meet without seams. */
export function openContext(sampleRate) {
  const context = new AudioContext({ sampleRate, latencyHint: 'interactive' });
  context.resume().catch(() => {});
  return context;
}

/** A refused `resume` neither settles nor fails, so only patience tells. */
export function watchForBlock(context, onBlocked) {
  setTimeout(() => {
    if (context.state === 'suspended') onBlocked();
  }, PATIENCE_MS);
}
