// A steep output gate makes the transition to chaos discontinuous: quiescence and chaos beside each other.

import { solveDynamicMeanField } from "../../theory/dynamic-mean-field.ts";
import { findLargestExponent } from "../../theory/largest-exponent.ts";
import type { Series } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import { type Check, checkEvery, checkNear } from "../verdict.ts";
import { source, studySeeds } from "./networks.ts";

const sizes: Record<ScaleName, { units: number; time: number }> = {
  tiny: { units: 100, time: 200 },
  laptop: { units: 500, time: 600 },
  paper: { units: 2000, time: 600 },
};
const GATING = { gain: 1.9, outputGain: 20 } as const;
const small = [0.005, 0.05] as const;
const large = [0.2, 1] as const;
const DT = 0.1;
const EVERY = 10;
// a push to all units alike, long enough to fill the network
const pulse = { to: "state", from: 10, lasting: 10, amplitude: 2 } as const;

export const transition: Claim = {
  name: "gating/transition",
  title: "A discontinuous transition to chaos",
  statement:
    "With a steep output gate a network has a stable quiescent state beside strong chaos: small initial states decay, large ones do not, and an input pulse leads from one to the other.",
  source,
  method:
    "Networks at g = 1.9, α_r = 20 from small and large initial states, and from a small one with an input pulse.",
  async test(laboratory, trial) {
    const { units, time } = sizes[trial.scale];
    const system = (seed: number) => ({ kind: "gated", units, seed, dt: DT, ...GATING }) as const;
    const follow = (rms: number, pulsed = false) =>
      studySeeds(laboratory, trial, "trajectory", (seed) => ({
        system: system(seed),
        time,
        every: EVERY,
        rms,
        seed,
        ...(pulsed ? { pulse } : {}),
      }));
    const exponentOf = async (rms: number) => {
      const options = { count: 1, steps: 2000, transient: 1000, interval: 1, rms };
      const spectra = await studySeeds(laboratory, trial, "lyapunov", (seed) => ({
        system: system(seed),
        ...options,
        seed,
      }));
      return spectra.map(({ exponents }) => exponents[0]!);
    };
    const [quiet, loud, pushed] = await Promise.all([
      Promise.all(small.map((rms) => follow(rms))),
      Promise.all(large.map((rms) => follow(rms))),
      follow(small[0], true),
    ]);
    const [chaotic, theory, field] = await Promise.all([
      exponentOf(1),
      findLargestExponent(GATING),
      solveDynamicMeanField(GATING),
    ]);
    const ends = (runs: typeof pushed) => runs.map(({ rms }) => rms.at(-1)!);
    const decays = small.map((rms, i) => decayCheck(rms, ends(quiet[i]!)));
    const survives = [
      ...large.map((rms, i) => [`from rms ${rms}`, ends(loud[i]!)] as const),
      ["behind a pulse", ends(pushed)] as const,
    ];
    return {
      checks: [
        ...decays,
        ...survives.map(([label, values]) => survivalCheck(label, values)),
        checkEvery({
          statement: "The large state is chaotic (largest Lyapunov exponent).",
          expected: "above 0.08",
          sample: { label: "λ", values: chaotic },
          holds: (value) => value > 0.08,
        }),
        checkNear({
          statement: "Its exponent is that of mean-field theory.",
          expected: { value: theory.exponent, source: "theory, N → ∞", tolerance: 0.03 },
          sample: { label: "λ", values: chaotic },
        }),
        checkNear({
          statement: "So is the variance of h.",
          expected: { value: field.state[0]!, source: "theory, N → ∞", tolerance: 0.015 },
          sample: {
            label: "variance",
            values: loud[1]!.map(({ rms }) => meanSquare(rms.slice(rms.length / 2))),
          },
        }),
      ],
      charts: [
        {
          title: "Activity from small and large initial states.",
          note: "Root mean square of h over units, one network; with the pulse, from the smallest.",
          x: { label: "Time" },
          y: { label: "rms of h", logarithmic: true },
          series: [
            ...[...quiet, ...loud].map((runs, i) => rmsSeries(`from ${[...small, ...large][i]}`, runs[0], i)),
            rmsSeries("with a pulse", pushed[0], 4),
          ],
        },
      ],
      notes: [
        `${units} units, T = ${time}, Euler steps of ${DT}, ${trial.seeds.length} networks; exponents over 2000 steps behind 1000.`,
      ],
    };
  },
};

function decayCheck(rms: number, values: number[]): Check {
  return checkEvery({
    statement: `From rms ${rms} activity decays (rms of h at the end).`,
    expected: "below 0.001",
    sample: { label: "rms", values },
    holds: (value) => value < 1e-3,
    digits: 5,
  });
}

function survivalCheck(label: string, values: number[]): Check {
  return checkEvery({
    statement: `Activity ${label} goes on (rms of h at the end).`,
    expected: "above 0.1",
    sample: { label: "rms", values },
    holds: (value) => value > 0.1,
  });
}

const FLOOR = 1e-6;

function rmsSeries(
  label: string,
  run: { times: number[]; rms: number[] } | undefined,
  colour: number,
): Series {
  const points = (run?.times ?? []).map((x, i) => ({ x, y: Math.max(FLOOR, run!.rms[i]!) }));
  return { label, kind: "line", points, colour };
}

function meanSquare(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value * value, 0) / values.length;
}
