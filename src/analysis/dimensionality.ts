// Dimensionality of a network's activity while random bits drive it: principal components behind most of its variance.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code comp_pca: components for 90 % of the variance, trial by trial.
//            Participation ratio: Gao et al., "A theory of multineuronal dimensionality, dynamics and measurement" (2017).
// Deviation  components are counted from 1; the released code takes the index of the last, which is one less.
// Deviation  covariances are summed while simulating, and no trial is stored.

import { allUnits, type Network } from "../cells/network.ts";
import { Core } from "../core/core.ts";
import { CovarianceSums } from "../core/covariance.ts";
import { NumericError, ShapeError } from "../core/errors.ts";
import { symmetricEigenvalues } from "../core/linear-algebra.ts";
import {
  type Drive,
  type DriveOptions,
  driveNetwork,
  type Observer,
  resolveDrive,
  type TrialRange,
} from "./driven-activity.ts";

export interface VarianceOptions {
  /** Share of the variance that the components counted are to hold (default 0.9, as in the source). */
  fraction?: number;
}

export interface DimensionalityOptions extends DriveOptions, VarianceOptions {}

/** Dimensionality of the activity: of each trial, and the mean over trials. */
export interface Dimensionality {
  /** Mean number of principal components that hold `fraction` of the variance. */
  components: number;
  /** That number in each trial (B), at least 1; 0 where nothing varies. */
  componentsByTrial: number[];
  /** Mean participation ratio (Σλ)² / Σλ²: the number of units if they all vary alike and independently, 1 if all vary together. */
  participationRatio: number;
  /** The participation ratio of each trial (B); 0 where nothing varies. */
  participationRatioByTrial: number[];
  /** Eigenvalues λ of each trial's covariances (B, layers H), the largest first; divisor: steps. */
  eigenvalues: Float64Array;
}

/**
 * Measure the dimensionality of a network's activity, driven as for `measureNetworkTimescales` with the same options. Sums are
 * in f64; the covariances of 100,000 steps are exact to about 1e-12 of the largest.
 *
 * @param network  With one input, which takes the bits.
 * @throws ShapeError    if an option is out of range, or the network has not one input.
 * @throws NumericError  if the activity is NaN or infinite.
 * @throws StateError    if the memory cannot hold it.
 * @throws the signal's reason if it has been aborted.
 */
export async function measureDimensionality(
  network: Network,
  options: DimensionalityOptions = {},
): Promise<Dimensionality> {
  const name = "measureDimensionality";
  const drive = resolveDrive(name, network, options);
  const fraction = resolveFraction(name, options);
  const all = { low: 0, high: drive.trials };
  const core = await Core.load();
  try {
    const observer = new VarianceObserver(core, network, drive, all);
    await driveNetwork(core, network, drive, all, [observer], options);
    return summarizeVariance(observer.finish(name), fraction);
  } finally {
    core.release();
  }
}

/** @throws ShapeError if the fraction that options ask for is not above 0 and up to 1. */
export function resolveFraction(name: string, { fraction = 0.9 }: VarianceOptions): number {
  if (fraction > 0 && fraction <= 1) return fraction;
  throw new ShapeError(`${name}: \`fraction\` is ${fraction}, expected more than 0 and at most 1.`);
}

/** Sums the products of all pairs of units. */
export class VarianceObserver implements Observer {
  readonly sees: "hidden" | "cell";
  readonly operations: number;
  private readonly core: Core;
  private readonly sums: CovarianceSums;

  constructor(core: Core, { shape }: Network, drive: Drive, { low, high }: TrialRange) {
    const units = allUnits(shape);
    this.core = core;
    this.sees = drive.states;
    this.sums = new CovarianceSums(core, units, high - low);
    // of every pair once, in vectors of two where those of the simulation have four
    this.operations = 2 * units * units * (high - low);
  }

  add(states: Float32Array): void {
    this.sums.add(states);
  }

  /**
   * The variance along each principal component of each trial, the largest first.
   *
   * @throws NumericError if the activity was NaN or infinite.
   */
  finish(name: string): Float64Array[] {
    const { units, trials } = this.sums;
    return Array.from({ length: trials }, (_, trial) =>
      componentVariances(this.core, name, this.sums.covariances(trial), units),
    );
  }
}

/**
 * The variance along each principal component behind covariances (n, n), the largest first.
 *
 * @throws NumericError if a covariance is NaN or infinite.
 */
export function componentVariances(
  core: Core,
  name: string,
  covariances: Float64Array,
  n: number,
): Float64Array {
  const values = symmetricEigenvalues(core, covariances, n);
  if (!values)
    throw new NumericError(`${name}: a unit's activity is NaN or infinite, expected finite values.`);
  // below 0 by rounding only
  return values.map((value) => Math.max(0, value)).reverse();
}

/** The dimensionality behind the variances of all trials, in their order. */
export function summarizeVariance(trials: readonly Float64Array[], fraction: number): Dimensionality {
  const componentsByTrial = trials.map((variances) => countComponents(variances, fraction));
  const participationRatioByTrial = trials.map(participationRatio);
  const units = trials[0]!.length;
  const eigenvalues = new Float64Array(trials.length * units);
  trials.forEach((variances, trial) => {
    eigenvalues.set(variances, trial * units);
  });
  return {
    components: mean(componentsByTrial),
    componentsByTrial,
    participationRatio: mean(participationRatioByTrial),
    participationRatioByTrial,
    eigenvalues,
  };
}

// of variances from the largest, added in that order, as many as reach the fraction of all
function countComponents(variances: Float64Array, fraction: number): number {
  const wanted = fraction * sum(variances);
  let reached = 0;
  let count = 0;
  while (reached < wanted) reached += variances[count++]!;
  return count;
}

function participationRatio(variances: Float64Array): number {
  const total = sum(variances);
  return total > 0 ? (total * total) / sum(variances.map((value) => value * value)) : 0;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
