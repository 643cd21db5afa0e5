// Networks without some of their units.
//
// Based on   Khajehabdollahi et al., ICLR 2024: one unit at a time, among the 20 with the shortest and the 20 with the
//            longest time constants.
// Deviation  a unit is taken out of every head's read-out; the released code takes it out of the first head's,
//            whichever is measured.

import { allUnits, layerTensor, type Network, networkTensors, packParameters } from "../cells/network.ts";
import { layerTaus } from "../cells/tau.ts";
import { ShapeError } from "../core/errors.ts";
import { cellKind } from "../core/network-shape.ts";

/**
 * The network without some units: nothing reaches them, and nothing they do reaches other units or a head.
 *
 * Their rows and columns of the recurrent weights, their input weights and their columns of every read-out, or of the input
 * weights of the layer above, are zero. Their biases stay, so that their state is that of a unit by itself.
 *
 * @param units  Indices from 0; unit i of layer l, both counted from 0, is l H + i.
 * @throws ShapeError if an index is not one of the network's units.
 */
export function ablateUnits(network: Network, units: readonly number[]): Network {
  const { shape, parameters } = network;
  const { units: H, inputs, layers = 1 } = shape;
  const count = allUnits(shape);
  for (const unit of units) {
    if (!Number.isInteger(unit) || unit < 0 || unit >= count) {
      throw new ShapeError(`ablateUnits: unit ${unit} is not in the network, expected 0 to ${count - 1}.`);
    }
  }
  const { gates } = cellKind(shape.cell);
  const tensors = networkTensors(shape, parameters);
  for (const index of units) {
    const [l, unit] = [Math.floor(index / H), index % H];
    const I = l === 0 ? inputs : H;
    const recurrent = tensors.get(layerTensor(l, "recurrent.weight"))!.data;
    const input = tensors.get(layerTensor(l, "input.weight"))!.data;
    const next = tensors.get(l < layers - 1 ? layerTensor(l + 1, "input.weight") : "readout.weight")!.data;
    // of every gate
    for (let row = unit; row < gates * H; row += H) {
      recurrent.fill(0, row * H, (row + 1) * H);
      input.fill(0, row * I, (row + 1) * I);
    }
    for (let i = unit; i < recurrent.length; i += H) recurrent[i] = 0;
    for (let i = unit; i < next.length; i += H) next[i] = 0;
  }
  return { shape, parameters: packParameters(shape, tensors) };
}

/** Units by time constant. */
export interface UnitsByTau {
  /** The units with the shortest time constants, the shortest first. */
  shortest: number[];
  /** The units with the longest, the longest first. */
  longest: number[];
}

/**
 * The units with the shortest and with the longest time constants, of all layers; of equal ones, the first come first.
 *
 * @param count  How many of each (default 20, as in the source).
 * @throws ShapeError if the network has fewer, or no time constants.
 */
export function unitsByTau(network: Network, count = 20): UnitsByTau {
  const most = allUnits(network.shape);
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new ShapeError(`unitsByTau: \`count\` is ${count}, expected a whole number from 1 to ${most}.`);
  }
  const tau = layerTaus(network).flatMap((values) => [...values]);
  if (tau.length === 0) {
    throw new ShapeError(
      `unitsByTau: a ${network.shape.cell} cell has no time constants, expected a leaky cell.`,
    );
  }
  const order = tau.map((_, unit) => unit).sort((a, b) => tau[a]! - tau[b]! || a - b);
  const reversed = [...order].sort((a, b) => tau[b]! - tau[a]! || a - b);
  return { shortest: order.slice(0, count), longest: reversed.slice(0, count) };
}
