// Leaky unit with the leak inside the non-linearity: h ← f((1 - 1/τ) h + (1/τ) (W h + b_W + w_in x + b_in)).
//
// Based on  Khajehabdollahi et al., "Emergent mechanisms for long timescales depend on training curriculum and
//           affect performance in memory tasks", ICLR 2024, and its released code.
//
// The input u of f is linear in the augmented state [h, 1, x], leak included (on the diagonal, which W leaves
// free): one product per step is the forward pass, one with the transpose the backward pass.

import { backpropagate } from "../activations";
import { activateProduct, backpropagateProduct } from "../epilogues";
import { Plan } from "../plan";
import { f32Bytes } from "../simd";
import {
  packBackward,
  packForward,
  setLeak,
  setRows,
  storeTauGradient,
  unpackGradient,
} from "./leaky-weights";

/** Make the packed weights from the parameters. */
export function leakyPrepare(plan: Plan, training: bool): void {
  setLeak(plan);
  setRows(plan, true);
  packForward(plan);
  if (training) packBackward(plan);
}

/** One step: `next` = f(u(`state`)), for `rows` augmented states. */
export function leakyForward(plan: Plan, rows: i32, state: usize, next: usize): void {
  const stride = plan.stride;
  plan.product.set(state, stride, plan.forwardPanels, plan.columns, next, stride, rows, plan.H);
  activateProduct(plan.product, plan.activation);
}

/** From dL/dh of a state, in `errors`, dL/du of the step that led there into `target`. Returns whether any is left. */
export function leakyReadoutErrors(plan: Plan, rows: i32, errors: usize, state: usize, target: usize): bool {
  let left = false;
  for (let r = 0; r < rows; r++) {
    const at = <usize>r * plan.stride;
    left = backpropagate(plan.activation, errors + at, state + at, 0, target + at, plan.H) || left;
  }
  return left;
}

/**
 * One step back: from dL/du of the step behind `state`, in `errors`, which below another layer also hold its dL/du of the
 * step before it, dL/du of the step before it into `target`. Returns whether any is left.
 */
export function leakyBackward(plan: Plan, rows: i32, state: usize, errors: usize, target: usize): bool {
  const stride = plan.stride;
  const depth = plan.errorDepth;
  plan.product.set(errors, plan.errorStride, plan.backwardPanels, depth, target, stride, rows, plan.H);
  return backpropagateProduct(plan.product, plan.activation, state);
}

/**
 * Gradients of the cell's parameters from the sum over all shards.
 *
 * Since u = [h, 1, x] · matrixᵀ, dL/dα_i is the outer product's row i times (W_i - e_i, b_i, w_in,i).
 */
export function leakyGradient(plan: Plan, slot: usize): void {
  unpackGradient(plan, slot);
  const H = plan.H,
    I = plan.I;
  for (let i = 0; i < H; i++) {
    const g = slot + plan.slotOuter + <usize>i * plan.outerStride;
    const weight = plan.parameters + f32Bytes(plan.recurrentWeight + i * H);
    const inputWeight = plan.parameters + f32Bytes(plan.inputWeight + i * I);
    let sum: f64 = 0;
    for (let j = 0; j < H; j++) sum += <f64>load<f32>(weight + f32Bytes(j)) * <f64>load<f32>(g + f32Bytes(j));
    const bias =
      <f64>load<f32>(plan.parameters + f32Bytes(plan.recurrentBias + i)) +
      <f64>load<f32>(plan.parameters + f32Bytes(plan.inputBias + i));
    sum += bias * <f64>load<f32>(g + f32Bytes(H));
    for (let k = 0; k < I; k++) {
      sum += <f64>load<f32>(inputWeight + f32Bytes(k)) * <f64>load<f32>(g + f32Bytes(H + 1 + k));
    }
    storeTauGradient(plan, i, sum - <f64>load<f32>(g + f32Bytes(i)));
  }
}
