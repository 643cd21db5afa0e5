// Keyed random numbers: a draw is a function of its key and its index, there is no generator with a state.
//
// Based on  Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011): Threefry-2x32,
//           20 rounds. Keys are folded as in JAX (`jax.random.fold_in`).
//           Wichura, "Algorithm AS 241: the percentage points of the normal distribution" (1988), routine PPND16.
//
// A key is a u64: first word in the upper half. Draws come in groups of eight from four counters, so that the
// vector loop stores what it computes: draw i is word (i >> 2) & 1 of the block with counter 4 (i >> 3) + (i & 3).

import { LANES, f32Bytes } from "./simd";

// two groups are drawn at once: each round waits for the one before it, and a processor has time for both
const PAIR: i32 = 16;
const PARITY: u32 = 0x1bd11bda;
const TO_UNIT: f32 = 1.0 / 16777216.0;

// a pair of groups, for the part of an array that is shorter than one
const pair = memory.data(64, 16);

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

// the sixteen draws of two groups as uniforms in [0, 1); `counter` is the first of their eight counters
function uniformPair(key: u64, counter: i32, target: usize): void {
  const k0 = i32x4.splat(<i32>(key >> 32));
  const k1 = i32x4.splat(<i32>key);
  const k2 = v128.xor(v128.xor(k0, k1), i32x4.splat(PARITY));
  let x0 = k0,
    y0 = k0;
  let x1 = i32x4.add(i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3)), k1);
  let y1 = i32x4.add(x1, i32x4.splat(4));
  for (let i: i32 = 0; i < 5; i++) {
    if ((i & 1) == 0) {
      x0 = i32x4.add(x0, x1);
      y0 = i32x4.add(y0, y1);
      x1 = v128.xor(rotate(x1, 13), x0);
      y1 = v128.xor(rotate(y1, 13), y0);
      x0 = i32x4.add(x0, x1);
      y0 = i32x4.add(y0, y1);
      x1 = v128.xor(rotate(x1, 15), x0);
      y1 = v128.xor(rotate(y1, 15), y0);
      x0 = i32x4.add(x0, x1);
      y0 = i32x4.add(y0, y1);
      x1 = v128.xor(rotate(x1, 26), x0);
      y1 = v128.xor(rotate(y1, 26), y0);
      x0 = i32x4.add(x0, x1);
      y0 = i32x4.add(y0, y1);
      x1 = v128.xor(rotate(x1, 6), x0);
      y1 = v128.xor(rotate(y1, 6), y0);
    } else {
      x0 = i32x4.add(x0, x1);
      y0 = i32x4.add(y0, y1);
      x1 = v128.xor(rotate(x1, 17), x0);
      y1 = v128.xor(rotate(y1, 17), y0);
      x0 = i32x4.add(x0, x1);
      y0 = i32x4.add(y0, y1);
      x1 = v128.xor(rotate(x1, 29), x0);
      y1 = v128.xor(rotate(y1, 29), y0);
      x0 = i32x4.add(x0, x1);
      y0 = i32x4.add(y0, y1);
      x1 = v128.xor(rotate(x1, 16), x0);
      y1 = v128.xor(rotate(y1, 16), y0);
      x0 = i32x4.add(x0, x1);
      y0 = i32x4.add(y0, y1);
      x1 = v128.xor(rotate(x1, 24), x0);
      y1 = v128.xor(rotate(y1, 24), y0);
    }
    const turn = i % 3;
    const upper = turn == 0 ? k1 : turn == 1 ? k2 : k0;
    const lower = i32x4.add(turn == 0 ? k2 : turn == 1 ? k0 : k1, i32x4.splat(i + 1));
    x0 = i32x4.add(x0, upper);
    y0 = i32x4.add(y0, upper);
    x1 = i32x4.add(x1, lower);
    y1 = i32x4.add(y1, lower);
  }
  v128.store(target, toUnit(x0));
  v128.store(target, toUnit(x1), 16);
  v128.store(target, toUnit(y0), 32);
  v128.store(target, toUnit(y1), 48);
}

// @ts-ignore: decorator
@inline
function toUnit(bits: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_u(i32x4.shr_u(bits, 8)), f32x4.splat(TO_UNIT));
}

/**
 * Fill `target` with draws 0 … n - 1 of `key`, uniform on [low, high).
 *
 * Each is low + (high - low) u, rounded; where `low` is not 0, the largest u may be rounded up to `high` itself: on
 * [1, 2) once in 2^24 draws.
 */
export function fillUniform(key: u64, target: usize, n: i32, low: f32, high: f32): void {
  let i = 0;
  for (; i + PAIR <= n; i += PAIR) uniformPair(key, i >> 1, target + f32Bytes(i));
  if (i < n) {
    uniformPair(key, i >> 1, pair);
    memory.copy(target + f32Bytes(i), pair, f32Bytes(n - i));
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

// polynomials of AS 241 over the ranges of r below, numerator and denominator
// @ts-ignore: decorator
@inline
function centre(r: f64): f64 {
  let p: f64 = 2.509080928730122673e3;
  p = p * r + 3.343057558358812811e4;
  p = p * r + 6.726577092700870085e4;
  p = p * r + 4.5921953931549871457e4;
  p = p * r + 1.3731693765509461125e4;
  p = p * r + 1.9715909503065514427e3;
  p = p * r + 1.3314166789178437745e2;
  p = p * r + 3.387132872796366608;
  let q: f64 = 5.226495278852854561e3;
  q = q * r + 2.8729085735721942674e4;
  q = q * r + 3.930789580009271061e4;
  q = q * r + 2.1213794301586595867e4;
  q = q * r + 5.3941960214247511077e3;
  q = q * r + 6.871870074920579083e2;
  q = q * r + 4.2313330701600911252e1;
  return p / (q * r + 1);
}

function tail(r: f64): f64 {
  let p: f64 = 7.7454501427834140764e-4;
  p = p * r + 2.27238449892691845833e-2;
  p = p * r + 2.4178072517745061177e-1;
  p = p * r + 1.27045825245236838258;
  p = p * r + 3.64784832476320460504;
  p = p * r + 5.7694972214606914055;
  p = p * r + 4.6303378461565452959;
  p = p * r + 1.42343711074968357734;
  let q: f64 = 1.05075007164441684324e-9;
  q = q * r + 5.475938084995344946e-4;
  q = q * r + 1.51986665636164571966e-2;
  q = q * r + 1.4810397642748007459e-1;
  q = q * r + 6.8976733498510000455e-1;
  q = q * r + 1.6763848301838038494;
  q = q * r + 2.05319162663775882187;
  return p / (q * r + 1);
}

function farTail(r: f64): f64 {
  let p: f64 = 2.01033439929228813265e-7;
  p = p * r + 2.71155556874348757815e-5;
  p = p * r + 1.2426609473880784386e-3;
  p = p * r + 2.6532189526576123093e-2;
  p = p * r + 2.9656057182850489123e-1;
  p = p * r + 1.7848265399172913358;
  p = p * r + 5.4637849111641143699;
  p = p * r + 6.6579046435011037772;
  let q: f64 = 2.04426310338993978564e-15;
  q = q * r + 1.4215117583164458887e-7;
  q = q * r + 1.8463183175100546818e-5;
  q = q * r + 7.868691311456132591e-4;
  q = q * r + 1.48753612908506148525e-2;
  q = q * r + 1.3692988092273580531e-1;
  q = q * r + 5.9983220655588793769e-1;
  return p / (q * r + 1);
}

/** Quantile of the standard normal distribution at p in (0, 1), to about 1e-16 of it. */
export function normalQuantile(p: f64): f64 {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * centre(0.180625 - q * q);
  const r = Math.sqrt(-Math.log(min(p, 1 - p)));
  const size = r <= 5 ? tail(r - 1.6) : farTail(r - 5);
  return q < 0 ? -size : size;
}

// draw i of the standard normal distribution: the quantile at 52 bits of the block i
function drawNormal(key: u64, i: i32): f64 {
  // between two multiples of 2^-52, so that neither 0 nor 1 is met
  return normalQuantile((<f64>(threefry(key, i) >> 12) + 0.5) * 2.220446049250313e-16);
}

/** Fill `target` with draws 0 … n - 1 of the standard normal distribution, f64. */
export function fillNormal(key: u64, target: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<f64>(target + ((<usize>i) << 3), drawNormal(key, i));
}

/** Fill `target` with the same draws times `deviation`, rounded to f32. */
export function fillNormal32(key: u64, target: usize, n: i32, deviation: f64): void {
  for (let i = 0; i < n; i++) store<f32>(target + f32Bytes(i), <f32>(deviation * drawNormal(key, i)));
}
