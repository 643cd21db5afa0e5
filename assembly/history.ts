// What a shard keeps of its steps: where states, values of activations, gates and errors lie, and how states come and go.

import { Plan } from "./plan";
import { f32Bytes } from "./simd";

/** The columns behind the state: 1 for the biases, and the inputs of step t. */
export function augment(plan: Plan, state: usize, t: i32, first: i32, count: i32): void {
  const I = plan.I;
  let column = state + f32Bytes(plan.H);
  let input = plan.inputs + f32Bytes((t * plan.B + first) * I);
  for (let r = 0; r < count; r++, column += plan.stride) {
    store<f32>(column, 1);
    for (let k = 0; k < I; k++, input += 4) store<f32>(column + f32Bytes(k + 1), load<f32>(input));
  }
  // a row that only fills up the last pair has no bias and no input, and stays finite
  if (count & 1) memory.fill(column, 0, f32Bytes(I + 1));
}

/** The same in the layer above, whose inputs are the new states `below`. */
export function augmentAbove(plan: Plan, state: usize, below: usize, belowStride: usize, count: i32): void {
  let column = state + f32Bytes(plan.H);
  for (let r = 0; r < count; r++, column += plan.stride, below += belowStride) {
    store<f32>(column, 1);
    memory.copy(column + 4, below, f32Bytes(plan.I));
  }
  if (count & 1) memory.fill(column, 0, f32Bytes(plan.I + 1));
}

/** Where state t of a shard of `rows` rows lies; without training only two states are kept, in turn. */
// @ts-ignore: decorator
@inline
export function stateAt(plan: Plan, rows: i32, t: i32, kept: bool): usize {
  const slot = kept ? t : t & 1;
  return plan.history + <usize>(slot * rows) * plan.stride;
}

/** Where the activation's values of step t lie (leaky-outside). */
// @ts-ignore: decorator
@inline
export function valuesAt(plan: Plan, rows: i32, t: i32, kept: bool): usize {
  const slot = kept ? t : 0;
  return plan.activations + <usize>(slot * rows) * plan.stride;
}

/** Where the gates of step t lie (gated cells). */
// @ts-ignore: decorator
@inline
export function gatesAt(plan: Plan, rows: i32, t: i32, kept: bool): usize {
  const slot = kept ? t : 0;
  return plan.gateValues + <usize>(slot * rows) * plan.gateStride;
}

/** Where c_t lies (lstm). */
// @ts-ignore: decorator
@inline
export function cellAt(plan: Plan, rows: i32, t: i32, kept: bool): usize {
  const slot = kept ? t : t & 1;
  return plan.cellStates + <usize>(slot * rows) * plan.stride;
}

/** Where dL/du of step t lies, in a chunk of steps that begins with `start`, or right before it. */
// @ts-ignore: decorator
@inline
export function errorsAt(plan: Plan, rows: i32, t: i32, start: i32): usize {
  return plan.inputErrors + <usize>((t + 1 - start) * rows) * plan.stride;
}

/** State 0 of `count` rows, from rows of `width` bytes at `source`, or 0 for zeros; what fills up the rows is zero. */
export function setStates(
  plan: Plan,
  state: usize,
  rows: i32,
  source: usize,
  width: usize,
  count: i32,
): void {
  memory.fill(state, 0, <usize>rows * plan.stride);
  for (let r = 0; source && r < count; r++) {
    memory.copy(state + <usize>r * plan.stride, source + <usize>r * width, f32Bytes(plan.H));
  }
}

/** State 0 of all layers. */
export function setInitialStates(plan: Plan, rows: i32, first: i32, count: i32, kept: bool): void {
  const width = f32Bytes(plan.allUnits);
  let source = plan.initialState + <usize>first * width;
  for (let layer: Plan | null = plan; layer; layer = layer.above) {
    setStates(layer, stateAt(layer, rows, 0, kept), rows, source, width, count);
    source += f32Bytes(plan.H);
  }
}

/** The first H floats of `count` rows, as rows of `width` bytes. */
export function copyRows(
  plan: Plan,
  row: usize,
  stride: usize,
  count: i32,
  target: usize,
  width: usize,
): void {
  for (let r = 0; r < count; r++) {
    memory.copy(target, row, f32Bytes(plan.H));
    row += stride;
    target += width;
  }
}

/** States t of all layers, one beside the other, without what stands behind them. */
export function recordStates(plan: Plan, rows: i32, t: i32, count: i32, target: usize): void {
  const width = f32Bytes(plan.allUnits);
  for (let layer: Plan | null = plan; layer; layer = layer.above) {
    copyRows(layer, stateAt(layer, rows, t, false), layer.stride, count, target, width);
    target += f32Bytes(plan.H);
  }
}
