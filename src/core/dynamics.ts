// Dynamical systems: networks in f64 as plain data, and their place in the core's memory.

import type { Core } from "./core.ts";
import { NumericError, ShapeError, StateError } from "./errors.ts";
import { type GatingParameters, resolveGating } from "./gating-parameters.ts";
import { type ActivationName, activationNames } from "./network-shape.ts";

/** Kinds of systems, in the order of the core's numbers for them. */
export const dynamicsKinds = ["tanh", "gated", "gru", "lstm", "leaky", "leaky-outside"] as const;
export type DynamicsKind = (typeof dynamicsKinds)[number];

/** How a step is made: a map is its own step; flows are integrated. In the order of the core's numbers. */
export const methodNames = ["map", "euler", "rk4"] as const;
export type MethodName = (typeof methodNames)[number];

/** Weights of one layer; rows are the receiving units, gate after gate, G gates. */
export interface DynamicsWeights {
  /** (G N, N). */
  recurrent: Float64Array;
  /** (G N, I); of a layer above another (N, N), from the new states of that one. */
  input: Float64Array;
  /** Biases, and inputs that are always there (G N). */
  constant: Float64Array;
  /** Of leaky cells α = 1/τ in steps; of a GRU with `resetAfter` the bias that the reset gate multiplies; else zeros (N). */
  perUnit: Float64Array;
}

/** A dynamical system as plain data, which can be posted to a worker. */
export interface Dynamics {
  readonly kind: DynamicsKind;
  /** Units N of a layer. */
  readonly units: number;
  /** External inputs I (may be 0). */
  readonly inputs: number;
  /** "euler" and "rk4" integrate a flow; "map" is a map. A tanh map is the Euler step of its flow. */
  readonly method: MethodName;
  /** What a step changes: the time step of a flow, δ of a tanh map, 1 of the other maps. */
  readonly dt: number;
  /** Whether time is counted in steps (a map), or in the unit of a flow's equations. */
  readonly time: "steps" | "continuous";
  /** Layers, the first one first; only leaky cells have several. */
  readonly layers: readonly DynamicsWeights[];
  /** Of the leaky cells. */
  readonly activation?: ActivationName;
  /** Of a GRU: whether the reset gate multiplies the product with the state (PyTorch), and not the state in it (default true). */
  readonly resetAfter?: boolean;
  /** Of a gated system. */
  readonly gating?: GatingParameters;
}

const gateCounts: Record<DynamicsKind, number> = {
  tanh: 1,
  gated: 3,
  gru: 3,
  lstm: 4,
  leaky: 1,
  "leaky-outside": 1,
};

/** Values of a state: N of each layer; h, z and r of a gated system; h and c of an LSTM. */
export function stateSize({ kind, units, layers }: Dynamics): number {
  return units * (kind === "gated" ? 3 : kind === "lstm" ? 2 : layers.length);
}

/** Time that a step takes: dt of a flow, 1 of a map. */
export function stepTime({ time, dt }: Dynamics): number {
  return time === "steps" ? 1 : dt;
}

/** Whether a system is a flow, integrated or as the map of its Euler step. */
export function isField({ kind }: Pick<Dynamics, "kind">): boolean {
  return kind === "tanh" || kind === "gated";
}

/**
 * Refuse a system whose parts do not fit together; errors begin with `name`.
 *
 * @throws ShapeError    if a size, a name or the step is out of range, or an array has another length than it should.
 * @throws NumericError  if a weight is NaN or infinite.
 */
export function checkDynamics(name: string, dynamics: Dynamics): void {
  const { kind, units: N, inputs: I, layers, method, time, activation, gating } = dynamics;
  checkOneOf(name, "kind", kind, dynamicsKinds);
  checkOneOf(name, "method", method, methodNames);
  checkOneOf(name, "time", time, ["steps", "continuous"]);
  checkSize(name, "units", N, 1);
  checkSize(name, "inputs", I, 0);
  if (isField(dynamics) === (method === "map"))
    throw new ShapeError(`${name}: \`method\` is ${method}, which a ${kind} system has not.`);
  const leaky = kind === "leaky" || kind === "leaky-outside";
  if (layers.length < 1 || (layers.length > 1 && !leaky))
    throw new ShapeError(`${name}: a ${kind} system has ${layers.length} layers, expected one.`);
  if (leaky) checkOneOf(name, "activation", activation, activationNames);
  if (kind === "gated") {
    if (!gating) throw new ShapeError(`${name}: \`gating\` is missing, which a gated system needs.`);
    resolveGating(name, gating);
  }
  checkTimeStep(name, dynamics);
  const G = gateCounts[kind];
  layers.forEach((layer, l) => {
    checkArray(name, `layers[${l}].recurrent`, layer.recurrent, G * N * N);
    checkArray(name, `layers[${l}].input`, layer.input, G * N * (l === 0 ? I : N));
    checkArray(name, `layers[${l}].constant`, layer.constant, G * N);
    checkArray(name, `layers[${l}].perUnit`, layer.perUnit, N);
  });
}

/** Largest dt |λ| for which the method keeps a decay at rate λ stable: where |1 + x| and |1 + x + x²/2 + x³/6 + x⁴/24| reach 1. */
const STABLE: Record<MethodName, number> = { map: Infinity, euler: 2, rk4: 2.785 };

/**
 * Refuse a step with which the leak alone would grow; errors begin with `name`.
 *
 * @throws ShapeError that names the largest stable step.
 */
export function checkTimeStep(
  name: string,
  { method, dt, time, gating }: Pick<Dynamics, "method" | "dt" | "time" | "gating">,
): void {
  const fastest = gating ? Math.max(1, 1 / gating.updateTau, 1 / gating.outputTau) : 1;
  const limit = STABLE[method] / fastest;
  if (dt > 0 && Number.isFinite(dt) && (dt < limit || time === "steps")) return;
  throw new ShapeError(
    `${name}: \`dt\` is ${dt}, expected more than 0 and less than ${limit}, where the leak becomes unstable with the method ${method}.`,
  );
}

function checkOneOf(name: string, field: string, value: unknown, names: readonly string[]): void {
  if (names.includes(value as string)) return;
  throw new ShapeError(
    `${name}: \`${field}\` is ${JSON.stringify(value)}, expected one of ${names.join(", ")}.`,
  );
}

function checkSize(name: string, field: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new ShapeError(`${name}: \`${field}\` is ${value}, expected a whole number from ${least}.`);
}

/**
 * @throws ShapeError    if `values` has not so many elements.
 * @throws NumericError  if one is NaN or infinite; errors begin with `name`.
 */
export function checkArray(name: string, field: string, values: Float64Array, expected: number): void {
  if (values.length !== expected)
    throw new ShapeError(`${name}: \`${field}\` has ${values.length} elements, expected ${expected}.`);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new NumericError(`${name}: \`${field}\` has ${values[bad]} at ${bad}, expected finite values.`);
}

/** A system in the memory of one core. */
export class DynamicalSystem {
  readonly dynamics: Dynamics;
  /** Values of a state, D. */
  readonly size: number;
  readonly core: Core;
  /** @internal */
  readonly address: number;

  /**
   * @param name  What errors begin with.
   * @throws ShapeError    if its parts do not fit together.
   * @throws NumericError  if a weight is NaN or infinite.
   * @throws StateError    if the memory cannot hold it.
   */
  constructor(core: Core, name: string, dynamics: Dynamics) {
    checkDynamics(name, dynamics);
    this.core = core;
    this.dynamics = dynamics;
    this.size = stateSize(dynamics);
    const { kind, method, activation, resetAfter = true, units, inputs, dt, layers, gating } = dynamics;
    const { exports } = core;
    this.address = exports.createSystem(layers.length);
    if (this.address === 0)
      throw new StateError(`${name}: the memory of this core is full. Load another core.`);
    const number = activation ? activationNames.indexOf(activation) : 0;
    const { address } = this;
    exports.setSystem(
      address,
      dynamicsKinds.indexOf(kind),
      methodNames.indexOf(method),
      number,
      resetAfter,
      units,
      inputs,
      dt,
    );
    if (gating) {
      const { gain, bias, updateGain, updateBias, updateTau, outputGain, outputBias, outputTau } = gating;
      exports.setGates(
        address,
        gain,
        bias,
        updateGain,
        updateBias,
        updateTau,
        outputGain,
        outputBias,
        outputTau,
      );
    }
    const bytes = exports.layOutSystem(address, 0);
    exports.layOutSystem(address, core.allocate(bytes, `${name}: a ${kind} system of ${units} units`));
    layers.forEach(({ recurrent, input, constant, perUnit }, l) => {
      let at = exports.weightsOf(address, l) >>> 0;
      for (const values of [recurrent, input, constant, perUnit]) {
        core.f64(at, values.length).set(values);
        at += 8 * values.length;
      }
    });
    exports.packSystem(address);
  }

  /** Floating-point operations of one step of a state, or of a tangent, about. */
  get operations(): number {
    const { kind, method, units, inputs, layers } = this.dynamics;
    const products = 2 * gateCounts[kind] * units * (units + inputs) * (2 * layers.length - 1);
    return (method === "rk4" ? 4 : 1) * (products + 50 * this.size);
  }

  /**
   * Move `rows` states at an address on by `steps` steps, with inputs (steps, rows, I) at an address, or 0; record every `every`-th
   * at an address, or 0. Returns the steps that were finite: `steps`, or fewer.
   */
  advance(
    states: number,
    rows: number,
    inputs: number,
    steps: number,
    every: number,
    record: number,
  ): number {
    return this.core.exports.advanceStates(this.address, states, rows, inputs, steps, every, record);
  }

  /** Address of an input, or 0 if there is none: `values` in new memory. */
  place(values: Float64Array | undefined, purpose: string): number {
    if (!values || values.length === 0) return 0;
    const address = this.core.allocate(8 * values.length, purpose);
    this.core.f64(address, values.length).set(values);
    return address;
  }
}

/** The Jacobian of a step or of a field (D, D), row by row, and the state behind the step, or the field there (D). */
export interface Linearization {
  jacobian: Float64Array;
  result: Float64Array;
}

/**
 * The derivative of a system at a state (D) with an input (I), or none: of one step, or of the field if `field` is asked for
 * and the system is a flow.
 */
export function linearizeSystem(
  system: DynamicalSystem,
  state: Float64Array,
  input: Float64Array | undefined,
  field: boolean,
): Linearization {
  const { core, size: D, address } = system;
  return core.temporarily(() => {
    const purpose = `the Jacobian of ${D} variables`;
    const at = system.place(state, purpose);
    const inputAt = system.place(input, purpose);
    const columns = core.allocate(8 * D * D, purpose);
    const result = core.allocate(8 * D, purpose);
    core.exports.linearize(address, at, inputAt, field, columns, result);
    const found = core.f64(columns, D * D);
    const jacobian = new Float64Array(D * D);
    for (let i = 0; i < D; i++) for (let j = 0; j < D; j++) jacobian[i * D + j] = found[j * D + i]!;
    return { jacobian, result: core.f64(result, D).slice() };
  });
}
