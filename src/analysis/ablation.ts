// Networks without some of their units.
//
// Based on   Khajehabdollahi et al., ICLR 2024: one unit at a time, among the 20 with the shortest and the 20 with the
//            longest time constants.
// Deviation  a unit is taken out of every head's read-out; the released code takes it out of the first head's,
//            whichever is measured.

import { type Network, networkTensors, packParameters } from "../cells/network.ts";
import { ShapeError } from "../core/errors.ts";
import { cellKind } from "../core/plan.ts";

/**
 * The network without some units: nothing reaches them, and nothing they do reaches other units or a head.
 *
 * Their rows and columns of the recurrent weights, their input weights and their columns of every read-out are zero. Their
 * biases stay, so that their state is that of a unit by itself.
 *
 * @param units  Indices from 0.
 * @throws ShapeError if an index is not one of the network's units.
 */
export function ablateUnits(network: Network, units: readonly number[]): Network {
  const { units: H, inputs: I, heads: K, classes: C } = network.shape;
  for (const unit of units) {
    if (!Number.isInteger(unit) || unit < 0 || unit >= H) {
      throw new ShapeError(`ablateUnits: unit ${unit} is not in the network, expected 0 to ${H - 1}.`);
    }
  }
  const { gates } = cellKind(network.shape.cell);
  const tensors = networkTensors(network.shape, network.parameters);
  const recurrent = tensors.get("recurrent.weight")!.data;
  const input = tensors.get("input.weight")!.data;
  const readout = tensors.get("readout.weight")!.data;
  for (const unit of units) {
    // of every gate
    for (let row = unit; row < gates * H; row += H) {
      recurrent.fill(0, row * H, (row + 1) * H);
      input.fill(0, row * I, (row + 1) * I);
    }
    for (let row = 0; row < gates * H; row++) recurrent[row * H + unit] = 0;
    for (let row = 0; row < K * C; row++) readout[row * H + unit] = 0;
  }
  return { shape: network.shape, parameters: packParameters(network.shape, tensors) };
}

/** Units by time constant. */
export interface UnitsByTau {
  /** The units with the shortest time constants, the shortest first. */
  shortest: number[];
  /** The units with the longest, the longest first. */
  longest: number[];
}

/**
 * The units with the shortest and with the longest time constants; of equal ones, the first come first.
 *
 * @param count  How many of each (default 20, as in the source).
 * @throws ShapeError if the network has fewer, or no time constants.
 */
export function unitsByTau({ shape, parameters }: Network, count = 20): UnitsByTau {
  const H = shape.units;
  if (!Number.isInteger(count) || count < 1 || count > H) {
    throw new ShapeError(`unitsByTau: \`count\` is ${count}, expected a whole number from 1 to ${H}.`);
  }
  const tau = networkTensors(shape, parameters).get("tau")?.data;
  if (!tau)
    throw new ShapeError(`unitsByTau: a ${shape.cell} cell has no time constants, expected a leaky cell.`);
  const order = Array.from(tau, (_, unit) => unit).sort((a, b) => tau[a]! - tau[b]! || a - b);
  const reversed = [...order].sort((a, b) => tau[b]! - tau[a]! || a - b);
  return { shortest: order.slice(0, count), longest: reversed.slice(0, count) };
}
