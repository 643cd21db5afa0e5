// Averages of a saturating function over a Gaussian variable, f64.
//
// Based on  Trefethen and Weideman, "The exponentially convergent trapezoidal rule", SIAM Review 56 (2014), theorem 5.1:
//           with poles a distance d off the real axis, a rule of step h errs by about e^(-2πd/h).
//
// The step is 0.12 / steepness, where d = π / (2 steepness), and at most 0.2, so that the rule of twice the step, whose
// difference is the error that is told, itself errs by no more than about e^-41; a gain of any size takes more nodes, and
// loses no accuracy. Nodes reach nine standard deviations.
//
// Order of sums: nodes from the lowest; the even ones in one accumulator and the odd ones in another, added at the end.

import { argument, integral, saturate, slopeOf, steepness } from "./saturation";

/** Values for each variance: ⟨f⟩, ⟨f²⟩, ⟨f′⟩, ⟨f′²⟩, ⟨F⟩, ⟨F²⟩, and the largest difference between the two rules, of a value above 1 relative to it. */
export const MOMENTS: i32 = 7;
const AVERAGES: usize = 6;

const REACH: f64 = 9;
const INVERSE_ROOT_2_PI: f64 = 0.3989422804014327;

/** Steps of half the nodes' range, an even number. */
function halfSteps(steep: f64): i32 {
  const step = min(0.2, 0.12 / steep);
  return 2 * <i32>Math.ceil(REACH / (2 * step));
}

/** Nodes of `fillNodes`. */
export function nodeCount(kind: i32, gain: f64, variance: f64): i32 {
  return 2 * halfSteps(steepness(kind, gain) * Math.sqrt(variance)) + 1;
}

/** Nodes x of a Gaussian variable of this variance, (n), and behind them their weights, (n). */
export function fillNodes(kind: i32, gain: f64, variance: f64, target: usize): void {
  const half = halfSteps(steepness(kind, gain) * Math.sqrt(variance));
  const weights = target + ((<usize>(2 * half + 1)) << 3);
  const step = REACH / half;
  for (let i = -half; i <= half; i++) {
    const x = i * step;
    const at = (<usize>(i + half)) << 3;
    store<f64>(target + at, Math.sqrt(variance) * x);
    store<f64>(weights + at, weight(x) * step);
  }
}

// @ts-ignore: decorator
@inline
function weight(x: f64): f64 {
  return Math.exp(-0.5 * x * x) * INVERSE_ROOT_2_PI;
}

/**
 * Averages over Gaussian variables of `count` variances: MOMENTS values for each at `target`. Slopes f′ are with respect
 * to the variable, the integral F is with respect to the function's argument.
 */
export function gaussianMoments(
  kind: i32,
  gain: f64,
  bias: f64,
  variances: usize,
  count: i32,
  target: usize,
): void {
  for (let i = 0; i < count; i++) {
    const variance = load<f64>(variances + ((<usize>i) << 3));
    average(kind, gain, bias, variance, target + ((<usize>(i * MOMENTS)) << 3));
  }
}

// sums over the even nodes and over the odd ones
const sums = memory.data(96, 16);

function average(kind: i32, gain: f64, bias: f64, variance: f64, target: usize): void {
  memory.fill(sums, 0, 96);
  const deviation = Math.sqrt(variance);
  const half = halfSteps(steepness(kind, gain) * deviation);
  const step = REACH / half;
  for (let i = -half; i <= half; i++) {
    const x = i * step;
    addNode(
      kind,
      gain,
      argument(kind, gain, bias, deviation * x),
      weight(x),
      sums + (i & 1 ? AVERAGES << 3 : 0),
    );
  }
  let error: f64 = 0;
  for (let k: usize = 0; k < AVERAGES; k++) {
    const even = load<f64>(sums + (k << 3));
    const odd = load<f64>(sums + ((k + AVERAGES) << 3));
    store<f64>(target + (k << 3), (even + odd) * step);
    const scale = max(1, Math.abs(even + odd) * step);
    error = max(error, (Math.abs(even - odd) * step) / scale);
  }
  store<f64>(target + (AVERAGES << 3), error);
}

// @ts-ignore: decorator
@inline
function addNode(kind: i32, gain: f64, y: f64, w: f64, at: usize): void {
  const value = saturate(kind, y);
  const slope = gain * slopeOf(kind, value);
  const whole = integral(kind, y);
  store<f64>(at, load<f64>(at) + w * value);
  store<f64>(at, load<f64>(at, 8) + w * value * value, 8);
  store<f64>(at, load<f64>(at, 16) + w * slope, 16);
  store<f64>(at, load<f64>(at, 24) + w * slope * slope, 24);
  store<f64>(at, load<f64>(at, 32) + w * whole, 32);
  store<f64>(at, load<f64>(at, 40) + w * whole * whole, 40);
}
