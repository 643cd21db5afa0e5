// Where trajectories of dynamical systems begin, and what drives them.

import type { Core } from "../core/core.ts";
import { checkArray, type Dynamics, stateSize } from "../core/dynamics.ts";
import { ShapeError } from "../core/errors.ts";

// the first part of every key, behind the purposes of training/draw.ts; then what is drawn
export const PURPOSE = 11;
export const Drawn = { state: 0, tangents: 1, starts: 2, pulse: 3 } as const;

/**
 * States before the first step: given, (trials, D), or one (D) for all trials; or drawn: the units of every layer, h, are
 * N(0, rms²), and the gates of a gated system and the cells of an LSTM begin at 0.
 */
export type InitialState = Float64Array | { rms?: number; seed?: number };

/** Sets the inputs of some steps, (n, trials, I), which are zero before: those of steps `first` to `first` + n - 1. */
export type InputStream = (inputs: Float64Array, first: number) => void;

/** States (trials, D). @throws ShapeError, NumericError; they begin with `name`. */
export function resolveInitialState(
  core: Core,
  name: string,
  dynamics: Dynamics,
  trials: number,
  given: InitialState = {},
): Float64Array {
  const D = stateSize(dynamics);
  const states = new Float64Array(trials * D);
  if (given instanceof Float64Array) {
    checkArray(name, "initialState", given, given.length === D ? D : trials * D);
    for (let b = 0; b < trials; b++)
      states.set(given.length === D ? given : given.subarray(b * D, (b + 1) * D), b * D);
    return states;
  }
  const { rms = 1, seed = 0 } = given;
  if (!(rms >= 0 && Number.isFinite(rms)))
    throw new ShapeError(`${name}: \`initialState.rms\` is ${rms}, expected a finite number at least 0.`);
  checkWholeNumber(name, "initialState.seed", seed, 0);
  const drawnOf = dynamics.units * dynamics.layers.length;
  for (let b = 0; b < trials; b++) {
    const drawn = core.drawNormal(core.key(seed, PURPOSE, Drawn.state, b), drawnOf);
    states.set(
      drawn.map((value) => rms * value),
      b * D,
    );
  }
  return states;
}

/** Memory for the inputs of a piece, filled piece by piece; none if there is no stream or the system has no inputs. */
export class Inputs {
  private readonly core: Core;
  private readonly stream: InputStream | undefined;
  private readonly address: number;
  private readonly width: number;

  /** @param most  Steps of the longest piece. */
  constructor(
    core: Core,
    { inputs }: Dynamics,
    stream: InputStream | undefined,
    trials: number,
    most: number,
  ) {
    this.core = core;
    this.width = trials * inputs;
    this.stream = inputs > 0 ? stream : undefined;
    this.address = this.stream ? core.allocate(8 * most * this.width, "inputs") : 0;
  }

  /** Address of the inputs of `steps` steps from `first` on, or 0. */
  of(first: number, steps: number): number {
    if (!this.stream) return 0;
    const values = new Float64Array(steps * this.width);
    this.stream(values, first);
    this.core.f64(this.address, values.length).set(values);
    return this.address;
  }
}

/** @throws ShapeError if `value` is no whole number from `least`; it begins with `name`. */
export function checkWholeNumber(name: string, field: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ShapeError(`${name}: \`${field}\` is ${value}, expected a whole number from ${least}.`);
}
