// Every measurement of one network, and its charts: timescales, dimensionality, weights, accuracy, and what it can do without.

import { relativeAccuracy } from "../analysis/relative-accuracy.ts";
import { type WeightStatistics, weightStatistics } from "../analysis/weight-statistics.ts";
import { allUnits, networkTensors } from "../cells/network.ts";
import { largestStepsPerBit } from "../cells/steps-per-bit.ts";
import { networkTau, type TauStatistics } from "../cells/tau.ts";
import { ShapeError } from "../core/errors.ts";
import type { Chart, Series } from "./chart.ts";
import type { AblationSummary, ActivitySummary, Measured, PerturbationSummary } from "./measurements.ts";
import type { WorkerPool } from "./worker-pool.ts";

export interface ProfileOptions {
  /** Memory length of ablation and perturbation (default: the largest that the network was trained on). */
  N?: number;
  /** Steps of the simulation behind timescales and dimensionality (default 100500, as in the source). */
  steps?: number;
  /** Its trials (default 10). */
  trials?: number;
  /** Units of shortest and of longest τ that are cut off, one at a time (default 20, at most half of all). */
  ablated?: number;
  /** Perturbations drawn for each size (default 10). */
  draws?: number;
  signal?: AbortSignal;
  /** Told what has been measured. */
  onMeasured?: (what: string) => void;
}

/** What was measured. A gated cell has no time constants, and nothing that goes by them. */
export interface NetworkProfile {
  /** Memory length of ablation and perturbation. */
  N: number;
  /** Steps per bit k: 1 but in continuous time, where it is the largest that the network was trained with. */
  stepsPerBit: number;
  /** Of the time constants, in bits. */
  tau: TauStatistics | undefined;
  /** Of the recurrent weights; undefined for gated cells and several layers, which have several matrices. */
  weights: WeightStatistics | undefined;
  activity: ActivitySummary;
  /** Fraction of right answers, by N. */
  accuracy: Record<string, number>;
  ablation: AblationSummary | undefined;
  perturbation: Perturbed[];
}

interface Perturbed {
  of: "weights" | "tau";
  epsilons: number[];
  summary: PerturbationSummary;
}

// powers of the cube root of ten, from a change that does nothing to one that destroys everything
const EPSILONS = [0.001, 0.00215, 0.00464, 0.01, 0.0215, 0.0464, 0.1, 0.215, 0.464, 1, 2.15];

/**
 * Measure everything of one network, in the workers of a pool; the result does not depend on their number.
 *
 * @param measured  A network, and what its heads answer.
 * @throws ShapeError if no head answers N, or an option is out of range.
 */
export async function profileNetwork(
  pool: WorkerPool,
  measured: Measured,
  options: ProfileOptions = {},
): Promise<NetworkProfile> {
  const { network, purpose } = measured;
  const { steps = 100_500, trials = 10, draws = 10, signal, onMeasured } = options;
  const { N = Math.max(...purpose.N) } = options;
  const { ablated = Math.min(20, Math.floor(allUnits(network.shape) / 2)) } = options;
  if (purpose.N.length === 0 && options.N === undefined) {
    throw new ShapeError(
      "profileNetwork: `N` is missing, and the network does not say what it was trained on.",
    );
  }
  const stepsPerBit = largestStepsPerBit(purpose.stepsPerBit);
  const tau = networkTau(network, stepsPerBit);
  const recurrent = networkTensors(network.shape, network.parameters).get("recurrent.weight")!;
  const running = signal ? { signal } : {};
  const tell = async <T>(what: string, result: Promise<T>): Promise<T> => {
    const value = await result;
    onMeasured?.(what);
    return value;
  };
  const perturb = async (of: Perturbed["of"]): Promise<Perturbed> => {
    const asked = { N, of, epsilons: EPSILONS, draws, ...running };
    const summary = await tell(`perturbation of ${of}`, pool.measure("perturbation", measured, asked));
    return { of, epsilons: EPSILONS, summary };
  };
  const [activity, accuracy, ablation, ...perturbation] = await Promise.all([
    tell("timescales and dimensionality", pool.measure("activity", measured, { steps, trials, ...running })),
    tell(
      "accuracy",
      pool.measure("accuracy", measured, { N: testedLengths(measured, N), batches: 20, ...running }),
    ),
    tau && tell("ablation", pool.measure("ablation", measured, { N, count: ablated, ...running })),
    ...(tau ? [perturb("weights"), perturb("tau")] : [perturb("weights")]),
  ]);
  const { units, layers = 1 } = network.shape;
  const weights =
    layers === 1 && recurrent.shape[0] === units ? weightStatistics(recurrent.data, units) : undefined;
  return { N, stepsPerBit, tau, weights, activity, accuracy, ablation, perturbation };
}

// a single head is asked for all N up to the last, to see what it has forgotten
function testedLengths({ purpose }: Measured, N: number): number[] {
  const { curriculum, startN, N: trained } = purpose;
  if (curriculum !== "single" && trained.length > 0) return [...new Set([...trained, N])];
  return Array.from({ length: N - startN + 1 }, (_, i) => startN + i);
}

/** The charts of a profile. */
export function profileCharts(profile: NetworkProfile): Chart[] {
  const { ablation, perturbation } = profile;
  return [
    distribution(profile),
    population(profile.activity),
    accuracyChart(profile.accuracy),
    ...(ablation ? [ablationChart(ablation, profile.N)] : []),
    ...(perturbation.length > 0 ? [perturbationChart(perturbation, profile.N)] : []),
  ].filter(({ series }) => series.some(({ points }) => points.length > 0));
}

const SHORTEST_DRAWN = 0.1;

function distribution({ activity, tau, stepsPerBit }: NetworkProfile): Chart {
  const quantiles = (values: readonly number[]) => {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted.map((value, i) => ({ x: Math.max(value, SHORTEST_DRAWN), y: (i + 1) / sorted.length }));
  };
  const measured = activity.taus.filter((value) => value !== null);
  const series: Series[] = [
    { label: `τ_net, ${measured.length} units`, kind: "line", points: quantiles(measured), colour: 0 },
  ];
  if (tau) {
    const points = tau.quantiles.map((x, i) => ({ x: x * stepsPerBit, y: i / (tau.quantiles.length - 1) }));
    series.push({ label: "τ", kind: "line", points, colour: 1 });
  }
  return {
    title:
      "Distribution over units of the timescales of activity, τ_net, and of the trained time constants, τ.",
    note: `Share of units with a shorter one; ${activity.failed} units without a τ_net are left out. Below ${SHORTEST_DRAWN} drawn at ${SHORTEST_DRAWN}.`,
    x: { label: "Time steps", logarithmic: true },
    y: { label: "Share of units", from: 0, to: 1 },
    series,
  };
}

function population({ population: values }: ActivitySummary): Chart {
  return {
    title: "Autocorrelation of the activity summed over units.",
    note: "Mean over trials.",
    x: { label: "Lag (time steps)", whole: true },
    y: { label: "Autocorrelation" },
    series: [{ label: "all units", kind: "line", points: values.map((y, x) => ({ x, y })), colour: 0 }],
  };
}

function accuracyChart(accuracy: Record<string, number>): Chart {
  const points = Object.entries(accuracy).map(([N, y]) => ({ x: Number(N), y }));
  return {
    title: "Accuracy by memory length.",
    note: "On fresh sequences.",
    x: { label: "N (bits)", whole: true },
    y: { label: "Accuracy", from: Math.min(0.4, ...points.map(({ y }) => y)), to: 1 },
    series: [{ label: "accuracy", kind: "networks", points, colour: 0 }],
  };
}

function ablationChart({ baseline, shortest, longest }: AblationSummary, N: number): Chart {
  const groups = [shortest, longest];
  const points = groups.flatMap((accuracies, x) =>
    accuracies.map((accuracy) => ({ x, y: relativeAccuracy(accuracy, baseline) })),
  );
  return {
    title: `Relative accuracy on N = ${N} without one unit.`,
    note: "A dot is one unit that is cut off. 1: nothing lost; 0: chance.",
    x: { label: "Unit that is cut off", categories: ["shortest τ", "longest τ"] },
    y: { label: "Relative accuracy" },
    series: [{ label: "a unit", kind: "networks", points, colour: 0 }],
  };
}

function perturbationChart(perturbation: readonly Perturbed[], N: number): Chart {
  const series = perturbation.map(
    ({ of, epsilons, summary }, colour): Series => ({
      label: of === "tau" ? "τ" : "recurrent weights",
      kind: "line",
      points: epsilons.map((x, i) => ({ x, y: relativeAccuracy(summary.accuracy[i]!, summary.baseline) })),
      colour,
    }),
  );
  return {
    title: `Relative accuracy on N = ${N} against the size of a perturbation.`,
    note: "Mean over draws. 1: nothing lost; 0: chance.",
    x: { label: "Perturbation ε", logarithmic: true },
    y: { label: "Relative accuracy", from: -0.1, to: 1.1 },
    series,
  };
}
