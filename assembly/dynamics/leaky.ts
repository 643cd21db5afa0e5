// Leaky units in layers, f64, with the leak inside the non-linearity or outside it; α = 1 / max(τ, 1 step):
//
//   h ← f((1 - α) h + α (W h + d))      inside
//   h ← (1 - α) h + α f(W h + d)        outside
//
// Based on  Khajehabdollahi et al., ICLR 2024, and its released code. W has no diagonal. The inputs of a layer above another
//           are the new states of that one.
//
// A state is that of the first layer | of the second …

import { Activation } from "../activations";
import { Into, multiplyPacked } from "../linalg/product";
import { Kind, System, driveOf, get, logistic, multiplyGates, set } from "./system";

/** Slope of the leaky rectifier below zero, as in the source. */
const SLOPE: f64 = 0.01;

function activate(activation: i32, u: f64): f64 {
  if (activation == Activation.Tanh) return Math.tanh(u);
  if (activation == Activation.Sigmoid) return logistic(u);
  if (u > 0) return u;
  return activation == Activation.Relu ? 0 * u : SLOPE * u;
}

// f′ from f
function slopeOf(activation: i32, y: f64): f64 {
  if (activation == Activation.Tanh) return 1 - y * y;
  if (activation == Activation.Sigmoid) return y * (1 - y);
  if (y > 0) return 1;
  return activation == Activation.Relu ? 0 : SLOPE;
}

// the sums of a layer whose states lie at `states`, behind those of the layer below, which are the new ones
function multiplyLayer(layer: System, states: usize, stride: i32, rows: i32): void {
  multiplyGates(layer, 0, 1, rows, states, stride);
  if (!layer.isAbove) return;
  const below = states - layer.unitBytes;
  const target = layer.inputSums;
  multiplyPacked(target, layer.N, below, stride, layer.inputPanels, rows, layer.I, layer.N, Into.Set);
  for (let i = 0; i < rows * layer.N; i++) set(layer.sums, i, get(layer.sums, i) + get(target, i));
}

/**
 * One step of `rows` states, in their place; the slopes of the first one's activations into the layers' coefficients if
 * wanted.
 */
export function leakyStep(system: System, states: usize, rows: i32, inputs: usize, wanted: bool): void {
  const stride = system.D;
  const bytes = (<usize>stride) << 3;
  const outside = system.kind == Kind.LeakyOutside;
  for (let layer: System | null = system; layer; layer = layer.above, states += system.unitBytes) {
    multiplyLayer(layer, states, stride, rows);
    for (let row = 0; row < rows; row++) {
      const drive = driveOf(layer, layer.isAbove ? 0 : inputs, row);
      const sums = layer.sums + <usize>row * layer.sumBytes;
      const h = states + <usize>row * bytes;
      for (let i = 0; i < layer.N; i++) {
        const alpha = get(layer.perUnit, i);
        const kept = (1 - alpha) * get(h, i);
        const u = get(sums, i) + get(drive, i);
        const y = activate(layer.activation, outside ? u : kept + alpha * u);
        set(h, i, outside ? kept + alpha * y : y);
        if (wanted && row == 0) set(layer.coefficients, i, slopeOf(layer.activation, y));
      }
    }
  }
}

/** `rows` tangents behind the step, in their place. */
export function leakyTangent(system: System, tangents: usize, rows: i32): void {
  const stride = system.D;
  const bytes = (<usize>stride) << 3;
  const outside = system.kind == Kind.LeakyOutside;
  for (let layer: System | null = system; layer; layer = layer.above, tangents += system.unitBytes) {
    multiplyLayer(layer, tangents, stride, rows);
    for (let row: usize = 0; row < <usize>rows; row++) {
      const sums = layer.sums + row * layer.sumBytes;
      const u = tangents + row * bytes;
      for (let i = 0; i < layer.N; i++) {
        const alpha = get(layer.perUnit, i);
        const slope = get(layer.coefficients, i);
        const kept = (1 - alpha) * get(u, i);
        const added = alpha * get(sums, i);
        set(u, i, outside ? kept + slope * added : slope * (kept + added));
      }
    }
  }
}
