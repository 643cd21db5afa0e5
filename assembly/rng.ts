// Keyed random numbers: a draw is a function of its key and its index, there is no generator with a state.
//
// Based on  Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011): Threefry-2x32,
//           20 rounds. Keys are folded as in JAX (`jax.random.fold_in`).
//
// A key is a u64: first word in the upper half. Draws come in groups of eight from four counters, so that the
// vector loop stores what it computes: draw i is word (i >> 2) & 1 of the block with counter 4 (i >> 3) + (i & 3).

import { LANES, f32Bytes } from "./simd";

const GROUP: i32 = 8;
const PARITY: u32 = 0x1bd11bda;
const TO_UNIT: f32 = 1.0 / 16777216.0;

// one group of draws, for the part of an array that is shorter than a group
const group = memory.data(32, 16);

/** One block: two words of counter (upper, lower) to two random words. */
export function threefry(key: u64, counter: u64): u64 {
  const k0 = <u32>(key >> 32);
  const k1 = <u32>key;
  const k2 = k0 ^ k1 ^ PARITY;
  let x0 = <u32>(counter >> 32) + k0;
  let x1 = <u32>counter + k1;
  for (let i: u32 = 0; i < 5; i++) {
    const even = (i & 1) == 0;
    x0 += x1;
    x1 = rotl<u32>(x1, even ? 13 : 17) ^ x0;
    x0 += x1;
    x1 = rotl<u32>(x1, even ? 15 : 29) ^ x0;
    x0 += x1;
    x1 = rotl<u32>(x1, even ? 26 : 16) ^ x0;
    x0 += x1;
    x1 = rotl<u32>(x1, even ? 6 : 24) ^ x0;
    const turn = i % 3;
    x0 += turn == 0 ? k1 : turn == 1 ? k2 : k0;
    x1 += (turn == 0 ? k2 : turn == 1 ? k0 : k1) + i + 1;
  }
  return ((<u64>x0) << 32) | x1;
}

/** A key of its own for `data`, independent of the keys for other values. */
// @ts-ignore: decorator
@inline
export function foldIn(key: u64, data: u32): u64 {
  return threefry(key, data);
}

/** The 32 random bits with index `i` under `key`. */
export function drawBits(key: u64, i: i32): u32 {
  const block = threefry(key, 4 * (i >> 3) + (i & 3));
  return (i >> 2) & 1 ? <u32>block : <u32>(block >> 32);
}

/** A whole number from `low` to `high`, both included, from draw 0 of `key`. */
export function drawInteger(key: u64, low: i32, high: i32): i32 {
  // unsigned, since the difference may be beyond the largest i32
  const range = <u64>(<u32>(high - low)) + 1;
  return low + <i32>((<u64>drawBits(key, 0) * range) >> 32);
}

/** A uniform value in [0, 1) with 24 random bits. */
// @ts-ignore: decorator
@inline
export function drawUniform(key: u64, i: i32): f32 {
  return <f32>(drawBits(key, i) >> 8) * TO_UNIT;
}

// @ts-ignore: decorator
@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

// the eight draws of one group as uniforms in [0, 1); `counter` is the first of its four counters
function uniformGroup(key: u64, counter: i32, target: usize): void {
  const k0 = i32x4.splat(<i32>(key >> 32));
  const k1 = i32x4.splat(<i32>key);
  const k2 = v128.xor(v128.xor(k0, k1), i32x4.splat(PARITY));
  let x0 = k0;
  let x1 = i32x4.add(i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3)), k1);
  for (let i: i32 = 0; i < 5; i++) {
    if ((i & 1) == 0) {
      x0 = i32x4.add(x0, x1);
      x1 = v128.xor(rotate(x1, 13), x0);
      x0 = i32x4.add(x0, x1);
      x1 = v128.xor(rotate(x1, 15), x0);
      x0 = i32x4.add(x0, x1);
      x1 = v128.xor(rotate(x1, 26), x0);
      x0 = i32x4.add(x0, x1);
      x1 = v128.xor(rotate(x1, 6), x0);
    } else {
      x0 = i32x4.add(x0, x1);
      x1 = v128.xor(rotate(x1, 17), x0);
      x0 = i32x4.add(x0, x1);
      x1 = v128.xor(rotate(x1, 29), x0);
      x0 = i32x4.add(x0, x1);
      x1 = v128.xor(rotate(x1, 16), x0);
      x0 = i32x4.add(x0, x1);
      x1 = v128.xor(rotate(x1, 24), x0);
    }
    const turn = i % 3;
    x0 = i32x4.add(x0, turn == 0 ? k1 : turn == 1 ? k2 : k0);
    x1 = i32x4.add(x1, i32x4.add(turn == 0 ? k2 : turn == 1 ? k0 : k1, i32x4.splat(i + 1)));
  }
  v128.store(target, f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(x0, 8)), f32x4.splat(TO_UNIT)));
  v128.store(target, f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(x1, 8)), f32x4.splat(TO_UNIT)), 16);
}

/**
 * Fill `target` with draws 0 … n - 1 of `key`, uniform on [low, high).
 *
 * Each is low + (high - low) u, rounded; where `low` is not 0, the largest u may be rounded up to `high` itself: on
 * [1, 2) once in 2^24 draws.
 */
export function fillUniform(key: u64, target: usize, n: i32, low: f32, high: f32): void {
  let i = 0;
  for (; i + GROUP <= n; i += GROUP) uniformGroup(key, i >> 1, target + f32Bytes(i));
  if (i < n) {
    uniformGroup(key, i >> 1, group);
    memory.copy(target + f32Bytes(i), group, f32Bytes(n - i));
  }
  const width = high - low;
  if (low == 0 && width == 1) return;
  for (i = 0; i + LANES <= n; i += LANES) {
    const p = target + f32Bytes(i);
    v128.store(p, f32x4.add(f32x4.splat(low), f32x4.mul(f32x4.splat(width), v128.load(p))));
  }
  for (; i < n; i++) {
    const p = target + f32Bytes(i);
    store<f32>(p, low + width * load<f32>(p));
  }
}
