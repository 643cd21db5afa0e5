// Where training succeeds: GRUs that begin at points across the phase diagram.

import type { TrainingSettings } from "../../training/settings.ts";
import type { Series } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import { checkLarger, summarize } from "../verdict.ts";
import { companion, meanPoint } from "./networks.ts";

type Settings = Partial<TrainingSettings>;

const sizes: Record<ScaleName, Settings> = {
  tiny: { units: 16, batch: 16, updates: 20, testBatches: 2, epochs: 2, startN: 4, maxN: 4 },
  laptop: { units: 64, batch: 64, updates: 100, testBatches: 10, epochs: 30, startN: 20, maxN: 20 },
  paper: { units: 256, batch: 128, updates: 600, testBatches: 20, epochs: 20, startN: 40, maxN: 40 },
};

// a_h of the candidate: zero becomes unstable at 2
const gains = [0.5, 1, 2, 3, 5] as const;
// of the update gate, z = σ(b): the state is kept for 1 + e^b steps
const biases = [0, 3] as const;
const OTHER_GAIN = 1;

export const initialise: Claim = {
  name: "gating/initialise",
  title: "Where to begin training",
  statement:
    "Networks learn to remember if they begin with slow update gates near the edge of chaos, rather than far from it on either side or with fast gates.",
  source: `${companion}: phase diagrams as a map for initial parameters`,
  method:
    "GRUs (PyTorch's order of the reset gate), delayed match to sample of one N, Adam; accuracy after a few epochs, from initial gains of the candidate and biases of the update gate.",
  async test(laboratory, trial) {
    const size = sizes[trial.scale];
    const accuracies = await Promise.all(
      biases.map((bias) =>
        Promise.all(
          gains.map((gain) =>
            Promise.all(
              trial.seeds.map(async (seed) => {
                const { records } = await laboratory.train({
                  ...size,
                  task: "dms",
                  curriculum: "none",
                  cell: "gru",
                  optimizer: "adam",
                  learningRate: 0.001,
                  initialGain: [OTHER_GAIN, OTHER_GAIN, gain],
                  initialBias: [0, bias, 0],
                  seed,
                });
                return records.at(-1)!.accuracy[size.maxN!]!;
              }),
            ),
          ),
        ),
      ),
    );
    const at = (bias: number, gain: number) => ({
      label: `a_h = ${gains[gain]}, b_z = ${biases[bias]}`,
      values: accuracies[bias]![gain]!,
    });
    const edge = gains.indexOf(2);
    const better = (statement: string, smaller: { label: string; values: number[] }) =>
      checkLarger({
        statement,
        expected: "higher accuracy at the edge, with slow gates",
        larger: at(1, edge),
        smaller,
      });
    const series = biases.map(
      (bias, b): Series => ({
        label: `b_z = ${bias}, ${bias === 0 ? "fast gates" : "slow gates"}`,
        kind: "line",
        points: gains.map((gain, g) => meanPoint(gain, accuracies[b]![g]!)),
        colour: b,
      }),
    );
    return {
      checks: [
        await better("Slow gates at the edge are better than fast ones there.", at(0, edge)),
        await better("The edge is better than a small gain, with slow gates.", at(1, 0)),
        await better(
          "The edge is better than a gain far beyond it, with slow gates.",
          at(1, gains.length - 1),
        ),
      ],
      charts: [
        {
          title: "Accuracy after training against the initial gain of a GRU.",
          note: "Mean and standard deviation over networks. Theory: zero is stable below a_h = 2, whatever the gates.",
          x: { label: "Initial gain of the candidate, a_h" },
          y: { label: "Accuracy", from: 0.45, to: 1 },
          series,
        },
      ],
      notes: [
        `${size.units} units, N = ${size.maxN}, ${size.epochs} epochs of ${size.updates} updates, ${trial.seeds.length} networks at each point; reset and update gates begin with gain ${OTHER_GAIN}. Mean over all points: ${summarize(accuracies.flat(2)).mean.toFixed(3)}.`,
      ],
    };
  },
};
