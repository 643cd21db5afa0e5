// A dynamical system: the recurrent part of a network in f64, its sizes, constants and addresses, and its workspace.
//
// Arrays of a layer, which the host writes; rows of a weight are the receiving units, gate after gate (G of them):
//
//   recurrentWeight (G N, N) | inputWeight (G N, I) | constant (G N) | perUnit (N)
//
// States are rows of D values: N of each layer, (h, z, r) of a gated system, (h, c) of an LSTM. Tangents are rows too. Rows
// are taken in blocks, so that the workspace does not grow with their number.
//
// Order: a sum of a unit is its product with the state (linalg/product.ts), plus, in this order from the constant on, what
// the inputs bring.

import { Into, multiplyPacked, packTransposed, packedValues } from "../linalg/product";

/** The order is that of `dynamicsKinds` in src/core/dynamics.ts. */
export const enum Kind {
  Tanh,
  Gated,
  Gru,
  Lstm,
  Leaky,
  LeakyOutside,
}

export const enum Method {
  /** A map: a step is the function itself. */
  Map,
  Euler,
  Rk4,
}

/** Rows that are computed side by side. */
export const BLOCK: i32 = 32;

/** Stages of the longest method. */
const STAGES: usize = 4;

/** Coefficients of a unit's linearisation, of the kind with the most. */
const COEFFICIENTS: i32 = 6;


@unmanaged
export class System {
  // written by the host
  kind: i32;
  method: i32;
  /** Units of a layer. */
  N: i32;
  /** Inputs, of a layer above another its units. */
  I: i32;
  /** Activation of the leaky cells, in the order of `Activation`. */
  activation: i32;
  /** Whether the reset gate of a GRU multiplies the product, and not the state in it. */
  resetAfter: bool;
  /** Whether this layer reads the one below it. */
  isAbove: bool;
  dt: f64;
  gain: f64;
  bias: f64;
  updateGain: f64;
  updateBias: f64;
  /** 1 / τ_z */
  updateRate: f64;
  outputGain: f64;
  outputBias: f64;
  /** 1 / τ_r */
  outputRate: f64;
  above: System | null;

  // addresses of what the host writes
  recurrentWeight: usize;
  inputWeight: usize;
  constant: usize;
  /** Of the leaky cells 1 / τ in steps, of a GRU the constant that the reset gate multiplies. */
  perUnit: usize;

  // packed weights, one matrix per gate
  panels: usize;
  inputPanels: usize;

  // workspace
  drive: usize;
  sums: usize;
  inputSums: usize;
  operand: usize;
  operand2: usize;
  /** Of each stage of a step: the coefficients of the tangent there. */
  coefficients: usize;
  // of a block: the state at a stage, its field, the sum over stages
  stage: usize;
  field: usize;
  total: usize;


  @inline get gates(): i32 {
    const kind = this.kind;
    return kind == Kind.Lstm ? 4 : kind == Kind.Gated || kind == Kind.Gru ? 3 : 1;
  }

  /** Bytes of a row of sums, gate after gate. */
  @inline get sumBytes(): usize {
    return <usize>this.gates * this.unitBytes;
  }

  /** Bytes of N values. */
  @inline get unitBytes(): usize {
    return (<usize>this.N) << 3;
  }

  /** Bytes from one stage's coefficients to the next's. */
  @inline get stageBytes(): usize {
    return this.unitBytes * COEFFICIENTS;
  }

  /** Values of a state. */
  get D(): i32 {
    let layers = 0;
    for (let layer: System | null = this; layer; layer = layer.above) layers++;
    return (this.kind == Kind.Gated ? 3 : this.kind == Kind.Lstm ? 2 : layers) * this.N;
  }
}

// @ts-ignore: decorator
@inline
export function get(p: usize, i: i32): f64 {
  return load<f64>(p + ((<usize>i) << 3));
}

// @ts-ignore: decorator
@inline
export function set(p: usize, i: i32, value: f64): void {
  store<f64>(p + ((<usize>i) << 3), value);
}

/** 1 / (1 + e^-x) */
// @ts-ignore: decorator
@inline
export function logistic(x: f64): f64 {
  return 1 / (1 + Math.exp(-x));
}

/** Set the addresses of what lies from `base` on unless it is 0; returns the bytes that it takes. */
export function layOutSystem(system: System, base: usize): f64 {
  let bytes: f64 = 0;
  const D = system.D;
  for (let layer: System | null = system; layer; layer = layer.above) {
    const layerBytes = layOutLayer(layer, base ? base + <usize>bytes : 0, D);
    bytes += layerBytes;
  }
  return bytes;
}

function layOutLayer(system: System, base: usize, D: i32): f64 {
  const G = <f64>system.gates,
    N = <f64>system.N,
    I = <f64>system.I;
  let at: f64 = <f64>base;
  system.recurrentWeight = <usize>at;
  at += 8 * G * N * N;
  system.inputWeight = <usize>at;
  at += 8 * G * N * I;
  system.constant = <usize>at;
  at += 8 * G * N;
  system.perUnit = <usize>at;
  at += 8 * N;
  system.panels = <usize>at;
  at += 8 * G * <f64>packedValues(system.N, system.N);
  system.inputPanels = <usize>at;
  if (system.isAbove) at += 8 * <f64>packedValues(system.I, system.N);
  system.drive = <usize>at;
  at += 8 * G * N;
  system.sums = <usize>at;
  at += 8 * BLOCK * G * N;
  system.inputSums = <usize>at;
  if (system.isAbove) at += 8 * BLOCK * N;
  system.operand = <usize>at;
  at += 8 * BLOCK * N;
  system.operand2 = <usize>at;
  at += 8 * BLOCK * N;
  system.coefficients = <usize>at;
  at += 8 * <f64>STAGES * COEFFICIENTS * N;
  if (system.method != Method.Map) {
    system.stage = <usize>at;
    at += 8 * BLOCK * <f64>D;
    system.field = <usize>at;
    at += 8 * BLOCK * <f64>D;
    system.total = <usize>at;
    at += 8 * BLOCK * <f64>D;
  }
  return at - <f64>base;
}

/** Pack the weights, once they are written. */
export function packSystem(system: System): void {
  for (let layer: System | null = system; layer; layer = layer.above) {
    const N = layer.N;
    const matrix = <usize>N * layer.unitBytes;
    const packed = (<usize>packedValues(N, N)) << 3;
    for (let g: usize = 0; g < <usize>layer.gates; g++) {
      packTransposed(layer.recurrentWeight + g * matrix, N, N, N, layer.panels + g * packed);
    }
    if (layer.isAbove) packTransposed(layer.inputWeight, layer.I, layer.I, N, layer.inputPanels);
  }
}

/** The sums of `count` gates from `gate` on over rows of N values, `stride` values apart, without what inputs bring. */
export function multiplyGates(
  system: System,
  gate: i32,
  count: i32,
  rows: i32,
  values: usize,
  stride: i32,
): void {
  const N = system.N;
  const ldc = system.gates * N;
  for (let g = gate; g < gate + count; g++) {
    const panels = system.panels + ((<usize>(g * packedValues(N, N))) << 3);
    const sums = system.sums + <usize>g * system.unitBytes;
    multiplyPacked(sums, ldc, values, stride, panels, rows, N, N, Into.Set);
  }
}

/**
 * What constants and inputs bring to the sums of a row, laid out as those: of row `row` of the inputs (rows, I) at `inputs`,
 * or without any if that is 0. Valid until the next call.
 */
export function driveOf(system: System, inputs: usize, row: i32): usize {
  const N = system.N,
    I = system.I;
  const drives = inputs != 0 && I > 0;
  // without inputs all rows have the same
  if (row > 0 && !drives) return system.drive;
  const input = inputs + ((<usize>row * I) << 3);
  for (let g = 0; g < system.gates; g++) {
    for (let i = 0; i < N; i++) {
      const unit = g * N + i;
      let sum = get(system.constant, unit);
      if (drives) {
        const weight = system.inputWeight + ((<usize>unit * I) << 3);
        for (let k = 0; k < I; k++) sum += get(weight, k) * get(input, k);
      }
      set(system.drive, g * N + i, sum);
    }
  }
  return system.drive;
}
