// The same for GRU and LSTM at random initialisation.

import type { Claim, ScaleName } from "../claim.ts";
import { companion, studySeeds } from "./networks.ts";
import { edgeChart, edgeChecks } from "./spectrum.ts";

const sizes: Record<ScaleName, number> = { tiny: 60, laptop: 400, paper: 1000 };
const FACTOR = 1.05;
const STEPS = 300;

const systems = [
  { label: "GRU (a_h, a_r, a_z) = (3, 2, 2)", kind: "gru", candidateGain: 3, resetGain: 2, updateGain: 2 },
  {
    label: "LSTM (a_g, a_i, a_f, a_o) = (3, 2, 2, 2)",
    kind: "lstm",
    candidateGain: 3,
    inputGain: 2,
    forgetGain: 2,
    outputGain: 2,
  },
] as const;

export const gruLstm: Claim = {
  name: "gating/gru-lstm",
  title: "GRU and LSTM at random initialisation",
  statement:
    "The eigenvalues of the Jacobian of randomly initialised GRUs and LSTMs fill the region that theory gives.",
  source: companion,
  method: `Networks with Gaussian weights, ${STEPS} steps from a random state; the GRU's reset gate multiplies the state, as in the theory.`,
  async test(laboratory, trial) {
    const units = sizes[trial.scale];
    const results = await Promise.all(
      systems.map(({ label: _, ...system }) =>
        studySeeds(laboratory, trial, "spectrum", (seed) => ({
          system: { ...system, units, seed },
          time: STEPS,
          factor: FACTOR,
          seed,
        })),
      ),
    );
    return {
      checks: results.flatMap((networks, i) => edgeChecks(systems[i]!.label, networks, FACTOR)),
      charts: results.flatMap((networks, i) => edgeChart(systems[i]!.label, networks)),
      notes: [`${units} units, ${STEPS} steps, ${trial.seeds.length} networks of each kind.`],
    };
  },
};
