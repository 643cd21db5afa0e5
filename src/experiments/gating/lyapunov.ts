// The largest Lyapunov exponent of simulated networks is that of the two-replica problem.

import { findLargestExponent } from "../../theory/largest-exponent.ts";
import type { Claim, ScaleName } from "../claim.ts";
import { checkNear, summarize } from "../verdict.ts";
import { source, studySeeds } from "./networks.ts";

const sizes: Record<ScaleName, { units: number; time: number }> = {
  tiny: { units: 100, time: 50 },
  laptop: { units: 1000, time: 250 },
  paper: { units: 4000, time: 1000 },
};
const DT = 0.05;
const TRANSIENT = 100;
// what networks of 1000 units and a time of 250 scatter by, and fall short
const TOLERANCE = 0.02;

const conditions = [
  { gain: 6, outputGain: 0 },
  { gain: 3, outputGain: 2 },
  { gain: 3, outputGain: 5 },
  { gain: 2.5, outputGain: 5 },
  { gain: 3, outputGain: 10 },
  { gain: 1.9, outputGain: 20 },
] as const;

export const lyapunov: Claim = {
  name: "gating/lyapunov",
  title: "The largest Lyapunov exponent",
  statement:
    "The largest Lyapunov exponent of networks with an output gate is that of dynamical mean-field theory.",
  source,
  method: `Update gates that stand still (α_z = 0), τ_r = 1; Benettin's method on the exact derivative of Euler steps of ${DT}; theory from two replicas.`,
  async test(laboratory, trial) {
    const { units, time } = sizes[trial.scale];
    const [simulated, theory] = await Promise.all([
      Promise.all(
        conditions.map((condition) =>
          studySeeds(laboratory, trial, "lyapunov", (seed) => ({
            system: { kind: "gated", units, seed, dt: DT, ...condition },
            count: 1,
            steps: Math.round(time / DT),
            transient: Math.round(TRANSIENT / DT),
            seed,
          })),
        ),
      ),
      Promise.all(conditions.map((condition) => findLargestExponent(condition))),
    ]);
    const values = simulated.map((networks) => networks.map(({ exponents }) => exponents[0]!));
    const errors = simulated.flat().map((network) => network.errors[0]!);
    const ends = theory.map(({ exponent }) => exponent);
    return {
      checks: conditions.map(({ gain, outputGain }, i) =>
        checkNear({
          statement: `g = ${gain}, α_r = ${outputGain}.`,
          expected: { value: theory[i]!.exponent, source: "theory, N → ∞", tolerance: TOLERANCE },
          sample: { label: "λ", values: values[i]! },
          digits: 4,
        }),
      ),
      charts: [
        {
          title: "Largest Lyapunov exponent of networks against that of theory.",
          note: "A dot is one network; on the line both are equal.",
          x: { label: "Theory" },
          y: { label: "Networks" },
          series: [
            {
              label: `${units} units`,
              kind: "networks",
              points: values.flatMap((each, i) => each.map((y) => ({ x: theory[i]!.exponent, y }))),
              colour: 0,
            },
            {
              label: "equal",
              kind: "line",
              points: [Math.min(...ends), Math.max(...ends)].map((x) => ({ x, y: x })),
              colour: 1,
            },
          ],
        },
      ],
      notes: [
        `${units} units, T = ${time} behind ${TRANSIENT}, dt = ${DT}, ${trial.seeds.length} networks of each kind. Standard error of one exponent, from blocks of time: ${summarize(errors).mean.toFixed(4)} in the mean; of theory: at most ${Math.max(...theory.map(({ error }) => error)).toExponential(0)}.`,
      ],
    };
  },
};
