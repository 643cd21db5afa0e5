// Networks in continuous time: the same mechanisms, and results that do not depend on the time step.
//
// Based on   Khajehabdollahi et al. 2024, its appendix on continuous time: every bit is held for k steps, τ k instead of τ.

import type { TrainingSettings } from "../../training/settings.ts";
import type { Series } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import { checkLarger } from "../verdict.ts";
import {
  commonN,
  comparedCurricula,
  leakySettings,
  meanPoint,
  networksAt,
  paper,
  tausAt,
  trainCurricula,
} from "./training.ts";

interface Plan {
  /** Trained with these k in turn … */
  trained: number[];
  /** … and tested with these. */
  tested: number[];
  sizes: Partial<TrainingSettings>;
}

const plans: Record<ScaleName, Plan> = {
  tiny: { trained: [2, 3], tested: [2, 3, 4], sizes: { epochs: 8 } },
  laptop: { trained: [3, 4], tested: [1, 2, 3, 4, 5, 6, 8, 10, 15, 20], sizes: { units: 64, epochs: 60 } },
  paper: {
    trained: [7, 8, 9, 10],
    tested: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 30, 40, 50, 60, 80, 100, 150, 200],
    // the source has 600 updates and 50 test batches for each k
    sizes: { updates: 2400, testBatches: 200 },
  },
};

export const continuousTime: Claim = {
  name: "timescales/continuous-time",
  title: "Continuous time",
  statement:
    "In continuous time too, multi-head networks solve larger N with shorter mean τ; networks trained with several time steps work at finer ones.",
  source: `${paper}, appendix on continuous time`,
  method:
    "The leak outside the non-linearity, every bit held for k steps, time constants of τ k steps; training goes through a list of k, and networks are tested with others.",
  reduced: "k = 3 and 4 in place of 7 to 10, 64 units.",
  async test(laboratory, trial) {
    const { trained, tested, sizes } = plans[trial.scale];
    const settings = leakySettings(trial, { ...sizes, cell: "leaky-outside", stepsPerBit: trained });
    const runs = await trainCurricula(laboratory, trial, settings);
    const N = commonN(runs.multi, runs.single);
    const accuracies = await Promise.all(
      comparedCurricula.map(async ({ curriculum }) => {
        const networks = N < 2 ? [] : await networksAt(runs[curriculum], N);
        return Promise.all(
          networks.map((network) =>
            Promise.all(
              tested.map(async (k) => {
                const options = { N: [N], batches: 10, stepsPerBit: [k] };
                return (await laboratory.measure("accuracy", network, options))[N]!;
              }),
            ),
          ),
        );
      }),
    );
    const finer = tested.filter((k) => k > trained.at(-1)!)[0]!;
    const atFiner = (i: number) => accuracies[i]!.map((each) => each[tested.indexOf(finer)]!);
    return {
      checks: [
        await checkLarger({
          statement: "Multi-head networks solve a larger N.",
          expected: "as in discrete time",
          larger: { label: "multi-head", values: runs.multi.map(({ solvedN }) => solvedN) },
          smaller: { label: "single-head", values: runs.single.map(({ solvedN }) => solvedN) },
          digits: 1,
        }),
        await checkLarger({
          statement: `At N = ${N || "–"}, the largest that all networks solved, single-head networks have the longer mean τ.`,
          expected: "as in discrete time",
          larger: { label: "single-head", values: tausAt(runs.single, N) },
          smaller: { label: "multi-head", values: tausAt(runs.multi, N) },
        }),
        await checkLarger({
          statement: `Networks trained with k = ${trained.join(", ")} are above chance with k = ${finer}.`,
          expected: "accuracy holds at finer steps",
          larger: { label: `k = ${finer}`, values: [...atFiner(0), ...atFiner(1)] },
          smaller: { label: "halfway from chance", values: [...atFiner(0), ...atFiner(1)].map(() => 0.75) },
        }),
      ],
      charts: [
        {
          title: `Accuracy on N = ${N} against steps per bit.`,
          note: `Trained with k = ${trained.join(", ")}. Line and band: mean and standard deviation over networks.`,
          x: { label: "Steps per bit k", logarithmic: true },
          y: { label: "Accuracy", from: 0.4, to: 1 },
          series: comparedCurricula.map(
            ({ label, colour }, i): Series => ({
              label,
              kind: "line",
              points: tested.flatMap((k, j) =>
                meanPoint(
                  k,
                  accuracies[i]!.map((each) => each[j]!),
                ),
              ),
              colour,
            }),
          ),
        },
      ],
      notes: [],
    };
  },
};
