// Trained time constants: they fall with N under the multi-head curriculum, and rise at large N under the single-head one.
//
// Based on  Khajehabdollahi et al. 2024, its figures of trained τ; values digitised (± 0.005).

import type { Chart, Series } from "../chart.ts";
import type { Claim } from "../claim.ts";
import type { TrainedRun } from "../laboratory.ts";
import { type Check, checkLarger, checkNear } from "../verdict.ts";
import {
  type ComparedRuns,
  commonN,
  comparedCurricula,
  longer,
  meanPoint,
  paper,
  solvedLengths,
  solveOf,
  tausAt,
  trainToLargeN,
} from "./training.ts";

// mean τ over units, by N
const published = {
  multi: new Map([
    [2, 1.497],
    [10, 1.421],
    [20, 1.36],
    [30, 1.32],
    [50, 1.263],
    [70, 1.227],
    [99, 1.187],
  ]),
  single: new Map([
    [2, 1.5],
    [10, 1.45],
    [15, 1.441],
    [20, 1.475],
    [25, 1.55],
    [30, 1.653],
  ]),
};
const TOLERANCE = 0.03;

export const tau: Claim = {
  name: "timescales/tau",
  title: "Time constants against N",
  statement:
    "On N-parity, the mean time constant of multi-head networks falls with N; that of single-head networks stays longer, and rises beyond N = 15.",
  source: `${paper}, mean τ against N`,
  method: "N-parity with both curricula; mean and spread of max(τ, 1) over units when each N is solved.",
  reduced: `${longer} They do not get far beyond the N at which their τ rises.`,
  async test(laboratory, trial) {
    const runs = await trainToLargeN(laboratory, trial);
    const N = commonN(runs.multi, runs.single);
    const checks: Check[] = [
      await checkFall(
        runs.multi,
        "Multi-head networks: mean τ ends below its initial value.",
        "1.5 before training, 1.421 at N = 10, 1.187 at N = 99",
      ),
      await checkLarger({
        statement: `At N = ${N}, the largest that all networks solved, single-head networks have the longer mean τ.`,
        expected: "at N = 10: single-head 1.450, multi-head 1.421",
        larger: { label: "single-head", values: tausAt(runs.single, N) },
        smaller: { label: "multi-head", values: tausAt(runs.multi, N) },
      }),
    ];
    if (trial.scale === "paper") checks.push(...(await paperChecks(runs)));
    return {
      checks,
      charts: [tauChart("Mean τ over units when N was solved.", runs, published), spreadChart(runs)],
      notes: [],
    };
  },
};

async function paperChecks(runs: ComparedRuns): Promise<Check[]> {
  const rise = await checkLarger({
    statement: "Single-head networks: mean τ is longer at N = 30 than at N = 15.",
    expected: "1.653 and 1.441",
    larger: { label: "N = 30", values: tausAt(runs.single, 30) },
    smaller: { label: "N = 15", values: tausAt(runs.single, 15) },
  });
  const near = comparedCurricula.flatMap(({ curriculum, label }) =>
    [...published[curriculum]].map(([N, value]) =>
      checkNear({
        statement: `${label}: mean τ at N = ${N}.`,
        expected: { value, source: "digitised", tolerance: TOLERANCE },
        sample: { label, values: tausAt(runs[curriculum], N) },
      }),
    ),
  );
  return [rise, ...near];
}

/** Is the mean τ of networks shorter at the largest N they solved than before training? */
export function checkFall(runs: readonly TrainedRun[], statement: string, expected: string): Promise<Check> {
  const begun = runs.filter(({ solvedN }) => solvedN > 0);
  return checkLarger({
    statement,
    expected,
    larger: { label: "initial", values: begun.map((run) => run.initialTau!.mean) },
    smaller: { label: "at the largest N", values: begun.map((run) => run.solves.at(-1)!.tau!.mean) },
  });
}

/** Mean τ against N for both curricula, beside the paper's values. */
export function tauChart(
  title: string,
  runs: ComparedRuns,
  theirs: Record<keyof ComparedRuns, ReadonlyMap<number, number>>,
): Chart {
  const series = comparedCurricula.flatMap(({ curriculum, label, colour }): Series[] => {
    const lengths = solvedLengths(runs[curriculum]);
    const points = lengths.flatMap((N) => meanPoint(N, tausAt(runs[curriculum], N)));
    const known = [...theirs[curriculum]].map(([x, y]) => ({ x, y }));
    return [
      { label, kind: "line", points, colour },
      {
        label: `${label}, paper`,
        kind: "paper",
        points: known.filter(({ x }) => x <= (lengths.at(-1) ?? 0)),
        colour,
      },
    ];
  });
  return {
    title,
    note: "Line and band: mean and standard deviation over the networks that solved N. Open circles: the paper's values (500 units), digitised.",
    x: { label: "N (bits)", whole: true },
    y: { label: "Mean τ (time steps)" },
    series,
  };
}

function spreadChart(runs: ComparedRuns): Chart {
  const spreads = (group: readonly TrainedRun[], N: number) =>
    group.flatMap((run) => solveOf(run, N)?.tau?.sd ?? []);
  return {
    title: "Standard deviation of τ over units.",
    note: "The paper's single-head networks go from 0.30 to 0.996 at N = 30, its multi-head networks stay near 0.33.",
    x: { label: "N (bits)", whole: true },
    y: { label: "SD of τ over units (time steps)", from: 0 },
    series: comparedCurricula.map(({ curriculum, label, colour }) => ({
      label,
      kind: "line",
      points: solvedLengths(runs[curriculum]).flatMap((N) => meanPoint(N, spreads(runs[curriculum], N))),
      colour,
    })),
  };
}
