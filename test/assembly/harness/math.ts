// The functions of assembly/math.ts over arrays: one value at a time, and four lanes at a time (for arrays of a
// length that is a multiple of four).

import * as math from "../../../assembly/math";
import { LANES, f32Bytes } from "../../../assembly/simd";

function each(x: Float32Array, f: (x: f32) => f32): Float32Array {
  const y = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++) y[i] = f(x[i]);
  return y;
}

function eachFour(x: Float32Array, f: (x: v128) => v128): Float32Array {
  const y = new Float32Array(x.length);
  for (let i = 0; i < x.length; i += LANES) {
    v128.store(y.dataStart + f32Bytes(i), f(v128.load(x.dataStart + f32Bytes(i))));
  }
  return y;
}

export function exp(x: Float32Array): Float32Array {
  return each(x, math.exp);
}

export function log(x: Float32Array): Float32Array {
  return each(x, math.log);
}

export function tanh(x: Float32Array): Float32Array {
  return each(x, math.tanh);
}

export function sigmoid(x: Float32Array): Float32Array {
  return each(x, math.sigmoid);
}

export function exp4(x: Float32Array): Float32Array {
  return eachFour(x, math.exp4);
}

export function log4(x: Float32Array): Float32Array {
  return eachFour(x, math.log4);
}

export function tanh4(x: Float32Array): Float32Array {
  return eachFour(x, math.tanh4);
}

export function sigmoid4(x: Float32Array): Float32Array {
  return eachFour(x, math.sigmoid4);
}
