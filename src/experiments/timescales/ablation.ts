// Which units a network cannot do without: those of long τ in single-head networks, those of short τ in multi-head ones.
//
// Based on   Khajehabdollahi et al. 2024, and the released results behind its figure: one unit at a time among the 20 of
//            shortest and the 20 of longest τ.
// Deviation  relative accuracy, where the released figure shows raw accuracy under that name; a unit is taken out of the
//            read-out of the head that is measured.

import { relativeAccuracy } from "../../analysis/relative-accuracy.ts";
import type { Series } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import type { Laboratory, TrainedRun } from "../laboratory.ts";
import { checkLarger, checkNear, summarize } from "../verdict.ts";
import {
  comparedCurricula,
  longer,
  networkPoints,
  networksAt,
  paper,
  solvedLengths,
  trainToLargeN,
} from "./training.ts";

const counts: Record<ScaleName, number> = { tiny: 4, laptop: 10, paper: 20 };
const SMALL_N = 5;

// relative accuracy at N = 30
const PUBLISHED_N = 30;
const published = {
  multi: { shortest: 0.792, longest: 0.999 },
  single: { shortest: 0.926, longest: 0.454 },
};
const TOLERANCE = 0.1;
const smallN = `the claim is about N = ${PUBLISHED_N}, which --scale paper reaches; at N = 5 the paper's single-head networks have 0.965 without a unit of short τ and 0.999 without one of long τ`;

/** Relative accuracy of each network, the mean over its ablated units. */
interface Ablated {
  shortest: number[];
  longest: number[];
}

export const ablation: Claim = {
  name: "timescales/ablation",
  title: "Ablating units of short and of long time constants",
  statement:
    "At large N, single-head networks suffer from the loss of a unit with long τ, multi-head networks from the loss of one with short τ; at small N neither does.",
  source: `${paper}, figure of ablations and released results`,
  method:
    "One unit at a time is cut off, among those of shortest and of longest τ; accuracy on 1000 steps of random bits, relative to the whole network's.",
  reduced: `${longer} 10 units of each kind; the largest N is smaller, and so are the differences between units.`,
  async test(laboratory, trial) {
    const runs = await trainToLargeN(laboratory, trial);
    const results = await Promise.all(
      comparedCurricula.map(async ({ curriculum, label, colour }) => {
        const group = runs[curriculum];
        const solved = solvedLengths(group).filter((N) => group.every(({ solvedN }) => solvedN >= N));
        const largest = solved.filter((N) => N <= PUBLISHED_N || trial.scale !== "paper").at(-1);
        const small = solved.includes(SMALL_N) && SMALL_N !== largest ? SMALL_N : undefined;
        const measure = async (N: number | undefined) =>
          N === undefined ? { shortest: [], longest: [] } : ablate(laboratory, group, N, counts[trial.scale]);
        const [atLargest, atSmall] = await Promise.all([measure(largest), measure(small)]);
        return { curriculum, label, colour, largest, small, atLargest, atSmall };
      }),
    );
    const checks = await Promise.all(
      results.map(({ curriculum, label, largest, atLargest }) => {
        const shortest = { label: "shortest τ", values: atLargest.shortest };
        const longest = { label: "longest τ", values: atLargest.longest };
        const multi = curriculum === "multi";
        return checkLarger({
          statement: `${label} at N = ${largest ?? "–"}: the loss of a unit with ${multi ? "short" : "long"} τ costs more than that of one with ${multi ? "long" : "short"} τ.`,
          expected: `at N = ${PUBLISHED_N}: shortest τ ${published[curriculum].shortest}, longest τ ${published[curriculum].longest}`,
          larger: multi ? longest : shortest,
          smaller: multi ? shortest : longest,
          beyond: !multi && (largest ?? 0) < PUBLISHED_N ? smallN : undefined,
        });
      }),
    );
    if (trial.scale === "paper") {
      for (const { curriculum, label, largest, atLargest } of results.filter((each) => each.largest)) {
        for (const kind of ["shortest", "longest"] as const) {
          const check = checkNear({
            statement: `${label} at N = ${largest}: relative accuracy without a unit of ${kind} τ.`,
            expected: {
              value: published[curriculum][kind],
              source: `released results, N = ${PUBLISHED_N}`,
              tolerance: TOLERANCE,
            },
            sample: { label, values: atLargest[kind] },
          });
          checks.push(check);
        }
      }
    }
    const categories: string[] = [];
    const series: Series[] = results.map(({ label, colour, largest, small, atLargest, atSmall }) => {
      const groups: [number | undefined, Ablated][] = [
        [small, atSmall],
        [largest, atLargest],
      ];
      const points = groups.flatMap(([N, { shortest, longest }]) => {
        if (N === undefined) return [];
        const at = categories.push(
          `${label.replace("-head", "")} N ${N} short`,
          `${label.replace("-head", "")} N ${N} long`,
        );
        return [...networkPoints(at - 2, shortest), ...networkPoints(at - 1, longest)];
      });
      return { label, kind: "networks", points, colour };
    });
    return {
      checks,
      charts: [
        {
          title: "Accuracy without one unit, relative to the whole network's.",
          note: "A dot is one network, the mean over its units of shortest or of longest τ, one cut off at a time. 1: nothing lost; 0: chance.",
          x: { label: "Network, N, and τ of the unit that is cut off", categories },
          y: { label: "Relative accuracy" },
          series,
        },
      ],
      notes: [],
    };
  },
};

async function ablate(
  laboratory: Laboratory,
  runs: readonly TrainedRun[],
  N: number,
  count: number,
): Promise<Ablated> {
  const networks = await networksAt(runs, N);
  const measured = await Promise.all(
    networks.map((network) => laboratory.measure("ablation", network, { N, count })),
  );
  const relative = (kind: keyof Ablated) =>
    measured.map(({ baseline, ...accuracies }) =>
      relativeAccuracy(summarize(accuracies[kind]).mean, baseline),
    );
  return { shortest: relative("shortest"), longest: relative("longest") };
}
