// Widths that the layout of memory and the order of sums are built on.

/** f32 lanes of one 128-bit vector. */
// @ts-ignore: decorator
@inline export const LANES: i32 = 4;

/** Columns of one packed panel: four vectors, the width of a matrix-multiplication tile. */
// @ts-ignore: decorator
@inline export const PANEL: i32 = 16;

/** The smallest multiple of `unit` (a power of two) that is at least `n`. */
// @ts-ignore: decorator
@inline
export function roundUp(n: i32, unit: i32): i32 {
  return (n + unit - 1) & ~(unit - 1);
}

/** Bytes of `n` f32 values. */
// @ts-ignore: decorator
@inline
export function f32Bytes(n: i32): usize {
  return (<usize>n) << 2;
}

/** Four floats at `at`, or with `single` one of them and zeros, for the end of an array. */
// @ts-ignore: decorator
@inline
export function loadLanes(at: usize, single: bool): v128 {
  return single ? v128.load_zero<f32>(at) : v128.load(at);
}

/** Store four floats at `at`, or with `single` only the first. */
// @ts-ignore: decorator
@inline
export function storeLanes(at: usize, lanes: v128, single: bool): void {
  if (single) v128.store_lane<f32>(at, lanes, 0);
  else v128.store(at, lanes);
}
