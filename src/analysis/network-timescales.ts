// Timescales of a network's units, τ_net: how long the activity of each is correlated while random bits drive the network.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code comp_acs: autocorrelations of every unit averaged over
//            trials, fitted up to lag 30; of the summed activity kept to lag 200.
// Deviation  as in autocorrelation.ts and timescale-fit.ts; lags are summed while simulating, and no trial is stored.

import { type Network, parameterCount } from "../cells/network.ts";
import { Core } from "../core/core.ts";
import { NumericError, ShapeError } from "../core/errors.ts";
import { LagSums, sumRows } from "../core/lag-sums.ts";
import { Pace } from "../core/pace.ts";
import { Plan } from "../core/plan.ts";
import { MAX_LAG, meanOverTrials } from "./autocorrelation.ts";
import { checkFitLag, FIT_LAG, fitTimescaleOn, type TimescaleFit } from "./timescale-fit.ts";

// steps whose bits share a key, and which are simulated at once
const PIECE = 256;

// the first part of every key, behind the purposes of training/draw.ts; then what is drawn
const PURPOSE = 4;
const Draw = { bits: 0, bias: 1, state: 2 } as const;

// scale of the initial state, as in training
const INITIAL_STATE = 0.1;

// the source's statistics are of the units above; faster ones are as good as uncorrelated
const SLOWER_THAN = 1;

export interface NetworkTimescalesOptions {
  /** Steps T that are measured, behind the burn-in (default 100500, as in the source). */
  steps?: number;
  /** Trials B, each with its own bias of the bits, p ~ U(0, 1) (default 10). */
  trials?: number;
  /** Steps before the measurement, so that the initial state is forgotten (default 500). */
  burnIn?: number;
  /** Seed of bits, biases and initial states (default 0). */
  seed?: number;
  /** Largest lag of the autocovariances (default 200). Time is nearly proportional to it where units are few. */
  maxLag?: number;
  /** Last lag of the fits (default 30; longer lags carry more bias). */
  fitLag?: number;
  signal?: AbortSignal;
  /** Called about once in 256 steps. */
  onProgress?: (progress: TimescalesProgress) => void;
}

export interface TimescalesProgress {
  /** Steps simulated, burn-in included. */
  done: number;
  /** Of so many. */
  steps: number;
}

/** Timescales of a network's units, in steps. */
export interface NetworkTimescales {
  /** The fit of each unit (H). */
  fits: TimescaleFit[];
  /** Statistics of the timescales above 1, as the source takes them; undefined if there are none. */
  slow: { units: number; mean: number /** Divisor: units. */; sd: number; median: number } | undefined;
  /** Units without a timescale, such as those that are never active. */
  failed: number;
  /** Mean autocovariance over trials, (H, L + 1); at lag 0 the variance. */
  autocovariances: Float64Array;
  /** The same of the activity summed over units, (L + 1). */
  populationAutocovariance: Float64Array;
}

/**
 * Measure the timescales of a network's units. The result is a function of the network and the options alone.
 *
 * At 500 units and the defaults it takes about three quarters of a minute on one core; with `maxLag` 30, half of that.
 *
 * @param network  With one input, which takes the bits 0 and 1.
 * @returns        One fit per unit; a unit that is constant, or whose fits do not converge, has `ok: false` and a reason.
 * @throws ShapeError    if an option is out of range, or the network has not one input.
 * @throws NumericError  if the activity is NaN or infinite.
 * @throws StateError    if the memory cannot hold it.
 * @throws the signal's reason if it has been aborted.
 */
export async function measureNetworkTimescales(
  network: Network,
  options: NetworkTimescalesOptions = {},
): Promise<NetworkTimescales> {
  const settings = resolve(network, options);
  const core = await Core.load();
  try {
    return await measure(core, network, settings, options);
  } finally {
    core.release();
  }
}

type Settings = Required<Omit<NetworkTimescalesOptions, "signal" | "onProgress">>;

function resolve({ shape, parameters }: Network, options: NetworkTimescalesOptions): Settings {
  const { steps = 100_500, trials = 10, burnIn = 500, seed = 0 } = options;
  const { maxLag = MAX_LAG, fitLag = FIT_LAG } = options;
  checkWhole("steps", steps, 1);
  checkWhole("trials", trials, 1);
  checkWhole("burnIn", burnIn, 0);
  checkWhole("seed", seed, 0, Number.MAX_SAFE_INTEGER);
  checkWhole("maxLag", maxLag, 1);
  checkFitLag(NAME, fitLag);
  if (fitLag > maxLag) {
    throw new ShapeError(
      `${NAME}: \`fitLag\` is ${fitLag}, expected at most \`maxLag\`, which is ${maxLag}.`,
    );
  }
  if (steps <= maxLag) {
    throw new ShapeError(
      `${NAME}: \`steps\` is ${steps}, expected more than \`maxLag\`, which is ${maxLag}.`,
    );
  }
  if (shape.inputs !== 1) {
    throw new ShapeError(`${NAME}: the network has ${shape.inputs} inputs, expected one, for the bits.`);
  }
  if (parameters.length !== parameterCount(shape)) {
    throw new ShapeError(
      `${NAME}: \`parameters\` has ${parameters.length} elements, expected ${parameterCount(shape)}.`,
    );
  }
  return { steps, trials, burnIn, seed, maxLag, fitLag };
}

async function measure(
  core: Core,
  { shape, parameters }: Network,
  { steps, trials, burnIn, seed, maxLag, fitLag }: Settings,
  { signal, onProgress }: NetworkTimescalesOptions,
): Promise<NetworkTimescales> {
  const H = shape.units;
  const key = core.key(seed, PURPOSE);
  const plan = new Plan(core, shape, { batch: trials, steps: PIECE, labelRows: 1 }, "recording");
  plan.parameters.set(parameters);
  plan.drawState(core.fold(key, Draw.state), INITIAL_STATE);
  const units = new LagSums(core, trials * H, maxLag);
  const population = new LagSums(core, trials, maxLag);
  plan.prepareRecording();
  const pace = new Pace(signal);
  const all = burnIn + steps;
  for (let first = 0; first < all; first += PIECE) {
    const count = Math.min(PIECE, all - first);
    plan.drawBiasedBits(core.fold(key, Draw.bits, first / PIECE), core.fold(key, Draw.bias), count);
    const skipped = Math.min(count, Math.max(0, burnIn - first));
    const states = plan.record(count).subarray(skipped * trials * H);
    if (states.length > 0) {
      // first, since the sums may let the memory grow, which would take the states' view away
      units.add(states);
      population.add(sumRows(core, states, H));
    }
    onProgress?.({ done: first + count, steps: all });
    await pace.after(plan.forwardOperations(count) + 2 * maxLag * H * trials * count);
  }
  const autocovariances = finish(units, H, "a unit's activity");
  const populationAutocovariance = finish(population, 1, "the summed activity");
  const lags = maxLag + 1;
  const fits: TimescaleFit[] = [];
  for (let i = 0; i < H; i++) {
    fits.push(fitTimescaleOn(core, autocovariances.subarray(i * lags, (i + 1) * lags), fitLag));
  }
  return { fits, ...summarize(fits), autocovariances, populationAutocovariance };
}

function finish(sums: LagSums, series: number, what: string): Float64Array {
  try {
    return meanOverTrials(sums.autocovariances(), series, sums.maxLag);
  } catch (cause) {
    if (!(cause instanceof NumericError)) throw cause;
    throw new NumericError(`${NAME}: ${what} is NaN or infinite, expected finite values.`, { cause });
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

const NAME = "measureNetworkTimescales";

function checkWhole(field: string, value: number, low: number, high = 2 ** 31 - 1): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new ShapeError(`${NAME}: \`${field}\` is ${value}, expected a whole number from ${low} to ${high}.`);
}
