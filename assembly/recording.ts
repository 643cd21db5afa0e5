// The states of every step of a network that runs on and on, in pieces.

import { cellAt, copyRows, gatesAt, recordStates } from "./history";
import { Cell, Plan, Records } from "./plan";
import { advance, begin, prepare } from "./sequence";
import { f32Bytes, roundUp } from "./simd";

/** Make ready for `record`: the packed weights, and c_0 = 0. */
export function prepareRecord(plan: Plan): void {
  prepare(plan, false);
  if (plan.cell == Cell.Lstm) memory.fill(plan.initialCellStates, 0, f32Bytes(plan.B * plan.H));
}

/**
 * Run sequences `low` … `high` - 1 on through T steps, record their states, (T, high - low, layers H), and take the last ones
 * for the initial states of the next call.
 */
export function record(plan: Plan, low: i32, high: i32, T: i32): void {
  const count = high - low;
  const rows = roundUp(count, 2);
  begin(plan, low, count, false);
  for (let t = 0; t < T; t++) {
    advance(plan, t, low, count, false);
    recordStep(plan, rows, t, count);
  }
  recordStates(plan, rows, T, count, plan.initialState + f32Bytes(low * plan.allUnits));
  if (plan.cell == Cell.Lstm) {
    const width = f32Bytes(plan.H);
    const cells = plan.initialCellStates + <usize>low * width;
    copyRows(plan, cellAt(plan, rows, T, false), plan.stride, count, cells, width);
  }
}

// what is to be kept of step t
function recordStep(plan: Plan, rows: i32, t: i32, count: i32): void {
  const at = f32Bytes(t * count * plan.allUnits);
  recordStates(plan, rows, t + 1, count, plan.states + at);
  if (plan.records != Records.Cells) return;
  const width = f32Bytes(plan.H);
  copyRows(plan, cellAt(plan, rows, t + 1, false), plan.stride, count, plan.recordedCells + at, width);
  const forget = gatesAt(plan, rows, t, false) + f32Bytes(plan.gateWidth);
  copyRows(plan, forget, plan.gateStride, count, plan.recordedForget + at, width);
}
