// One site of a large random network with gates, in the field of all others: paths of that Gaussian field, and what the site
// makes of them, f64.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022): dh/dt = σ_z(z) (η - h) with independent Gaussian z and η of given covariances.
//            Dietrich and Newsam, "Fast and exact simulation of stationary Gaussian processes through circulant embedding of
//            the covariance matrix" (1997): a complex transform gives two independent paths.
// Deviation  paths are periodic, and h goes round twice, the first time to forget where it began.
//
// h takes the trapezoidal step of second order between two samples. Draws are keyed by pair of paths: z of pair p by key
// (2 p), η by key (2 p + 1) under the caller's, and under it by the first of each n / 4 modes.
//
// Order of sums: powers of each mode over pairs from the first.

import { fft } from "../linalg/fft";
import { fillNormal, foldIn } from "../rng";
import { LOGISTIC, TANH, argument, saturate } from "./saturation";

const COMPLEX: usize = 16;

/** f64 values of the workspace of `samplePaths`. */
export function pathScratch(n: i32): i32 {
  return 8 * n;
}

/**
 * Run `pairs` pairs of paths from pair `first` of n samples, `dt` apart, and add the power spectra of φ(h) and of h to two
 * rows of n values at `powers`. At `amplitudes`, rows of n / 2 + 1 values: √(spectrum / n) of z and of η at modes 0 … n / 2.
 */
export function samplePaths(
  key: u64,
  first: i32,
  pairs: i32,
  n: i32,
  dt: f64,
  gain: f64,
  bias: f64,
  updateGain: f64,
  updateBias: f64,
  amplitudes: usize,
  twiddles: usize,
  scratch: usize,
  powers: usize,
): void {
  const row = <usize>n * COMPLEX;
  const z = scratch;
  const eta = scratch + row;
  const h = scratch + 2 * row;
  const draws = scratch + 3 * row;
  for (let p = first; p < first + pairs; p++) {
    drawPair(foldIn(key, 2 * p), amplitudes, n, twiddles, draws, z);
    drawPair(foldIn(key, 2 * p + 1), amplitudes + ((<usize>(n / 2 + 1)) << 3), n, twiddles, draws, eta);
    open(z, n, dt, updateGain, updateBias);
    integrate(z, eta, n, h);
    memory.copy(eta, h, row);
    activate(eta, n, gain, bias);
    addPower(eta, n, twiddles, powers);
    addPower(h, n, twiddles, powers + ((<usize>n) << 3));
  }
}

// two independent paths as real and imaginary part
function drawPair(key: u64, amplitudes: usize, n: i32, twiddles: usize, draws: usize, target: usize): void {
  const half = n / 2;
  // modes beyond the band have no power that counts, and take no draws
  let band = half;
  while (band > 0 && !(load<f64>(amplitudes + ((<usize>band) << 3)) > 0)) band--;
  memory.fill(target, 0, <usize>n * COMPLEX);
  // a mode and its negative take four draws; those of n / 4 modes are made at a time
  for (let begin = 0; begin <= band; begin += n / 4) {
    const end = min(begin + n / 4, band + 1);
    fillNormal(foldIn(key, begin), draws, 4 * (end - begin));
    for (let k = begin; k < end; k++) {
      const draw = draws + ((<usize>(4 * (k - begin))) << 3);
      const size = load<f64>(amplitudes + ((<usize>k) << 3));
      scale(target + <usize>k * COMPLEX, size, draw);
      if (k > 0 && k < half) scale(target + <usize>(n - k) * COMPLEX, size, draw + COMPLEX);
    }
  }
  fft(target, n, twiddles);
}

// @ts-ignore: decorator
@inline
function scale(target: usize, size: f64, draw: usize): void {
  v128.store(target, f64x2.mul(f64x2.splat(size), v128.load(draw)));
}

// z of both paths becomes σ_z(z) dt / 2
function open(z: usize, n: i32, dt: f64, gain: f64, bias: f64): void {
  const end = z + <usize>n * COMPLEX;
  for (; z < end; z += 8) {
    store<f64>(z, 0.5 * dt * saturate(LOGISTIC, argument(LOGISTIC, gain, bias, load<f64>(z))));
  }
}

function activate(h: usize, n: i32, gain: f64, bias: f64): void {
  const end = h + <usize>n * COMPLEX;
  for (; h < end; h += 8) {
    store<f64>(h, saturate(TANH, argument(TANH, gain, bias, load<f64>(h))));
  }
}

// h′ = ((1 - x) h + 2 x η) / (1 + x) with x = σ_z dt / 2 and η both in the middle of the step, twice around
function integrate(rate: usize, eta: usize, n: i32, h: usize): void {
  const one = f64x2.splat(1);
  const half = f64x2.splat(0.5);
  let now = v128.load(eta);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < n; i++) {
      const at = <usize>i * COMPLEX;
      const behind = i + 1 < n ? at + COMPLEX : 0;
      v128.store(h + at, now);
      const x = f64x2.mul(half, f64x2.add(v128.load(rate + at), v128.load(rate + behind)));
      // both halves of 2 η: the sum of the two samples
      const field = f64x2.add(v128.load(eta + at), v128.load(eta + behind));
      const kept = f64x2.mul(f64x2.sub(one, x), now);
      now = f64x2.div(f64x2.add(kept, f64x2.mul(x, field)), f64x2.add(one, x));
    }
  }
}

// |Σ x_t e^(-2πikt/n)|² of both paths
function addPower(data: usize, n: i32, twiddles: usize, powers: usize): void {
  fft(data, n, twiddles);
  for (let k = 0; k < n; k++, data += COMPLEX, powers += 8) {
    const re = load<f64>(data);
    const im = load<f64>(data, 8);
    store<f64>(powers, load<f64>(powers) + (re * re + im * im));
  }
}

/**
 * Of n real values that are even around 0 (value k is value n - k), the transform, which is real and even too, in their
 * place.
 */
export function evenTransform(data: usize, n: i32, twiddles: usize, scratch: usize): void {
  for (let i = 0; i < n; i++) {
    store<f64>(scratch + <usize>i * COMPLEX, load<f64>(data + ((<usize>i) << 3)));
    store<f64>(scratch + <usize>i * COMPLEX, 0, 8);
  }
  fft(scratch, n, twiddles);
  for (let i = 0; i < n; i++) store<f64>(data + ((<usize>i) << 3), load<f64>(scratch + <usize>i * COMPLEX));
}
