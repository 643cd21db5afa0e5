// The phase diagram: theory's lines over a grid of simulated networks.

import { computePhaseDiagram } from "../../theory/phase-diagram.ts";
import type { ChartPoint } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import { phaseChart } from "../phase-chart.ts";
import { checkEvery } from "../verdict.ts";
import { source, studySeeds } from "./networks.ts";

interface Grid {
  units: number;
  time: number;
  gains: number[];
  outputGains: number[];
}

const sizes: Record<ScaleName, Grid> = {
  tiny: { units: 60, time: 60, gains: [1.2, 3], outputGains: [0, 20] },
  laptop: {
    units: 300,
    time: 300,
    gains: [1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 3],
    outputGains: [0, 2, 4, 7, 10, 15, 20, 30],
  },
  paper: {
    units: 1000,
    time: 1000,
    gains: Array.from({ length: 21 }, (_, i) => 1 + 0.1 * i),
    outputGains: Array.from({ length: 16 }, (_, i) => 2 * i),
  },
};

// the theory's line of chaos is of output gates that follow at once
const OUTPUT_TAU = 0.2;
// activity that goes on
const ALIVE = 0.05;
// relative distance from the line, nearer to which networks of a finite size may do either
const MARGIN = 0.1;

export const phaseDiagram: Claim = {
  name: "gating/phase-diagram",
  title: "Phase diagram",
  statement:
    "Theory's line of chaos divides simulated networks into those whose activity goes on and those in which it decays.",
  source,
  method: `Networks over a grid of gains g and α_r from a state of rms 1; τ_r = ${OUTPUT_TAU}, α_z = 0, Euler steps of 0.1; lines from mean-field theory (τ_r → 0).`,
  async test(laboratory, trial) {
    const { units, time, gains, outputGains } = sizes[trial.scale];
    const diagram = await computePhaseDiagram({ gains, values: outputGains });
    const points = outputGains.flatMap((outputGain, row) =>
      gains.map((gain) => ({ gain, outputGain, line: diagram.lines.chaos[row]! })),
    );
    const alive = await Promise.all(
      points.map(async ({ gain, outputGain }) => {
        const runs = await studySeeds(laboratory, trial, "trajectory", (seed) => ({
          system: { kind: "gated", units, seed, gain, outputGain, outputTau: OUTPUT_TAU },
          time,
          every: time / 10,
          seed,
        }));
        return runs.map(({ rms }) => rms.at(-1)! > ALIVE);
      }),
    );
    const sideOf = ({ gain, line }: { gain: number; line: number }) => gain / line - 1;
    // share of the points on one side where a seed's network does as theory says
    const shares = (is: (side: number) => boolean, expected: boolean) =>
      trial.seeds.map((_, seed) => {
        const judged = alive.filter((__, i) => is(sideOf(points[i]!)));
        return judged.filter((each) => each[seed] === expected).length / judged.length;
      });
    const check = (statement: string, values: number[]) =>
      checkEvery({
        statement,
        expected: "at least 0.9",
        sample: { label: "share of the grid", values },
        holds: (share) => share >= 0.9,
      });
    const dots = (kind: boolean): ChartPoint[] =>
      points.flatMap(({ gain, outputGain }, i) =>
        alive[i]!.filter(Boolean).length * 2 > trial.seeds.length === kind
          ? [{ x: gain, y: outputGain }]
          : [],
      );
    const chart = phaseChart(diagram, [
      { label: "goes on", kind: "networks", points: dots(true), colour: 1 },
      { label: "decays", kind: "networks", points: dots(false), colour: 0 },
    ]);
    return {
      checks: [
        check(
          `Where theory has chaos, more than ${100 * MARGIN} % beyond its line, activity goes on.`,
          shares((side) => side > MARGIN, true),
        ),
        check(
          `Where theory has none, more than ${100 * MARGIN} % before its line, activity decays.`,
          shares((side) => side < -MARGIN, false),
        ),
      ],
      charts: [
        {
          ...chart,
          note: `Dots: ${units} units, what most of the networks do at T = ${time}. ${chart.note}`,
        },
      ],
      notes: [
        `${units} units, T = ${time}, ${trial.seeds.length} networks at each of ${points.length} points. Error of theory's lines: at most ${diagram.error.toExponential(0)}.`,
      ],
    };
  },
};
