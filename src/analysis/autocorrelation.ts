// Autocorrelations: of one series, and of many that come in piece by piece.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code comp_ac_fft.
// Deviation  lag k is divided by its n - k products, not by n - 1 - k.

import { autocovariance } from "../core/autocovariance.ts";
import { Core } from "../core/core.ts";
import { NumericError, ShapeError, StateError } from "../core/errors.ts";
import { LagSums } from "../core/lag-sums.ts";

/** Largest lag unless another is asked for: as far as the source keeps autocorrelations. */
export const MAX_LAG = 200;

export interface AutocorrelationOptions {
  /** Largest lag L, in steps (default 200, as in the source). The longer the lag, the fewer products behind it. */
  maxLag?: number;
}

/**
 * The autocorrelation of one series at lags 0 … L: its mean subtracted, lag k divided by its n - k products, all by the
 * value at lag 0. Time and memory grow as those of an FFT of the padded series.
 *
 * @param series  One value per step, (n), n > L.
 * @returns       (L + 1), the first of them 1. One lag = one time step.
 * @throws ShapeError    if the series has no more steps than `maxLag`.
 * @throws NumericError  if a value is NaN or infinite, or if all are equal.
 * @throws StateError    if the memory cannot hold the padded series.
 */
export async function autocorrelation(
  series: ArrayLike<number>,
  options: AutocorrelationOptions = {},
): Promise<Float64Array> {
  const name = "autocorrelation";
  const { maxLag = MAX_LAG } = options;
  checkWhole(name, "maxLag", maxLag, 0);
  checkLength(name, series.length, maxLag);
  for (let t = 0; t < series.length; t++) {
    if (!Number.isFinite(series[t]))
      throw new NumericError(`${name}: \`series\`[${t}] is ${series[t]}, expected finite values.`);
  }
  const core = await Core.load();
  try {
    const covariance = autocovariance(core, series, maxLag);
    const scale = covariance[0]!;
    if (!(scale > 0)) throw constant(name, "`series` is constant");
    return covariance.map((value) => value / scale);
  } finally {
    core.release();
  }
}

export interface AccumulatorOptions extends AutocorrelationOptions {
  /** Series side by side: units H (default 1). */
  series?: number;
  /** Trials B of each series, whose autocovariances are averaged (default 1). */
  trials?: number;
}

/**
 * Autocorrelations of many series that come in piece by piece, as `simulateNetwork` yields them: memory grows with series,
 * trials and lags, not with steps. The result does not depend on the pieces. `close` it when it is not needed any more.
 */
export class AutocorrelationAccumulator {
  readonly maxLag: number;
  readonly series: number;
  readonly trials: number;
  private core: Core | undefined;
  private readonly sums: LagSums;

  private constructor(core: Core, { series, trials, maxLag }: Required<AccumulatorOptions>) {
    this.series = series;
    this.trials = trials;
    this.maxLag = maxLag;
    this.core = core;
    this.sums = new LagSums(core, series * trials, maxLag);
  }

  /**
   * An accumulator of no steps.
   *
   * @throws ShapeError if a number is out of range.
   * @throws StateError if the memory cannot hold it.
   */
  static async start(options: AccumulatorOptions = {}): Promise<AutocorrelationAccumulator> {
    const { series = 1, trials = 1, maxLag = MAX_LAG } = options;
    checkWhole(NAME, "series", series, 1);
    checkWhole(NAME, "trials", trials, 1);
    checkWhole(NAME, "maxLag", maxLag, 0);
    const core = await Core.load();
    try {
      return new AutocorrelationAccumulator(core, { series, trials, maxLag });
    } catch (error) {
      core.release();
      throw error;
    }
  }

  /** Steps so far. */
  get steps(): number {
    this.open();
    return this.sums.steps;
  }

  /**
   * Add the next steps.
   *
   * @param values  (n, trials, series), of any number of steps n.
   * @throws ShapeError if that is no whole number of steps.
   * @throws StateError if it is closed.
   */
  add(values: Float32Array | Float64Array): void {
    this.open();
    const row = this.trials * this.series;
    if (values.length % row !== 0) {
      throw new ShapeError(
        `${NAME}: \`values\` has ${values.length} elements, expected a multiple of ${this.trials} trials × ${this.series} series.`,
      );
    }
    this.sums.add(values);
  }

  /**
   * The mean over trials of the autocovariances at lags 0 … L.
   *
   * @returns (series, L + 1): at lag 0 the variance, in squared units of the values; all zero for a constant series.
   * @throws ShapeError    if there are no more steps than `maxLag`.
   * @throws NumericError  if a value of a series was NaN or infinite.
   * @throws StateError    if it is closed.
   */
  autocovariances(): Float64Array {
    this.open();
    checkLength(NAME, this.sums.steps, this.maxLag);
    return meanOverTrials(this.sums.autocovariances(), this.series, this.maxLag);
  }

  /**
   * The autocovariances divided by those at lag 0.
   *
   * @returns (series, L + 1), 1 at lag 0.
   * @throws NumericError  if a series is constant in every trial, or as `autocovariances`.
   * @throws ShapeError, StateError  as `autocovariances`.
   */
  autocorrelations(): Float64Array {
    const covariances = this.autocovariances();
    const lags = this.maxLag + 1;
    for (let s = 0; s < this.series; s++) {
      const row = covariances.subarray(s * lags, (s + 1) * lags);
      const scale = row[0]!;
      if (!(scale > 0)) throw constant(NAME, `series ${s} is constant`);
      row.set(row.map((value) => value / scale));
    }
    return covariances;
  }

  /** Free its memory. */
  close(): void {
    this.core?.release();
    this.core = undefined;
  }

  private open(): void {
    if (!this.core)
      throw new StateError(`${NAME}: it is closed. Take its results before, or start another one.`);
  }
}

const NAME = "AutocorrelationAccumulator";

/**
 * The mean over trials of the autocovariances (trials, series, maxLag + 1), added from the first.
 *
 * @throws NumericError if a series has none, since one of its values was NaN or infinite.
 */
export function meanOverTrials(covariances: Float64Array, series: number, maxLag: number): Float64Array {
  const size = series * (maxLag + 1);
  const trials = covariances.length / size;
  const mean = new Float64Array(size);
  for (let i = 0; i < covariances.length; i++) mean[i % size]! += covariances[i]!;
  for (let i = 0; i < size; i++) mean[i]! /= trials;
  const bad = mean.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new NumericError(
      `${NAME}: series ${Math.floor(bad / (maxLag + 1))} has a value that is NaN or infinite, expected finite values.`,
    );
  }
  return mean;
}

function constant(name: string, what: string): NumericError {
  return new NumericError(`${name}: ${what}, expected values that vary; a constant has no autocorrelation.`);
}

function checkWhole(name: string, field: string, value: number, low: number): void {
  if (Number.isSafeInteger(value) && value >= low && value < 2 ** 31) return;
  throw new ShapeError(`${name}: \`${field}\` is ${value}, expected a whole number from ${low}.`);
}

function checkLength(name: string, steps: number, maxLag: number): void {
  if (steps > maxLag) return;
  throw new ShapeError(
    `${name}: the series has ${steps} steps but \`maxLag\` is ${maxLag}; expected at least ${maxLag + 1}. Take more steps or a smaller maxLag.`,
  );
}
