/** Turns 16-bit little-endian bytes into the floats that Web Audio plays. */

/** @returns {Float32Array<ArrayBuffer>} one float per sample, in -1..1 */
export function floatsFromPcm16(bytes) {
  const view = ArrayBuffer.isView(bytes)
    ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new DataView(bytes);
  const floats = new Float32Array(view.byteLength >> 1);
  for (let i = 0; i < floats.length; i += 1) floats[i] = view.getInt16(2 * i, true) / 32768;
  return floats;
}
