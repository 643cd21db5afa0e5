// Sequential MNIST: images that come pixel by pixel, larger ones as N grows.
//
// Based on  Khajehabdollahi et al. 2024, a side branch of the released code, which publishes no values.

import { presets, type TrainingSettings } from "../../training/settings.ts";
import type { Claim, Evidence, ScaleName } from "../claim.ts";
import { type Check, checkLarger } from "../verdict.ts";
import { meanPoint, networkPoints, paper, solvedLengths, solveOf, tausAt, trainSeeds } from "./training.ts";

const sizes: Record<ScaleName, Partial<TrainingSettings>> = {
  tiny: { units: 24, batch: 32, updates: 30, testBatches: 4, epochs: 6, maxN: 4, solvedAt: 0.15 },
  laptop: { units: 96, batch: 64, updates: 300, epochs: 16, maxN: 8 },
  paper: {},
};

export const sequentialMnist: Claim = {
  name: "timescales/sequential-mnist",
  title: "Sequential MNIST",
  statement:
    "On sequential MNIST, images of more pixels are solved one after the other, and mean τ grows with their size.",
  source: `${paper}, side branch of the released code; no values published`,
  method:
    "Digits of (N + 3) × (N + 3) pixels, single-head curriculum with a threshold for each N; needs the digits of MNIST.",
  reduced: "16 epochs of 300 updates.",
  async test(laboratory, trial) {
    if (!laboratory.hasDigits) return withoutDigits();
    const runs = await trainSeeds(laboratory, trial, { ...presets.smnist, ...sizes[trial.scale] });
    const able = runs.filter(({ solves }) => solves.length > 1);
    const check = await checkLarger({
      statement: "Mean τ is longer at the largest N solved than at N = 2.",
      expected: "longer: what is to be kept lies further back",
      larger: { label: "largest N", values: able.map((run) => run.solves.at(-1)!.tau!.mean) },
      smaller: { label: "N = 2", values: able.map((run) => solveOf(run, 2)!.tau!.mean) },
    });
    const lengths = solvedLengths(runs);
    return {
      checks: [check],
      charts: [
        {
          title: "Sequential MNIST: mean τ over units when N was solved.",
          note: "Line and band: mean and standard deviation over the networks that solved N.",
          x: { label: "N (side of the image less 3, pixels)", whole: true },
          y: { label: "Mean τ (time steps)" },
          series: [
            {
              label: "single-head",
              kind: "line",
              points: lengths.flatMap((N) => meanPoint(N, tausAt(runs, N))),
              colour: 1,
            },
          ],
        },
        {
          title: "Sequential MNIST: largest N solved.",
          note: "A dot is one network.",
          x: { label: "Curriculum", categories: ["single-head"] },
          y: { label: "Largest N solved", from: 0 },
          series: [
            {
              label: "single-head",
              kind: "networks",
              points: networkPoints(
                0,
                runs.map(({ solvedN }) => solvedN),
              ),
              colour: 1,
            },
          ],
        },
      ],
      notes: [],
    };
  },
};

function withoutDigits(): Evidence {
  const check: Check = {
    statement: "Mean τ is longer at the largest N solved than at N = 2.",
    expected: "longer: what is to be kept lies further back",
    found: "no digits were given",
    verdict: "not enough evidence",
  };
  return {
    checks: [check],
    charts: [],
    notes: ["Nothing was trained: give the IDX files of MNIST by --mnist DIR."],
  };
}
