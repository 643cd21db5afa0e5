// Timescales of a network's units, τ_net: how long the activity of each is correlated while random bits drive the network.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code comp_acs: autocorrelations of every unit averaged over
//            trials, fitted up to lag 30; of the summed activity kept to lag 200.
// Deviation  as in autocorrelation.ts and timescale-fit.ts; lags are summed while simulating, and no trial is stored.

import { allUnits, type Network } from "../cells/network.ts";
import { Core } from "../core/core.ts";
import { NumericError, ShapeError } from "../core/errors.ts";
import { LagSums, RowSums } from "../core/lag-sums.ts";
import { MAX_LAG, meanOverTrials } from "./autocorrelation.ts";
import {
  checkWhole,
  type Drive,
  type DriveOptions,
  driveNetwork,
  LARGEST_PIECE,
  type Observer,
  resolveDrive,
  type TrialRange,
} from "./driven-activity.ts";
import { checkFitLag, FIT_LAG, fitTimescaleOn, type TimescaleFit } from "./timescale-fit.ts";

// the source's statistics are of the units above; faster ones are as good as uncorrelated
const SLOWER_THAN = 1;

export interface LagOptions {
  /** Largest lag of the autocovariances (default 200). Time is nearly proportional to it where units are few. */
  maxLag?: number;
  /** Last lag of the fits (default 30; longer lags carry more bias). */
  fitLag?: number;
}

export interface NetworkTimescalesOptions extends DriveOptions, LagOptions {}

/** Timescales of a network's units, in steps. */
export interface NetworkTimescales {
  /** The fit of each unit (layers H), one layer behind the other. */
  fits: TimescaleFit[];
  /** Statistics of the timescales above 1, as the source takes them; undefined if there are none. */
  slow: { units: number; mean: number /** Divisor: units. */; sd: number; median: number } | undefined;
  /** Units without a timescale, such as those that are never active. */
  failed: number;
  /** Mean autocovariance over trials, (layers H, L + 1); at lag 0 the variance. */
  autocovariances: Float64Array;
  /** The same of the activity summed over all units, (L + 1). */
  populationAutocovariance: Float64Array;
}

/**
 * Measure the timescales of a network's units. The result is a function of the network and the options alone.
 *
 * At 500 units and the defaults it takes about three quarters of a minute on one core; with `maxLag` 30, half of that.
 * `measureNetworkActivity` measures the dimensionality along with them.
 *
 * @param network  With one input, which takes the bits.
 * @returns        One fit per unit; a unit that is constant, or whose fits do not converge, has `ok: false` and a reason.
 * @throws ShapeError    if an option is out of range, the network has not one input, or a cell without time constants is to have
 *                       more than one step per bit.
 * @throws NumericError  if the activity is NaN or infinite.
 * @throws StateError    if the memory cannot hold it.
 * @throws the signal's reason if it has been aborted.
 */
export async function measureNetworkTimescales(
  network: Network,
  options: NetworkTimescalesOptions = {},
): Promise<NetworkTimescales> {
  const name = "measureNetworkTimescales";
  const drive = resolveDrive(name, network, options);
  const lags = resolveLags(name, drive, options);
  const all = { low: 0, high: drive.trials };
  const core = await Core.load();
  try {
    const observer = new TimescaleObserver(core, network, drive, all, lags.maxLag);
    await driveNetwork(core, network, drive, all, [observer], options);
    return summarizeTimescales(core, name, [observer.finish()], lags);
  } finally {
    core.release();
  }
}

/**
 * The lags that options ask for; errors begin with `name`.
 *
 * @throws ShapeError if one is out of range.
 */
export function resolveLags(name: string, { steps }: Drive, options: LagOptions): Required<LagOptions> {
  const { maxLag = MAX_LAG, fitLag = FIT_LAG } = options;
  checkWhole(name, "maxLag", maxLag, 1);
  checkFitLag(name, fitLag);
  if (fitLag > maxLag) {
    throw new ShapeError(
      `${name}: \`fitLag\` is ${fitLag}, expected at most \`maxLag\`, which is ${maxLag}.`,
    );
  }
  if (steps <= maxLag) {
    throw new ShapeError(
      `${name}: \`steps\` is ${steps}, expected more than \`maxLag\`, which is ${maxLag}.`,
    );
  }
  return { maxLag, fitLag };
}

/** Autocovariances at lags 0 … L of some trials n. */
export interface TrialAutocovariances {
  /** Of every unit, (n, H, L + 1). */
  units: Float64Array;
  /** Of the activity summed over units, (n, L + 1). */
  population: Float64Array;
}

/** Sums lags of every unit and of their sum. */
export class TimescaleObserver implements Observer {
  readonly sees: "hidden" | "cell";
  readonly operations: number;
  private readonly units: LagSums;
  private readonly population: LagSums;
  private readonly sums: RowSums;
  private readonly columns: number;

  constructor(core: Core, { shape }: Network, drive: Drive, { low, high }: TrialRange, maxLag: number) {
    const units = allUnits(shape);
    const trials = high - low;
    this.sees = drive.states;
    this.units = new LagSums(core, trials * units, maxLag);
    this.population = new LagSums(core, trials, maxLag);
    this.sums = new RowSums(core, LARGEST_PIECE * trials);
    this.columns = units;
    this.operations = 2 * maxLag * units * trials;
  }

  add(states: Float32Array): void {
    this.units.add(states);
    this.population.add(this.sums.of(states, this.columns));
  }

  finish(): TrialAutocovariances {
    return { units: this.units.autocovariances(), population: this.population.autocovariances() };
  }
}

/**
 * The timescales behind the autocovariances of all trials, in their order.
 *
 * @throws NumericError if the activity was NaN or infinite.
 */
export function summarizeTimescales(
  core: Core,
  name: string,
  trials: readonly TrialAutocovariances[],
  { maxLag, fitLag }: Required<LagOptions>,
): NetworkTimescales {
  const lags = maxLag + 1;
  const population = concatenate(trials.map((each) => each.population));
  const units = concatenate(trials.map((each) => each.units));
  const H = units.length / population.length;
  const autocovariances = finiteMean(name, units, H, maxLag, "a unit's activity");
  const populationAutocovariance = finiteMean(name, population, 1, maxLag, "the summed activity");
  const fits = Array.from({ length: H }, (_, i) =>
    fitTimescaleOn(core, autocovariances.subarray(i * lags, (i + 1) * lags), fitLag),
  );
  return { fits, ...summarize(fits), autocovariances, populationAutocovariance };
}

function concatenate(arrays: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(arrays.reduce((length, array) => length + array.length, 0));
  let length = 0;
  for (const array of arrays) {
    all.set(array, length);
    length += array.length;
  }
  return all;
}

function finiteMean(
  name: string,
  covariances: Float64Array,
  series: number,
  maxLag: number,
  what: string,
): Float64Array {
  try {
    return meanOverTrials(covariances, series, maxLag);
  } catch (cause) {
    if (!(cause instanceof NumericError)) throw cause;
    throw new NumericError(`${name}: ${what} is NaN or infinite, expected finite values.`, { cause });
  }
}

function summarize(fits: readonly TimescaleFit[]): Pick<NetworkTimescales, "slow" | "failed"> {
  const failed = fits.filter(({ ok }) => !ok).length;
  const taus = Float64Array.from(fits.flatMap((fit) => (fit.ok && fit.tau > SLOWER_THAN ? [fit.tau] : [])));
  const units = taus.length;
  if (units === 0) return { failed, slow: undefined };
  taus.sort();
  const mean = taus.reduce((sum, tau) => sum + tau, 0) / units;
  const variance = taus.reduce((sum, tau) => sum + (tau - mean) * (tau - mean), 0) / units;
  const median = (taus[(units - 1) >> 1]! + taus[units >> 1]!) / 2;
  return { failed, slow: { units, mean, sd: Math.sqrt(variance), median } };
}
