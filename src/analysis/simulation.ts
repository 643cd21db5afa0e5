// A network that runs on and on: its states step by step, in pieces, so that a long simulation takes little memory.

import { allUnits, type Network, parameterCount } from "../cells/network.ts";
import { checkStepsPerBit } from "../cells/steps-per-bit.ts";
import { Core } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { Pace } from "../core/pace.ts";
import { Plan } from "../core/plan.ts";

// floats of one piece, unless its length is asked for: 4 MB
const FLOATS_AT_ONCE = 2 ** 20;

export interface SimulationOptions {
  /** Time steps T. */
  steps: number;
  /** Trials B that run side by side (default 1). */
  trials?: number;
  /**
   * Sets the inputs of some steps, (n, B, I), which are zero before: those of steps `first` to `first` + n - 1. Default:
   * no input.
   */
  input?: (inputs: Float32Array, first: number) => void;
  /**
   * Steps per bit k (default 1): time constants, which count bits, are max(τ k, 1) steps. `input` sets those of every step, so
   * that it is what holds each bit for k of them.
   */
  stepsPerBit?: number;
  /** States before the first step, (B, layers H), one layer beside the other. Default: zero. */
  initialState?: Float32Array;
  /** Steps in one piece. Default: as many as fill 4 MB, at least one. */
  stepsAtOnce?: number;
  /** Whether an LSTM's cell states and forget gates are recorded too (default false). */
  cells?: boolean;
  signal?: AbortSignal;
}

/** A piece of a simulation. */
export interface SimulatedSteps {
  /** Its first step, counted from 0. */
  first: number;
  /** Steps in it, n. */
  steps: number;
  /** States behind each of its steps, (n, B, layers H), one layer beside the other. Its own memory. */
  states: Float32Array;
  /** An LSTM's cell states behind each step, (n, B, H), if asked for. */
  cellStates?: Float32Array;
  /** Its forget gates at each step, (n, B, H), if asked for. */
  forgetGates?: Float32Array;
}

/**
 * Simulate a network, piece by piece: `for await (const { first, states } of simulateNetwork(network, { steps }))`. Memory does
 * not grow with the number of steps. States are those of training and evaluation, bit for bit.
 *
 * @throws ShapeError if a number is out of range, an array has another length than it should, a cell without time constants is to
 *                    have more than one step per bit, or a network without cell states is asked for them.
 * @throws StateError if the memory cannot hold one piece.
 */
export async function* simulateNetwork(
  network: Network,
  options: SimulationOptions,
): AsyncGenerator<SimulatedSteps, void, undefined> {
  const { shape, parameters } = network;
  const { steps, trials = 1, input, stepsPerBit = 1, initialState, cells = false, signal } = options;
  checkWhole("steps", steps);
  checkWhole("trials", trials);
  const { stepsAtOnce = Math.max(1, Math.floor(FLOATS_AT_ONCE / (trials * allUnits(shape)))) } = options;
  checkWhole("stepsAtOnce", stepsAtOnce);
  checkStepsPerBit("simulateNetwork", stepsPerBit, shape.cell);
  checkLength("parameters", parameters, parameterCount(shape));
  if (cells) requireCells("simulateNetwork", network);
  if (initialState) checkLength("initialState", initialState, trials * allUnits(shape));
  const most = Math.min(steps, stepsAtOnce);
  const core = await Core.load();
  try {
    const batch = { batch: trials, steps: most, labelRows: 1 };
    const plan = new Plan(core, shape, batch, cells ? "recording-cells" : "recording");
    plan.parameters.set(parameters);
    plan.stepsPerBit = stepsPerBit;
    if (initialState) plan.initialState.set(initialState);
    plan.prepareRecording();
    const pace = new Pace(signal);
    for (let first = 0; first < steps; first += most) {
      const count = Math.min(most, steps - first);
      const inputs = plan.inputs.subarray(0, count * trials * shape.inputs);
      inputs.fill(0);
      input?.(inputs, first);
      const states = plan.record(count).slice();
      const others = cells && { cellStates: plan.cellStates.slice(), forgetGates: plan.forgetGates.slice() };
      await pace.after(plan.forwardOperations(count));
      yield { first, steps: count, states, ...others };
    }
  } finally {
    core.release();
  }
}

/** @throws ShapeError if the network has no cell states; the error begins with `name`. */
export function requireCells(name: string, { shape }: Network): void {
  if (shape.cell === "lstm") return;
  throw new ShapeError(`${name}: a ${shape.cell} network has no cell states, expected an lstm network.`);
}

function checkWhole(field: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new ShapeError(`simulateNetwork: \`${field}\` is ${value}, expected a whole number from 1.`);
}

function checkLength(field: string, array: Float32Array, expected: number): void {
  if (array.length === expected) return;
  throw new ShapeError(`simulateNetwork: \`${field}\` has ${array.length} elements, expected ${expected}.`);
}
