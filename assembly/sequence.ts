// A batch through time: forward over all steps, the loss at the last one or at every one, and back again, shard by shard.
//
// Order of sums, the same for any number of workers: shard s holds the sequences floor(sB/8) … floor((s+1)B/8) - 1.
// Within a shard steps are taken from the last to the first in chunks of floor(256 / rows), where rows are those of
// the largest shard, made even; the outer products of a chunk are summed from zero, in order of step and row, and
// added. Labels at every step are taken from the last to the first: losses are summed over rows, then over steps; what
// a label adds to an error is summed by itself over heads, and added to what has come from the steps behind (in gated
// cells it is added head by head). Shards are added as a binary tree, ((0+1)+(2+3)) + ((4+5)+(6+7)).

import { addGateProducts, gatesGradient, gatesPrepare } from "./cells/gate-weights";
import { gruBackward, gruForward } from "./cells/gru";
import { leakyBackward, leakyForward, leakyGradient, leakyPrepare, leakyReadoutErrors } from "./cells/leaky";
import {
  leakyOutsideBackward,
  leakyOutsideForward,
  leakyOutsideGradient,
  leakyOutsidePrepare,
  leakyOutsideReadoutErrors,
} from "./cells/leaky-outside";
import { clearDiagonal } from "./cells/leaky-weights";
import { lstmBackward, lstmForward } from "./cells/lstm";
import { accumulateOuter } from "./gemm";
import { answer, readoutGradient } from "./loss";
import { Cell, Plan, Records, firstLabel, labelsAt, shardStart } from "./plan";
import { add } from "./reduce";
import { LANES, f32Bytes, roundUp } from "./simd";

/** Put the parameters back to where the cell's model has them, after they were drawn, set or updated. */
export function constrain(plan: Plan): void {
  if (plan.hasTau) clearDiagonal(plan);
}

/** Make the packed weights from the parameters; to be called once before shards are run. */
export function prepare(plan: Plan, training: bool): void {
  constrain(plan);
  if (plan.cell == Cell.Leaky) leakyPrepare(plan, training);
  else if (plan.cell == Cell.LeakyOutside) leakyOutsidePrepare(plan, training);
  else gatesPrepare(plan, training);
}

// the columns behind the state: 1 for the biases, and the inputs of step t
function augment(plan: Plan, state: usize, t: i32, first: i32, count: i32): void {
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

// where state t of a shard of `rows` rows lies; without training only two states are kept, in turn
// @ts-ignore: decorator
@inline
function stateAt(plan: Plan, rows: i32, t: i32, kept: bool): usize {
  const slot = kept ? t : t & 1;
  return plan.history + <usize>(slot * rows) * plan.stride;
}

// where the activation's values of step t lie (leaky-outside)
// @ts-ignore: decorator
@inline
function valuesAt(plan: Plan, rows: i32, t: i32, kept: bool): usize {
  const slot = kept ? t : 0;
  return plan.activations + <usize>(slot * rows) * plan.stride;
}

// where the gates of step t lie (gated cells)
// @ts-ignore: decorator
@inline
function gatesAt(plan: Plan, rows: i32, t: i32, kept: bool): usize {
  const slot = kept ? t : 0;
  return plan.gateValues + <usize>(slot * rows) * plan.gateStride;
}

// where c_t lies (lstm)
// @ts-ignore: decorator
@inline
function cellAt(plan: Plan, rows: i32, t: i32, kept: bool): usize {
  const slot = kept ? t : t & 1;
  return plan.cellStates + <usize>(slot * rows) * plan.stride;
}

// state 0 of `count` rows, from `source` or 0 for zeros; what fills up the rows is zero
function setStates(plan: Plan, state: usize, rows: i32, source: usize, count: i32): void {
  memory.fill(state, 0, <usize>rows * plan.stride);
  for (let r = 0; source && r < count; r++) {
    memory.copy(state + <usize>r * plan.stride, source + f32Bytes(r * plan.H), f32Bytes(plan.H));
  }
}

// from step t to the next
function forwardStep(plan: Plan, rows: i32, t: i32, kept: bool, state: usize, next: usize): void {
  if (plan.cell == Cell.Leaky) leakyForward(plan, rows, state, next);
  else if (plan.cell == Cell.LeakyOutside) {
    leakyOutsideForward(plan, rows, state, valuesAt(plan, rows, t, kept), next);
  } else {
    const gates = gatesAt(plan, rows, t, kept);
    if (plan.cell == Cell.Gru) gruForward(plan, rows, state, gates, next);
    else {
      const cell = cellAt(plan, rows, t, kept);
      lstmForward(plan, rows, state, cell, gates, next, cellAt(plan, rows, t + 1, kept));
    }
  }
}

// set the states before the first step of `count` sequences from `first` on; returns their address
function begin(plan: Plan, first: i32, count: i32, kept: bool): usize {
  const rows = roundUp(count, 2);
  const state = stateAt(plan, rows, 0, kept);
  setStates(plan, state, rows, plan.initialState + f32Bytes(first * plan.H), count);
  if (plan.cell == Cell.Lstm) {
    const cells = plan.records ? plan.initialCellStates + f32Bytes(first * plan.H) : 0;
    setStates(plan, cellAt(plan, rows, 0, kept), rows, cells, count);
  }
  return state;
}

// take them from `state` through step t; returns the address of the next states
function advance(plan: Plan, t: i32, first: i32, count: i32, kept: bool, state: usize): usize {
  const rows = roundUp(count, 2);
  const next = stateAt(plan, rows, t + 1, kept);
  augment(plan, state, t, first, count);
  forwardStep(plan, rows, t, kept, state, next);
  return next;
}

// what is to be kept of step t, which led to `state`
function recordStep(plan: Plan, rows: i32, t: i32, state: usize, count: i32): void {
  const at = f32Bytes(t * count * plan.H);
  copyStates(plan, state, count, plan.states + at);
  if (plan.records != Records.Cells) return;
  copyStates(plan, cellAt(plan, rows, t + 1, false), count, plan.recordedCells + at);
  const forget = gatesAt(plan, rows, t, false) + f32Bytes(plan.gateWidth);
  copyRows(plan, forget, plan.gateStride, count, plan.recordedForget + at);
}

// the states of `count` rows without what stands behind them
function copyStates(plan: Plan, state: usize, count: i32, target: usize): void {
  copyRows(plan, state, plan.stride, count, target);
}

// the first H floats of `count` rows
function copyRows(plan: Plan, row: usize, stride: usize, count: i32, target: usize): void {
  for (let r = 0; r < count; r++) {
    memory.copy(target, row, f32Bytes(plan.H));
    row += stride;
    target += f32Bytes(plan.H);
  }
}

/** Make ready for `record`: the packed weights, and c_0 = 0. */
export function prepareRecord(plan: Plan): void {
  prepare(plan, false);
  if (plan.cell == Cell.Lstm) memory.fill(plan.initialCellStates, 0, f32Bytes(plan.B * plan.H));
}

/**
 * Run sequences `low` … `high` - 1 on through T steps, record their states, (T, high - low, H), and take the last ones for
 * the initial states of the next call.
 */
export function record(plan: Plan, low: i32, high: i32, T: i32): void {
  const count = high - low;
  const first = f32Bytes(low * plan.H);
  let state = begin(plan, low, count, false);
  for (let t = 0; t < T; t++) {
    state = advance(plan, t, low, count, false, state);
    recordStep(plan, roundUp(count, 2), t, state, count);
  }
  copyStates(plan, state, count, plan.initialState + first);
  if (plan.cell == Cell.Lstm) {
    const cells = cellAt(plan, roundUp(count, 2), T, false);
    copyStates(plan, cells, count, plan.initialCellStates + first);
  }
}

// loss and errors of the labels of step t, for `count` sequences from `first` on: dL/dh is added to `errors`, the rest to
// `slot`
function readLabels(
  plan: Plan,
  active: i32,
  t: i32,
  T: i32,
  first: i32,
  count: i32,
  errors: usize,
  slot: usize,
): void {
  const states = stateAt(plan, roundUp(count, 2), t + 1, true);
  let loss: f64 = 0;
  for (let r = 0; r < count; r++) {
    const at = <usize>r * plan.stride;
    loss += readoutGradient(plan, active, first + r, t, T, states + at, errors + at, slot + plan.slotHeads);
  }
  store<f64>(slot, load<f64>(slot) + loss);
}

// whether a label of the first `active` rows counts at step t
function isLabelled(plan: Plan, active: i32, t: i32, T: i32): bool {
  if (!plan.everyStep) return t == T - 1;
  for (let k = 0; k < active; k++) if (t >= firstLabel(plan, k, T)) return true;
  return false;
}

// dL/du of step t into `target`, from the dL/dh of its labels in `errors`; returns whether any is left
function readoutErrors(plan: Plan, rows: i32, t: i32, errors: usize, target: usize): bool {
  if (plan.cell == Cell.Leaky) {
    return leakyReadoutErrors(plan, rows, errors, stateAt(plan, rows, t + 1, true), target);
  }
  const state = stateAt(plan, rows, t, true);
  leakyOutsideReadoutErrors(plan, rows, errors, state, valuesAt(plan, rows, t, true), target);
  return true;
}

// from dL/du of step t in `errors` to that of step t - 1 in `target`; returns whether any is left
function backwardStep(plan: Plan, rows: i32, t: i32, errors: usize, target: usize): bool {
  if (plan.cell == Cell.Leaky) {
    return leakyBackward(plan, rows, stateAt(plan, rows, t, true), errors, target);
  }
  const state = stateAt(plan, rows, t - 1, true);
  return leakyOutsideBackward(plan, rows, errors, state, valuesAt(plan, rows, t - 1, true), target);
}

// add the errors of the labels of step t to its dL/du in `errors`, and to dL/dh where that is carried along; returns whether
// there are any labels
function addLabelErrors(
  plan: Plan,
  active: i32,
  t: i32,
  T: i32,
  first: i32,
  count: i32,
  errors: usize,
  slot: usize,
): bool {
  if (!isLabelled(plan, active, t, T)) return false;
  const rows = roundUp(count, 2);
  const step = <usize>rows * plan.stride;
  const own = plan.readoutErrors;
  const through = own + plan.stepBytes;
  memory.fill(own, 0, step);
  readLabels(plan, active, t, T, first, count, own, slot);
  readoutErrors(plan, rows, t, own, through);
  add(errors, through, <i32>(step >> 2));
  if (plan.cell == Cell.LeakyOutside) add(plan.stateErrors, own, <i32>(step >> 2));
  return true;
}

// from dL/dh_T in plan.stateErrors, and the labels before the last step, to the sum of outer products in `slot`
function backward(plan: Plan, active: i32, T: i32, first: i32, count: i32, slot: usize): void {
  const rows = roundUp(count, 2);
  const step = <usize>rows * plan.stride;
  // errors that go from one chunk of steps to the one before it
  const carried = plan.stateErrors + plan.stepBytes;
  let left = readoutErrors(plan, rows, T - 1, plan.stateErrors, carried);
  for (let end = T; end > 0 && left; end -= plan.chunkSteps) {
    const start = max(0, end - plan.chunkSteps);
    let t = end - 1;
    memory.copy(plan.inputErrors + <usize>(t - start) * step, carried, step);
    for (; t > start && left; t--) {
      const errors = plan.inputErrors + <usize>(t - start) * step;
      left = backwardStep(plan, rows, t, errors, errors - step);
      left = addLabelErrors(plan, active, t - 1, T, first, count, errors - step, slot) || left;
    }
    const earliest = plan.inputErrors + <usize>(t - start) * step;
    accumulateOuter(
      earliest,
      plan.stride,
      stateAt(plan, rows, t, true),
      plan.stride,
      (end - t) * rows,
      slot + plan.slotOuter,
      plan.outerStride,
      plan.H,
      plan.columns,
      plan.outerScratch,
    );
    if (left && t > 0) {
      left = backwardStep(plan, rows, t, earliest, carried);
      left = addLabelErrors(plan, active, t - 1, T, first, count, carried, slot) || left;
    }
  }
}

// the same through the gates, whose errors lie where their values lay, over all steps
function backwardGates(plan: Plan, active: i32, T: i32, first: i32, count: i32, slot: usize): void {
  const rows = roundUp(count, 2);
  // dL/dc
  const cellErrors = plan.stateErrors + plan.stepBytes;
  memory.fill(cellErrors, 0, <usize>rows * plan.stride);
  let left = true;
  for (let end = T; end > 0 && left; end -= plan.chunkSteps) {
    const start = max(0, end - plan.chunkSteps);
    let t = end;
    while (t > start && left) {
      t--;
      const gates = gatesAt(plan, rows, t, true);
      if (plan.cell == Cell.Gru) left = gruBackward(plan, rows, stateAt(plan, rows, t, true), gates, t == 0);
      else left = lstmBackward(plan, rows, cellAt(plan, rows, t, true), gates, cellErrors, t == 0);
      if (isLabelled(plan, active, t - 1, T)) {
        readLabels(plan, active, t - 1, T, first, count, plan.stateErrors, slot);
        left = true;
      }
    }
    const states = stateAt(plan, rows, t, true);
    addGateProducts(plan, gatesAt(plan, rows, t, true), states, (end - t) * rows, slot);
  }
}

// dL/dα as the sum over a shard's steps left it (leaky-outside); otherwise zeros
function storeAlphaErrors(plan: Plan, slot: usize): void {
  for (let i = 0; i < plan.H; i++) {
    store<f32>(slot + plan.slotAlpha + f32Bytes(i), <f32>load<f64>(plan.alphaErrors + ((<usize>i) << 3)));
  }
}

/** Loss and gradient of shard `s` over T steps and `active` heads, into `slot`. */
export function shardGradient(plan: Plan, s: i32, T: i32, active: i32, slot: usize): void {
  const first = shardStart(plan, s);
  const count = shardStart(plan, s + 1) - first;
  memory.fill(slot, 0, plan.usedSlotBytes(active));
  if (count == 0) return;
  const rows = roundUp(count, 2);
  let state = begin(plan, first, count, true);
  for (let t = 0; t < T; t++) state = advance(plan, t, first, count, true, state);
  memory.fill(plan.stateErrors, 0, <usize>rows * plan.stride);
  if (plan.hasTau) memory.fill(plan.alphaErrors, 0, f32Bytes(2 * roundUp(plan.H, LANES)));
  readLabels(plan, active, T - 1, T, first, count, plan.stateErrors, slot);
  if (plan.hasTau) {
    backward(plan, active, T, first, count, slot);
    storeAlphaErrors(plan, slot);
  } else backwardGates(plan, active, T, first, count, slot);
}

/** target += source, for the gradients of two shards or subtrees. */
export function addShard(plan: Plan, target: usize, source: usize, active: i32): void {
  store<f64>(target, load<f64>(target) + load<f64>(source));
  const floats = <i32>((plan.usedSlotBytes(active) - plan.slotAlpha) >> 2);
  add(target + plan.slotAlpha, source + plan.slotAlpha, floats);
}

/** Sum of the gradients of shards `low` … `high` - 1 (an aligned subtree) into `slot`; uses the slots behind it. */
export function treeGradient(plan: Plan, low: i32, high: i32, T: i32, active: i32, slot: usize): void {
  if (high - low == 1) {
    shardGradient(plan, low, T, active, slot);
    return;
  }
  const middle = (low + high) >> 1;
  treeGradient(plan, low, middle, T, active, slot);
  treeGradient(plan, middle, high, T, active, slot + plan.slotBytes);
  addShard(plan, slot, slot + plan.slotBytes, active);
}

/** From the sum over all shards in `slot` to the loss and the gradient of every parameter; that of inactive heads is 0. */
export function finishGradient(plan: Plan, slot: usize, active: i32): void {
  plan.loss = load<f64>(slot) / <f64>plan.B;
  if (plan.cell == Cell.Leaky) leakyGradient(plan, slot);
  else if (plan.cell == Cell.LeakyOutside) leakyOutsideGradient(plan, slot);
  else gatesGradient(plan, slot);
  const heads = plan.gradient + f32Bytes(plan.readout);
  const used = f32Bytes(active * plan.headSize);
  memory.copy(heads, slot + plan.slotHeads, used);
  memory.fill(heads + used, 0, f32Bytes((plan.K - active) * plan.headSize));
}

/**
 * Run shards `low` … `high` - 1, their history not kept, and count the right answers to each of `rows` label rows; head
 * `plan.heads[l]` answers row l. Returns whether every answer was a finite one.
 */
export function countCorrect(plan: Plan, low: i32, high: i32, T: i32, rows: i32): bool {
  memory.fill(plan.correct, 0, f32Bytes(rows));
  for (let s = low; s < high; s++) {
    const first = shardStart(plan, s);
    const count = shardStart(plan, s + 1) - first;
    if (count == 0) continue;
    let state = begin(plan, first, count, false);
    for (let t = 0; t < T; t++) {
      state = advance(plan, t, first, count, false, state);
      if (!judge(plan, t, T, rows, first, count, state)) return false;
    }
  }
  return true;
}

// count the right answers to the labels of step t, of `count` sequences from `first` on; returns whether all are finite
function judge(plan: Plan, t: i32, T: i32, rows: i32, first: i32, count: i32, states: usize): bool {
  for (let l = 0; l < rows; l++) {
    if (t < firstLabel(plan, l, T)) continue;
    const head = load<i32>(plan.heads + f32Bytes(l));
    const labels = labelsAt(plan, l, t, T) + f32Bytes(first);
    const correct = plan.correct + f32Bytes(l);
    for (let r = 0; r < count; r++) {
      const given = answer(plan, head, states + <usize>r * plan.stride);
      if (given < 0) return false;
      if (given == load<i32>(labels + f32Bytes(r))) store<i32>(correct, load<i32>(correct) + 1);
    }
  }
  return true;
}
