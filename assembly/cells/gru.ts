// Gated recurrent unit:
//
//   r = σ(W_r h + b_hr + w_r x + b_xr)
//   z = σ(W_z h + b_hz + w_z x + b_xz)
//   n = tanh(n_x + r n_h)   with n_h = W_n h + b_hn, n_x = w_n x + b_xn
//   h ← (1 - z) n + z h, computed as n + z (h - n)
//
// Based on  Cho et al., EMNLP 2014 (arXiv 1406.1078), as PyTorch 1.13 has it (torch.nn.GRU).
// Deviation r multiplies W_n h + b_hn, as in PyTorch, and not h.
//
// One product gives r, z and n_h of a step, a small one over [1, x] n_x, and passes over a row of gates the rest. A row of
// gates holds r | z | n_h | n behind a step, and behind the step back dL/d of what went into r, z, n_h and n.

import { Sigmoid, Tanh, activate, flush } from "../activations";
import { storeProduct } from "../epilogues";
import { multiply } from "../gemm";
import { Plan } from "../plan";
import { LANES, f32Bytes } from "../simd";
import { Product } from "../tile";

/** One step: `next` = h behind `state`, for `rows` augmented states, and its gates. */
export function gruForward(plan: Plan, rows: i32, state: usize, gates: usize, next: usize): void {
  const stride = plan.stride,
    gateStride = plan.gateStride,
    W = plan.gateWidth,
    width = f32Bytes(W);
  plan.product.set(state, stride, plan.forwardPanels, plan.columns, gates, gateStride, rows, 3 * W);
  storeProduct(plan.product);
  const inputs = state + f32Bytes(plan.H);
  plan.product.set(inputs, stride, plan.inputPanels, 1 + plan.I, gates + 3 * width, gateStride, rows, W);
  storeProduct(plan.product);
  for (let row = 0; row < rows; row++) {
    activate<Sigmoid>(gates, 2 * W);
    for (let at: usize = 0; at < width; at += 4 * LANES) {
      const gate = gates + at;
      const candidate = f32x4.mul(v128.load(gate), v128.load(gate + 2 * width));
      v128.store(gate + 3 * width, f32x4.add(v128.load(gate + 3 * width), candidate));
    }
    activate<Tanh>(gates + 3 * width, W);
    for (let at: usize = 0; at < width; at += 4 * LANES) {
      const gate = gates + at;
      const n = v128.load(gate + 3 * width);
      const kept = f32x4.mul(v128.load(gate + width), f32x4.sub(v128.load(state + at), n));
      v128.store(next + at, f32x4.add(n, kept));
    }
    gates += gateStride;
    state += stride;
    next += stride;
  }
}

// dL/dh ← what came around the gates + what comes through the weights
@unmanaged
class Retreat extends Product {
  tracked: bool;


  @inline
  value(sums: v128, at: usize, column: usize, offset: usize): v128 {
    return flush(f32x4.add(v128.load(this.c + at + offset), sums));
  }
}

/**
 * One step back: from dL/dh behind the step that led from `state` by `gates`, in `plan.stateErrors`, to the errors of
 * its gates, in their place, and to dL/dh before it. Returns whether any is left there; not even asked for if the step is
 * the `first`.
 */
export function gruBackward(plan: Plan, rows: i32, state: usize, gates: usize, first: bool): bool {
  const stride = plan.stride,
    gateStride = plan.gateStride,
    W = plan.gateWidth;
  for (let row = 0; row < rows; row++) {
    const shift = <usize>row * stride;
    gateErrors(state + shift, gates + <usize>row * gateStride, plan.stateErrors + shift, f32Bytes(W));
  }
  if (first) return false;
  const H = plan.H;
  plan.product.set(gates, gateStride, plan.backwardPanels, 3 * W, plan.stateErrors, stride, rows, H);
  return multiply(changetype<Retreat>(changetype<usize>(plan.product)));
}

// of one row; dL/dh becomes z dL/dh
function gateErrors(state: usize, gates: usize, errors: usize, width: usize): void {
  const one = f32x4.splat(1);
  for (let at: usize = 0; at < width; at += 4 * LANES) {
    const gate = gates + at;
    const dh = v128.load(errors + at);
    const r = v128.load(gate);
    const z = v128.load(gate + width);
    const candidate = v128.load(gate + 2 * width);
    const n = v128.load(gate + 3 * width);
    const rest = f32x4.sub(one, z);
    const dz = f32x4.mul(dh, f32x4.sub(v128.load(state + at), n));
    const dn = f32x4.mul(f32x4.mul(dh, rest), f32x4.sub(one, f32x4.mul(n, n)));
    const dr = f32x4.mul(dn, candidate);
    v128.store(gate, flush(f32x4.mul(dr, f32x4.mul(r, f32x4.sub(one, r)))));
    v128.store(gate + width, flush(f32x4.mul(dz, f32x4.mul(z, rest))));
    v128.store(gate + 2 * width, flush(f32x4.mul(dn, r)));
    v128.store(gate + 3 * width, flush(dn));
    v128.store(errors + at, f32x4.mul(dh, z));
  }
}
