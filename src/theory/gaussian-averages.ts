// Averages of a unit's or a gate's function over one Gaussian variable, and over two of them.
//
// Based on   the sources of assembly/theory/gaussian.ts and pair-averages.ts.

import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import {
  type GaussianMoments,
  gaussianMoments,
  pairAverages,
  pairSeries,
  type Saturation,
} from "../core/gaussian-averages.ts";
import { checkAtLeast } from "./site.ts";

/** Averages over two Gaussian variables x and y of equal variance, at some covariances (n). */
export interface GaussianPairs {
  /** ⟨f(x) f(y)⟩. */
  average: Float64Array;
  /** ⟨f′(x) f′(y)⟩, its derivative with respect to the covariance. */
  slope: Float64Array;
  /** Its derivative with respect to the variance, the covariance kept. */
  byVariance: Float64Array;
  /** What the series lacks of `average` where the covariance is the variance; nowhere more, and next to nothing elsewhere. */
  error: number;
  /** The same of `slope`. */
  slopeError: number;
}

function checkSaturation(name: string, { kind, gain, bias }: Saturation): void {
  if (kind !== "tanh" && kind !== "logistic")
    throw new ShapeError(`${name}: \`kind\` is ${kind}, expected "tanh" or "logistic".`);
  checkAtLeast(name, "gain", gain, 0);
  if (!Number.isFinite(bias)) throw new ShapeError(`${name}: \`bias\` is ${bias}, expected a finite number.`);
}

/**
 * Average a saturating function over Gaussian variables of mean 0. Gains of any size lose no accuracy.
 *
 * @param f          tanh(gain x + bias), or 1 / (1 + exp(bias - gain x)).
 * @param variances  Of the variables, at least 0.
 * @returns  For each variance, averages of the function, its slope and its integral, to about 1e-12.
 * @throws ShapeError  if the function's gain or a variance is negative or not finite.
 */
export async function averageGaussian(
  f: Saturation,
  variances: readonly number[],
): Promise<GaussianMoments[]> {
  const name = "averageGaussian";
  checkSaturation(name, f);
  for (const variance of variances) checkAtLeast(name, "variances", variance, 0);
  const core = await Core.load();
  try {
    return gaussianMoments(core, f, variances);
  } finally {
    core.release();
  }
}

/**
 * Average a product of a saturating function at two correlated Gaussian variables of mean 0.
 *
 * @param f            tanh(gain x + bias), or 1 / (1 + exp(bias - gain x)).
 * @param variance     Of both variables, above 0.
 * @param covariances  Of the two, (n), none larger in size than the variance.
 * @returns  The averages and their derivatives, (n) each, to about 1e-11 of the slope; where gain² times variance is above 300,
 *           errors near a covariance that is the variance are larger, and are told.
 * @throws ShapeError  if the function's gain is negative, or a variance or covariance is out of its range.
 */
export async function averagePairs(
  f: Saturation,
  variance: number,
  covariances: ArrayLike<number>,
): Promise<GaussianPairs> {
  const name = "averagePairs";
  checkSaturation(name, f);
  checkAtLeast(name, "variance", variance, Number.MIN_VALUE);
  const correlations = Float64Array.from(covariances, (covariance) => {
    if (Math.abs(covariance) <= variance) return covariance / variance;
    throw new ShapeError(
      `${name}: a covariance is ${covariance}, expected at most the variance, ${variance}.`,
    );
  });
  const core = await Core.load();
  try {
    const series = pairSeries(core, f, variance, 1e-11);
    const averages = pairAverages(core, series, correlations);
    return { ...averages, error: Math.abs(series.missing), slopeError: Math.abs(series.missingSlope) };
  } finally {
    core.release();
  }
}
