// The functions of assembly/activations.ts over arrays of a length that is a multiple of four.

import * as activations from "../../../assembly/activations";
import { LANES, f32Bytes } from "../../../assembly/simd";

export function flush(errors: Float32Array): Float32Array {
  for (let i = 0; i < errors.length; i += LANES) {
    const at = errors.dataStart + f32Bytes(i);
    v128.store(at, activations.flush(v128.load(at)));
  }
  return errors;
}

/** Replaces the first n values of `row` by their hyperbolic tangents, or logistic functions, and returns it. */
export function activateRow(logistic: bool, row: Float32Array, n: i32): Float32Array {
  if (logistic) activations.activate<activations.Sigmoid>(row.dataStart, n);
  else activations.activate<activations.Tanh>(row.dataStart, n);
  return row;
}

/** Replaces the values of `row` and returns it. */
export function activate(activation: i32, row: Float32Array): Float32Array {
  for (let i = 0; i < row.length; i += LANES) {
    const at = row.dataStart + f32Bytes(i);
    v128.store(at, valueOf(activation, v128.load(at)));
  }
  return row;
}

function valueOf(activation: i32, u: v128): v128 {
  if (activation == activations.Activation.LeakyRelu) return activations.valueOf<activations.LeakyRelu>(u);
  if (activation == activations.Activation.Relu) return activations.valueOf<activations.Relu>(u);
  if (activation == activations.Activation.Tanh) return activations.valueOf<activations.Tanh>(u);
  return activations.valueOf<activations.Sigmoid>(u);
}

/** The errors of n values; without `scale` if that is empty. Beyond them, the target keeps its -1. */
export function backpropagate(
  activation: i32,
  error: Float32Array,
  row: Float32Array,
  scale: Float32Array,
  n: i32,
): Float32Array {
  const target = new Float32Array(error.length).fill(-1);
  activations.backpropagate(
    activation,
    error.dataStart,
    row.dataStart,
    scale.length ? scale.dataStart : 0,
    target.dataStart,
    n,
  );
  return target;
}

/** What `backpropagate` answers: whether any error is left. */
export function leavesErrors(activation: i32, error: Float32Array, row: Float32Array): bool {
  const target = new Float32Array(error.length);
  return activations.backpropagate(
    activation,
    error.dataStart,
    row.dataStart,
    0,
    target.dataStart,
    error.length,
  );
}
