// Averages of saturating functions over one Gaussian variable and over two, by the core.

import type { Core } from "./core.ts";

/** tanh(g x + b) of a unit, or 1 / (1 + exp(b - g x)) of a gate. */
export interface Saturation {
  readonly kind: "tanh" | "logistic";
  readonly gain: number;
  readonly bias: number;
}

/** Averages over a Gaussian variable x of mean 0: of f, its slope f′ by x, and its integral F over the argument of tanh or of the logistic function. */
export interface GaussianMoments {
  /** ⟨f⟩. */
  mean: number;
  /** ⟨f²⟩. */
  square: number;
  /** ⟨f′⟩. */
  slope: number;
  /** ⟨f′²⟩. */
  squareSlope: number;
  /** ⟨F⟩, F being ln cosh or ln(1 + e^y). */
  integral: number;
  /** ⟨F²⟩. */
  squareIntegral: number;
  /** The largest difference from a rule of half the nodes, of averages above 1 relative to them: a bound on the error, which is far smaller. */
  error: number;
}

const MOMENTS = 7;
const TERM = 3;

/** Most terms of a series; functions with a gain of 20 on a variable of variance 1 need as many. */
const MOST_TERMS = 16384;

function kindOf({ kind }: Saturation): number {
  return kind === "tanh" ? 0 : 1;
}

/** Averages of f for a variable of each of these variances. */
export function gaussianMoments(core: Core, f: Saturation, variances: readonly number[]): GaussianMoments[] {
  const count = variances.length;
  const values = core.temporarily(() => {
    const source = core.allocate(8 * count, "variances");
    const target = core.allocate(8 * MOMENTS * count, "averages");
    core.f64(source, count).set(variances);
    core.exports.gaussianMoments(kindOf(f), f.gain, f.bias, source, count, target);
    return core.f64(target, MOMENTS * count).slice();
  });
  return variances.map((_, i) => {
    const [mean, square, slope, squareSlope, integral, squareIntegral, error] = values.subarray(
      MOMENTS * i,
      MOMENTS * (i + 1),
    ) as unknown as number[];
    return {
      mean: mean!,
      square: square!,
      slope: slope!,
      squareSlope: squareSlope!,
      integral: integral!,
      squareIntegral: squareIntegral!,
      error: error!,
    };
  });
}

/** Nodes of a Gaussian variable of this variance, and their weights, as fine as averages of f need. */
export function gaussianNodes(
  core: Core,
  f: Saturation,
  variance: number,
): { nodes: Float64Array; weights: Float64Array } {
  const n = core.exports.nodeCount(kindOf(f), f.gain, variance);
  return core.temporarily(() => {
    const target = core.allocate(16 * n, "quadrature");
    core.exports.fillNodes(kindOf(f), f.gain, variance, target);
    return { nodes: core.f64(target, n).slice(), weights: core.f64(target + 8 * n, n).slice() };
  });
}

/** f of all values. */
export function saturateAll(core: Core, f: Saturation, values: ArrayLike<number>): Float64Array {
  return core.temporarily(() => {
    const data = core.allocate(8 * values.length, "values of a function");
    core.f64(data, values.length).set(values);
    core.exports.saturateAll(kindOf(f), f.gain, f.bias, data, values.length);
    return core.f64(data, values.length).slice();
  });
}

/** 1 / (1 + e^bias): what a gate is while nothing drives it. */
export function restingGate(core: Core, bias: number): number {
  return core.exports.logistic(-bias);
}

/** Natural logarithms. */
export function logarithms(core: Core, values: ArrayLike<number>): Float64Array {
  return core.temporarily(() => {
    const data = core.allocate(8 * values.length, "logarithms");
    core.f64(data, values.length).set(values);
    core.exports.logarithms(data, values.length);
    return core.f64(data, values.length).slice();
  });
}

/** Averages ⟨f(x) f(y)⟩ over two Gaussian variables of equal variance. */
export interface PairSeries {
  readonly variance: number;
  /** Terms of the power series in the correlation. */
  readonly terms: Float64Array;
  /** What the series lacks of ⟨f²⟩, at correlation 1; nowhere more. */
  readonly missing: number;
  /** What it lacks of ⟨f′²⟩. */
  readonly missingSlope: number;
}

/** Values of a `PairSeries` at some correlations. */
export interface PairAverages {
  /** ⟨f(x) f(y)⟩. */
  readonly average: Float64Array;
  /** Its derivative with respect to the covariance, ⟨f′(x) f′(y)⟩. */
  readonly slope: Float64Array;
  /** Its derivative with respect to the variance, the covariance kept. */
  readonly byVariance: Float64Array;
}

/**
 * The averages of pairs, as a series; `variance` is above 0.
 *
 * @param tolerance  Share of ⟨f′²⟩ that the series may lack.
 */
export function pairSeries(core: Core, f: Saturation, variance: number, tolerance: number): PairSeries {
  const { exports } = core;
  return core.temporarily(() => {
    const purpose = "a Hermite series";
    const bytes = exports.hermiteScratch(kindOf(f), f.gain, variance, MOST_TERMS);
    const scratch = core.allocate(bytes, purpose);
    const terms = core.allocate(8 * TERM * MOST_TERMS, purpose);
    const missing = core.allocate(16, purpose);
    const count = exports.hermiteSeries(
      kindOf(f),
      f.gain,
      f.bias,
      variance,
      tolerance,
      MOST_TERMS,
      terms,
      missing,
      scratch,
    );
    const [value, slope] = core.f64(missing, 2);
    return {
      variance,
      terms: core.f64(terms, TERM * count).slice(),
      missing: value!,
      missingSlope: slope!,
    };
  });
}

/** The averages at correlations from -1 to 1. */
export function pairAverages(core: Core, series: PairSeries, correlations: ArrayLike<number>): PairAverages {
  const n = correlations.length;
  return core.temporarily(() => {
    const purpose = "averages of pairs";
    const terms = core.allocate(8 * series.terms.length, purpose);
    const source = core.allocate(8 * n, purpose);
    const target = core.allocate(24 * n, purpose);
    core.f64(terms, series.terms.length).set(series.terms);
    core.f64(source, n).set(correlations);
    core.exports.sumSeries(terms, series.terms.length / TERM, source, n, target);
    const [average, slope, byVariance] = [0, 1, 2].map((row) => core.f64(target + 8 * n * row, n).slice());
    return { average: average!, slope: slope!, byVariance: byVariance! };
  });
}
