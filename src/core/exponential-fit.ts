// Fits of one and of two exponential decays, by the core.

import type { Core } from "./core.ts";

/** A fit of one decay or of two, a Σ w e^(-t/τ). */
export interface DecayFit {
  /** The value at lag 0, a in [0, 1]. */
  amplitude: number;
  /** Timescales τ in steps, in [0, 100]; of two the faster first. */
  taus: number[];
  /** Share of each decay, w; they add up to 1. */
  weights: number[];
  /** Sum of squared residuals. */
  rss: number;
  /** Akaike's information criterion, 2 k + n ln(RSS / n) with k = 2 or 4 parameters. */
  aic: number;
  /** Bayesian information criterion, k ln n + n ln(RSS / n). */
  bic: number;
}

/** The fits of one decay and of two to `values`; undefined where one has not converged. */
export function fitExponentials(
  core: Core,
  values: Float64Array,
): [DecayFit | undefined, DecayFit | undefined] {
  const { exports } = core;
  return core.temporarily(() => {
    const bytes = exports.exponentialFitBytes();
    const y = core.allocate(8 * values.length, "values to be fitted");
    const fit = core.allocate(bytes, "a fit");
    core.f64(y, values.length).set(values);
    exports.fitExponentials(y, values.length, fit);
    return decode(core.f64(fit, bytes / 8));
  });
}

// the fields of the core's ExponentialFit, in its order
function decode(fit: Float64Array): [DecayFit | undefined, DecayFit | undefined] {
  const [converged1, rss1, aic1, bic1, converged2, rss2, aic2, bic2, amplitude, tau, amplitudes, ...pair] =
    fit as unknown as number[] & { length: 14 };
  const [tau1, tau2, share] = pair as [number, number, number];
  const swapped = tau1 > tau2;
  const one = {
    amplitude: amplitude!,
    taus: [tau!],
    weights: [1],
    rss: rss1!,
    aic: aic1!,
    bic: bic1!,
  };
  const two = {
    amplitude: amplitudes!,
    taus: swapped ? [tau2, tau1] : [tau1, tau2],
    weights: swapped ? [1 - share, share] : [share, 1 - share],
    rss: rss2!,
    aic: aic2!,
    bic: bic2!,
  };
  return [converged1 ? one : undefined, converged2 ? two : undefined];
}
