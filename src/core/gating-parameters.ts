// Parameters of a random network with gates, which simulation and theory share.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022).
//
//   dh/dt     = σ_z(z) (-h + J_h (φ(h) σ_r(r)) + I_h)
//   τ_z dz/dt = -z + J_z φ(h) + I_z
//   τ_r dr/dt = -r + J_r φ(h) + I_r
//
// with φ(x) = tanh(g x + β), σ_z(x) = 1 / (1 + exp(β_z - α_z x)) and σ_r likewise.

import { ShapeError } from "./errors.ts";

/** Gains, biases and time constants; the unit of time is that of h behind an open update gate. */
export interface GatingParameters {
  /** Gain g of the activation, at least 0 (default 3). */
  gain: number;
  /** Bias β of the activation (default 0). */
  bias: number;
  /** Gain α_z of the update gate, at least 0 (default 0): the larger, the more it is a switch; 0 keeps it where its bias has it. */
  updateGain: number;
  /** Bias β_z of the update gate (default 0): the larger, the more it is closed, which makes h slow. */
  updateBias: number;
  /** Time constant τ_z of the update gate, above 0 (default 1). */
  updateTau: number;
  /** Gain α_r of the output gate, at least 0 (default 0). */
  outputGain: number;
  /** Bias β_r of the output gate (default 0): the larger, the more it is closed. */
  outputBias: number;
  /** Time constant τ_r of the output gate, above 0 (default 1). */
  outputTau: number;
}

const defaults: GatingParameters = {
  gain: 3,
  bias: 0,
  updateGain: 0,
  updateBias: 0,
  updateTau: 1,
  outputGain: 0,
  outputBias: 0,
  outputTau: 1,
};

const least: Partial<Record<keyof GatingParameters, string>> = {
  gain: "at least 0",
  updateGain: "at least 0",
  outputGain: "at least 0",
  updateTau: "above 0",
  outputTau: "above 0",
};

/**
 * All parameters, of some; errors begin with `name`.
 *
 * @throws ShapeError if one is not finite, or out of its range.
 */
export function resolveGating(name: string, given: Partial<GatingParameters> = {}): GatingParameters {
  const fields = Object.keys(defaults) as (keyof GatingParameters)[];
  const resolved = { ...defaults };
  for (const field of fields) {
    const value = given[field] ?? defaults[field];
    const range = least[field];
    const inside = range === undefined || (range === "above 0" ? value > 0 : value >= 0);
    if (typeof value !== "number" || !Number.isFinite(value) || !inside) {
      throw new ShapeError(
        `${name}: \`${field}\` is ${value}, expected a finite number${range ? ` ${range}` : ""}.`,
      );
    }
    resolved[field] = value;
  }
  return resolved;
}
