// Least-squares fits of one and of two exponential decays to an autocorrelation, within bounds.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code model_comp (SciPy's curve_fit within the same bounds);
//            Marquardt, "An algorithm for least-squares estimation of nonlinear parameters" (1963), its steps projected
//            onto the bounds; Nielsen, "Damping parameter in Marquardt's method" (1999); Akaike (1974); Schwarz (1978).
// Deviation  one start, the middle of the bounds, is a saddle for two decays, which SciPy leaves by rounding errors only:
//            here each fit starts from the best places of a grid of timescales, and the best end is taken.
// Deviation  residuals below 1e-12 count as 1e-12 in AIC and BIC: below it they are rounding errors.
//
//   one   a e^(-t/τ)                                 a in [0, 1], τ in [0, 100]
//   two   a c e^(-t/τ1) + a (1 - c) e^(-t/τ2)        and c in [0, 1]
//
// All sums run over t = 0, 1, 2 … in f64.

// bounds, and the number of evaluations, of the source
const LARGEST_TAU: f64 = 100;
const MOST_EVALUATIONS: i32 = 2000;

// timescales to start from: LARGEST_TAU 0.6^(i + 1), down to 0.08, which is a value at lag 0 and nothing else
const GRID: i32 = 14;
const GRID_RATIO: f64 = 0.6;
const SMALLEST_START: f64 = 0.05;

// places of the grid: behind its timescales there is that of the one decay, for a small second one beside it
const PLACES: i32 = GRID + 1;

// the best so many places are starts
const STARTS: i32 = 4;

// a step that lessens the sum of squares by less than this part of it is the last
const TOLERANCE: f64 = 1e-14;
const SMALLEST_SQUARE: f64 = 1e-24;
// residuals that are nothing but rounding
const EXACT_SQUARE: f64 = 1e-32;
const LARGEST_DAMPING: f64 = 1e16;

/** Parameters of each model: of the one decay a, τ; of the two a, τ1, τ2, c. */
const ONE: i32 = 2;
const TWO: i32 = 4;

/** A fit's result, at `target`: f64 each. */
@unmanaged
export class ExponentialFit {
  // of the one decay and of the two: 1 if the fit converged; Σ of squares; AIC; BIC
  converged1: f64;
  rss1: f64;
  aic1: f64;
  bic1: f64;
  converged2: f64;
  rss2: f64;
  aic2: f64;
  bic2: f64;
  amplitude: f64;
  tau: f64;
  amplitudes: f64;
  tau1: f64;
  tau2: f64;
  share: f64;
}

// the point, the point tried, the best end of several starts; the gradient, the normal matrix and its damped copy
const point = memory.data(32, 16);
const tried = memory.data(32, 16);
const best = memory.data(32, 16);
const slope = memory.data(32, 16);
const step = memory.data(32, 16);
const normal = memory.data(128, 16);
const damped = memory.data(128, 16);
const partials = memory.data(32, 16);

// timescales of the grid, inner products of their decays with each other and with the data; places, the best first
const gridTau = memory.data(120, 16);
const gridProducts = memory.data(1800, 16);
const gridData = memory.data(120, 16);
const startScore = memory.data(24, 16);
const startPlace = memory.data(24, 16);

// @ts-ignore: decorator
@inline
function get(at: usize, i: i32): f64 {
  return load<f64>(at + ((<usize>i) << 3));
}

// @ts-ignore: decorator
@inline
function set(at: usize, i: i32, value: f64): void {
  store<f64>(at + ((<usize>i) << 3), value);
}

/** Fit both models to the n f64 values y_0 … y_{n-1}. */
export function fitExponentials(y: usize, n: i32, fit: ExponentialFit): void {
  fillGrid(y, n);
  fit.rss1 = fitFromGrid(y, n, ONE);
  fit.converged1 = fit.rss1 < Infinity ? 1 : 0;
  fit.amplitude = get(best, 0);
  fit.tau = get(best, 1);
  fillPlace(y, n, GRID, max(fit.tau, SMALLEST_START));
  fit.rss2 = fitFromGrid(y, n, TWO);
  if (fit.rss1 < fit.rss2) {
    // no second decay of positive amplitude lessens the sum
    fit.rss2 = fit.rss1;
    set(best, 0, fit.amplitude);
    set(best, 1, fit.tau);
    set(best, 2, fit.tau);
    set(best, 3, 1);
  }
  fit.converged2 = fit.rss2 < Infinity ? 1 : 0;
  fit.amplitudes = get(best, 0);
  fit.tau1 = get(best, 1);
  fit.tau2 = get(best, 2);
  fit.share = get(best, 3);
  const size = Math.log(<f64>n);
  const misfit1 = n * Math.log(max(fit.rss1 / n, SMALLEST_SQUARE));
  const misfit2 = n * Math.log(max(fit.rss2 / n, SMALLEST_SQUARE));
  fit.aic1 = misfit1 + 2 * ONE;
  fit.bic1 = misfit1 + ONE * size;
  fit.aic2 = misfit2 + 2 * TWO;
  fit.bic2 = misfit2 + TWO * size;
}

// the smallest sum of squares over the starts, whose parameters are then in `best`; infinite if none converged
function fitFromGrid(y: usize, n: i32, k: i32): f64 {
  chooseStarts(k);
  let smallest: f64 = Infinity;
  for (let start = 0; start < STARTS; start++) {
    const place = <i32>get(startPlace, start);
    if (place < 0) continue;
    placeStart(place / PLACES, place % PLACES, k);
    const rss = descend(y, n, k);
    if (!(rss < smallest)) continue;
    smallest = rss;
    memory.copy(best, point, 32);
  }
  return smallest;
}

function fillGrid(y: usize, n: i32): void {
  let tau = LARGEST_TAU;
  for (let i = 0; i < GRID; i++) {
    tau *= GRID_RATIO;
    fillPlace(y, n, i, tau);
  }
}

function fillPlace(y: usize, n: i32, i: i32, tau: f64): void {
  set(gridTau, i, tau);
  let data: f64 = 0;
  for (let t = 0; t < n; t++) data += decay(t, tau) * get(y, t);
  set(gridData, i, data);
  for (let j = 0; j <= i; j++) {
    let product: f64 = 0;
    for (let t = 0; t < n; t++) product += decay(t, tau) * decay(t, get(gridTau, j));
    set(gridProducts, i * PLACES + j, product);
  }
}

// the best amplitudes of grid decays i and j, i = j for one alone; false if one of two has none
function placeStart(i: i32, j: i32, k: i32): bool {
  const aa = get(gridProducts, i * PLACES + i);
  const ay = get(gridData, i);
  set(point, 1, get(gridTau, i));
  if (k == ONE) {
    set(point, 0, clamp(ay / aa, 1));
    return true;
  }
  const bb = get(gridProducts, j * PLACES + j);
  const ab = get(gridProducts, i * PLACES + j);
  const by = get(gridData, j);
  const determinant = aa * bb - ab * ab;
  const a = (ay * bb - by * ab) / determinant;
  const b = (by * aa - ay * ab) / determinant;
  const sum = a + b;
  // an amplitude above 1 is held there, and only the share is free
  const share = sum > 1 ? (ay - by + bb - ab) / (aa - 2 * ab + bb) : a / sum;
  set(point, 0, min(sum, 1));
  set(point, 2, get(gridTau, j));
  set(point, 3, share);
  return sum > 0 && share > 0 && share < 1;
}

// the STARTS places of the grid with the smallest sums of squares, less Σ y²
function chooseStarts(k: i32): void {
  for (let s = 0; s < STARTS; s++) {
    set(startScore, s, Infinity);
    set(startPlace, s, -1);
  }
  for (let i = 0; i < (k == ONE ? GRID : PLACES); i++) {
    for (let j = k == ONE ? i : 0; j < (k == ONE ? i + 1 : i); j++) {
      if (!placeStart(i, j, k)) continue;
      const share = k == ONE ? 1 : get(point, 3);
      const a = get(point, 0) * share;
      const b = get(point, 0) * (1 - share);
      let score = a * a * get(gridProducts, i * PLACES + i) - 2 * a * get(gridData, i);
      if (k == TWO) {
        score += b * b * get(gridProducts, j * PLACES + j) - 2 * b * get(gridData, j);
        score += 2 * a * b * get(gridProducts, i * PLACES + j);
      }
      insertStart(score, i * PLACES + j);
    }
  }
}

function insertStart(score: f64, place: i32): void {
  let s = STARTS;
  for (; s > 0 && score < get(startScore, s - 1); s--) {
    if (s == STARTS) continue;
    set(startScore, s, get(startScore, s - 1));
    set(startPlace, s, get(startPlace, s - 1));
  }
  if (s == STARTS) return;
  set(startScore, s, score);
  set(startPlace, s, place);
}

// @ts-ignore: decorator
@inline
function clamp(value: f64, high: f64): f64 {
  return min(max<f64>(value, 0), high);
}

// @ts-ignore: decorator
@inline
function upper(i: i32, k: i32): f64 {
  return i == 0 || i == 3 ? 1 : LARGEST_TAU;
}

// e^(-t/τ), which at τ = 0 is 1 at once and 0 later
// @ts-ignore: decorator
@inline
function decay(t: f64, tau: f64): f64 {
  return t == 0 ? 1 : Math.exp(-t / tau);
}

// from `point` to a minimum of the sum of squares, which is returned; infinite if the evaluations did not suffice
function descend(y: usize, n: i32, k: i32): f64 {
  let rss = linearize(y, n, k);
  let damping: f64 = 1e-3;
  let growth: f64 = 2;
  for (let evaluation = 1; evaluation < MOST_EVALUATIONS; evaluation++) {
    if (!solveStep(k, damping)) return rss;
    for (let i = 0; i < k; i++) {
      set(tried, i, clamp(get(point, i) + get(step, i), upper(i, k)));
      set(step, i, get(tried, i) - get(point, i));
    }
    const gain = rss - sumOfSquares(y, n, k);
    if (gain > 0) {
      // where residuals are large, steps that the normal matrix overrates go to and fro
      const agreement = gain / max(predictedGain(k), gain * 1e-3);
      const surplus = 2 * agreement - 1;
      damping *= max(1.0 / 3, 1 - surplus * surplus * surplus);
      growth = 2;
      memory.copy(point, tried, 32);
      const before = rss;
      rss = linearize(y, n, k);
      if (gain <= TOLERANCE * before || rss <= n * EXACT_SQUARE) return rss;
    } else {
      damping *= growth;
      growth *= 2;
      if (damping > LARGEST_DAMPING) return rss;
    }
  }
  return Infinity;
}

// what the sum of squares would lose by `step` if the model were linear
function predictedGain(k: i32): f64 {
  let gain: f64 = 0;
  for (let i = 0; i < k; i++) {
    let product = get(normal, i * TWO + i) * get(step, i);
    for (let j = 0; j < i; j++) product += 2 * get(normal, i * TWO + j) * get(step, j);
    gain -= (2 * get(slope, i) + product) * get(step, i);
  }
  return gain;
}

function sumOfSquares(y: usize, n: i32, k: i32): f64 {
  const a = get(tried, 0);
  const tau1 = get(tried, 1);
  const tau2 = get(tried, 2);
  const c = k == ONE ? 1 : get(tried, 3);
  let sum: f64 = 0;
  for (let t = 0; t < n; t++) {
    let value = c * decay(t, tau1);
    if (k == TWO) value += (1 - c) * decay(t, tau2);
    const residual = a * value - get(y, t);
    sum += residual * residual;
  }
  return sum;
}

// the sum of squares at `point`, half its gradient, and the normal matrix
function linearize(y: usize, n: i32, k: i32): f64 {
  const a = get(point, 0);
  const tau1 = get(point, 1);
  const tau2 = get(point, 2);
  const c = k == ONE ? 1 : get(point, 3);
  memory.fill(slope, 0, 32);
  memory.fill(normal, 0, 128);
  let sum: f64 = 0;
  for (let t = 0; t < n; t++) {
    const e1 = decay(t, tau1);
    const e2 = k == ONE ? 0 : decay(t, tau2);
    const value = k == ONE ? c * e1 : c * e1 + (1 - c) * e2;
    set(partials, 0, value);
    // the decay vanishes before its derivative grows
    set(partials, 1, e1 > 0 && t > 0 ? (a * c * e1 * t) / tau1 / tau1 : 0);
    set(partials, 2, e2 > 0 && t > 0 ? (a * (1 - c) * e2 * t) / tau2 / tau2 : 0);
    set(partials, 3, a * (e1 - e2));
    const residual = a * value - get(y, t);
    sum += residual * residual;
    for (let i = 0; i < k; i++) {
      const partial = get(partials, i);
      set(slope, i, get(slope, i) + partial * residual);
      for (let j = 0; j <= i; j++) {
        set(normal, i * TWO + j, get(normal, i * TWO + j) + partial * get(partials, j));
      }
    }
  }
  return sum;
}

// whether parameter i may move: it has an influence, and is not pressed against a bound
function isFree(i: i32, k: i32): bool {
  const value = get(point, i);
  const gradient = get(slope, i);
  if (get(normal, i * TWO + i) == 0) return false;
  return !(value <= 0 && gradient > 0) && !(value >= upper(i, k) && gradient < 0);
}

// the damped step of the free parameters by Cholesky's decomposition; false if none is free
function solveStep(k: i32, damping: f64): bool {
  let free = 0;
  for (let i = 0; i < k; i++) {
    const moves = isFree(i, k);
    if (moves) free++;
    // a parameter that stays has a row of its own, and a step of zero
    for (let j = 0; j < i; j++) {
      set(damped, i * TWO + j, moves && isFree(j, k) ? get(normal, i * TWO + j) : 0);
    }
    set(damped, i * TWO + i, moves ? get(normal, i * TWO + i) * (1 + damping) : 1);
    set(step, i, moves ? -get(slope, i) : 0);
  }
  if (!free) return false;
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = get(damped, i * TWO + j);
      for (let m = 0; m < j; m++) sum -= get(damped, i * TWO + m) * get(damped, j * TWO + m);
      // rounding may have eaten what the damping does not hold up
      if (i == j) set(damped, i * TWO + i, Math.sqrt(max(sum, 1e-300)));
      else set(damped, i * TWO + j, sum / get(damped, j * TWO + j));
    }
  }
  for (let i = 0; i < k; i++) {
    let sum = get(step, i);
    for (let m = 0; m < i; m++) sum -= get(damped, i * TWO + m) * get(step, m);
    set(step, i, sum / get(damped, i * TWO + i));
  }
  for (let i = k - 1; i >= 0; i--) {
    let sum = get(step, i);
    for (let m = i + 1; m < k; m++) sum -= get(damped, m * TWO + i) * get(step, m);
    set(step, i, sum / get(damped, i * TWO + i));
  }
  return true;
}
