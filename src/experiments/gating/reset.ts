// What an integrator remembers, an input to the update gate can reset, or keep.

import type { Claim, ScaleName } from "../claim.ts";
import { checkEvery } from "../verdict.ts";
import { meanPoint, source, studySeeds } from "./networks.ts";

const sizes: Record<ScaleName, number> = { tiny: 60, laptop: 400, paper: 1000 };
const GAIN = 3;
const UPDATE_GAIN = 1000;
const LAG = 100;
const TIME = 400;
const pulse = { to: "update", from: 310, lasting: 60 } as const;

const conditions = [
  { label: "no input", amplitude: 0 },
  { label: "gates opened", amplitude: 10 },
  { label: "gates closed", amplitude: -10 },
] as const;

export const reset: Claim = {
  name: "gating/reset",
  title: "Resetting memory",
  statement:
    "An input to the update gates resets what the network has kept, or keeps it, depending on its sign.",
  source,
  method: `Integrators (g = ${GAIN}, α_z = ${UPDATE_GAIN}); an input to all update gates for ${pulse.lasting} time units; overlap (cosine) of h behind it with h before it.`,
  async test(laboratory, trial) {
    const units = sizes[trial.scale];
    const overlaps = await Promise.all(
      conditions.map(async ({ amplitude }) => {
        const results = await studySeeds(laboratory, trial, "trajectory", (seed) => ({
          system: { kind: "gated", units, seed, gain: GAIN, updateGain: UPDATE_GAIN },
          time: TIME,
          every: LAG,
          seed,
          pulse: { ...pulse, amplitude },
        }));
        return results.map(({ overlap }) => overlap.at(-1)!);
      }),
    );
    const kept = (i: number) =>
      checkEvery({
        statement: `With ${conditions[i]!.label} the state is kept (overlap).`,
        expected: "above 0.95",
        sample: { label: "overlap", values: overlaps[i]! },
        holds: (value) => value > 0.95,
      });
    return {
      checks: [
        kept(0),
        checkEvery({
          statement: "With gates opened by an input the state is lost (overlap).",
          expected: "below 0.5 in size",
          sample: { label: "overlap", values: overlaps[1]! },
          holds: (value) => Math.abs(value) < 0.5,
        }),
        kept(2),
      ],
      charts: [
        {
          title: "Overlap of a network's state behind an input to its update gates with that before.",
          note: "Mean and standard deviation over networks.",
          x: { label: "Input to the update gates", categories: conditions.map(({ label }) => label) },
          y: { label: "Overlap" },
          series: [
            {
              label: "mean",
              kind: "line",
              points: overlaps.map((values, x) => meanPoint(x, values)),
              colour: 0,
            },
          ],
        },
      ],
      notes: [`${units} units, Euler steps of 0.1, ${trial.seeds.length} networks.`],
    };
  },
};
