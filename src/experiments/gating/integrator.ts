// A steep update gate makes a marginally stable state: what the network was in, it stays in.

import type { Series } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import { slopeOf } from "../slope.ts";
import { checkEvery, checkLarger } from "../verdict.ts";
import { meanPoint, source, studySeeds } from "./networks.ts";

const sizes: Record<ScaleName, { units: number; time: number }> = {
  tiny: { units: 60, time: 200 },
  laptop: { units: 1000, time: 600 },
  paper: { units: 4000, time: 600 },
};
const LAG = 100;
const gains = [3, 6] as const;
const updateGains = [0, 10, 100, 1000] as const;

export const integrator: Claim = {
  name: "gating/integrator",
  title: "The update gate makes an integrator",
  statement:
    "With a steep update gate a network keeps the state it is in, for any gain in a wide region, without fine tuning or symmetry; without the gate it is chaotic.",
  source,
  method: `Random networks without an output gate; overlap (cosine) of h with what it was ${LAG} time units before.`,
  async test(laboratory, trial) {
    const { units, time } = sizes[trial.scale];
    const overlaps = await Promise.all(
      gains.map((gain) =>
        Promise.all(
          updateGains.map(async (updateGain) => {
            const results = await studySeeds(laboratory, trial, "trajectory", (seed) => ({
              system: { kind: "gated", units, seed, gain, updateGain },
              time,
              every: LAG,
              seed,
            }));
            return results.map(({ overlap }) => overlap.at(-1)!);
          }),
        ),
      ),
    );
    const at = (g: number, z: number) => overlaps[g]![z]!;
    const checks = gains.flatMap((gain, g) => [
      checkEvery({
        statement: `g = ${gain}, α_z = 1000: the state is kept (overlap).`,
        expected: "above 0.99",
        sample: { label: "overlap", values: at(g, 3) },
        holds: (value) => value > 0.99,
        digits: 4,
      }),
      checkEvery({
        statement: `g = ${gain}, α_z = 0: the state is lost (overlap).`,
        expected: "below 0.4 in size",
        sample: { label: "overlap", values: at(g, 0) },
        holds: (value) => Math.abs(value) < 0.4,
      }),
    ]);
    const rises = await Promise.all(
      gains.map((gain, g) => {
        // over α_z = 0, 10, 100, 1000 as equal steps
        const slopes = trial.seeds.map((_, i) =>
          slopeOf(updateGains.map((__, z) => [z, at(g, z)[i]!] as const)),
        );
        return checkLarger({
          statement: `g = ${gain}: the steeper the gate, the more is kept.`,
          expected: "a slope above 0",
          larger: { label: "slope per step of α_z", values: slopes },
          smaller: { label: "none", values: slopes.map(() => 0) },
        });
      }),
    );
    const series = gains.map(
      (gain, g): Series => ({
        label: `g = ${gain}`,
        kind: "line",
        points: updateGains.map((_, z) => meanPoint(z, at(g, z))),
        colour: g,
      }),
    );
    return {
      checks: [...checks, ...rises],
      charts: [
        {
          title: `Overlap of a network's state with that ${LAG} time units before, against the gain of the update gate.`,
          note: "Mean and standard deviation over networks.",
          x: { label: "Gain of the update gate, α_z", categories: updateGains.map(String) },
          y: { label: "Overlap" },
          series,
        },
      ],
      notes: [
        `${units} units, T = ${time}, Euler steps of 0.1, ${trial.seeds.length} networks of each kind.`,
      ],
    };
  },
};
