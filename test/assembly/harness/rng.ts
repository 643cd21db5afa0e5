// The functions of assembly/rng.ts, and arrays of their draws.

import * as rng from "../../../assembly/rng";

export function threefry(key: u64, counter: u64): u64 {
  return rng.threefry(key, counter);
}

export function foldIn(key: u64, data: u32): u64 {
  return rng.foldIn(key, data);
}

export function drawBits(key: u64, n: i32): Uint32Array {
  const bits = new Uint32Array(n);
  for (let i = 0; i < n; i++) bits[i] = rng.drawBits(key, i);
  return bits;
}

export function drawUniform(key: u64, n: i32): Float32Array {
  const values = new Float32Array(n);
  for (let i = 0; i < n; i++) values[i] = rng.drawUniform(key, i);
  return values;
}

/** One whole number for each of the keys foldIn(key, 0 … n - 1). */
export function drawIntegers(key: u64, n: i32, low: i32, high: i32): Int32Array {
  const values = new Int32Array(n);
  for (let i = 0; i < n; i++) values[i] = rng.drawInteger(rng.foldIn(key, i), low, high);
  return values;
}

/** `n` draws in an array with room for `room` values, of which the rest stays -1. */
export function fillUniform(key: u64, n: i32, low: f32, high: f32, room: i32): Float32Array {
  const values = new Float32Array(room).fill(-1);
  rng.fillUniform(key, values.dataStart, n, low, high);
  return values;
}

export function normalQuantile(p: Float64Array): Float64Array {
  const values = new Float64Array(p.length);
  for (let i = 0; i < p.length; i++) values[i] = rng.normalQuantile(p[i]);
  return values;
}

/** `n` draws in an array with room for `room` values, of which the rest stays -99. */
export function fillNormal(key: u64, n: i32, room: i32): Float64Array {
  const values = new Float64Array(room).fill(-99);
  rng.fillNormal(key, values.dataStart, n);
  return values;
}
