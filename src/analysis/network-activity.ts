// Timescales and dimensionality of a network's activity, from one simulation.
//
// Based on  Khajehabdollahi et al., ICLR 2024, whose released code simulates for each of them.

import type { Network } from "../cells/network.ts";
import { Core } from "../core/core.ts";
import {
  type Dimensionality,
  resolveFraction,
  summarizeVariance,
  VarianceObserver,
  type VarianceOptions,
} from "./dimensionality.ts";
import { type DriveOptions, driveNetwork, resolveDrive, type TrialRange } from "./driven-activity.ts";
import {
  type LagOptions,
  type NetworkTimescales,
  resolveLags,
  summarizeTimescales,
  TimescaleObserver,
  type TrialAutocovariances,
} from "./network-timescales.ts";

export interface NetworkActivityOptions extends DriveOptions, LagOptions, VarianceOptions {}

/** What a network does while random bits drive it. */
export interface NetworkActivity {
  timescales: NetworkTimescales;
  dimensionality: Dimensionality;
}

/**
 * Measure timescales and dimensionality in one simulation: the results of `measureNetworkTimescales` and
 * `measureDimensionality`, bit for bit.
 *
 * @throws as they do.
 */
export async function measureNetworkActivity(
  network: Network,
  options: NetworkActivityOptions = {},
): Promise<NetworkActivity> {
  const { trials } = resolveDrive(NAME, network, options);
  return summarizeActivity(
    network,
    [await observeTrials(network, { low: 0, high: trials }, options)],
    options,
  );
}

/** What is kept of some trials. */
export interface ObservedTrials {
  autocovariances: TrialAutocovariances;
  /** Of each trial. */
  variances: Float64Array[];
}

/** Simulate and observe some of the trials: a part of `measureNetworkActivity`, which other threads may do. */
export async function observeTrials(
  network: Network,
  range: TrialRange,
  options: NetworkActivityOptions,
): Promise<ObservedTrials> {
  const { drive, lags } = resolve(network, options);
  const core = await Core.load();
  try {
    const timescales = new TimescaleObserver(core, network, drive, range, lags.maxLag);
    const variance = new VarianceObserver(core, network, drive, range);
    await driveNetwork(core, network, drive, range, [timescales, variance], options);
    return { autocovariances: timescales.finish(), variances: variance.finish(NAME) };
  } finally {
    core.release();
  }
}

/** What the parts of all trials, in their order, come to. */
export async function summarizeActivity(
  network: Network,
  parts: readonly ObservedTrials[],
  options: NetworkActivityOptions,
): Promise<NetworkActivity> {
  const { lags, fraction } = resolve(network, options);
  const core = await Core.load();
  try {
    const trials = parts.map(({ autocovariances }) => autocovariances);
    const timescales = summarizeTimescales(core, NAME, trials, lags);
    return {
      timescales,
      dimensionality: summarizeVariance(
        parts.flatMap(({ variances }) => variances),
        fraction,
      ),
    };
  } finally {
    core.release();
  }
}

const NAME = "measureNetworkActivity";

function resolve(network: Network, options: NetworkActivityOptions) {
  const drive = resolveDrive(NAME, network, options);
  return { drive, lags: resolveLags(NAME, drive, options), fraction: resolveFraction(NAME, options) };
}
