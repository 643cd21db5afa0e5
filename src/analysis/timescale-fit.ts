// Timescale of one unit from its autocorrelation: one or two exponential decays, chosen by AIC.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code model_comp.
// Deviation  a failed fit is reported as such, not scored as AIC = 1e5.
// Deviation  fits start from a grid of timescales and the best end is taken (assembly/analysis/exponential-fit.ts).
// Deviation  AIC takes ln(RSS / n), the source's code ln(RSS): the same difference between models.

import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { type DecayFit, fitExponentials } from "../core/exponential-fit.ts";

export type { DecayFit } from "../core/exponential-fit.ts";

/** Last lag of a fit unless another is asked for, as in the source. */
export const FIT_LAG = 30;

// one value more than the two decays have parameters
const LEAST_FIT_LAG = 4;

export interface TimescaleFitOptions {
  /** Last lag used, in steps (default 30, as in the source; longer lags carry more bias). At least 4. */
  fitLag?: number;
}

/** A timescale, or why there is none. */
export type TimescaleFit =
  | {
      ok: true;
      /** The timescale in steps: of two decays the slower one's. 100 is the upper bound, and means "at least". */
      tau: number;
      /** Decays of the model with the lower AIC; of equal ones, the simpler. */
      model: 1 | 2;
      /** Decays of the model with the lower BIC. */
      modelByBic: 1 | 2;
      /** The fit of one decay, unless it has not converged. */
      one: DecayFit | undefined;
      /** The fit of two decays, unless it has not converged. */
      two: DecayFit | undefined;
    }
  | { ok: false; reason: string };

/**
 * Fit the decay of an autocorrelation.
 *
 * @param acf  Autocorrelation or autocovariance at lags 0, 1 … (L); it is divided by its value at lag 0. One lag = one
 *             time step.
 * @returns    tau in steps (the slower of two), the model chosen, both fits with their AIC and BIC; `ok: false` and a
 *             reason if neither fit converged, or if `acf` is that of a constant or has a value that is not finite.
 * @throws ShapeError  if acf has fewer than fitLag + 1 lags.
 */
export async function fitTimescale(
  acf: ArrayLike<number>,
  options: TimescaleFitOptions = {},
): Promise<TimescaleFit> {
  const { fitLag = FIT_LAG } = options;
  checkFitLag("fitTimescale", fitLag);
  if (acf.length <= fitLag) {
    throw new ShapeError(
      `fitTimescale: \`acf\` has ${acf.length} lags but \`fitLag\` is ${fitLag}; expected at least ${fitLag + 1}. Pass a longer acf or a smaller fitLag.`,
    );
  }
  const core = await Core.load();
  try {
    return fitTimescaleOn(core, acf, fitLag);
  } finally {
    core.release();
  }
}

/** @throws ShapeError if `fitLag` is not a whole number from 4. */
export function checkFitLag(name: string, fitLag: number): void {
  if (Number.isSafeInteger(fitLag) && fitLag >= LEAST_FIT_LAG) return;
  throw new ShapeError(
    `${name}: \`fitLag\` is ${fitLag}, expected a whole number from ${LEAST_FIT_LAG}: two decays have four parameters.`,
  );
}

/** `fitTimescale` on a core that is there already. */
export function fitTimescaleOn(core: Core, acf: ArrayLike<number>, fitLag: number): TimescaleFit {
  const values = Float64Array.from({ length: fitLag + 1 }, (_, lag) => acf[lag]!);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) return { ok: false, reason: `the autocorrelation at lag ${bad} is ${values[bad]}` };
  const scale = values[0]!;
  if (!(scale > 0))
    return {
      ok: false,
      reason: `the autocorrelation at lag 0 is ${scale}, as of a constant: there is nothing to decay`,
    };
  const [one, two] = fitExponentials(
    core,
    values.map((value) => value / scale),
  );
  const model = choose(one?.aic, two?.aic);
  const modelByBic = choose(one?.bic, two?.bic);
  const chosen = model === 2 ? two : one;
  if (!chosen) return { ok: false, reason: "neither the fit of one decay nor that of two converged" };
  return { ok: true, tau: chosen.taus.at(-1)!, model, modelByBic, one, two };
}

function choose(one: number | undefined, two: number | undefined): 1 | 2 {
  if (two === undefined) return 1;
  return one === undefined || two < one ? 2 : 1;
}
