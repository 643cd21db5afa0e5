// The functions of assembly/reduce.ts over arrays; what they change in place is returned.

import * as reduce from "../../../assembly/reduce";

export function dot(a: Float32Array, b: Float32Array): f32 {
  return reduce.dot(a.dataStart, b.dataStart, a.length);
}

export function addScaled(y: Float32Array, a: f32, x: Float32Array, n: i32): Float32Array {
  reduce.addScaled(y.dataStart, a, x.dataStart, n);
  return y;
}

export function add(y: Float32Array, x: Float32Array, n: i32): Float32Array {
  reduce.add(y.dataStart, x.dataStart, n);
  return y;
}

export function sumOfSquares(x: Float32Array): f64 {
  return reduce.sumOfSquares(x.dataStart, x.length);
}

export function findNonFinite(x: Float32Array): i32 {
  return reduce.findNonFinite(x.dataStart, x.length);
}
