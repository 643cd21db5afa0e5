// Networks whose recurrent weights or time constants are changed at random.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code perturb_network_ ("normalized rnn", "normalized tau abs").
// Deviation  the diagonal of W, which leaky cells do not use, is left alone and counts in no norm; the released code draws a
//            direction for it too, which makes its change of the other weights smaller by √(1 - 1/H).

import { type Network, networkTensors, packParameters } from "../cells/network.ts";
import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { cellKind } from "../core/plan.ts";

// the first part of every key, behind the purposes of training/draw.ts; then what is changed
const PURPOSE = 6;
const Draw = { weights: 0, tau: 1 } as const;

export interface PerturbationOptions {
  /** Seed of the direction (default 0); the same for every strength. */
  seed?: number;
}

/**
 * The network with other recurrent weights: W + ε ‖W‖ D / ‖D‖, with Gaussian D and Frobenius norms.
 *
 * @param epsilon  Strength ε: the change relative to the weights (0: none; 1: as large as they are).
 * @throws ShapeError if `epsilon` is negative or not finite, or the seed is no whole number from 0.
 */
export async function perturbWeights(
  network: Network,
  epsilon: number,
  { seed = 0 }: PerturbationOptions = {},
): Promise<Network> {
  check("perturbWeights", epsilon, seed);
  const { shape } = network;
  const tensors = networkTensors(shape, network.parameters);
  const weight = tensors.get("recurrent.weight")!.data;
  const direction = await draw(seed, Draw.weights, weight.length);
  const used = Float64Array.from(weight);
  if (cellKind(shape.cell).tau) {
    for (let i = 0; i < shape.units; i++) {
      direction[i * (shape.units + 1)] = 0;
      used[i * (shape.units + 1)] = 0;
    }
  }
  move(weight, used, direction, epsilon);
  return { shape, parameters: packParameters(shape, tensors) };
}

/**
 * The network with longer time constants: τ + ε ‖τ‖ |d| / ‖d‖, with Gaussian d.
 *
 * @param epsilon  Strength ε: the change relative to the time constants, over all units.
 * @throws ShapeError as `perturbWeights`, or if the network's cell has no time constants.
 */
export async function perturbTau(
  network: Network,
  epsilon: number,
  { seed = 0 }: PerturbationOptions = {},
): Promise<Network> {
  check("perturbTau", epsilon, seed);
  const { shape } = network;
  const tensors = networkTensors(shape, network.parameters);
  const tau = tensors.get("tau")?.data;
  if (!tau)
    throw new ShapeError(`perturbTau: a ${shape.cell} cell has no time constants, expected a leaky cell.`);
  const direction = await draw(seed, Draw.tau, tau.length);
  move(tau, Float64Array.from(tau), direction.map(Math.abs), epsilon);
  return { shape, parameters: packParameters(shape, tensors) };
}

function check(name: string, epsilon: number, seed: number): void {
  if (!(epsilon >= 0 && epsilon < Number.POSITIVE_INFINITY)) {
    throw new ShapeError(`${name}: \`epsilon\` is ${epsilon}, expected a finite number from 0.`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ShapeError(`${name}: \`seed\` is ${seed}, expected a whole number from 0.`);
  }
}

async function draw(seed: number, what: number, count: number): Promise<Float64Array> {
  const core = await Core.load();
  try {
    return core.drawNormal(core.key(seed, PURPOSE, what), count);
  } finally {
    core.release();
  }
}

// target += ε ‖size‖ direction / ‖direction‖
function move(target: Float32Array, size: Float64Array, direction: Float64Array, epsilon: number): void {
  const length = norm(direction);
  // a single unit has no weights
  if (length === 0) return;
  const scale = (epsilon * norm(size)) / length;
  direction.forEach((value, i) => {
    target[i]! += scale * value;
  });
}

// squares added from the first
function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
