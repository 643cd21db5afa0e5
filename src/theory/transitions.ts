// Where a random network with an output gate gets fixed points beside zero, and where it becomes chaotic.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022). With u = g² Δ_h, averages depend on u alone, and each u has its gain:
//
//   static    g² = u / (⟨tanh²⟩ ⟨σ_r²⟩)
//   dynamic   g² = u / (2 ∫₀¹ C_φ(c) C_σr(c) dc), of a correlation that comes to rest at zero, for τ_r → 0
//
//            A transition is the smallest gain of all u. At u → 0 it is 1 / σ_r(0), where zero loses its stability: it is
//            continuous if nothing lies below.

import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { gaussianMoments, restingGate, type Saturation } from "../core/gaussian-averages.ts";
import { findMinimum } from "./bracketing.ts";
import { squareGain } from "./potential.ts";
import { checkAtLeast } from "./site.ts";

/** One point of a line of transitions. */
export interface Transition {
  /** α_r. */
  outputGain: number;
  /** The smallest gain g_h at which there is a solution beside zero. */
  gain: number;
  /** The variance Δ_h of the solution that appears; 0 if it grows from zero. */
  stateVariance: number;
  /** Whether it appears with a variance above zero. */
  discontinuous: boolean;
  /** How much the gain differs from one found with half the nodes and fewer terms. */
  error: number;
}

export interface TransitionOptions {
  /** Bias β_r of the output gate (default 0): the larger, the more it is closed, and the larger all gains. */
  outputBias?: number;
}

/** Output gains α_r from which on transitions are discontinuous. */
export interface TransitionThresholds {
  /** Of fixed points: √8 without a bias; undefined where σ_r(0) ≥ 2/3, since they then always grow from zero. */
  fixedPoints: number | undefined;
  /** Of chaos: √12 without a bias; undefined where no output gain suffices. */
  chaos: number | undefined;
  /** The gain g_h = 1 + e^β_r at which zero loses its stability. */
  zeroGain: number;
}

/**
 * Find the output gains beyond which fixed points and chaos appear with a jump, in closed form.
 *
 * @param options  The output gate's bias.
 * @throws ShapeError  if the bias is not finite.
 */
export async function findTransitionThresholds(
  options: TransitionOptions = {},
): Promise<TransitionThresholds> {
  const bias = resolveBias("findTransitionThresholds", options);
  const core = await Core.load();
  try {
    const s = restingGate(core, bias);
    const fixedPoints = (1 - s) * (2 - 3 * s);
    const chaos = (2 / 3) * (1 - s) * (1 - s) + (1 - s) * (1 - 2 * s);
    return {
      fixedPoints: fixedPoints > 0 ? Math.sqrt(2 / fixedPoints) : undefined,
      chaos: chaos > 0 ? Math.sqrt(2 / chaos) : undefined,
      zeroGain: 1 / s,
    };
  } finally {
    core.release();
  }
}

/**
 * Find the gain at which fixed points beside zero appear, for each output gain; the update gate and all time constants do not
 * matter.
 *
 * @param outputGains  α_r, each at least 0 and finite; the larger, the closer is the gain to √2, whatever the bias.
 * @param options      The output gate's bias.
 * @returns  One transition for each output gain, right to about 1e-9.
 * @throws ShapeError  if an output gain is negative or not finite, or the bias not finite.
 */
export function findStaticTransitions(
  outputGains: readonly number[],
  options: TransitionOptions = {},
): Promise<Transition[]> {
  return findLine("findStaticTransitions", findStaticTransition, outputGains, options);
}

/**
 * Find the gain at which chaos appears, for each output gain, in a network whose output gates follow at once (τ_r → 0).
 *
 * @param outputGains  α_r, each at least 0 and finite.
 * @param options      The output gate's bias.
 * @returns  One transition for each output gain, right to about 1e-6.
 * @throws ShapeError  if an output gain is negative or not finite, or the bias not finite.
 */
export function findDynamicTransitions(
  outputGains: readonly number[],
  options: TransitionOptions = {},
): Promise<Transition[]> {
  return findLine("findDynamicTransitions", findDynamicTransition, outputGains, options);
}

function resolveBias(name: string, { outputBias = 0 }: TransitionOptions): number {
  if (typeof outputBias === "number" && Number.isFinite(outputBias)) return outputBias;
  throw new ShapeError(`${name}: \`outputBias\` is ${outputBias}, expected a finite number.`);
}

/** g² for each u; a `fine` one takes twice the nodes. */
type SquareGains = (core: Core, output: Saturation, u: readonly number[], fine: boolean) => number[];

async function findLine(
  name: string,
  find: (core: Core, output: Saturation) => Transition,
  outputGains: readonly number[],
  options: TransitionOptions,
): Promise<Transition[]> {
  const bias = resolveBias(name, options);
  for (const gain of outputGains) checkAtLeast(name, "outputGains", gain, 0);
  const core = await Core.load();
  try {
    return outputGains.map((gain) => find(core, { kind: "logistic", gain, bias }));
  } finally {
    core.release();
  }
}

/** The transition of fixed points behind this output gate. */
export function findStaticTransition(core: Core, output: Saturation): Transition {
  return findTransition(core, staticGains, output);
}

/** The transition to chaos behind this output gate, which follows at once. */
export function findDynamicTransition(core: Core, output: Saturation): Transition {
  return findTransition(core, dynamicGains, output);
}

const LEAST = 1e-4;
const FACTOR = 2;

function findTransition(core: Core, squareGains: SquareGains, output: Saturation): Transition {
  const resting = restingGate(core, output.bias);
  // u is below g², since variances are below 1, and gains of interest are at most 1 / σ_r(0)
  const most = 1 / (resting * resting);
  const grid = [LEAST];
  while (grid.at(-1)! < most) grid.push(FACTOR * grid.at(-1)!);
  const values = squareGains(core, output, grid, false);
  const lowest = values.indexOf(Math.min(...values));
  const one = (u: number) => squareGains(core, output, [u], false)[0]!;
  const low = lowest === 0 ? 0.01 * LEAST : grid[lowest - 1]!;
  const { place, value } = findMinimum(one, low, grid[lowest + 1] ?? most, 1e-3);
  const outputGain = output.gain;
  if (lowest === 0 && !(value < (1 - 1e-9) * most)) {
    return { outputGain, gain: 1 / resting, stateVariance: 0, discontinuous: false, error: 0 };
  }
  const gain = Math.sqrt(squareGains(core, output, [place], true)[0]!);
  return {
    outputGain,
    gain,
    stateVariance: place / (gain * gain),
    discontinuous: true,
    error: Math.abs(gain - Math.sqrt(value)),
  };
}

const TANH: Saturation = { kind: "tanh", gain: 1, bias: 0 };

function staticGains(core: Core, output: Saturation, u: readonly number[]): number[] {
  const squares = gaussianMoments(core, TANH, u).map(({ square }) => square);
  const gates = gaussianMoments(core, output, squares);
  return u.map((value, i) => value / (squares[i]! * gates[i]!.square));
}

function dynamicGains(core: Core, output: Saturation, u: readonly number[], fine: boolean): number[] {
  return u.map((value) => squareGain(core, output, value, fine));
}
