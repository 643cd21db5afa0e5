// Activity of trained networks at some of the N they solved: what the claims on τ_net and on dimensionality share.

import type { ScaleName, Trial } from "../claim.ts";
import type { Laboratory, TrainedRun } from "../laboratory.ts";
import type { ActivitySummary } from "../measurements.ts";
import { type Check, checkLarger } from "../verdict.ts";
import { type ComparedRuns, comparedCurricula, networksAt, solvedLengths, spread } from "./training.ts";

const sizes: Record<ScaleName, { steps: number; trials: number; lengths: number }> = {
  tiny: { steps: 2000, trials: 4, lengths: 2 },
  laptop: { steps: 20_000, trials: 10, lengths: 6 },
  paper: { steps: 100_500, trials: 10, lengths: 12 },
};

/** The networks that solved N, one summary each. */
export interface ActivityAtN {
  N: number;
  summaries: ActivitySummary[];
}

export type ComparedActivity = Record<keyof ComparedRuns, ActivityAtN[]>;

/** Measure the networks of both curricula at N evenly spread over those they solved. */
export async function measureActivity(
  laboratory: Laboratory,
  { scale }: Trial,
  runs: ComparedRuns,
): Promise<ComparedActivity> {
  const { steps, trials, lengths } = sizes[scale];
  const measureRuns = (group: readonly TrainedRun[]) =>
    Promise.all(
      spread(solvedLengths(group), lengths).map(async (N) => {
        const networks = await networksAt(group, N);
        // lags beyond those that are fitted would cost the most
        const options = { steps, trials, maxLag: 30 };
        const measured = networks.map((network) => laboratory.measure("activity", network, options));
        return { N, summaries: await Promise.all(measured) };
      }),
    );
  const [multi, single] = await Promise.all([measureRuns(runs.multi), measureRuns(runs.single)]);
  return { multi, single };
}

export interface Growth {
  /** The quantity, as in "the median of τ_net > 1". */
  quantity: string;
  expected: Record<keyof ComparedRuns, string>;
  measureOf(summary: ActivitySummary): number;
  digits: number;
}

/** Does a quantity grow from the smallest to the largest N that all networks of a curriculum were measured at? */
export function checkGrowth(
  activity: ComparedActivity,
  { seeds }: Trial,
  { quantity, expected, measureOf, digits }: Growth,
): Promise<Check[]> {
  return Promise.all(
    comparedCurricula.map(({ curriculum, label }) => {
      const complete = activity[curriculum].filter(({ summaries }) => summaries.length === seeds.length);
      const [low, high] = complete.length > 1 ? [complete[0]!, complete.at(-1)!] : [];
      return checkLarger({
        statement: `${label}: ${quantity} is larger at N = ${high?.N ?? "–"} than at N = ${low?.N ?? "–"} (the largest and the smallest N measured in all networks).`,
        expected: expected[curriculum],
        larger: { label: `N = ${high?.N ?? "–"}`, values: high?.summaries.map(measureOf) ?? [] },
        smaller: { label: `N = ${low?.N ?? "–"}`, values: low?.summaries.map(measureOf) ?? [] },
        digits,
      });
    }),
  );
}
