// Where to begin training: gains and biases of gates for a timescale that is wanted.
//
// Based on   re-derived; cf. Can, Krishnamurthy and Schwab, arXiv 2002.00025 (2020), and Krishnamurthy, Can and Schwab, Phys. Rev. X
//            12, 011011 (2022). Biases of this form: Tallec and Ollivier, "Can recurrent neural networks warp time?" (2018).
//
// Around rest a GRU is h ← z h + (1 - z) r U h with gates at their biases, an LSTM c ← f c + i o U c. With weights of variance g² / N the
// eigenvalues fill a disc around z of radius (1 - z) r g, or around f of radius i o g: it reaches 1, where rest loses its stability,
// at g = 1 / r or (1 - f) / (i o), whatever the other gates' gains are.

import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import type { GatingParameters } from "../core/gating-parameters.ts";
import { logarithms } from "../core/gaussian-averages.ts";
import { checkAtLeast, checkCount } from "./site.ts";

/** What can be initialised. */
export type GatedCellName = "gru" | "lstm" | "gated";

export interface RecommendationOptions {
  /** Hidden units N. */
  units: number;
  /** How long activity is to last by itself: steps, or for "gated" time in units of h's behind an open gate. Above 1. */
  timescale: number;
  /** "gru" (default) and "lstm" as they are trained, or "gated", the flow of `gatedDynamics`. */
  cell?: GatedCellName;
}

/** Where to begin. */
export interface Recommendation {
  /** For training: settings to add to the others; undefined for "gated". */
  settings: { cell: "gru" | "lstm"; initialGain: number[]; initialBias: number[] } | undefined;
  /** For `gatedDynamics`; undefined for the others. */
  parameters: Pick<GatingParameters, "gain" | "updateBias"> | undefined;
  /** The gain at which rest loses its stability as N → ∞. */
  edge: number;
  /** Timescales of perturbations of rest: of one that the recurrent weights do not carry on, and of the slowest, as N → ∞. */
  timescales: { typical: number; slowest: number };
  /** Why, in sentences. */
  reason: string;
}

// of the gates whose gain does not move the edge: they vary with the state, and are no switches yet
const OTHER_GAIN = 1;

/**
 * Recommend gains and biases to begin training with: gates slow enough for the timescale, and recurrent weights just below the edge
 * of stability, as far as networks of this size scatter around it.
 *
 * @throws ShapeError if `units` is no whole number above 0, `timescale` is not above 1, or the cell is another one.
 */
export async function recommendInitialisation(options: RecommendationOptions): Promise<Recommendation> {
  const name = "recommendInitialisation";
  const { units, timescale, cell = "gru" } = options;
  checkCount(name, "units", units, 1);
  checkAtLeast(name, "timescale", timescale, 1);
  if (timescale === 1)
    throw new ShapeError(`${name}: \`timescale\` is 1, expected more: gates are open for none of it.`);
  if (cell !== "gru" && cell !== "lstm" && cell !== "gated")
    throw new ShapeError(`${name}: \`cell\` is ${cell}, expected one of gru, lstm, gated.`);
  const core = await Core.load();
  const [bias] = logarithms(core, [timescale - 1]) as unknown as [number];
  core.release();
  const margin = 1 / Math.sqrt(units);
  const edge = 2;
  const gain = edge * (1 - margin);
  const kept = cell === "lstm" ? "forget" : "update";
  const reason = [
    `The ${kept} gate's bias makes a unit that gets no input change by 1/${timescale} a step.`,
    `Rest loses its stability at a gain of ${edge}, whatever the gains of the other gates; the recommended one is below it by 1/√N, about as far as single networks scatter, so that the slowest perturbations last ${Math.round(1 / margin)} times longer without growing.`,
    `Gains of the other gates move no edge; far above 1 they make switches of the gates, and a reset or output gate beyond √8 a jump to chaos.`,
  ].join(" ");
  const timescales = { typical: timescale, slowest: timescale / margin };
  const settings = settingsOf(cell, gain, bias);
  const parameters = cell === "gated" ? { gain, updateBias: bias } : undefined;
  return { settings, parameters, edge, timescales, reason };
}

// in the cell's order of gates
function settingsOf(cell: GatedCellName, gain: number, bias: number): Recommendation["settings"] {
  const other = OTHER_GAIN;
  if (cell === "gru") return { cell, initialGain: [other, other, gain], initialBias: [0, bias, 0] };
  if (cell === "lstm")
    return { cell, initialGain: [other, other, gain, other], initialBias: [-bias, bias, 0, 0] };
  return undefined;
}
