// What the two leaky cells share: their weights as one matrix over the augmented state [h, 1, x], and its gradient.
//
//   row i of the matrix:  s_i W_ij for j ≠ i, d_i for j = i | s_i (b_W + b_in)_i | s_i w_in,i
//
// with a scale s (α, or ones) and a diagonal d (1 - α, or zeros) per unit. W itself has no diagonal.

import { panelWidth } from "../gemm";
import { Plan } from "../plan";
import { PANEL, f32Bytes } from "../simd";

/** Set W_ii = 0: a unit's only connection to itself is its leak. */
export function clearDiagonal(plan: Plan): void {
  const weight = plan.parameters + f32Bytes(plan.recurrentWeight);
  for (let i = 0; i < plan.H; i++) store<f32>(weight + f32Bytes(i * (plan.H + 1)), 0);
}

/** The time constant of unit i in steps: τ k. */
function tauInSteps(plan: Plan, i: i32): f32 {
  return load<f32>(plan.parameters + f32Bytes(i)) * <f32>plan.stepsPerBit;
}

/** α = 1 / max(τ k, 1), and 1 - α. */
export function setLeak(plan: Plan): void {
  for (let i = 0; i < plan.H; i++) {
    const alpha: f32 = 1 / max<f32>(tauInSteps(plan, i), 1);
    store<f32>(plan.alpha + f32Bytes(i), alpha);
    store<f32>(plan.keep + f32Bytes(i), 1 - alpha);
  }
}

/** Set the scale and the diagonal of the packed matrix. */
export function setRows(plan: Plan, insideLeak: bool): void {
  for (let i = 0; i < plan.H; i++) {
    const at = f32Bytes(i);
    store<f32>(plan.rowScale + at, insideLeak ? load<f32>(plan.alpha + at) : 1);
    store<f32>(plan.diagonal + at, insideLeak ? load<f32>(plan.keep + at) : 0);
  }
}

/** Pack the matrix for the product state · matrixᵀ, one column of a panel per unit. */
export function packForward(plan: Plan): void {
  const H = plan.H,
    I = plan.I,
    depth = plan.columns;
  const weight = plan.parameters + f32Bytes(plan.recurrentWeight);
  const bias = plan.parameters + f32Bytes(plan.recurrentBias);
  const inputWeight = plan.parameters + f32Bytes(plan.inputWeight);
  const inputBias = plan.parameters + f32Bytes(plan.inputBias);
  for (let i = 0; i < H; i++) {
    const scale = load<f32>(plan.rowScale + f32Bytes(i));
    const column = i & (PANEL - 1);
    const panelRow = f32Bytes(panelWidth(H - i + column));
    const first = plan.forwardPanels + f32Bytes((i - column) * depth + column);
    let target = first;
    for (let j = 0; j < H; j++, target += panelRow) {
      store<f32>(target, scale * load<f32>(weight + f32Bytes(i * H + j)));
    }
    store<f32>(first + <usize>i * panelRow, load<f32>(plan.diagonal + f32Bytes(i)));
    store<f32>(target, scale * (load<f32>(bias + f32Bytes(i)) + load<f32>(inputBias + f32Bytes(i))));
    for (let k = 0; k < I; k++) {
      target += panelRow;
      store<f32>(target, scale * load<f32>(inputWeight + f32Bytes(i * I + k)));
    }
  }
}

/**
 * Pack the matrix's columns for the states for the product error · matrix; below another layer, whose scale has been set,
 * the columns of its input weights behind them.
 */
export function packBackward(plan: Plan): void {
  const H = plan.H;
  const above = plan.above;
  const weight = plan.parameters + f32Bytes(plan.recurrentWeight);
  let target = plan.backwardPanels;
  for (let first = 0; first < H; first += PANEL) {
    const width = min(PANEL, H - first);
    const panelRow = f32Bytes(panelWidth(H - first));
    for (let i = 0; i < H; i++, target += panelRow) {
      const scale = load<f32>(plan.rowScale + f32Bytes(i));
      const row = weight + f32Bytes(i * H + first);
      for (let c = 0; c < width; c++) store<f32>(target + f32Bytes(c), scale * load<f32>(row + f32Bytes(c)));
      const own = i - first;
      if (own >= 0 && own < width) store<f32>(target + f32Bytes(own), load<f32>(plan.diagonal + f32Bytes(i)));
    }
    for (let i = 0; above && i < H; i++, target += panelRow) {
      const scale = load<f32>(above.rowScale + f32Bytes(i));
      const row = above.parameters + f32Bytes(above.inputWeight + i * H + first);
      for (let c = 0; c < width; c++) store<f32>(target + f32Bytes(c), scale * load<f32>(row + f32Bytes(c)));
    }
  }
}

/**
 * Gradients of weights and biases from the outer product G of `slot`: each is G times the row's scale.
 *
 * The diagonal of W gets its gradient too: in the source it counts in the norm, and W's diagonal is set to zero
 * again before it is used.
 */
export function unpackGradient(plan: Plan, slot: usize): void {
  const H = plan.H,
    I = plan.I;
  for (let i = 0; i < H; i++) {
    const scale = load<f32>(plan.rowScale + f32Bytes(i));
    const g = slot + plan.slotOuter + <usize>i * plan.outerStride;
    const weight = plan.gradient + f32Bytes(plan.recurrentWeight + i * H);
    for (let j = 0; j < H; j++) store<f32>(weight + f32Bytes(j), scale * load<f32>(g + f32Bytes(j)));
    const bias = scale * load<f32>(g + f32Bytes(H));
    store<f32>(plan.gradient + f32Bytes(plan.recurrentBias + i), bias);
    store<f32>(plan.gradient + f32Bytes(plan.inputBias + i), bias);
    const inputWeight = plan.gradient + f32Bytes(plan.inputWeight + i * I);
    for (let k = 0; k < I; k++)
      store<f32>(inputWeight + f32Bytes(k), scale * load<f32>(g + f32Bytes(H + 1 + k)));
  }
}

/** dL/dτ = -k α² dL/dα, and 0 where the clamp at τ k = 1 holds or τ is fixed. */
export function storeTauGradient(plan: Plan, i: i32, alphaError: f64): void {
  const alpha = <f64>load<f32>(plan.alpha + f32Bytes(i));
  const k = <f64>plan.stepsPerBit;
  const free = plan.trainTau && tauInSteps(plan, i) >= 1;
  store<f32>(plan.gradient + f32Bytes(i), free ? <f32>(-k * alpha * alpha * alphaError) : 0);
}
