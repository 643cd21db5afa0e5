// Long short-term memory:
//
//   i, f, o = σ(W h + b_h + w x + b_x), g = tanh(likewise), each with weights of its own
//   c ← f c + i g
//   h ← o tanh c
//
// Based on  Hochreiter and Schmidhuber 1997; Gers et al. 2000 (f), as PyTorch 1.13 has it (torch.nn.LSTM): no peepholes.
//
// One product gives the sums of all gates of a step, and passes over a row of them the rest. A row of gates holds
// i | f | g | o | tanh c behind a step, and behind the step back dL/d of the sums of the first four.

import { Sigmoid, Tanh, activate, flush } from "../activations";
import { storeProduct } from "../epilogues";
import { multiply } from "../gemm";
import { Plan } from "../plan";
import { LANES, f32Bytes } from "../simd";
import { Product } from "../tile";

/** One step: `next` and `nextCell` = h and c behind `state` and `cell`, for `rows` augmented states, and its gates. */
export function lstmForward(
  plan: Plan,
  rows: i32,
  state: usize,
  cell: usize,
  gates: usize,
  next: usize,
  nextCell: usize,
): void {
  const stride = plan.stride,
    gateStride = plan.gateStride,
    W = plan.gateWidth,
    width = f32Bytes(W);
  plan.product.set(state, stride, plan.forwardPanels, plan.columns, gates, gateStride, rows, 4 * W);
  storeProduct(plan.product);
  for (let row = 0; row < rows; row++) {
    activate<Sigmoid>(gates, 2 * W);
    activate<Tanh>(gates + 2 * width, W);
    activate<Sigmoid>(gates + 3 * width, W);
    for (let at: usize = 0; at < width; at += 4 * LANES) {
      const gate = gates + at;
      const kept = f32x4.mul(v128.load(gate + width), v128.load(cell + at));
      const c = f32x4.add(kept, f32x4.mul(v128.load(gate), v128.load(gate + 2 * width)));
      v128.store(gate + 4 * width, c);
      v128.store(nextCell + at, c);
    }
    activate<Tanh>(gates + 4 * width, W);
    for (let at: usize = 0; at < width; at += 4 * LANES) {
      const gate = gates + at;
      v128.store(next + at, f32x4.mul(v128.load(gate + 3 * width), v128.load(gate + 4 * width)));
    }
    gates += gateStride;
    cell += stride;
    next += stride;
    nextCell += stride;
  }
}

// dL/dh ← what comes through the weights
@unmanaged
class Retreat extends Product {
  tracked: bool;


  @inline
  value(sums: v128, at: usize, column: usize, offset: usize): v128 {
    return flush(sums);
  }
}

/**
 * One step back: from dL/dh and dL/dc behind the step that led from `cell` by `gates`, in `plan.stateErrors` and
 * `cellErrors`, to the errors of its gates, in their place, and to dL/dh and dL/dc before it. Returns whether any is left
 * there; not even asked for if the step is the `first`.
 */
export function lstmBackward(
  plan: Plan,
  rows: i32,
  cell: usize,
  gates: usize,
  cellErrors: usize,
  first: bool,
): bool {
  const stride = plan.stride,
    gateStride = plan.gateStride,
    W = plan.gateWidth;
  let left = i32x4.splat(0);
  for (let row = 0; row < rows; row++) {
    const shift = <usize>row * stride;
    const gate = gates + <usize>row * gateStride;
    const errors = plan.stateErrors + shift;
    left = v128.or(left, gateErrors(cell + shift, gate, errors, cellErrors + shift, f32Bytes(W)));
  }
  if (first) return false;
  const H = plan.H;
  plan.product.set(gates, gateStride, plan.backwardPanels, 4 * W, plan.stateErrors, stride, rows, H);
  const through = multiply(changetype<Retreat>(changetype<usize>(plan.product)));
  return through || v128.any_true(left);
}

// of one row; returns the bits of dL/dc
function gateErrors(cell: usize, gates: usize, errors: usize, cellErrors: usize, width: usize): v128 {
  const one = f32x4.splat(1);
  let left = i32x4.splat(0);
  for (let at: usize = 0; at < width; at += 4 * LANES) {
    const gate = gates + at;
    const dh = v128.load(errors + at);
    const i = v128.load(gate);
    const f = v128.load(gate + width);
    const g = v128.load(gate + 2 * width);
    const o = v128.load(gate + 3 * width);
    const squashed = v128.load(gate + 4 * width);
    const slope = f32x4.sub(one, f32x4.mul(squashed, squashed));
    const dc = f32x4.add(v128.load(cellErrors + at), f32x4.mul(f32x4.mul(dh, o), slope));
    const di = f32x4.mul(dc, g);
    const df = f32x4.mul(dc, v128.load(cell + at));
    const dg = f32x4.mul(dc, i);
    const dO = f32x4.mul(dh, squashed);
    v128.store(gate, flush(f32x4.mul(di, f32x4.mul(i, f32x4.sub(one, i)))));
    v128.store(gate + width, flush(f32x4.mul(df, f32x4.mul(f, f32x4.sub(one, f)))));
    v128.store(gate + 2 * width, flush(f32x4.mul(dg, f32x4.sub(one, f32x4.mul(g, g)))));
    v128.store(gate + 3 * width, flush(f32x4.mul(dO, f32x4.mul(o, f32x4.sub(one, o)))));
    const carried = flush(f32x4.mul(dc, f));
    v128.store(cellErrors + at, carried);
    left = v128.or(left, carried);
  }
  return left;
}
