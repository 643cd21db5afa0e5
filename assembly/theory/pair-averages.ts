// Averages ⟨f(x) f(y)⟩ over two Gaussian variables of equal variance Δ, as a power series in their correlation c, f64.
//
// Based on  Mehler's formula for two correlated Gaussian variables: with a_k = ⟨f(√Δ ξ) h_k(ξ)⟩ over the orthonormal
//           Hermite polynomials h_k, ⟨f f⟩ = Σ a_k² c^k. Price's theorem, "A useful theorem for nonlinear devices having
//           Gaussian inputs" (1958), for derivatives: with respect to the covariance Δ c it is ⟨f′ f′⟩, and with respect to
//           the variance, the covariance kept, ⟨f″ f⟩; a_k of f″ is √((k + 1)(k + 2)) a_(k+2) / Δ.
//
// All a_k of a function come from one pass over k, in which the polynomials grow by their three-term recurrence at the nodes
// of a trapezoidal rule; f steeper than its neighbourhood takes more terms. Parseval's sums say what is left out, exactly:
// ⟨f′²⟩ Δ = Σ k a_k², and the terms end when so much is reached.
//
// Order of sums: over nodes, two lanes, nodes 2 i and 2 i + 1, added at the end; over k from 0, until c^k is below 1e-18.

import { argument, saturate, slopeOf, steepness } from "./saturation";

const F64: usize = 8;
const REACH: f64 = 12.5;
const INVERSE_ROOT_2_PI: f64 = 0.3989422804014327;
const LEAST_POWER: f64 = 1e-18;
const LEAST_TERMS: i32 = 5;

/** Values of a term: of the average, and of its derivatives with respect to covariance and variance. */
export const TERM: usize = 3;

// f at a node resolves h_k for all k that it needs: √k is at most some 10 steepness
function nodes(kind: i32, gain: f64, variance: f64): i32 {
  const steep = steepness(kind, gain) * Math.sqrt(variance);
  return 2 * <i32>Math.ceil((REACH * (25 * steep + 14)) / (4 * Math.PI));
}

/** Bytes of the workspace of `hermiteSeries`. */
export function hermiteScratch(kind: i32, gain: f64, variance: f64, most: i32): f64 {
  return 8 * (5 * <f64>nodes(kind, gain, variance) + <f64>most + 2);
}

/**
 * Terms of the series into `terms`, (most, TERM), and what the sum at c = 1 lacks of ⟨f²⟩ and of ⟨f′²⟩ into two values at
 * `missing`. They end when the share `tolerance` of ⟨f′²⟩ is missing, at the latest after `most`. Returns how many there are.
 */
export function hermiteSeries(
  kind: i32,
  gain: f64,
  bias: f64,
  variance: f64,
  tolerance: f64,
  most: i32,
  terms: usize,
  missing: usize,
  scratch: usize,
): i32 {
  const n = nodes(kind, gain, variance);
  const row = <usize>n * F64;
  const coefficients = scratch + 5 * row;
  prepareNodes(kind, gain, bias, variance, n, scratch, missing);
  const whole = load<f64>(missing);
  const slope = load<f64>(missing, 8);
  let found: f64 = 0;
  let foundSlope: f64 = 0;
  let before = scratch + 3 * row;
  let now = scratch + 4 * row;
  // two more than are used: the last terms of the derivatives need them
  let count = 0;
  for (; count < most + 2; count++) {
    const a = advance(scratch, scratch + (count & 1 ? 2 * row : row), before, now, count, n);
    const kept = before;
    before = now;
    now = kept;
    store<f64>(coefficients + <usize>count * F64, a);
    if (count < 2) continue;
    const used = load<f64>(coefficients + <usize>(count - 2) * F64);
    found += used * used;
    foundSlope += (count - 2) * used * used;
    if (count >= LEAST_TERMS && slope - foundSlope <= tolerance * slope) {
      count++;
      break;
    }
  }
  count -= 2;
  storeTerms(coefficients, count, variance, terms);
  store<f64>(missing, whole - found);
  store<f64>(missing, (slope - foundSlope) / variance, 8);
  return count;
}

// nodes x ≥ 0, even and odd part of f with weights, h_(-1) = 0 and h_0, with e^(-x²/4) in each; ⟨f²⟩ and Δ ⟨f′²⟩ to `sums`
function prepareNodes(kind: i32, gain: f64, bias: f64, variance: f64, n: i32, at: usize, sums: usize): void {
  const row = <usize>n * F64;
  const step = REACH / n;
  const deviation = Math.sqrt(variance);
  let whole: f64 = 0;
  let slopes: f64 = 0;
  for (let i = 0; i < n; i++, at += F64) {
    const x = i * step;
    const root = Math.exp(-0.25 * x * x);
    const weight = (i == 0 ? 0.5 : 1) * step * INVERSE_ROOT_2_PI;
    const above = saturate(kind, argument(kind, gain, bias, deviation * x));
    const below = saturate(kind, argument(kind, gain, bias, -deviation * x));
    const slopeAbove = gain * slopeOf(kind, above);
    const slopeBelow = gain * slopeOf(kind, below);
    store<f64>(at, x);
    store<f64>(at + row, weight * root * (above + below));
    store<f64>(at + 2 * row, weight * root * (above - below));
    store<f64>(at + 3 * row, 0);
    store<f64>(at + 4 * row, root);
    whole += weight * root * root * (above * above + below * below);
    slopes += weight * root * root * (slopeAbove * slopeAbove + slopeBelow * slopeBelow);
  }
  store<f64>(sums, whole);
  store<f64>(sums, variance * slopes, 8);
}

// a_k = Σ part h_k, and h_(k+1) = (x h_k - √k h_(k-1)) / √(k + 1) in place of h_(k-1)
function advance(x: usize, part: usize, before: usize, now: usize, k: i32, n: i32): f64 {
  const grow = f64x2.splat(1 / Math.sqrt(<f64>(k + 1)));
  const shrink = f64x2.splat(Math.sqrt(<f64>k / <f64>(k + 1)));
  let sum = f64x2.splat(0);
  const end = now + <usize>n * F64;
  for (; now < end; now += 16, before += 16, x += 16, part += 16) {
    const h = v128.load(now);
    sum = f64x2.add(sum, f64x2.mul(v128.load(part), h));
    const next = f64x2.sub(f64x2.mul(f64x2.mul(v128.load(x), h), grow), f64x2.mul(v128.load(before), shrink));
    v128.store(before, next);
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

function storeTerms(a: usize, count: i32, variance: f64, terms: usize): void {
  for (let k = 0; k < count; k++, a += F64, terms += TERM * F64) {
    const here = load<f64>(a);
    const next = load<f64>(a, 8);
    const second = load<f64>(a, 16);
    store<f64>(terms, here * here);
    store<f64>(terms, (<f64>(k + 1) * next * next) / variance, 8);
    store<f64>(terms, (Math.sqrt(<f64>(k + 1) * <f64>(k + 2)) * here * second) / variance, 16);
  }
}

/** The sums of the series at n correlations in [-1, 1], one row of n values for each of TERM at `target`. */
export function sumSeries(terms: usize, count: i32, correlations: usize, n: i32, target: usize): void {
  const row = <usize>n * F64;
  for (let i = 0; i < n; i++) {
    const c = load<f64>(correlations + <usize>i * F64);
    let pair = f64x2.splat(0);
    let third: f64 = 0;
    let power: f64 = 1;
    let term = terms;
    for (let k = 0; k < count && Math.abs(power) >= LEAST_POWER; k++, term += TERM * F64) {
      pair = f64x2.add(pair, f64x2.mul(v128.load(term), f64x2.splat(power)));
      third += load<f64>(term, 16) * power;
      power *= c;
    }
    const at = target + <usize>i * F64;
    store<f64>(at, f64x2.extract_lane(pair, 0));
    store<f64>(at + row, f64x2.extract_lane(pair, 1));
    store<f64>(at + 2 * row, third);
  }
}
