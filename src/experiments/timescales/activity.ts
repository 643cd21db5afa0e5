// Activity of trained networks at some of the N they solved: what the claims on τ_net and on dimensionality share.

import type { ScaleName, Trial } from "../claim.ts";
import type { Laboratory, TrainedRun } from "../laboratory.ts";
import type { ActivitySummary } from "../measurements.ts";
import { slopeOf } from "../slope.ts";
import { type Check, checkLarger } from "../verdict.ts";
import { type ComparedRuns, comparedCurricula, solvedLengths, solveOf, spread } from "./training.ts";

const sizes: Record<ScaleName, { steps: number; trials: number; lengths: number }> = {
  tiny: { steps: 2000, trials: 4, lengths: 2 },
  laptop: { steps: 20_000, trials: 10, lengths: 6 },
  paper: { steps: 100_500, trials: 10, lengths: 12 },
};

/** A network as it was when it had solved N. */
export interface ActivityAtN {
  N: number;
  summary: ActivitySummary;
}

/** For each run of both curricula, its network at some of the N it solved. */
export type ComparedActivity = Record<keyof ComparedRuns, ActivityAtN[][]>;

/** Measure the networks of both curricula at N evenly spread over those that some of them solved. */
export async function measureActivity(
  laboratory: Laboratory,
  { scale }: Trial,
  runs: ComparedRuns,
): Promise<ComparedActivity> {
  const { steps, trials, lengths } = sizes[scale];
  // lags beyond those that are fitted would cost the most
  const options = { steps, trials, maxLag: 30 };
  const measureRun = (run: TrainedRun, chosen: readonly number[]) =>
    Promise.all(
      chosen
        .filter((N) => solveOf(run, N))
        .map(async (N) => ({
          N,
          summary: await laboratory.measure("activity", await run.networkAt(N), options),
        })),
    );
  const measureRuns = (group: readonly TrainedRun[]) => {
    const chosen = spread(solvedLengths(group), lengths);
    return Promise.all(group.map((run) => measureRun(run, chosen)));
  };
  const [multi, single] = await Promise.all([measureRuns(runs.multi), measureRuns(runs.single)]);
  return { multi, single };
}

/** A quantity of all networks that were measured at each N. */
export function valuesByN(
  networks: readonly ActivityAtN[][],
  measureOf: (summary: ActivitySummary) => number,
): Map<number, number[]> {
  const values = new Map<number, number[]>();
  for (const { N, summary } of networks.flat().sort((a, b) => a.N - b.N)) {
    values.set(N, [...(values.get(N) ?? []), measureOf(summary)]);
  }
  return values;
}

export interface Growth {
  /** The quantity, as in "the median of τ_net > 1". */
  quantity: string;
  expected: Record<keyof ComparedRuns, string>;
  measureOf(summary: ActivitySummary): number;
}

/** Does a quantity grow with N? By its slope, of least squares, over all N at which a network was measured. */
export function checkGrowth(
  activity: ComparedActivity,
  { quantity, expected, measureOf }: Growth,
): Promise<Check[]> {
  return Promise.all(
    comparedCurricula.map(({ curriculum, label }) => {
      const able = activity[curriculum].filter(({ length }) => length > 1);
      const slopes = able.map((network) => slopeOf(network.map(({ N, summary }) => [N, measureOf(summary)])));
      return checkLarger({
        statement: `${label}: ${quantity} grows with N.`,
        expected: expected[curriculum],
        larger: { label: "slope per bit", values: slopes },
        smaller: { label: "no growth", values: slopes.map(() => 0) },
      });
    }),
  );
}
