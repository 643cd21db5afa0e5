// exp, log, tanh and the logistic function in f32, four lanes at a time.
//
// Based on  Moshier, Cephes Mathematical Library 2.2 (1992), single precision: expf, logf, tanhf
//           (range reductions and polynomial coefficients).
//
// Only exact IEEE operations, in a fixed order, so that every engine gives the same bits. Each lane depends
// on its own input alone; the scalar functions are lane 0 of the vector ones and so agree by construction.
// NaN goes in and comes out.

// @ts-ignore: decorator
@inline
function splat(x: f32): v128 {
  return f32x4.splat(x);
}

// @ts-ignore: decorator
@inline
function timesPlus(a: v128, b: v128, c: f32): v128 {
  return f32x4.add(f32x4.mul(a, b), splat(c));
}

// 2^n for whole n in [-126, 127], from its exponent bits
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

// Constants of e^x, tanh and the logistic function. They lie in memory: an engine takes some four instructions to make a
// vector that is written in the code, each time it is used, and one to load it.
const EXP = memory.data<f32>([
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
]);
const TANH = memory.data<f32>([
  -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
]);
const INVERSE_LN2 = memory.data<f32>([1.4426950408889634]);
// ln 2 in two parts, so that n · ln 2 is subtracted without loss
const LN2_HIGH = memory.data<f32>([0.693359375]);
const LN2_LOW = memory.data<f32>([-2.1219444e-4]);
const ONE = memory.data<f32>([1]);
const HALF = memory.data<f32>([0.5]);
const SIGN = memory.data<f32>([-0.0]);
/** Here tanh changes its formula. */
const TANH_SMALL = memory.data<f32>([0.625]);
/** From 2 |x| = 19 on, tanh is 1 in f32. */
const TANH_END = memory.data<f32>([40]);
/** Below it, the logistic function is 0 in f32. */
const SIGMOID_END = memory.data<f32>([-105]);
// 1.5 2^23 and a little more: a float rounds to a whole number n when it is added, and n + 126 or n + 190 then lies in its
// low bits, the exponent of 2^(n - 1) or 2^(n + 63). Both are even, so that ties go where `nearest` takes them.
const ROUND_126 = memory.data<f32>([12582912 + 126]);
const ROUND_190 = memory.data<f32>([12582912 + 190]);
/** 2^-63 */
const BACK_63 = memory.data<f32>([1.0842021724855044e-19]);

// @ts-ignore: decorator
@inline
function constant(at: usize): v128 {
  return v128.load_splat<f32>(at);
}

// p x + coefficient i
// @ts-ignore: decorator
@inline
function horner(p: v128, x: v128, table: usize, i: usize): v128 {
  return f32x4.add(f32x4.mul(p, x), constant(table + (i << 2)));
}

// e^x / 2^n for the whole n next to x / ln 2
// @ts-ignore: decorator
@inline
function mantissa(x: v128, n: v128): v128 {
  let r = f32x4.sub(x, f32x4.mul(n, constant(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, constant(LN2_LOW)));
  let p = horner(constant(EXP), r, EXP, 1);
  p = horner(p, r, EXP, 2);
  p = horner(p, r, EXP, 3);
  p = horner(p, r, EXP, 4);
  p = horner(p, r, EXP, 5);
  p = f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r);
  return f32x4.add(p, constant(ONE));
}

/** e^x per lane; overflows to infinity above 88.72, underflows gradually to 0 below -87.34. */
export function exp4(x: v128): v128 {
  // beyond these bounds the result is infinite or zero, and the scaling below stays in range
  x = f32x4.pmax(f32x4.pmin(x, splat(89)), splat(-105));
  const n = f32x4.nearest(f32x4.mul(x, constant(INVERSE_LN2)));
  // in two halves, since 2^128 and 2^-150 are not f32 values themselves
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(mantissa(x, n), powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** Natural logarithm per lane; -infinity at 0, NaN below. */
export function log4(x: v128): v128 {
  // subnormals are scaled up first, so that exponent and mantissa can be read from the bits
  const tiny = f32x4.lt(x, splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, splat(8388608)), x, tiny);
  const shift = v128.bitselect(i32x4.splat(126 + 23), i32x4.splat(126), tiny);
  let exponent = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(scaled, 23), shift));
  let m = v128.or(v128.and(scaled, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  // mantissa in [sqrt(1/2), sqrt(2)) - 1
  const low = f32x4.lt(m, splat(0.70710678));
  exponent = f32x4.sub(exponent, v128.and(low, splat(1)));
  m = f32x4.sub(f32x4.add(m, v128.and(low, m)), splat(1));
  const z = f32x4.mul(m, m);
  let y = splat(7.0376836292e-2);
  y = timesPlus(y, m, -1.151461031e-1);
  y = timesPlus(y, m, 1.167699874e-1);
  y = timesPlus(y, m, -1.2420140846e-1);
  y = timesPlus(y, m, 1.4249322787e-1);
  y = timesPlus(y, m, -1.6668057665e-1);
  y = timesPlus(y, m, 2.0000714765e-1);
  y = timesPlus(y, m, -2.4999993993e-1);
  y = timesPlus(y, m, 3.3333331174e-1);
  y = f32x4.mul(f32x4.mul(y, m), z);
  y = f32x4.sub(y, f32x4.mul(exponent, splat(2.1219444e-4)));
  y = f32x4.sub(y, f32x4.mul(z, splat(0.5)));
  y = f32x4.add(f32x4.add(m, y), f32x4.mul(exponent, splat(0.693359375)));
  y = v128.bitselect(y, x, f32x4.lt(x, splat(Infinity)));
  y = v128.bitselect(splat(-Infinity), y, f32x4.eq(x, splat(0)));
  return v128.bitselect(splat(NaN), y, f32x4.lt(x, splat(0)));
}

/** Hyperbolic tangent per lane. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const magnitude = f32x4.abs(x);
  const s = f32x4.mul(x, x);
  let small = horner(constant(TANH), s, TANH, 1);
  small = horner(small, s, TANH, 2);
  small = horner(small, s, TANH, 3);
  small = horner(small, s, TANH, 4);
  small = f32x4.add(f32x4.mul(f32x4.mul(small, s), x), x);
  // 1 - 2 / (e^2|x| + 1), by half the exponential
  const twice = f32x4.pmin(f32x4.add(magnitude, magnitude), constant(TANH_END));
  const rounded = f32x4.add(f32x4.mul(twice, constant(INVERSE_LN2)), constant(ROUND_126));
  const n = f32x4.sub(rounded, constant(ROUND_126));
  const half = f32x4.mul(mantissa(twice, n), i32x4.shl(rounded, 23));
  const large = f32x4.sub(constant(ONE), f32x4.div(constant(ONE), f32x4.add(half, constant(HALF))));
  // the sign of x for `large`, and for -0, which `small` loses
  const sign = v128.and(x, constant(SIGN));
  return v128.or(v128.bitselect(small, large, f32x4.lt(magnitude, constant(TANH_SMALL))), sign);
}

/** Logistic function 1 / (1 + e^-x) per lane. */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  // e^-|x| never overflows, and keeps the relative accuracy of the small tail
  const negative = f32x4.pmax(v128.or(x, constant(SIGN)), constant(SIGMOID_END));
  const rounded = f32x4.add(f32x4.mul(negative, constant(INVERSE_LN2)), constant(ROUND_190));
  const n = f32x4.sub(rounded, constant(ROUND_190));
  // in two steps, since 2^-150 is not an f32 value itself
  const scaled = f32x4.mul(mantissa(negative, n), i32x4.shl(rounded, 23));
  const e = f32x4.mul(scaled, constant(BACK_63));
  const upper = f32x4.div(constant(ONE), f32x4.add(constant(ONE), e));
  // times e below zero, and 1 above, which is the larger of e and 1
  const above = v128.andnot(constant(ONE), i32x4.shr_s(x, 31));
  return f32x4.mul(f32x4.pmax(e, above), upper);
}

/** e^x. */
export function exp(x: f32): f32 {
  return f32x4.extract_lane(exp4(splat(x)), 0);
}

/** Natural logarithm. */
export function log(x: f32): f32 {
  return f32x4.extract_lane(log4(splat(x)), 0);
}

/** Hyperbolic tangent. */
export function tanh(x: f32): f32 {
  return f32x4.extract_lane(tanh4(splat(x)), 0);
}

/** Logistic function. */
export function sigmoid(x: f32): f32 {
  return f32x4.extract_lane(sigmoid4(splat(x)), 0);
}
