// A batch through time: forward over all steps, the loss at the last one or at every one, and back again, shard by shard.
// A step takes one layer after the other, from the first up and from the last back.
//
// Order of sums, the same for any number of workers: shard s holds the sequences floor(sB/8) … floor((s+1)B/8) - 1.
// Within a shard steps are taken from the last to the first in chunks of floor(256 / rows), where rows are those of
// the largest shard, made even; the outer products of a chunk are summed from zero, in order of step and row, and
// added. Labels at every step are taken from the last to the first: losses are summed over rows, then over steps; what
// a label adds to an error is summed by itself over heads, and added to what has come from the steps behind (in gated
// cells it is added head by head). Shards are added as a binary tree, ((0+1)+(2+3)) + ((4+5)+(6+7)). The error of a state
// below another layer is one sum, over the units of its own layer and then over those of the one above.

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
import {
  augment,
  augmentAbove,
  cellAt,
  errorsAt,
  gatesAt,
  setInitialStates,
  setStates,
  stateAt,
  valuesAt,
} from "./history";
import { answer, readoutGradient } from "./loss";
import { Cell, Plan, firstLabel, labelsAt, shardStart } from "./plan";
import { add } from "./reduce";
import { LANES, f32Bytes, roundUp } from "./simd";

/** Put the parameters back to where the cell's model has them, after they were drawn, set or updated. */
export function constrain(plan: Plan): void {
  for (let layer: Plan | null = plan; layer; layer = layer.above) if (plan.hasTau) clearDiagonal(layer);
}

/** Make the packed weights from the parameters; to be called once before shards are run. */
export function prepare(plan: Plan, training: bool): void {
  constrain(plan);
  // from the last layer down, since errors come to one through the weights of the one above
  for (let layer: Plan | null = plan.last; layer; layer = layer.below) {
    if (plan.cell == Cell.Leaky) leakyPrepare(layer, training);
    else if (plan.cell == Cell.LeakyOutside) leakyOutsidePrepare(layer, training);
    else gatesPrepare(layer, training);
  }
}

// from step t to the next in one layer, its inputs being there; returns where the next state lies
function forwardStep(plan: Plan, rows: i32, t: i32, kept: bool): usize {
  const state = stateAt(plan, rows, t, kept);
  const next = stateAt(plan, rows, t + 1, kept);
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
  return next;
}

/** Set the states before the first step of `count` sequences from `first` on. */
export function begin(plan: Plan, first: i32, count: i32, kept: bool): void {
  const rows = roundUp(count, 2);
  setInitialStates(plan, rows, first, count, kept);
  if (plan.cell == Cell.Lstm) {
    const cells = plan.records ? plan.initialCellStates + f32Bytes(first * plan.H) : 0;
    setStates(plan, cellAt(plan, rows, 0, kept), rows, cells, f32Bytes(plan.H), count);
  }
}

/** Take them through step t. Returns the address of the next states of the last layer. */
export function advance(plan: Plan, t: i32, first: i32, count: i32, kept: bool): usize {
  const rows = roundUp(count, 2);
  augment(plan, stateAt(plan, rows, t, kept), t, first, count);
  let next: usize = 0;
  for (let layer: Plan | null = plan; layer; layer = layer.above) {
    next = forwardStep(layer, rows, t, kept);
    const above = layer.above;
    if (above) augmentAbove(above, stateAt(above, rows, t, kept), next, layer.stride, count);
  }
  return next;
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
  const last = plan.last;
  const states = stateAt(last, roundUp(count, 2), t + 1, true);
  const heads = slot + plan.slotHeads;
  let loss: f64 = 0;
  for (let r = 0; r < count; r++) {
    const at = <usize>r * last.stride;
    loss += readoutGradient(last, active, first + r, t, T, states + at, errors + at, heads);
  }
  store<f64>(slot, load<f64>(slot) + loss);
}

// whether a label of the first `active` rows counts at step t
function isLabelled(plan: Plan, active: i32, t: i32, T: i32): bool {
  if (!plan.everyStep) return t == T - 1;
  for (let k = 0; k < active; k++) if (t >= firstLabel(plan, k, T)) return true;
  return false;
}

// in the last layer, dL/du of step t into `target`, from the dL/dh of its labels in `errors`; returns whether any is left
function readoutErrors(plan: Plan, rows: i32, t: i32, errors: usize, target: usize): bool {
  if (plan.cell == Cell.Leaky) {
    return leakyReadoutErrors(plan, rows, errors, stateAt(plan, rows, t + 1, true), target);
  }
  const state = stateAt(plan, rows, t, true);
  leakyOutsideReadoutErrors(plan, rows, errors, state, valuesAt(plan, rows, t, true), target);
  return true;
}

// add the errors of the labels of step t to the last layer's dL/du of it in `errors`, and to its dL/dh where that is carried
// along; returns whether there are any labels
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
  const last = plan.last;
  const step = <usize>rows * last.stride;
  const own = last.readoutErrors;
  const through = own + last.stepBytes;
  memory.fill(own, 0, step);
  readLabels(plan, active, t, T, first, count, own, slot);
  readoutErrors(last, rows, t, own, through);
  add(errors, through, <i32>(step >> 2));
  if (plan.cell == Cell.LeakyOutside) add(last.stateErrors, own, <i32>(step >> 2));
  return true;
}

// dL/du of the last step, as that before a chunk that begins with step T, from dL/dh_T in the last layer's stateErrors;
// returns whether any is left
function lastErrors(last: Plan, rows: i32, T: i32): bool {
  let left = false;
  for (let layer: Plan | null = last; layer; layer = layer.below) {
    if (layer.above) {
      // there is no later step: all that comes to this layer comes from the one above
      memory.fill(errorsAt(layer, rows, T, T), 0, <usize>rows * layer.stride);
      left = backwardLayer(layer, rows, T, T) || left;
    } else left = readoutErrors(layer, rows, T - 1, layer.stateErrors, errorsAt(layer, rows, T - 1, T));
  }
  return left;
}

// from dL/du of step t to that of step t - 1, in a chunk of steps that begins with `start`, from the last layer down, where
// the labels of step t - 1 add theirs; returns whether any is left
function backwardStep(
  plan: Plan,
  active: i32,
  t: i32,
  T: i32,
  start: i32,
  first: i32,
  count: i32,
  slot: usize,
): bool {
  const rows = roundUp(count, 2);
  const last = plan.last;
  const errors = errorsAt(last, rows, t - 1, start);
  let left = false;
  for (let layer: Plan | null = last; layer; layer = layer.below) {
    left = backwardLayer(layer, rows, t, start) || left;
    if (!layer.above) left = addLabelErrors(plan, active, t - 1, T, first, count, errors, slot) || left;
  }
  return left;
}

// the same in one layer
function backwardLayer(plan: Plan, rows: i32, t: i32, start: i32): bool {
  const above = plan.above;
  const target = errorsAt(plan, rows, t - 1, start);
  let errors = errorsAt(plan, rows, t, start);
  if (above) errors = joinErrors(plan, above, rows, errors, errorsAt(above, rows, t - 1, start));
  if (plan.cell == Cell.Leaky) {
    return leakyBackward(plan, rows, stateAt(plan, rows, t, true), errors, target);
  }
  const state = stateAt(plan, rows, t - 1, true);
  return leakyOutsideBackward(plan, rows, errors, state, valuesAt(plan, rows, t - 1, true), target);
}

// errors of a layer in step t and of the one above in step t - 1, which took this one's state t: both lead to that state
function joinErrors(plan: Plan, above: Plan, rows: i32, errors: usize, aboveErrors: usize): usize {
  const width = f32Bytes(plan.H);
  let target = plan.joinedErrors;
  for (let r = 0; r < rows; r++, target += plan.errorStride) {
    memory.copy(target, errors, width);
    memory.copy(target + width, aboveErrors, width);
    errors += plan.stride;
    aboveErrors += above.stride;
  }
  return plan.joinedErrors;
}

// from dL/dh_T in the last layer's stateErrors, and the labels before the last step, to the sums of outer products in `slot`
function backward(plan: Plan, active: i32, T: i32, first: i32, count: i32, slot: usize): void {
  const rows = roundUp(count, 2);
  let left = lastErrors(plan.last, rows, T);
  for (let end = T; end > 0 && left; end -= plan.chunkSteps) {
    const start = max(0, end - plan.chunkSteps);
    let t = end - 1;
    carryErrors(plan, rows, t, start);
    for (; t > start && left; t--) left = backwardStep(plan, active, t, T, start, first, count, slot);
    addProducts(plan, rows, t, end, start, slot);
    if (left && t > 0) left = backwardStep(plan, active, t, T, start, first, count, slot);
  }
}

// dL/du of step t, from before the chunk behind, to the end of a chunk that begins with `start`
function carryErrors(plan: Plan, rows: i32, t: i32, start: i32): void {
  for (let layer: Plan | null = plan; layer; layer = layer.above) {
    memory.copy(errorsAt(layer, rows, t, start), layer.inputErrors, <usize>rows * layer.stride);
  }
}

// add the outer products of steps t … end - 1
function addProducts(plan: Plan, rows: i32, t: i32, end: i32, start: i32, slot: usize): void {
  for (let layer: Plan | null = plan; layer; layer = layer.above) {
    accumulateOuter(
      errorsAt(layer, rows, t, start),
      layer.stride,
      stateAt(layer, rows, t, true),
      layer.stride,
      (end - t) * rows,
      slot + layer.slotOuter,
      layer.outerStride,
      layer.H,
      layer.columns,
      layer.outerScratch,
    );
    slot += layer.slotEnd;
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

// what the errors of a shard are added to begins at zero
function clearErrors(plan: Plan, rows: i32): void {
  for (let layer: Plan | null = plan; layer; layer = layer.above) {
    memory.fill(layer.stateErrors, 0, <usize>rows * layer.stride);
    if (layer.hasTau) memory.fill(layer.alphaErrors, 0, f32Bytes(2 * roundUp(layer.H, LANES)));
  }
}

// dL/dα as the sum over a shard's steps left it (leaky-outside); otherwise zeros
function storeAlphaErrors(plan: Plan, slot: usize): void {
  for (let layer: Plan | null = plan; layer; layer = layer.above) {
    const alpha = slot + layer.slotAlpha;
    for (let i = 0; i < layer.H; i++) {
      store<f32>(alpha + f32Bytes(i), <f32>load<f64>(layer.alphaErrors + ((<usize>i) << 3)));
    }
    slot += layer.slotEnd;
  }
}

/** Loss and gradient of shard `s` over T steps and `active` heads, into `slot`. */
export function shardGradient(plan: Plan, s: i32, T: i32, active: i32, slot: usize): void {
  const first = shardStart(plan, s);
  const count = shardStart(plan, s + 1) - first;
  memory.fill(slot, 0, plan.usedSlotBytes(active));
  if (count == 0) return;
  const rows = roundUp(count, 2);
  begin(plan, first, count, true);
  for (let t = 0; t < T; t++) advance(plan, t, first, count, true);
  clearErrors(plan, rows);
  readLabels(plan, active, T - 1, T, first, count, plan.last.stateErrors, slot);
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
  let sums = slot;
  for (let layer: Plan | null = plan; layer; layer = layer.above) {
    if (layer.cell == Cell.Leaky) leakyGradient(layer, sums);
    else if (layer.cell == Cell.LeakyOutside) leakyOutsideGradient(layer, sums);
    else gatesGradient(layer, sums);
    sums += layer.slotEnd;
  }
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
    begin(plan, first, count, false);
    for (let t = 0; t < T; t++) {
      const states = advance(plan, t, first, count, false);
      if (!judge(plan.last, t, T, rows, first, count, states)) return false;
    }
  }
  return true;
}

// count the right answers of the layer that the heads read to the labels of step t, of `count` sequences from `first` on;
// returns whether all are finite
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
