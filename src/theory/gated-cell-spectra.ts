// Spectra of GRU and LSTM networks with random weights, from what their units do.
//
// Based on   re-derived; cf. Can, Krishnamurthy and Schwab, "Gating creates slow modes and controls phase-space complexity in
//            GRUs and LSTMs", arXiv 2002.00025 (2020). Weights of gate k have the variance a_k² / N; λ is an eigenvalue of the
//            Jacobian of one step:
//
//   GRU   1 = a_h² ⟨(1 - z)² φ′² / |λ - z|²⟩ (⟨r²⟩ + a_r² ⟨h² r′²⟩) + a_z² ⟨(h - φ)² z′² / |λ - z|²⟩
//   LSTM  1 = ⟨(o φ′(c))² (a_f² (c f′)² + a_i² (g i′)² + a_g² (i g′)²) / |λ - f|²⟩ + a_o² ⟨φ(c)² o′²⟩ / |λ|²
//
// Deviation  the GRU applies its reset gate before the product with the weights, not after it as PyTorch's does.

import { Core } from "../core/core.ts";
import { saturateAll } from "../core/gaussian-averages.ts";
import type { SpectrumEquation } from "../core/spectrum.ts";
import { checkAtLeast } from "./site.ts";
import { checkSamples, mean } from "./spectral-boundary.ts";

/** Standard deviations of the weights times √N. */
export interface GruGains {
  /** a_h, of the candidate. */
  candidate: number;
  /** a_r. */
  reset: number;
  /** a_z. */
  update: number;
}

/** Units of a GRU, M each, h′ = z h + (1 - z) φ with gates after their logistic function. */
export interface GruSamples {
  /** h. */
  state: ArrayLike<number>;
  /** z, from 0 to 1. */
  update: ArrayLike<number>;
  /** r, from 0 to 1. */
  reset: ArrayLike<number>;
  /** φ, the candidate after its tanh. */
  candidate: ArrayLike<number>;
}

/** Standard deviations of the weights times √N. */
export interface LstmGains {
  /** a_f. */
  forget: number;
  /** a_i. */
  input: number;
  /** a_g, of the candidate. */
  candidate: number;
  /** a_o. */
  output: number;
}

/** Units of an LSTM, M each, c′ = f c + i g and h = o tanh c with gates after their logistic function. */
export interface LstmSamples {
  /** c. */
  cell: ArrayLike<number>;
  /** f, from 0 to 1. */
  forget: ArrayLike<number>;
  /** i, from 0 to 1. */
  input: ArrayLike<number>;
  /** g, the candidate after its tanh. */
  candidate: ArrayLike<number>;
  /** o, from 0 to 1. */
  output: ArrayLike<number>;
}

function checkGains(name: string, gains: object): void {
  for (const [field, value] of Object.entries(gains)) checkAtLeast(name, field, value, 0);
}

// derivatives by the argument, from values
const logisticSlope = (value: number) => value * (1 - value);
const tanhSlope = (value: number) => 1 - value * value;
const square = (value: number) => value * value;

/**
 * The equation of a GRU's spectrum, from samples of its units.
 *
 * @param gains    Of its recurrent weights, at least 0.
 * @param samples  Of one step: the state before it, and gates and candidate in it.
 * @returns  The equation, for `traceSpectralBoundary` and `findInside`.
 * @throws ShapeError  if a gain is negative, or samples differ in number or are none.
 */
export function gruSpectrum(gains: GruGains, samples: GruSamples): SpectrumEquation {
  const name = "gruSpectrum";
  const { candidate: ah, reset: ar, update: az } = gains;
  checkGains(name, { candidate: ah, reset: ar, update: az });
  const { state, update, reset, candidate } = samples;
  const count = checkSamples(name, { state, update, reset, candidate });
  const passed =
    mean(reset, square) + square(ar) * mean(reset, (r, i) => square(state[i]! * logisticSlope(r)));
  return {
    ...plain,
    poles: Float64Array.from(update),
    v: Float64Array.from(update, (z, i) => {
      const phi = candidate[i]!;
      const direct = square(ah * (1 - z) * tanhSlope(phi)) * passed;
      return (direct + square(az * (state[i]! - phi) * logisticSlope(z))) / count;
    }),
    w: new Float64Array(count),
  };
}

// all in the weights v
const plain = { c0: 1, c1: 0, tau1: 1, tau2: 1, e: 0 };

/**
 * The equation of an LSTM's spectrum, from samples of its units.
 *
 * @param gains    Of its recurrent weights, at least 0.
 * @param samples  Of one step.
 * @returns  The equation, for `traceSpectralBoundary` and `findInside`.
 * @throws ShapeError  if a gain is negative, or samples differ in number or are none.
 */
export async function lstmSpectrum(gains: LstmGains, samples: LstmSamples): Promise<SpectrumEquation> {
  const name = "lstmSpectrum";
  const { forget: af, input: ai, candidate: ag, output: ao } = gains;
  checkGains(name, { forget: af, input: ai, candidate: ag, output: ao });
  const { cell, forget, input, candidate, output } = samples;
  const count = checkSamples(name, { cell, forget, input, candidate, output });
  const core = await Core.load();
  try {
    const shown = saturateAll(core, { kind: "tanh", gain: 1, bias: 0 }, cell);
    const v = Float64Array.from(forget, (f, k) => {
      const gates =
        square(af * cell[k]! * logisticSlope(f)) +
        square(ai * candidate[k]! * logisticSlope(input[k]!)) +
        square(ag * input[k]! * tanhSlope(candidate[k]!));
      return (square(output[k]! * tanhSlope(shown[k]!)) * gates) / count;
    });
    const e = square(ao) * mean(shown, (phi, k) => square(phi * logisticSlope(output[k]!)));
    return { ...plain, poles: Float64Array.from(forget), v, w: new Float64Array(count), e };
  } finally {
    core.release();
  }
}
