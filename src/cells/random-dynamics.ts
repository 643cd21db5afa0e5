// Random networks as dynamical systems: tanh units, gated networks, GRU and LSTM with Gaussian weights.
//
// Based on  Sompolinsky, Crisanti and Sommers, Phys. Rev. Lett. 61, 259 (1988) for tanh units; gates re-derived, cf. Krishnamurthy,
//           Can and Schwab, Phys. Rev. X 12, 011011 (2022), and Can, Krishnamurthy and Schwab, arXiv 2002.00025 (GRU, LSTM).

import { Core, type Key } from "../core/core.ts";
import { checkTimeStep, type Dynamics, type DynamicsWeights, type MethodName } from "../core/dynamics.ts";
import { ShapeError } from "../core/errors.ts";
import { type GatingParameters, resolveGating } from "../core/gating-parameters.ts";

// the first part of every key, behind the purposes of training/draw.ts; then what is drawn
const PURPOSE = 10;
const Drawn = { recurrent: 0, input: 1 } as const;

export interface RandomDynamicsOptions {
  /** Units N. */
  units: number;
  /** Seed of the weights (default 0). */
  seed?: number;
  /** External inputs I (default 0); their weights, to every gate, are N(0, 1). */
  inputs?: number;
}

export interface FlowOptions {
  /** How a flow is integrated (default "euler"). */
  method?: "euler" | "rk4";
  /** Time step, in units of the leak's time (default 0.1). */
  dt?: number;
}

export interface TanhOptions extends RandomDynamicsOptions, FlowOptions {
  /** Standard deviation g of √N J_ij (default 3). */
  gain?: number;
  /**
   * Make a map x ← (1 - δ) x + δ J tanh(x), whose time is counted in steps, with this δ, above 0 and up to 1. Default: the flow
   * dx/dt = -x + J tanh(x), with `method` and `dt`.
   */
  delta?: number;
  /** Whether units have connections to themselves (default true). */
  selfConnections?: boolean;
}

/**
 * A network of tanh units with J_ij ~ N(0, g²/N). State: x (N).
 *
 * @throws ShapeError if an option is out of range, or `dt` too large for the method.
 */
export async function tanhDynamics(options: TanhOptions): Promise<Dynamics> {
  const name = "tanhDynamics";
  const { gain = 3, delta, method = "euler", dt = 0.1, selfConnections = true } = options;
  checkGain(name, "gain", gain);
  if (delta !== undefined && !(delta > 0 && delta <= 1))
    throw new ShapeError(`${name}: \`delta\` is ${delta}, expected more than 0 and at most 1.`);
  const time: Pick<Dynamics, "method" | "dt" | "time"> =
    delta === undefined ? flowTime(name, method, dt) : { method: "euler", dt: delta, time: "steps" };
  const layer = await drawLayer(name, options, [gain], selfConnections);
  return { kind: "tanh", ...sizes(options), ...time, layers: [layer] };
}

export interface GatedOptions extends RandomDynamicsOptions, FlowOptions, Partial<GatingParameters> {
  /** Inputs that are always there: I_h, I_z and I_r, one behind the other (3 N; default zeros). */
  constantInput?: Float64Array;
}

/**
 * A network with update and output gates, whose J_h, J_z and J_r are independent, with entries N(0, 1/N) and without
 * connections of a unit to itself. State: h, z and r, one behind the other (3 N).
 *
 * @throws ShapeError if an option is out of range, or `dt` too large for the method.
 */
export async function gatedDynamics(options: GatedOptions): Promise<Dynamics> {
  const name = "gatedDynamics";
  const { method = "euler", dt = 0.1, constantInput } = options;
  const gating = resolveGating(name, options);
  const time = flowTime(name, method, dt, gating);
  const layer = await drawLayer(name, options, [1, 1, 1], false);
  if (constantInput) setConstant(name, layer, constantInput);
  return { kind: "gated", ...sizes(options), ...time, layers: [layer], gating };
}

export interface RandomGruOptions extends RandomDynamicsOptions {
  /** √N times the standard deviation of the weights to the candidate, a_h (default 3). */
  candidateGain?: number;
  /** The same of the reset gate, a_r (default 2). */
  resetGain?: number;
  /** The same of the update gate, a_z (default 2). */
  updateGain?: number;
  /** Whether the reset gate multiplies the product, as in PyTorch, and not the state (default false, as in the source). */
  resetAfter?: boolean;
}

/**
 * A GRU with weights N(0, a²/N) and no biases: h ← z h + (1 - z) tanh(y). State: h (N).
 *
 * @throws ShapeError if an option is out of range.
 */
export async function randomGru(options: RandomGruOptions): Promise<Dynamics> {
  const name = "randomGru";
  const { candidateGain = 3, resetGain = 2, updateGain = 2, resetAfter = false } = options;
  checkGain(name, "candidateGain", candidateGain);
  checkGain(name, "resetGain", resetGain);
  checkGain(name, "updateGain", updateGain);
  const layer = await drawLayer(name, options, [resetGain, updateGain, candidateGain], true);
  return { kind: "gru", ...sizes(options), method: "map", dt: 1, time: "steps", layers: [layer], resetAfter };
}

export interface RandomLstmOptions extends RandomDynamicsOptions {
  /** √N times the standard deviation of the weights to the candidate, a_g (default 3). */
  candidateGain?: number;
  /** The same of the input gate, a_i (default 2). */
  inputGain?: number;
  /** The same of the forget gate, a_f (default 2). */
  forgetGain?: number;
  /** The same of the output gate, a_o (default 2). */
  outputGain?: number;
}

/**
 * An LSTM with weights N(0, a²/N) and no biases. State: h and c, one behind the other (2 N).
 *
 * @throws ShapeError if an option is out of range.
 */
export async function randomLstm(options: RandomLstmOptions): Promise<Dynamics> {
  const name = "randomLstm";
  const { candidateGain = 3, inputGain = 2, forgetGain = 2, outputGain = 2 } = options;
  const gains = { inputGain, forgetGain, candidateGain, outputGain };
  for (const [field, gain] of Object.entries(gains)) checkGain(name, field, gain);
  const layer = await drawLayer(name, options, Object.values(gains), true);
  return { kind: "lstm", ...sizes(options), method: "map", dt: 1, time: "steps", layers: [layer] };
}

function sizes({ units, inputs = 0 }: RandomDynamicsOptions) {
  return { units, inputs };
}

function flowTime(name: string, method: MethodName, dt: number, gating?: GatingParameters) {
  if (method !== "euler" && method !== "rk4")
    throw new ShapeError(`${name}: \`method\` is ${JSON.stringify(method)}, expected "euler" or "rk4".`);
  const time = { method, dt, time: "continuous" as const };
  checkTimeStep(name, gating ? { ...time, gating } : time);
  return time;
}

function checkGain(name: string, field: string, gain: number): void {
  if (gain >= 0 && Number.isFinite(gain)) return;
  throw new ShapeError(`${name}: \`${field}\` is ${gain}, expected a finite number at least 0.`);
}

// recurrent weights of gates with these gains
async function drawLayer(
  name: string,
  { units: N, seed = 0, inputs: I = 0 }: RandomDynamicsOptions,
  gains: readonly number[],
  selfConnections: boolean,
): Promise<DynamicsWeights> {
  const wholes = { units: [N, 1], seed: [seed, 0], inputs: [I, 0] } as const;
  for (const [field, [value, least]] of Object.entries(wholes)) {
    if (!Number.isSafeInteger(value) || value < least)
      throw new ShapeError(`${name}: \`${field}\` is ${value}, expected a whole number from ${least}.`);
  }
  const G = gains.length;
  const core = await Core.load();
  try {
    const recurrent = new Float64Array(G * N * N);
    gains.forEach((gain, g) => {
      const key: Key = core.key(seed, PURPOSE, Drawn.recurrent, g);
      const scale = gain / Math.sqrt(N);
      const matrix = core.drawNormal(key, N * N).map((value) => scale * value);
      if (!selfConnections) for (let i = 0; i < N; i++) matrix[i * (N + 1)] = 0;
      recurrent.set(matrix, g * N * N);
    });
    const input =
      I > 0 ? core.drawNormal(core.key(seed, PURPOSE, Drawn.input), G * N * I) : new Float64Array(0);
    return { recurrent, input, constant: new Float64Array(G * N), perUnit: new Float64Array(N) };
  } finally {
    core.release();
  }
}

function setConstant(name: string, { constant }: DynamicsWeights, given: Float64Array): void {
  if (given.length !== constant.length)
    throw new ShapeError(
      `${name}: \`constantInput\` has ${given.length} elements, expected ${constant.length}: of h, z and r.`,
    );
  constant.set(given);
}
