// One step of a system of any kind, and its exact tangent: that of the discrete map, through all stages of a method.
//
//   Euler  s ← s + dt f(s)
//   RK4    s ← s + dt/6 (k1 + 2 k2 + 2 k3 + k4),   k1 = f(s), k2 = f(s + dt/2 k1), k3 = f(s + dt/2 k2), k4 = f(s + dt k3)
//
// Based on  Hairer, Nørsett and Wanner, "Solving Ordinary Differential Equations I", 2nd edition, table II.1.2 (RK4). Inputs
//           are held during a step.
//
// Order: k1 + 2 k2 + 2 k3 + k4 from the left.

import { gatedDivergence, gatedField, gatedFieldTangent } from "./gated";
import { gruStep, gruTangent } from "./gru";
import { leakyStep, leakyTangent } from "./leaky";
import { lstmStep, lstmTangent } from "./lstm";
import { BLOCK, Kind, Method, System, get, set } from "./system";
import { tanhDivergence, tanhField, tanhFieldTangent } from "./tanh";

/**
 * One step of `rows` states (rows, D), in their place, with inputs (rows, I) or, if that address is 0, without. Keeps what
 * `stepTangents` needs, of the first state, if it is `linear`.
 */
export function stepStates(system: System, states: usize, rows: i32, inputs: usize, linear: bool): void {
  const row = (<usize>system.D) << 3;
  const input = (<usize>system.I) << 3;
  for (let first = 0; first < rows; first += BLOCK) {
    const count = min(BLOCK, rows - first);
    const wanted = linear && first == 0;
    stepBlock(system, states, count, inputs, wanted);
    states += <usize>count * row;
    if (inputs) inputs += <usize>count * input;
  }
}

function stepBlock(system: System, states: usize, rows: i32, inputs: usize, linear: bool): void {
  if (system.method != Method.Map) {
    integrateBlock(system, states, rows, inputs, linear);
    return;
  }
  const coefficients = linear ? system.coefficients : 0;
  const kind = system.kind;
  if (kind == Kind.Gru) gruStep(system, states, rows, inputs, coefficients);
  else if (kind == Kind.Lstm) lstmStep(system, states, rows, inputs, coefficients);
  else leakyStep(system, states, rows, inputs, linear);
}

/** d/dt of `rows` states of a flow, at most BLOCK of them, into `field`, and the coefficients of its tangent. */
export function fieldOf(
  system: System,
  states: usize,
  rows: i32,
  inputs: usize,
  field: usize,
  coefficients: usize,
): void {
  if (system.kind == Kind.Tanh) tanhField(system, states, rows, inputs, field, coefficients);
  else gatedField(system, states, rows, inputs, field, coefficients);
}

function fieldTangent(system: System, coefficients: usize, tangents: usize, rows: i32, field: usize): void {
  if (system.kind == Kind.Tanh) tanhFieldTangent(system, coefficients, tangents, rows, field);
  else gatedFieldTangent(system, coefficients, tangents, rows, field);
}

/** The divergence of a flow's field at the state before the last step that was `linear`. */
export function divergence(system: System): f64 {
  if (system.kind == Kind.Tanh) return tanhDivergence(system, system.coefficients);
  return gatedDivergence(system, system.coefficients);
}

// y ← x + a k
function combine(y: usize, x: usize, a: f64, k: usize, n: i32): void {
  for (let i = 0; i < n; i++) set(y, i, get(x, i) + a * get(k, i));
}

// stage j of RK4: how far along the stage before it, and its weight in the sum
// @ts-ignore: decorator
@inline
function reach(j: i32): f64 {
  return j == 3 ? 1 : 0.5;
}

// @ts-ignore: decorator
@inline
function weight(j: i32): f64 {
  return j == 0 || j == 3 ? 1 : 2;
}

function integrateBlock(system: System, states: usize, rows: i32, inputs: usize, linear: bool): void {
  const n = rows * system.D;
  const dt = system.dt;
  const field = system.field;
  let coefficients = linear ? system.coefficients : 0;
  fieldOf(system, states, rows, inputs, field, coefficients);
  if (system.method == Method.Euler) {
    combine(states, states, dt, field, n);
    return;
  }
  memory.copy(system.total, field, (<usize>n) << 3);
  for (let j = 1; j < 4; j++) {
    combine(system.stage, states, dt * reach(j), field, n);
    if (linear) coefficients += system.stageBytes;
    fieldOf(system, system.stage, rows, inputs, field, coefficients);
    combine(system.total, system.total, weight(j), field, n);
  }
  combine(states, states, dt / 6, system.total, n);
}

/** `rows` tangents (rows, D) behind the last step that was `linear`, in their place. */
export function stepTangents(system: System, tangents: usize, rows: i32): void {
  const row = (<usize>system.D) << 3;
  const kind = system.kind;
  for (let first = 0; first < rows; first += BLOCK, tangents += <usize>BLOCK * row) {
    const count = min(BLOCK, rows - first);
    if (system.method != Method.Map) integrateTangents(system, tangents, count);
    else if (kind == Kind.Gru) gruTangent(system, system.coefficients, tangents, count);
    else if (kind == Kind.Lstm) lstmTangent(system, system.coefficients, tangents, count);
    else leakyTangent(system, tangents, count);
  }
}

function integrateTangents(system: System, tangents: usize, rows: i32): void {
  const n = rows * system.D;
  const dt = system.dt;
  const field = system.field;
  let coefficients = system.coefficients;
  fieldTangent(system, coefficients, tangents, rows, field);
  if (system.method == Method.Euler) {
    combine(tangents, tangents, dt, field, n);
    return;
  }
  memory.copy(system.total, field, (<usize>n) << 3);
  for (let j = 1; j < 4; j++) {
    combine(system.stage, tangents, dt * reach(j), field, n);
    coefficients += system.stageBytes;
    fieldTangent(system, coefficients, system.stage, rows, field);
    combine(system.total, system.total, weight(j), field, n);
  }
  combine(tangents, tangents, dt / 6, system.total, n);
}

/** The derivative of a flow's field along `rows` tangents, at most BLOCK of them, in their place; at the last linear step's state. */
export function replaceByField(system: System, tangents: usize, rows: i32): void {
  fieldTangent(system, system.coefficients, tangents, rows, system.field);
  memory.copy(tangents, system.field, (<usize>(rows * system.D)) << 3);
}

/**
 * Columns of the Jacobian at the state, as rows (D, D) at `columns`: of the step, or of the field where that is asked for and
 * the system is a flow. `result` (D) becomes the state behind the step, or the field.
 */
export function linearize(
  system: System,
  state: usize,
  input: usize,
  field: bool,
  columns: usize,
  result: usize,
): void {
  const D = system.D;
  const row = (<usize>D) << 3;
  memory.fill(columns, 0, <usize>D * row);
  for (let i = 0; i < D; i++) set(columns, i * (D + 1), 1);
  if (!field || system.method == Method.Map) {
    memory.copy(result, state, row);
    stepStates(system, result, 1, input, true);
    stepTangents(system, columns, D);
    return;
  }
  fieldOf(system, state, 1, input, result, system.coefficients);
  for (let first = 0; first < D; first += BLOCK) {
    replaceByField(system, columns + <usize>first * row, min(BLOCK, D - first));
  }
}

/**
 * `steps` steps of `rows` states, in their place, with inputs (steps, rows, I) or none if that address is 0; every
 * `every`-th of them into `record` unless that is 0. Returns the steps that were finite: `steps`, or fewer.
 */
export function advanceStates(
  system: System,
  states: usize,
  rows: i32,
  inputs: usize,
  steps: i32,
  every: i32,
  record: usize,
): i32 {
  const bytes = (<usize>(rows * system.D)) << 3;
  const input = (<usize>(rows * system.I)) << 3;
  for (let t = 0; t < steps; t++) {
    stepStates(system, states, rows, inputs, false);
    if (!allFinite(states, rows * system.D)) return t;
    if (inputs) inputs += input;
    if (record && (t + 1) % every == 0) {
      memory.copy(record, states, bytes);
      record += bytes;
    }
  }
  return steps;
}

/** Whether all of n f64 values are finite. */
export function allFinite(values: usize, n: i32): bool {
  // ∞ - ∞ and NaN - NaN are no zeros
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += get(values, i) - get(values, i);
  return sum == 0;
}
