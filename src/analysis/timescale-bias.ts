// How far a fitted timescale is off, for the length of a recording: the same fit of processes whose timescale is known.
//
// Based on   Zeraati, Engel, Levina, "A flexible Bayesian framework for unbiased estimation of timescales", Nature
//            Computational Science 2022: autocorrelations of short trials are biased, since their mean is estimated too.
// Deviation  the bias is measured for a single timescale; no other is inferred from it.

import { Ar1 } from "../core/ar1.ts";
import { Core, type Key } from "../core/core.ts";
import { NumericError, ShapeError } from "../core/errors.ts";
import { LagSums } from "../core/lag-sums.ts";
import { Pace } from "../core/pace.ts";
import { meanOverTrials } from "./autocorrelation.ts";
import { checkWhole } from "./driven-activity.ts";
import { checkFitLag, FIT_LAG, fitTimescaleOn } from "./timescale-fit.ts";

// the first part of every key, behind the purposes of training/draw.ts; then the recording, and what is drawn
const PURPOSE = 7;
const Draw = { start: 0, noise: 1 } as const;

// values of one piece, whose noise shares a key, at most: 2 MB
const VALUES_AT_ONCE = 2 ** 18;

// some 80 ns, in operations as `Pace` counts them
const OPERATIONS_OF_A_DRAW = 5000;

export interface TimescaleBiasOptions {
  /** Timescale τ of the process, in steps. */
  tau: number;
  /** Steps T of a trial. */
  steps: number;
  /** Trials B, whose autocovariances are averaged before the fit (default 10). */
  trials?: number;
  /** Last lag of the fit (default 30). */
  fitLag?: number;
  /** Recordings that are made and fitted (default 100). */
  replicates?: number;
  /** Seed of the noise (default 0). */
  seed?: number;
  signal?: AbortSignal;
}

/** What fits of a known timescale find. */
export interface TimescaleBias {
  /** The timescale fitted to each recording. */
  taus: Float64Array;
  /** Their mean. */
  mean: number;
  /** Their standard deviation, with n - 1; NaN for a single one. */
  sd: number;
  /** Mean minus τ. */
  bias: number;
  /** Bias over τ. */
  relativeBias: number;
  /** Their median: what mostly is found. */
  median: number;
  /** Recordings to which two decays were fitted, although there is one: their τ is that of the slower, which may be any. */
  twoDecays: number;
  /** Recordings without a timescale, which count in none of these numbers. */
  failed: number;
}

/**
 * Estimate the bias of `fitTimescale` for recordings of a length: of AR(1) processes with autocorrelation e^(-k/τ), measured as
 * the units of a network are in `measureNetworkTimescales`.
 *
 * Short trials bias every fit downwards; the median shows it. Errors of an autocorrelation are alike at neighbouring lags, so
 * that AIC prefers two decays in a third of long recordings too, and the mean is carried by those.
 *
 * @throws ShapeError    if an option is out of range.
 * @throws NumericError  if no fit has a timescale.
 * @throws the signal's reason if it has been aborted.
 */
export async function estimateTimescaleBias(options: TimescaleBiasOptions): Promise<TimescaleBias> {
  const { tau, steps, trials = 10, fitLag = FIT_LAG, replicates = 100, seed = 0, signal } = options;
  if (!(tau > 0 && tau < Number.POSITIVE_INFINITY)) {
    throw new ShapeError(`${NAME}: \`tau\` is ${tau}, expected a finite number above 0.`);
  }
  checkFitLag(NAME, fitLag);
  checkWhole(NAME, "steps", steps, fitLag + 1);
  checkWhole(NAME, "trials", trials, 1);
  checkWhole(NAME, "replicates", replicates, 1);
  checkWhole(NAME, "seed", seed, 0, Number.MAX_SAFE_INTEGER);
  const pace = new Pace(signal);
  const core = await Core.load();
  try {
    const found: number[] = [];
    let twoDecays = 0;
    for (let replicate = 0; replicate < replicates; replicate++) {
      const covariances = record(core, { tau, steps, trials, fitLag }, core.key(seed, PURPOSE, replicate));
      const fit = fitTimescaleOn(core, meanOverTrials(covariances, 1, fitLag), fitLag);
      if (fit.ok) found.push(fit.tau);
      if (fit.ok && fit.model === 2) twoDecays++;
      await pace.after((OPERATIONS_OF_A_DRAW + 2 * fitLag) * trials * steps);
    }
    if (found.length === 0) throw new NumericError(`${NAME}: no fit has a timescale, expected at least one.`);
    return { ...summarize(Float64Array.from(found), tau), twoDecays, failed: replicates - found.length };
  } finally {
    core.release();
  }
}

const NAME = "estimateTimescaleBias";

// autocovariances of each trial of a recording
function record(
  core: Core,
  { tau, steps, trials, fitLag }: Pick<Required<TimescaleBiasOptions>, "tau" | "steps" | "trials" | "fitLag">,
  key: Key,
): Float64Array {
  return core.temporarily(() => {
    const most = Math.min(steps, Math.max(1, Math.floor(VALUES_AT_ONCE / trials)));
    const process = new Ar1(core, tau, trials, most);
    const sums = new LagSums(core, trials, fitLag);
    process.start(core.fold(key, Draw.start));
    for (let first = 0; first < steps; first += most) {
      sums.add(process.run(core.fold(key, Draw.noise, first / most), Math.min(most, steps - first)));
    }
    return sums.autocovariances();
  });
}

function summarize(taus: Float64Array, tau: number): Omit<TimescaleBias, "twoDecays" | "failed"> {
  const count = taus.length;
  const mean = taus.reduce((sum, value) => sum + value, 0) / count;
  const squares = taus.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  const sd = count > 1 ? Math.sqrt(squares / (count - 1)) : Number.NaN;
  const sorted = taus.slice().sort();
  const median = (sorted[(count - 1) >> 1]! + sorted[count >> 1]!) / 2;
  return { taus, mean, sd, bias: mean - tau, relativeBias: (mean - tau) / tau, median };
}
