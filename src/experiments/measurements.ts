// The measurements of experiments: plain data that an archive can keep. Each runs in a worker.

import { ablateUnits, unitsByTau } from "../analysis/ablation.ts";
import { measureNetworkActivity, type NetworkActivityOptions } from "../analysis/network-activity.ts";
import type { NetworkTimescales } from "../analysis/network-timescales.ts";
import { perturbTau, perturbWeights } from "../analysis/perturbation.ts";
import { largestStepsPerBit } from "../cells/steps-per-bit.ts";
import { NumericError } from "../core/errors.ts";
import type { Checkpoint } from "../training/checkpoint.ts";
import { evaluateNetwork } from "../training/evaluation.ts";
import { measureStreamAccuracy } from "../training/stream-accuracy.ts";

/** What is measured: a network, and what its heads answer. */
export type Measured = Pick<Checkpoint, "network" | "purpose">;

interface Running {
  signal?: AbortSignal;
}

/** Timescales and dimensionality of a network that random bits drive, of the kind it was trained on. */
export interface ActivitySummary {
  /** τ_net of each unit in steps; null where the fits failed. */
  taus: (number | null)[];
  /** Of the units above 1 step; undefined if there are none. */
  slow: NetworkTimescales["slow"];
  /** Units whose fits failed, most of them because they are never active. */
  failed: number;
  /** Autocorrelation of the summed activity from lag 0 on; empty if it is constant. */
  population: number[];
  /** Principal components for 90 % of the variance, mean over trials. */
  components: number;
  /** Mean over trials. */
  participationRatio: number;
}

async function activity(
  { network, purpose }: Measured,
  options: NetworkActivityOptions,
): Promise<ActivitySummary> {
  const { timescales, dimensionality } = await measureNetworkActivity(network, {
    bits: purpose.bits,
    stepsPerBit: largestStepsPerBit(purpose.stepsPerBit),
    ...options,
  });
  const { fits, slow, failed, populationAutocovariance } = timescales;
  const { components, participationRatio } = dimensionality;
  const [variance = 0] = populationAutocovariance;
  const population = variance > 0 ? Array.from(populationAutocovariance, (value) => value / variance) : [];
  const taus = fits.map((fit) => (fit.ok ? fit.tau : null));
  return { taus, slow, failed, population, components, participationRatio };
}

async function accuracy(
  measured: Measured,
  options: { N: number[]; batches: number; stepsPerBit?: number[] } & Running,
): Promise<Record<string, number>> {
  return (await evaluateNetwork(measured, options)).accuracy;
}

/** Accuracies of a network and of what is left of it. */
export interface AblationSummary {
  /** Of the whole network. */
  baseline: number;
  /** Without one of the units of shortest τ, the shortest first. */
  shortest: number[];
  /** Without one of the units of longest τ, the longest first. */
  longest: number[];
}

async function ablation(
  { network, purpose }: Measured,
  { N, count, signal }: { N: number; count: number } & Running,
): Promise<AblationSummary> {
  const without = (unit: number) =>
    streamAccuracy({ network: ablateUnits(network, [unit]), purpose }, N, signal);
  const { shortest, longest } = unitsByTau(network, count);
  return {
    baseline: await streamAccuracy({ network, purpose }, N, signal),
    shortest: await inTurn(shortest, without),
    longest: await inTurn(longest, without),
  };
}

/** Accuracies of a network and of perturbed copies. */
export interface PerturbationSummary {
  /** Of the network as it is. */
  baseline: number;
  /** For each ε, the mean over draws; a network whose activity overflows is right by chance. */
  accuracy: number[];
}

async function perturbation(
  { network, purpose }: Measured,
  {
    N,
    of,
    epsilons,
    draws,
    signal,
  }: { N: number; of: "weights" | "tau"; epsilons: number[]; draws: number } & Running,
): Promise<PerturbationSummary> {
  const perturb = of === "weights" ? perturbWeights : perturbTau;
  const seeds = Array.from({ length: draws }, (_, seed) => seed);
  const at = async (epsilon: number) => {
    const each = await inTurn(seeds, async (seed) => {
      const perturbed = await perturb(network, epsilon, { seed });
      return streamAccuracy({ network: perturbed, purpose }, N, signal).catch((error) => {
        if (error instanceof NumericError) return 1 / network.shape.classes;
        throw error;
      });
    });
    return each.reduce((sum, value) => sum + value, 0) / draws;
  };
  return {
    baseline: await streamAccuracy({ network, purpose }, N, signal),
    accuracy: await inTurn(epsilons, at),
  };
}

async function streamAccuracy(measured: Measured, N: number, signal?: AbortSignal): Promise<number> {
  const result = await measureStreamAccuracy(measured, { N: [N], ...(signal ? { signal } : {}) });
  return result.accuracy[N]!;
}

// one after the other: each takes a core of its own, and they share one thread
async function inTurn<T, R>(list: readonly T[], measure: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of list) results.push(await measure(item));
  return results;
}

/** The measurements by name. */
export const measurements = { activity, accuracy, ablation, perturbation };

export type MeasurementName = keyof typeof measurements;
export type MeasurementOptions<K extends MeasurementName> = Omit<
  Parameters<(typeof measurements)[K]>[1],
  "signal"
>;
export type MeasurementResult<K extends MeasurementName> = Awaited<ReturnType<(typeof measurements)[K]>>;

/** Measure `name`, as a worker is asked to. */
export function measure<K extends MeasurementName>(
  name: K,
  measured: Measured,
  options: MeasurementOptions<K> & Running,
): Promise<MeasurementResult<K>> {
  return (measurements[name] as (measured: Measured, options: object) => Promise<MeasurementResult<K>>)(
    measured,
    options,
  );
}
