// Networks whose recurrent weights or time constants are changed at random.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code perturb_network_ ("normalized rnn", "normalized tau abs").
// Deviation  the diagonal of W, which leaky cells do not use, is left alone and counts in no norm; the released code draws a
//            direction for it too, which makes its change of the other weights smaller by √(1 - 1/H).

import {
  layerTensor,
  type Network,
  type NetworkTensor,
  networkTensors,
  packParameters,
} from "../cells/network.ts";
import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { cellKind } from "../core/network-shape.ts";

// the first part of every key, behind the purposes of training/draw.ts; then what is changed
const PURPOSE = 6;
const Draw = { weights: 0, tau: 1 } as const;

export interface PerturbationOptions {
  /** Seed of the direction (default 0); the same for every strength. */
  seed?: number;
}

/**
 * The network with other recurrent weights: W + ε ‖W‖ D / ‖D‖, with Gaussian D and Frobenius norms. Of several layers W is all
 * recurrent weights together; the weights between layers stay.
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
  const weights = ofLayers(network, tensors, "recurrent.weight");
  const used = concatenate(weights);
  const direction = await draw(seed, Draw.weights, used.length);
  if (cellKind(shape.cell).tau) {
    const { units: H } = shape;
    for (let k = 0; k < used.length; k++) if ((k % (H * H)) % (H + 1) === 0) used[k] = direction[k] = 0;
  }
  move(weights, used, direction, epsilon);
  return { shape, parameters: packParameters(shape, tensors) };
}

/**
 * The network with longer time constants: τ + ε ‖τ‖ |d| / ‖d‖, with Gaussian d.
 *
 * @param epsilon  Strength ε: the change relative to the time constants, over all units of all layers.
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
  if (!cellKind(shape.cell).tau)
    throw new ShapeError(`perturbTau: a ${shape.cell} cell has no time constants, expected a leaky cell.`);
  const taus = ofLayers(network, tensors, "tau");
  const size = concatenate(taus);
  const direction = await draw(seed, Draw.tau, size.length);
  move(taus, size, direction.map(Math.abs), epsilon);
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

// a tensor of each layer, the first one first
function ofLayers(
  { shape }: Network,
  tensors: ReadonlyMap<string, NetworkTensor>,
  name: "tau" | "recurrent.weight",
): Float32Array[] {
  return Array.from({ length: shape.layers ?? 1 }, (_, l) => tensors.get(layerTensor(l, name))!.data);
}

function concatenate(tensors: readonly Float32Array[]): Float64Array {
  return Float64Array.from(tensors.flatMap((values) => [...values]));
}

async function draw(seed: number, what: number, count: number): Promise<Float64Array> {
  const core = await Core.load();
  try {
    return core.drawNormal(core.key(seed, PURPOSE, what), count);
  } finally {
    core.release();
  }
}

// targets, one behind the other, += ε ‖size‖ direction / ‖direction‖
function move(
  targets: readonly Float32Array[],
  size: Float64Array,
  direction: Float64Array,
  epsilon: number,
): void {
  const length = norm(direction);
  // a single unit has no weights
  if (length === 0) return;
  const scale = (epsilon * norm(size)) / length;
  let offset = 0;
  for (const target of targets) {
    for (let i = 0; i < target.length; i++) target[i]! += scale * direction[offset + i]!;
    offset += target.length;
  }
}

// squares added from the first
function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
