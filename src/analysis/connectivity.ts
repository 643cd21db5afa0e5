// Balance of excitation and inhibition in a network's recurrent weights.
//
// Based on   Khajehabdollahi et al., ICLR 2024: the mean incoming recurrent weight against N; single-head networks become
//            strongly inhibitory, multi-head ones weakly.

import { layerTensor, type Network, networkTensors } from "../cells/network.ts";
import { ShapeError } from "../core/errors.ts";
import { cellKind } from "../core/network-shape.ts";

/** Statistics of the recurrent weights that a cell uses: in leaky cells all but those of units to themselves. */
export interface ConnectivityStatistics {
  /** Mean incoming weight of each row of W, (G H): of each unit, in gated cells of each gate of each unit. 0 without any. */
  incoming: Float64Array;
  /** Mean over all weights; 0 without any, as for all of these. */
  mean: number;
  /** Standard deviation over all weights, divisor: their number. */
  sd: number;
  /** Share of the weights that are below 0. */
  negative: number;
  /** Standard deviation over rows of the mean incoming weight, divisor: their number. */
  incomingSd: number;
}

/**
 * Statistics of the recurrent weights of a network's layer. Sums are in f64, row by row from the first.
 *
 * @param layer  Which one, counted from 1; may be left out where there is one only.
 * @throws ShapeError if there is no such layer, or several and none is named.
 */
export function connectivityStatistics(
  { shape, parameters }: Network,
  layer?: number,
): ConnectivityStatistics {
  const { units: H, layers = 1 } = shape;
  const which = layer ?? (layers === 1 ? 1 : undefined);
  if (which === undefined || !(Number.isInteger(which) && which >= 1 && which <= layers)) {
    throw new ShapeError(
      `connectivityStatistics: \`layer\` is ${which}, expected a whole number from 1 to ${layers}.`,
    );
  }
  const weight = networkTensors(shape, parameters).get(layerTensor(which - 1, "recurrent.weight"))!.data;
  const rows = weight.length / H;
  const selfless = cellKind(shape.cell).tau;
  const used = selfless ? weight.filter((_, k) => k % (H + 1) !== 0) : weight;
  const each = used.length / rows;
  const incoming = Float64Array.from({ length: rows }, (_, row) =>
    meanOf(used.subarray(row * each, (row + 1) * each)),
  );
  const mean = meanOf(used);
  return {
    incoming,
    mean,
    sd: deviation(used, mean),
    negative: meanOf(used.map((value) => (value < 0 ? 1 : 0))),
    incomingSd: deviation(incoming, meanOf(incoming)),
  };
}

function meanOf(values: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / Math.max(1, values.length);
}

function deviation(values: Float32Array | Float64Array, mean: number): number {
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  return Math.sqrt(squares / Math.max(1, values.length));
}
