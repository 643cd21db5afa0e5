// Values for tests: the same at every run, spread over a range, without a pattern that a kernel could share.

/** A source of numbers on [0, 1). */
export type Draw = () => number;

/** Marsaglia's xorshift with 32 bits; `seed` is any whole number. */
export function drawFrom(seed: number): Draw {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  const draw = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  // the first numbers of small seeds resemble each other
  for (let i = 0; i < 8; i++) draw();
  return draw;
}

/** `n` values on [low, high). */
export function values(draw: Draw, n: number, low = -1, high = 1): Float32Array {
  return Float32Array.from({ length: n }, () => low + (high - low) * draw());
}

/** The bits of f32 values, with one pattern for every NaN: engines may give it any sign and payload. */
export function bitsOf(x: Float32Array): Uint32Array {
  const bits = new Uint32Array(x.buffer.slice(x.byteOffset, x.byteOffset + x.byteLength));
  return bits.map((word) => ((word << 1) >>> 0 > 0xff000000 ? 0x7fc00000 : word));
}

/** Index of the first value whose bits differ, or -1; every NaN equals every other. */
export function firstDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  const bits = bitsOf(b);
  return bitsOf(a).findIndex((word, i) => word !== bits[i]);
}
