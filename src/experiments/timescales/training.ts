// What the timescale paper's claims train, at each scale, and what they read off the runs.

import type { TrainingSettings } from "../../training/settings.ts";
import type { ChartPoint } from "../chart.ts";
import type { ScaleName, Trial } from "../claim.ts";
import type { Laboratory, Specimen, TrainedRun } from "../laboratory.ts";
import { summarize } from "../verdict.ts";

/** The paper, as every claim cites it. */
export const paper = "Khajehabdollahi et al., ICLR 2024";

type Settings = Partial<TrainingSettings>;

// the paper's are the defaults
const leakySizes: Record<ScaleName, Settings> = {
  tiny: { units: 48, batch: 32, updates: 100, testBatches: 10, epochs: 16, maxN: 6 },
  laptop: { units: 128, batch: 64, updates: 100, epochs: 150, maxN: 41 },
  paper: {},
};

/** Settings of leaky networks. */
export function leakySettings({ scale }: Trial, given: Settings = {}): Settings {
  return { ...leakySizes[scale], ...given };
}

/** One run for every seed. */
export function trainSeeds(
  laboratory: Laboratory,
  { seeds }: Trial,
  settings: Settings,
): Promise<TrainedRun[]> {
  return Promise.all(seeds.map((seed) => laboratory.train({ ...settings, seed })));
}

/** The two curricula that the paper compares, by the colour they have in every chart. */
export const comparedCurricula = [
  { curriculum: "multi", label: "multi-head", colour: 0 },
  { curriculum: "single", label: "single-head", colour: 1 },
] as const;

export interface ComparedRuns {
  multi: TrainedRun[];
  single: TrainedRun[];
}

/** One multi-head and one single-head run for every seed. */
export async function trainCurricula(
  laboratory: Laboratory,
  trial: Trial,
  settings: Settings,
): Promise<ComparedRuns> {
  const [multi, single] = await Promise.all(
    comparedCurricula.map(({ curriculum }) => trainSeeds(laboratory, trial, { ...settings, curriculum })),
  );
  return { multi: multi!, single: single! };
}

// epochs that bring single-head networks to the N that claims on large N are about
const longSingle: Record<ScaleName, Settings> = { tiny: {}, laptop: { epochs: 500 }, paper: {} };

/** One multi-head and one single-head run for every seed; single-head networks, which need more epochs for each N, get more. */
export async function trainToLargeN(laboratory: Laboratory, trial: Trial): Promise<ComparedRuns> {
  const settings = leakySettings(trial);
  const [multi, single] = await Promise.all([
    trainSeeds(laboratory, trial, { ...settings, curriculum: "multi" }),
    trainSeeds(laboratory, trial, { ...settings, ...longSingle[trial.scale], curriculum: "single" }),
  ]);
  return { multi, single };
}

/** What is said of it where it matters. */
export const longer = "Single-head networks train for 500 epochs, multi-head networks for 150.";

/** The largest N that every run has solved; 0 if there is none. */
export function commonN(...groups: readonly TrainedRun[][]): number {
  const solved = groups.flat().map(({ solvedN }) => solvedN);
  return solved.length > 0 ? Math.min(...solved) : 0;
}

/** All N that some of the runs have solved, in rising order. */
export function solvedLengths(runs: readonly TrainedRun[]): number[] {
  const lengths = new Set(runs.flatMap(({ solves }) => solves.map(({ N }) => N.at(-1)!)));
  return [...lengths].sort((a, b) => a - b);
}

/** At most `count` of a list, evenly spread, first and last among them. */
export function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.round((i * (list.length - 1)) / (count - 1))]!);
}

/** The epoch's record in which a run solved N. */
export function solveOf({ solves }: TrainedRun, N: number): TrainedRun["solves"][number] | undefined {
  return solves.find((record) => record.N.at(-1) === N);
}

/** Mean τ over units when each run solved N; of the runs that have. */
export function tausAt(runs: readonly TrainedRun[], N: number): number[] {
  return runs.flatMap((run) => solveOf(run, N)?.tau?.mean ?? []);
}

/** The epochs in which the runs solved N; of those that have. */
export function epochsAt(runs: readonly TrainedRun[], N: number): number[] {
  return runs.flatMap((run) => solveOf(run, N)?.epoch ?? []);
}

/** The networks of the runs that have solved N, as they were then. */
export function networksAt(runs: readonly TrainedRun[], N: number): Promise<Specimen[]> {
  return Promise.all(runs.filter((run) => solveOf(run, N)).map((run) => run.networkAt(N)));
}

/** A point of a chart: mean and spread over networks; none if there is no network. */
export function meanPoint(x: number, values: readonly number[]): ChartPoint[] {
  if (values.length === 0) return [];
  const { mean, sd, networks } = summarize(values);
  return [{ x, y: mean, n: networks, ...(networks > 1 ? { sd } : {}) }];
}

/** A point of a chart for every network. */
export function networkPoints(x: number, values: readonly number[]): ChartPoint[] {
  return values.map((y) => ({ x, y }));
}
