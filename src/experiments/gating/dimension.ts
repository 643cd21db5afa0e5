// The whole spectrum: dimension and entropy of chaos, which the output gate controls; and that of plain tanh networks, of which
// others have published the numbers.

import { solvePlainNetwork } from "../../theory/plain-network.ts";
import type { Claim, ScaleName } from "../claim.ts";
import type { LyapunovSummary } from "../studies/lyapunov.ts";
import { checkEvery, checkLarger, checkNear, summarize } from "../verdict.ts";
import { meanPoint, source, studySeeds } from "./networks.ts";

interface Sizes {
  plain: { units: number; steps: number; transient: number };
  gated: { units: number; time: number; transient: number };
}

const sizes: Record<ScaleName, Sizes> = {
  tiny: { plain: { units: 60, steps: 300, transient: 100 }, gated: { units: 30, time: 30, transient: 20 } },
  laptop: {
    plain: { units: 500, steps: 2000, transient: 200 },
    gated: { units: 200, time: 60, transient: 40 },
  },
  paper: {
    plain: { units: 4096, steps: 2000, transient: 200 },
    gated: { units: 1000, time: 200, transient: 100 },
  },
};

const PLAIN_GAIN = 3;
const GAIN = 3;
const outputGains = [0, 2, 5, 10] as const;
const DT = 0.1;
const INTERVAL = 5;

// N = 4096, g = 3, δ = 1
const published = { source: "D. Clark, rnn-lyapunov, N = 4096", positive: 0.15259, dimension: 0.28717 };

export const dimension: Claim = {
  name: "gating/dimension",
  title: "Dimension and entropy",
  statement:
    "A steeper output gate raises the dimension of chaos; the spectrum of plain tanh networks is the published one.",
  source,
  method: `Full Lyapunov spectra: of maps x ← J tanh(x) at g = ${PLAIN_GAIN} with a QR decomposition in every step, and of gated networks at g = ${GAIN} in every ${INTERVAL}th Euler step of ${DT}; Kaplan–Yorke dimensions.`,
  async test(laboratory, trial) {
    const { plain, gated } = sizes[trial.scale];
    const [maps, networks, theory] = await Promise.all([
      studySeeds(laboratory, trial, "lyapunov", (seed) => ({
        system: { kind: "tanh", units: plain.units, seed, gain: PLAIN_GAIN, delta: 1 },
        steps: plain.steps,
        transient: plain.transient,
        seed,
      })),
      Promise.all(
        outputGains.map((outputGain) =>
          studySeeds(laboratory, trial, "lyapunov", (seed) => ({
            system: { kind: "gated", units: gated.units, seed, gain: GAIN, outputGain, dt: DT },
            steps: Math.round(gated.time / DT),
            transient: Math.round(gated.transient / DT),
            interval: INTERVAL,
            seed,
          })),
        ),
      ),
      solvePlainNetwork(PLAIN_GAIN, { step: 1 }),
    ]);
    const dimensions = networks.map((each) =>
      each.map((spectrum) => (spectrum.dimension ?? spectrum.size) / gated.units),
    );
    const entropies = networks.map((each) => each.map(({ entropy }) => entropy / gated.units));
    const plainValues = (read: (spectrum: LyapunovSummary) => number) => maps.map(read);
    return {
      checks: [
        checkNear({
          statement: "Plain maps: the largest exponent.",
          expected: { value: theory.largestExponent, source: "theory, N → ∞", tolerance: 0.012 },
          sample: { label: "λ", values: plainValues(({ exponents }) => exponents[0]!) },
          digits: 4,
        }),
        checkNear({
          statement: "Plain maps: share of positive exponents.",
          expected: { value: published.positive, source: published.source, tolerance: 0.006 },
          sample: { label: "share", values: plainValues(({ positiveFraction }) => positiveFraction) },
          digits: 4,
        }),
        checkNear({
          statement: "Plain maps: Kaplan–Yorke dimension over N.",
          expected: { value: published.dimension, source: published.source, tolerance: 0.01 },
          sample: { label: "D / N", values: plainValues((spectrum) => spectrum.dimension! / spectrum.size) },
          digits: 4,
        }),
        checkEvery({
          statement:
            "Plain maps: the exponents add up to the mean log-determinant of the map (relative difference).",
          expected: "below 0.005",
          sample: {
            label: "difference",
            values: plainValues(({ sum, logDeterminant }) => Math.abs(sum / logDeterminant! - 1)),
          },
          holds: (value) => value < 0.005,
          digits: 6,
        }),
        await checkLarger({
          statement: "The output gate raises the dimension (over N).",
          expected: "the larger, the steeper the gate",
          larger: { label: `α_r = ${outputGains.at(-1)}`, values: dimensions.at(-1)! },
          smaller: { label: "α_r = 0", values: dimensions[0]! },
        }),
        await checkLarger({
          statement: "The output gate raises the entropy rate (over N).",
          expected: "the larger, the steeper the gate",
          larger: { label: `α_r = ${outputGains.at(-1)}`, values: entropies.at(-1)! },
          smaller: { label: "α_r = 0", values: entropies[0]! },
          digits: 4,
        }),
      ],
      charts: [
        {
          title: "Lyapunov spectrum of plain tanh networks.",
          note: `Maps x ← J tanh(x), g = ${PLAIN_GAIN}; one network of ${plain.units} units.`,
          x: { label: "Index / N" },
          y: { label: "Exponent (per step)" },
          series: [
            {
              label: "network",
              kind: "line",
              points: (maps[0]?.exponents ?? []).map((y, i) => ({ x: (i + 1) / plain.units, y })),
              colour: 0,
            },
          ],
        },
        {
          title: "Dimension and entropy rate against the gain of the output gate.",
          note: `Gated networks, g = ${GAIN}; mean and standard deviation over networks.`,
          x: { label: "Gain of the output gate, α_r" },
          y: { label: "Dimension / N; 10 × entropy rate / N" },
          series: [
            {
              label: "dimension",
              kind: "line",
              points: outputGains.map((x, i) => meanPoint(x, dimensions[i]!)),
              colour: 0,
            },
            {
              label: "entropy rate × 10",
              kind: "line",
              points: outputGains.map((x, i) =>
                meanPoint(
                  x,
                  entropies[i]!.map((value) => 10 * value),
                ),
              ),
              colour: 1,
            },
          ],
        },
      ],
      notes: [
        `Maps: ${plain.units} units, ${plain.steps} steps behind ${plain.transient}. Gated: ${gated.units} units, T = ${gated.time} behind ${gated.transient}, dt = ${DT}. ${trial.seeds.length} networks of each kind. Standard error of the largest exponent of one map, from blocks of time: ${summarize(maps.map(({ errors }) => errors[0]!)).mean.toFixed(4)}.`,
      ],
    };
  },
};
