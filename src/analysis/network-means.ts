// Means over repeated measurements of several networks, with the network as the unit of replication.

import { ShapeError } from "../core/errors.ts";

/** One measurement of one network. */
export interface Measurement {
  /** Which network, by any name. */
  network: string;
  value: number;
}

/** A mean over networks. */
export interface NetworkMean {
  /** Mean of the networks' means. */
  mean: number;
  /** Standard deviation over networks, with n - 1; NaN for a single one. */
  sd: number;
  /** Number of networks. */
  networks: number;
}

/** Mean of each network's measurements, by network in order of first appearance. */
export function meansByNetwork(measurements: Iterable<Measurement>): Map<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { network, value } of measurements) {
    const entry = sums.get(network) ?? { sum: 0, count: 0 };
    sums.set(network, { sum: entry.sum + value, count: entry.count + 1 });
  }
  return new Map([...sums].map(([network, { sum, count }]) => [network, sum / count]));
}

/**
 * Mean and standard deviation over networks, each of which counts once however often it was measured.
 *
 * @throws ShapeError if there is none.
 */
export function meanOverNetworks(values: ReadonlyMap<string, number>): NetworkMean {
  const networks = values.size;
  if (networks === 0) throw new ShapeError("meanOverNetworks: there is no network, expected at least one.");
  let sum = 0;
  for (const value of values.values()) sum += value;
  const mean = sum / networks;
  let squares = 0;
  for (const value of values.values()) squares += (value - mean) * (value - mean);
  return { mean, sd: networks > 1 ? Math.sqrt(squares / (networks - 1)) : Number.NaN, networks };
}
