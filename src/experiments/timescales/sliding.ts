// A sliding window of N: between the two curricula, and like the multi-head one in its time constants.
//
// Based on  Khajehabdollahi et al. 2024; the released run with ten heads, five of them dropped at a time.

import type { TrainingSettings } from "../../training/settings.ts";
import type { Series } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import { checkLarger } from "../verdict.ts";
import { checkFall } from "./tau.ts";
import {
  comparedCurricula,
  leakySettings,
  meanPoint,
  networkPoints,
  paper,
  solvedLengths,
  tausAt,
  trainCurricula,
  trainSeeds,
} from "./training.ts";

const windows: Record<ScaleName, Pick<TrainingSettings, "window" | "forget">> = {
  tiny: { window: 2, forget: 1 },
  laptop: { window: 6, forget: 3 },
  paper: { window: 10, forget: 5 },
};

export const sliding: Claim = {
  name: "timescales/sliding",
  title: "Sliding window of N",
  statement:
    "Networks that train on a sliding window of N get further than single-head networks, and their mean τ falls as that of multi-head networks.",
  source: `${paper}, sliding curriculum and released run`,
  method: "N-parity with a window of several N, of which the first are dropped when all are solved.",
  reduced: "Six heads, three dropped at a time.",
  async test(laboratory, trial) {
    const settings = leakySettings(trial);
    const { window, forget } = windows[trial.scale];
    const [runs, slid] = await Promise.all([
      trainCurricula(laboratory, trial, settings),
      trainSeeds(laboratory, trial, { ...settings, ...windows[trial.scale], curriculum: "sliding" }),
    ]);
    const groups = [
      ...comparedCurricula.map(({ curriculum, label, colour }) => ({
        label,
        colour,
        group: runs[curriculum],
      })),
      { label: `sliding ${window}/${forget}`, colour: 2, group: slid },
    ];
    return {
      checks: [
        await checkLarger({
          statement: "Networks with a sliding window solve a larger N than single-head networks.",
          expected: "released run: N = 2 to 11 solved at epoch 5; single-head N = 11 at epoch 20",
          larger: { label: "sliding", values: slid.map(({ solvedN }) => solvedN) },
          smaller: { label: "single-head", values: runs.single.map(({ solvedN }) => solvedN) },
          digits: 1,
        }),
        await checkFall(slid, "With a sliding window, mean τ ends below its initial value.", "as multi-head"),
      ],
      charts: [
        {
          title: "Largest N solved.",
          note: `A dot is one network; sliding ${window}/${forget}: ${window} heads, ${forget} dropped at a time.`,
          x: { label: "Curriculum", categories: groups.map(({ label }) => label) },
          y: { label: "Largest N solved (bits)", from: 0 },
          series: groups.map(({ label, colour, group }, i) => ({
            label,
            kind: "networks",
            points: networkPoints(
              i,
              group.map(({ solvedN }) => solvedN),
            ),
            colour,
          })),
        },
        {
          title: "Mean τ over units when N was solved.",
          note: "Line and band: mean and standard deviation over the networks that solved N.",
          x: { label: "N (bits)", whole: true },
          y: { label: "Mean τ (time steps)" },
          series: groups.map(
            ({ label, colour, group }): Series => ({
              label,
              kind: "line",
              points: solvedLengths(group).flatMap((N) => meanPoint(N, tausAt(group, N))),
              colour,
            }),
          ),
        },
      ],
      notes: [],
    };
  },
};
