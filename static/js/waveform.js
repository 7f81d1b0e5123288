/** Draws the sound as bars on a canvas: what has arrived, what has been heard, and still water before. */

/** One peak stands for this much sound. */
export const PEAK_MS = 20;
const BAR_PX = 3;
const GAP_PX = 2;
const MS_PER_CHAR = 260;
const MOST_PX = 8192;

/** A first guess of how long a text will sound; the drawing is rescaled when it proves wrong. */
export function guessMs(chars, speed) {
  return Math.max(1500, (chars * MS_PER_CHAR) / speed);
}

/** The time the whole width stands for: grows in steps, so that bars do not creep at every chunk. */
export function spanFor(receivedMs, guessedMs) {
  let span = guessedMs;
  while (span < receivedMs) span *= 1.25;
  return span;
}

/**
 * The height of each bar: the largest peak in its stretch of time, or -1 where nothing has arrived.
 * @param {ArrayLike<number>} peaks
 * @returns {Float32Array}
 */
export function barsFrom(peaks, spanMs, bars) {
  const heights = new Float32Array(bars).fill(-1);
  const peaksPerBar = spanMs / PEAK_MS / bars;
  for (let bar = 0; bar < bars; bar += 1) {
    const from = Math.floor(bar * peaksPerBar);
    const to = Math.max(from + 1, Math.floor((bar + 1) * peaksPerBar));
    for (let i = from; i < Math.min(to, peaks.length); i += 1) heights[bar] = Math.max(heights[bar], peaks[i]);
  }
  return heights;
}

export class Waveform {
  #canvas;
  #context;
  #peaks = [];
  #spanMs = 0;
  #guessMs = 0;
  #final = false;
  #heights = null;
  #colors = null;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    new ResizeObserver(() => this.#resize()).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#recolor());
    this.#resize();
  }

  reset(guessedMs) {
    this.#peaks = [];
    this.#final = false;
    this.#guessMs = guessedMs;
    this.#spanMs = guessedMs;
    this.#heights = null;
  }

  add(peaks) {
    for (const peak of peaks) this.#peaks.push(peak);
    this.#spanMs = spanFor(this.#peaks.length * PEAK_MS, this.#guessMs);
    this.#heights = null;
  }

  /** All has arrived: the width now stands for exactly this time. */
  finish(totalMs) {
    this.#final = true;
    this.#spanMs = Math.max(PEAK_MS, totalMs);
    this.#heights = null;
  }

  /** The time at a place of the drawing, 0..1. */
  timeAt(fraction) {
    return Math.min(1, Math.max(0, fraction)) * this.#spanMs;
  }

  /** @param {number} flowing  seconds for moving water, or 0 for still water */
  draw(positionMs, flowing = 0) {
    const { width, height } = this.#canvas;
    this.#context.clearRect(0, 0, width, height);
    if (this.#peaks.length === 0) this.#drawWater(flowing);
    else this.#drawBars(positionMs);
  }

  #drawBars(positionMs) {
    const { width, height } = this.#canvas;
    const step = (BAR_PX + GAP_PX) * devicePixelRatio;
    const count = Math.max(1, Math.floor(width / step));
    this.#heights ??= barsFrom(this.#peaks, this.#spanMs, count);
    const heard = (positionMs / this.#spanMs) * count;
    this.#heights.forEach((peak, bar) => {
      const least = BAR_PX * devicePixelRatio;
      // Loudness is heard on a curve, so quiet sounds get more height than their amplitude.
      const tall = peak < 0 ? least / 2 : Math.max(least, Math.sqrt(peak) * height * 0.94);
      this.#context.fillStyle = peak < 0 ? this.#colors.ahead : bar < heard ? this.#colors.heard : this.#colors.sound;
      this.#bar(bar * step, (height - tall) / 2, BAR_PX * devicePixelRatio, tall);
    });
  }

  #bar(x, y, width, height) {
    this.#context.beginPath();
    this.#context.roundRect(x, y, width, height, Math.min(width, height) / 2);
    this.#context.fill();
  }

  /** Lines that swell in the middle; they move while the listener waits. */
  #drawWater(flowing) {
    const { width, height } = this.#canvas;
    const context = this.#context;
    context.strokeStyle = flowing ? this.#colors.heard : this.#colors.sound;
    context.lineWidth = devicePixelRatio;
    for (const [line, strength] of [1, 0.7, 0.45, 0.25].entries()) {
      context.globalAlpha = strength;
      context.beginPath();
      for (let x = 0; x <= width; x += 4) {
        const swell = Math.sin((Math.PI * x) / width) ** 2 * height * (flowing ? 0.34 : 0.22);
        const phase = (x / devicePixelRatio) * (0.0095 - line * 0.0016) - flowing * (2.4 - line * 0.45) + line * 0.9;
        context.lineTo(x, height / 2 + Math.sin(phase) * swell);
      }
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  #resize() {
    const box = this.#canvas.getBoundingClientRect();
    // The limit matters where the style sheet is missing: then the canvas is as large as its own pixels say.
    this.#canvas.width = Math.min(MOST_PX, Math.round(box.width * devicePixelRatio));
    this.#canvas.height = Math.min(MOST_PX, Math.round(box.height * devicePixelRatio));
    this.#heights = null;
    this.#recolor();
  }

  #recolor() {
    const style = getComputedStyle(this.#canvas);
    const color = (name) => style.getPropertyValue(name).trim();
    this.#colors = { heard: color('--heard'), sound: color('--sound'), ahead: color('--ahead') };
    this.#canvas.dispatchEvent(new Event('redraw'));
  }
}
