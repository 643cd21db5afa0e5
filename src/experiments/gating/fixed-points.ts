// Between the lines: many unstable fixed points, and no chaos.

import { findDynamicTransitions, findStaticTransitions } from "../../theory/transitions.ts";
import type { Claim, ScaleName } from "../claim.ts";
import { checkEvery, checkLarger } from "../verdict.ts";
import { meanPoint, source, studySeeds } from "./networks.ts";

const sizes: Record<ScaleName, { units: number; starts: number; large: number; time: number }> = {
  tiny: { units: 20, starts: 20, large: 60, time: 100 },
  laptop: { units: 100, starts: 300, large: 500, time: 600 },
  paper: { units: 200, starts: 1000, large: 2000, time: 600 },
};
const OUTPUT_GAIN = 20;
// below both transitions, between them, and above both
const gains = [1.5, 1.7, 1.9] as const;

export const fixedPoints: Claim = {
  name: "gating/fixed-points",
  title: "Topological without dynamical complexity",
  statement:
    "With a steep output gate fixed points proliferate at a smaller gain than that at which chaos begins: between the two there are many unstable ones, and activity decays.",
  source,
  method: `α_r = ${OUTPUT_GAIN}; Levenberg–Marquardt from random starts in small networks, activity from large initial states in large ones.`,
  async test(laboratory, trial) {
    const { units, starts, large, time } = sizes[trial.scale];
    const [found, activity, [appear], [chaos]] = await Promise.all([
      Promise.all(
        gains.map((gain) =>
          studySeeds(laboratory, trial, "fixedPoints", (seed) => ({
            system: { kind: "gated", units, seed, gain, outputGain: OUTPUT_GAIN },
            starts,
            seed,
          })),
        ),
      ),
      Promise.all(
        gains.map(async (gain) => {
          const runs = await studySeeds(laboratory, trial, "trajectory", (seed) => ({
            system: { kind: "gated", units: large, seed, gain, outputGain: OUTPUT_GAIN },
            time,
            every: time / 10,
            seed,
          }));
          return runs.map(({ rms }) => rms.at(-1)!);
        }),
      ),
      findStaticTransitions([OUTPUT_GAIN]),
      findDynamicTransitions([OUTPUT_GAIN]),
    ]);
    const others = found.map((networks) => networks.map((network) => network.others));
    const all = found.flat();
    return {
      checks: [
        await checkLarger({
          statement:
            "Beside zero there are more fixed points above both transitions than below (found from the same starts).",
          expected: `they appear at g = ${appear!.gain.toFixed(3)}`,
          larger: { label: `g = ${gains[2]}`, values: others[2]! },
          smaller: { label: `g = ${gains[0]}`, values: others[0]! },
          digits: 1,
        }),
        checkEvery({
          statement: "None of them is stable.",
          expected: "0 of all that were found",
          sample: {
            label: "stable ones",
            values: trial.seeds.map((_, i) => found.reduce((sum, networks) => sum + networks[i]!.stable, 0)),
          },
          holds: (count) => count === 0,
          digits: 1,
        }),
        checkEvery({
          statement: "Zero is stable at all three gains (networks in which it is).",
          expected: "all: zero becomes unstable at g = 2",
          sample: {
            label: "of 3",
            values: trial.seeds.map((_, i) => found.filter((networks) => networks[i]!.zeroStable).length),
          },
          holds: (count) => count === gains.length,
          digits: 1,
        }),
        checkEvery({
          statement: `Between the transitions, at g = ${gains[1]}, activity decays (rms of h at the end).`,
          expected: `below 0.001: chaos begins at g = ${chaos!.gain.toFixed(3)}`,
          sample: { label: "rms", values: activity[1]! },
          holds: (value) => value < 1e-3,
          digits: 5,
        }),
        checkEvery({
          statement: `Above both, at g = ${gains[2]}, it goes on.`,
          expected: "above 0.1",
          sample: { label: "rms", values: activity[2]! },
          holds: (value) => value > 0.1,
        }),
      ],
      charts: [
        {
          title: "Fixed points beside zero, and activity from a large state, against the gain.",
          note: `Mean and standard deviation over networks. Theory: fixed points appear at ${appear!.gain.toFixed(3)}, chaos at ${chaos!.gain.toFixed(3)}, as N → ∞.`,
          x: { label: "Gain g" },
          y: { label: "Fixed points found; 100 × rms of h" },
          series: [
            {
              label: `fixed points, ${units} units`,
              kind: "line",
              points: gains.map((gain, i) => meanPoint(gain, others[i]!)),
              colour: 0,
            },
            {
              label: `rms of h × 100, ${large} units`,
              kind: "line",
              points: gains.map((gain, i) =>
                meanPoint(
                  gain,
                  activity[i]!.map((value) => 100 * value),
                ),
              ),
              colour: 1,
            },
          ],
        },
      ],
      notes: [
        `${trial.seeds.length} networks; fixed points: ${units} units, ${starts} starts each, ${all.reduce((sum, { failed }) => sum + failed, 0)} of ${all.length * starts} starts led to none; activity: ${large} units, T = ${time}, Euler steps of 0.1. Counts are lower bounds: of what the starts lead to.`,
      ],
    };
  },
};
