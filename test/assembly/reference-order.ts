// The gradient of a batch with every rounding to f32, and every sum in the order that the kernels' headers promise:
//
//   an element of a product      one accumulator from zero over k = 0, 1, 2 …               gemm.ts
//   a dot product                four lanes, (0 + 1) + (2 + 3), then the rest               reduce.ts
//   a weight gradient            chunks of steps from the last, each from zero              sequence.ts, gemm.ts
//   dL/dα outside the leak       f64, from the last step on, row after row                  leaky-outside.ts
//   a batch                      eight shards, added as a binary tree                       sequence.ts
//
// Written from these, on plain arrays, without panels, lanes or padding. Gated cells: reference-gate-order.ts.

import type { Problem } from "./gradient-problem.ts";

/** The core's own elementary functions, one value at a time. */
export type ElementaryFunctions = Record<"exp" | "log" | "tanh" | "sigmoid", (x: number) => number>;

/** Gradient of a batch as an array laid out like the parameters, and its loss. */
export interface OrderedGradient {
  readonly loss: number;
  readonly gradient: Float32Array;
}

const { fround } = Math;

const SHARDS = 8;
const CHUNK_ROWS = 256;
const SLOPE = fround(0.01);
const FLUSH = 2 ** -100;

/** Sum over shards: every entry is one that the tree adds. */
export interface ShardSum {
  loss: number;
  alpha: Float32Array;
  /** (rows of the errors, H + 1 + I) */
  outer: Float32Array[];
  heads: Float32Array;
}

/**
 * What one shard keeps of one step: for each row the augmented state before it, what the step computes (the activation's
 * value, or gates), and the state after it.
 */
export interface Step {
  states: Float32Array[];
  values: Float32Array[];
  next: Float32Array[];
}

/** One batch, whatever the cell. */
export abstract class OrderedBatch {
  protected readonly problem: Problem;
  protected readonly elementary: ElementaryFunctions;
  protected readonly H: number;
  protected readonly I: number;
  /** Rows of the outer product. */
  protected abstract readonly outerRows: number;

  constructor(problem: Problem, elementary: ElementaryFunctions) {
    this.problem = problem;
    this.elementary = elementary;
    this.H = problem.shape.units;
    this.I = problem.shape.inputs;
  }

  gradient(): OrderedGradient {
    const sum = this.addTree(0, SHARDS);
    const cell = this.cellGradient(sum);
    return {
      loss: sum.loss / this.problem.batch.batch,
      gradient: Float32Array.of(...cell, ...sum.heads),
    };
  }

  /** Gradients of the cell's own parameters. */
  protected abstract cellGradient(sum: ShardSum): number[];

  /** All steps of sequences `rows`. */
  protected abstract forward(rows: number[]): Step[];

  /** From dL/dh behind the last step to the sums. */
  protected abstract backward(steps: Step[], stateErrors: Float32Array[], sum: ShardSum): void;

  private addTree(low: number, high: number): ShardSum {
    if (high - low === 1) return this.shard(low);
    const middle = (low + high) / 2;
    const left = this.addTree(low, middle);
    const right = this.addTree(middle, high);
    const add = (a: Float32Array, b: Float32Array) => a.map((value, i) => value + b[i]!);
    return {
      loss: left.loss + right.loss,
      alpha: add(left.alpha, right.alpha),
      outer: left.outer.map((row, i) => add(row, right.outer[i]!)),
      heads: add(left.heads, right.heads),
    };
  }

  private shard(s: number): ShardSum {
    const { H, I } = this;
    const { shape, batch } = this.problem;
    const first = Math.floor((s * batch.batch) / SHARDS);
    const count = Math.floor(((s + 1) * batch.batch) / SHARDS) - first;
    const sum: ShardSum = {
      loss: 0,
      alpha: new Float32Array(H),
      outer: Array.from({ length: this.outerRows }, () => new Float32Array(H + 1 + I)),
      heads: new Float32Array(shape.heads * shape.classes * (H + 1)),
    };
    if (count === 0) return sum;
    const rows = Array.from({ length: count }, (_, r) => first + r);
    const steps = this.forward(rows);
    const errors = rows.map((b, r) => this.readOut(b, steps.at(-1)!.next[r]!, sum));
    this.backward(steps, errors, sum);
    return sum;
  }

  // adds the loss and the heads' gradients of one sequence; returns dL/dh
  private readOut(b: number, state: Float32Array, sum: ShardSum): Float32Array {
    const { H } = this;
    const { shape, tensors, batch } = this.problem;
    const C = shape.classes;
    const stateError = new Float32Array(H);
    let loss = 0;
    for (let k = 0; k < batch.active; k++) {
      const rowOf = (c: number) =>
        Float32Array.from(tensors.get("readout.weight")!.subarray((k * C + c) * H, (k * C + c + 1) * H));
      const logits = Float32Array.from({ length: C }, (_, c) => {
        return dot(rowOf(c), state) + tensors.get("readout.bias")![k * C + c]!;
      });
      const label = batch.labels[k * batch.batch + b]!;
      const { loss: own, errors } = this.crossEntropy(logits, label);
      loss += own;
      errors.forEach((e, c) => {
        const error = fround(fround(1 / batch.batch) * e);
        const head = k * C * (H + 1);
        const row = rowOf(c);
        for (let i = 0; i < H; i++) {
          stateError[i]! += fround(error * row[i]!);
          sum.heads[head + c * H + i]! += fround(error * state[i]!);
        }
        sum.heads[head + C * H + c]! += error;
      });
    }
    sum.loss += loss;
    return stateError;
  }

  private crossEntropy(logits: Float32Array, label: number): { loss: number; errors: Float32Array } {
    const highest = Math.max(...logits);
    const exponentials = logits.map((logit) => this.elementary.exp(fround(logit - highest)));
    const total = exponentials.reduce((sum, e) => fround(sum + e), 0);
    const errors = exponentials.map((e, c) => fround(e / total) - (c === label ? 1 : 0));
    return { loss: fround(this.elementary.log(total) - fround(logits[label]! - highest)), errors };
  }

  // rows of `steps` in chunks of 256 from the first, each summed from zero
  private addOuter(steps: Step[], inputErrors: Float32Array[][], rows: number, outer: Float32Array[]): void {
    for (let i = 0; i < this.outerRows; i++) {
      for (let j = 0; j < this.H + 1 + this.I; j++) {
        let total = 0;
        for (let k = 0; k < steps.length * rows; k++) {
          if (k > 0 && k % CHUNK_ROWS === 0) {
            outer[i]![j]! += total;
            total = 0;
          }
          const [step, r] = [Math.floor(k / rows), k % rows];
          const error = inputErrors[step]![r]?.[i] ?? 0;
          total = fround(total + fround(error * (steps[step]!.states[r]?.[j] ?? 0)));
        }
        outer[i]![j]! += total;
      }
    }
  }

  /** Augmented states of sequences `rows` before step t. */
  protected augment(states: Float32Array[], rows: number[], t: number): Float32Array[] {
    const { batch, inputs } = this.problem.batch;
    return states.map((state, r) => {
      const x = (t * batch + rows[r]!) * this.I;
      return Float32Array.of(...state, 1, ...inputs.subarray(x, x + this.I));
    });
  }

  protected initialStates(rows: number[]): Float32Array[] {
    const { H } = this;
    return rows.map((b) => this.problem.batch.initialState.slice(b * H, (b + 1) * H));
  }

  /** Goes back through all steps: `stepBack` takes one and returns the errors that belong to its rows. */
  protected backwardInChunks(
    steps: Step[],
    rowCount: number,
    sum: ShardSum,
    stepBack: (step: Step) => Float32Array[],
  ): void {
    // rows come in pairs, so that an odd shard has one more; chunks are those of the largest shard
    const largest = even(Math.ceil(this.problem.batch.batch / SHARDS));
    const chunk = Math.max(1, Math.floor(CHUNK_ROWS / largest));
    for (let end = steps.length; end > 0; end -= chunk) {
      const part = steps.slice(Math.max(0, end - chunk), end);
      const errors = part.map(() => [] as Float32Array[]);
      for (let t = part.length - 1; t >= 0; t--) errors[t] = stepBack(part[t]!);
      this.addOuter(part, errors, even(rowCount), sum.outer);
    }
  }
}

/** A batch of a leaky network. */
export class OrderedLeakyBatch extends OrderedBatch {
  protected readonly outerRows: number;
  private readonly outside: boolean;
  private readonly alpha: Float32Array;
  private readonly keep: Float32Array;
  /** Factor of each row of the matrix. */
  private readonly scale: Float32Array;
  /** The matrix over [h, 1, x], a row per unit. */
  private readonly matrix: Float32Array[];

  constructor(problem: Problem, elementary: ElementaryFunctions) {
    super(problem, elementary);
    const { shape, tensors } = problem;
    this.outerRows = this.H;
    this.outside = shape.cell === "leaky-outside";
    this.alpha = Float32Array.from(tensors.get("tau")!, (tau) => 1 / Math.max(tau, 1));
    this.keep = this.alpha.map((alpha) => 1 - alpha);
    this.scale = this.alpha.map((alpha) => (this.outside ? 1 : alpha));
    this.matrix = Array.from({ length: this.H }, (_, i) => this.matrixRow(i));
  }

  protected cellGradient(sum: ShardSum): number[] {
    const { H, I, scale } = this;
    const gradient = new Float32Array(H * (H + I + 3));
    for (let i = 0; i < H; i++) {
      const row = sum.outer[i]!.map((entry) => scale[i]! * entry);
      gradient[i] = this.tauGradient(i, sum);
      gradient.set(row.subarray(H + 1), H + i * I);
      gradient[H * (I + 1) + i] = row[H]!;
      gradient.set(row.subarray(0, H), H * (I + 2) + i * H);
      gradient[H * (I + 2 + H) + i] = row[H]!;
    }
    return [...gradient];
  }

  private matrixRow(i: number): Float32Array {
    const { H, I } = this;
    const { tensors } = this.problem;
    const scale = this.scale[i]!;
    const row = new Float32Array(H + 1 + I);
    for (let j = 0; j < H; j++) row[j] = scale * tensors.get("recurrent.weight")![i * H + j]!;
    row[i] = this.outside ? 0 : this.keep[i]!;
    row[H] = scale * fround(tensors.get("recurrent.bias")![i]! + tensors.get("input.bias")![i]!);
    for (let j = 0; j < I; j++) row[H + 1 + j] = scale * tensors.get("input.weight")![i * I + j]!;
    return row;
  }

  private tauGradient(i: number, sum: ShardSum): number {
    const { H, I } = this;
    const { tensors, trainTau } = this.problem;
    if (!trainTau || tensors.get("tau")![i]! < 1) return 0;
    let alphaError = sum.alpha[i]!;
    if (!this.outside) {
      const row = sum.outer[i]!;
      alphaError = 0;
      for (let j = 0; j < H; j++) alphaError += tensors.get("recurrent.weight")![i * H + j]! * row[j]!;
      alphaError += (tensors.get("recurrent.bias")![i]! + tensors.get("input.bias")![i]!) * row[H]!;
      for (let j = 0; j < I; j++) alphaError += tensors.get("input.weight")![i * I + j]! * row[H + 1 + j]!;
      alphaError -= row[i]!;
    }
    return -this.alpha[i]! * this.alpha[i]! * alphaError;
  }

  protected forward(rows: number[]): Step[] {
    let states = this.initialStates(rows);
    return Array.from({ length: this.problem.batch.steps }, (_, t) => {
      const augmented = this.augment(states, rows, t);
      const values = augmented.map((state) =>
        Float32Array.from(this.matrix, (row) => this.activate(product(row, state))),
      );
      states = values.map((value, r) => (this.outside ? this.mix(augmented[r]!, value) : value));
      return { states: augmented, values, next: states };
    });
  }

  private mix(state: Float32Array, value: Float32Array): Float32Array {
    return value.map((a, i) => fround(this.keep[i]! * state[i]!) + fround(this.alpha[i]! * a));
  }

  protected backward(steps: Step[], stateErrors: Float32Array[], sum: ShardSum): void {
    const alpha = new Float64Array(this.H);
    let errors = stateErrors;
    this.backwardInChunks(steps, stateErrors.length, sum, (step) => {
      if (this.outside) this.addAlphaErrors(step, errors, alpha);
      const own = errors.map((error, r) => this.backpropagate(error, step.values[r]!));
      errors = own.map((error, r) => this.throughWeights(error, errors[r]!));
      return own;
    });
    sum.alpha.set(alpha);
  }

  private addAlphaErrors({ states, values }: Step, errors: Float32Array[], alpha: Float64Array): void {
    errors.forEach((error, r) => {
      for (let i = 0; i < this.H; i++) {
        alpha[i]! += fround(error[i]! * fround(values[r]![i]! - states[r]![i]!));
      }
    });
  }

  // dL/du from dL/dh
  private backpropagate(error: Float32Array, value: Float32Array): Float32Array {
    return error.map((e, i) => {
      const through = fround(e * this.slope(value[i]!));
      return flush(this.outside ? fround(through * this.alpha[i]!) : through);
    });
  }

  // dL/dh of the step before from dL/du, and outside the leak from dL/dh
  private throughWeights(inputError: Float32Array, stateError: Float32Array): Float32Array {
    return stateError.map((error, j) => {
      const column = Float32Array.from(this.matrix, (row) => row[j]!);
      const through = product(column, inputError);
      return this.outside ? flush(fround(fround(this.keep[j]! * error) + through)) : through;
    });
  }

  private activate(u: number): number {
    switch (this.problem.shape.activation) {
      case "leaky-relu":
        return Math.max(u, fround(u * SLOPE));
      case "relu":
        return Math.max(u, 0);
      default:
        return this.elementary[this.problem.shape.activation](u);
    }
  }

  // f′ from the value of f
  private slope(y: number): number {
    switch (this.problem.shape.activation) {
      case "leaky-relu":
        return y > 0 ? 1 : SLOPE;
      case "relu":
        return y > 0 ? 1 : 0;
      case "tanh":
        return fround(1 - fround(y * y));
      case "sigmoid":
        return fround(y * fround(1 - y));
    }
  }
}

/** One accumulator over k = 0, 1, 2 … */
export function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum = fround(sum + fround(a[k]! * b[k]!));
  return sum;
}

// four lanes, (0 + 1) + (2 + 3), then the rest
function dot(a: Float32Array, b: Float32Array): number {
  const whole = a.length & ~3;
  const lanes = [0, 1, 2, 3].map((lane) => {
    let sum = 0;
    for (let i = lane; i < whole; i += 4) sum = fround(sum + fround(a[i]! * b[i]!));
    return sum;
  }) as [number, number, number, number];
  let sum = fround(fround(lanes[0] + lanes[1]) + fround(lanes[2] + lanes[3]));
  for (let i = whole; i < a.length; i++) sum = fround(sum + fround(a[i]! * b[i]!));
  return sum;
}

function even(n: number): number {
  return n + (n % 2);
}

/** Errors below 2^-100 become 0. */
export function flush(error: number): number {
  return Math.abs(error) < FLUSH ? 0 : error;
}
