// The eigenvalues of the Jacobian lie where theory says, and a steep update gate brings many of them to zero.

import type { Chart } from "../chart.ts";
import type { Claim, ScaleName } from "../claim.ts";
import type { SpectrumStudyOptions, SpectrumSummary } from "../studies/spectrum.ts";
import { type Check, checkEvery, checkLarger, checkNear } from "../verdict.ts";
import { closedEdge, pointsOf, source, studySeeds } from "./networks.ts";

const sizes: Record<ScaleName, { units: number; time: number }> = {
  tiny: { units: 60, time: 20 },
  laptop: { units: 400, time: 100 },
  paper: { units: 1000, time: 100 },
};

const conditions = [
  { gain: 3, outputGain: 0, updateGain: 0 },
  { gain: 3, outputGain: 5, updateGain: 0 },
  { gain: 3, outputGain: 5, updateGain: 10 },
  { gain: 6, outputGain: 0, updateGain: 10 },
] as const;

// as far as single eigenvalues scatter around the edge of finitely many
const FACTOR = 1.02;

export const spectrum: Claim = {
  name: "gating/spectrum",
  title: "Spectrum of the Jacobian",
  statement:
    "The eigenvalues of a gated network's Jacobian fill the region that mean-field theory gives, and a steep update gate brings many of them to zero.",
  source,
  method:
    "Random networks, Euler steps of 0.1, looked at in the state they have come to; edge from the same state's values of h, z and r.",
  async test(laboratory, trial) {
    const { units, time } = sizes[trial.scale];
    const results = await Promise.all(
      conditions.map((condition) =>
        studySeeds(laboratory, trial, "spectrum", (seed) => ({
          system: { kind: "gated", units, seed, ...condition },
          time,
          factor: FACTOR,
          seed,
        })),
      ),
    );
    const labels = conditions.map(
      ({ gain, outputGain, updateGain }) => `g = ${gain}, α_r = ${outputGain}, α_z = ${updateGain}`,
    );
    return {
      checks: [
        ...results.flatMap((networks, i) => edgeChecks(labels[i]!, networks)),
        await checkLarger({
          statement: "With a steep update gate, more eigenvalues lie within 0.05 of zero (share of all).",
          expected: "the more, the steeper the gate",
          larger: { label: labels[2]!, values: results[2]!.map(({ nearZero }) => nearZero) },
          smaller: { label: labels[1]!, values: results[1]!.map(({ nearZero }) => nearZero) },
        }),
      ],
      charts: results.flatMap((networks, i) => edgeChart(labels[i]!, networks)),
      notes: [`${units} units, T = ${time}, dt = 0.1, ${trial.seeds.length} networks of each kind.`],
    };
  },
};

/** Whether eigenvalues lie inside their edge, and reach it. */
export function edgeChecks(label: string, networks: readonly SpectrumSummary[], factor = FACTOR): Check[] {
  return [
    checkEvery({
      statement: `${label}: 99 % of the eigenvalues lie inside the edge (times ${factor}).`,
      expected: "at least 0.99",
      sample: { label: "share inside", values: networks.map(({ inside }) => inside) },
      holds: (share) => share >= 0.99,
      digits: 4,
    }),
    checkNear({
      statement: `${label}: the eigenvalue furthest to the right is as far from the centre as the edge.`,
      expected: { value: 1, source: "theory", tolerance: 0.1 },
      sample: {
        label: "distance, relative",
        values: networks.map(
          ({ largestReal, edgeReal, centre }) => (largestReal - centre) / (edgeReal - centre),
        ),
      },
    }),
  ];
}

/** The eigenvalues of the first network, and their edge. */
export function edgeChart(label: string, [first]: readonly SpectrumSummary[]): Chart[] {
  if (!first) return [];
  return [
    {
      title: `Eigenvalues, ${label}.`,
      note: "Dots: one network. Line: the edge from theory.",
      x: { label: "Real part" },
      y: { label: "Imaginary part" },
      series: [
        { label: "network", kind: "points", points: pointsOf(first.eigenvalues), colour: 0 },
        { label: "theory", kind: "line", points: closedEdge(first.edge), colour: 1 },
      ],
    },
  ];
}

/** What a spectrum is measured of. */
export type SpectrumSystem = SpectrumStudyOptions["system"];
