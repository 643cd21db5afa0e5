// What the theory needs of a network's parameters: its functions and rates, of one site.

import type { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { type GatingParameters, resolveGating } from "../core/gating-parameters.ts";
import { restingGate, type Saturation } from "../core/gaussian-averages.ts";

/** One site of a network with gates. */
export interface Site {
  readonly activation: Saturation;
  readonly output: Saturation;
  readonly update: Saturation;
  /** Of the update gate while nothing drives it: the rate of h. */
  readonly rate: number;
  /** Of the output gate while nothing drives it. */
  readonly resting: number;
  readonly updateTau: number;
  readonly outputTau: number;
}

export function siteOf(core: Core, parameters: GatingParameters): Site {
  const { gain, bias, updateGain, updateBias, updateTau, outputGain, outputBias, outputTau } = parameters;
  return {
    activation: { kind: "tanh", gain, bias },
    output: { kind: "logistic", gain: outputGain, bias: outputBias },
    update: { kind: "logistic", gain: updateGain, bias: updateBias },
    rate: restingGate(core, updateBias),
    resting: restingGate(core, outputBias),
    updateTau,
    outputTau,
  };
}

/** A site whose gates are open: h′ = -h + J tanh(gain h). */
export function plainSite(gain: number): Site {
  const open: Saturation = { kind: "logistic", gain: 0, bias: -Infinity };
  return {
    activation: { kind: "tanh", gain, bias: 0 },
    output: open,
    update: open,
    rate: 1,
    resting: 1,
    updateTau: 1,
    outputTau: 1,
  };
}

/**
 * All parameters, of some, of a network without a bias of the activation.
 *
 * @throws ShapeError if one is not finite or out of its range, or if the bias is not 0.
 */
export function resolveUnbiased(name: string, given: Partial<GatingParameters> = {}): GatingParameters {
  const parameters = resolveGating(name, given);
  if (parameters.bias === 0) return parameters;
  throw new ShapeError(
    `${name}: \`bias\` is ${parameters.bias}, expected 0: correlations then decay to a level that is not solved for. Leave it out.`,
  );
}

/**
 * The same, with an update gate that does not move.
 *
 * @throws ShapeError also if the update gate has a gain.
 */
export function resolveStill(name: string, given: Partial<GatingParameters> = {}): GatingParameters {
  const parameters = resolveUnbiased(name, given);
  if (parameters.updateGain === 0) return parameters;
  throw new ShapeError(
    `${name}: \`updateGain\` is ${parameters.updateGain}, expected 0: h is not Gaussian behind an update gate that moves. Use solveDynamicMeanField, which draws it, or leave it out.`,
  );
}

/** @throws ShapeError if a value is not a finite number of at least `least`. */
export function checkAtLeast(name: string, field: string, value: number, least: number): void {
  if (typeof value === "number" && Number.isFinite(value) && value >= least) return;
  throw new ShapeError(`${name}: \`${field}\` is ${value}, expected a finite number of at least ${least}.`);
}

/** @throws ShapeError if a value is not a whole number of at least `least`. */
export function checkCount(name: string, field: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ShapeError(`${name}: \`${field}\` is ${value}, expected a whole number of at least ${least}.`);
}
