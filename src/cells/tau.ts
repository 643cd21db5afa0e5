// Statistics of a network's time constants.
//
// They are of max(τ, 1), the value that the dynamics see; a trained τ may lie slightly below 1. In continuous time, with k
// steps per bit, they are of max(τ, 1/k).

import { ShapeError } from "../core/errors.ts";
import { layerTensor, type Network, networkTensors } from "./network.ts";

/** Statistics of max(τ, 1) over units, in bits, each of which is one time step unless time is continuous. */
export interface TauStatistics {
  mean: number;
  /** Standard deviation over units, divisor H. */
  sd: number;
  min: number;
  max: number;
  /** Quantiles at 0, 5, 10 … 100 %, linearly interpolated: 21 values. */
  quantiles: number[];
  /** Of a network with several layers: the same of each layer by itself. */
  layers?: TauStatistics[] | undefined;
}

/** Steps from one quantile to the next: there is one more. */
export const QUANTILES = 20;

/**
 * Statistics of max(τ, 1/k) over the units; `tau` (H) in bits.
 *
 * @param stepsPerBit  k (default 1), at least 1; of several, the largest.
 * @throws ShapeError if `tau` is empty.
 */
export function tauStatistics(tau: Float32Array, stepsPerBit = 1): TauStatistics {
  if (tau.length === 0) throw new ShapeError("tauStatistics: `tau` is empty, expected at least one unit.");
  const clamped = Float64Array.from(tau, (value) => Math.max(value, 1 / stepsPerBit)).sort();
  const count = clamped.length;
  const mean = clamped.reduce((sum, value) => sum + value, 0) / count;
  const variance = clamped.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / count;
  const quantiles = Array.from({ length: QUANTILES + 1 }, (_, i) => {
    const position = ((count - 1) * i) / QUANTILES;
    const below = Math.floor(position);
    const above = Math.min(below + 1, count - 1);
    return clamped[below]! + (position - below) * (clamped[above]! - clamped[below]!);
  });
  return { mean, sd: Math.sqrt(variance), min: clamped[0]!, max: clamped[count - 1]!, quantiles };
}

/** Time constants of each layer, the first one first; none if the cell has none. */
export function layerTaus({ shape, parameters }: Network): Float32Array[] {
  const tensors = networkTensors(shape, parameters);
  const taus = Array.from({ length: shape.layers ?? 1 }, (_, l) => tensors.get(layerTensor(l, "tau"))?.data);
  return taus.filter((tau) => tau !== undefined);
}

/** Statistics of the time constants of all layers together, and of each; undefined if the cell has none. */
export function networkTau(network: Network, stepsPerBit = 1): TauStatistics | undefined {
  const taus = layerTaus(network);
  if (taus.length < 2) return taus[0] && tauStatistics(taus[0], stepsPerBit);
  const all = tauStatistics(Float32Array.from(taus.flatMap((tau) => [...tau])), stepsPerBit);
  return { ...all, layers: taus.map((tau) => tauStatistics(tau, stepsPerBit)) };
}
