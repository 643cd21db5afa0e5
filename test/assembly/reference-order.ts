// The gradient of a batch with every rounding to f32, and every sum in the order that the kernels' headers promise:
//
//   an element of a product      one accumulator from zero over k = 0, 1, 2 …               gemm.ts
//   a dot product                four lanes, (0 + 1) + (2 + 3), then the rest               reduce.ts
//   a weight gradient            chunks of steps from the last, each from zero              sequence.ts, gemm.ts
//   dL/dα outside the leak       f64, from the last step on, row after row                  leaky-outside.ts
//   a batch                      eight shards, added as a binary tree                       sequence.ts
//
// Written from these, on plain arrays, without panels, lanes or padding. The cells themselves: reference-leaky-order.ts, reference-gate-order.ts.

import { allUnits } from "../../src/cells/network.ts";
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

  /** The outer products before the first is added: zeros. */
  protected abstract emptyOuter(): Float32Array[];

  /** All steps of sequences `rows`. */
  protected abstract forward(rows: number[]): Step[];

  /** From dL/dh behind the last step of sequences `rows`, and the labels before it, to the sums. */
  protected abstract backward(
    steps: Step[],
    stateErrors: Float32Array[],
    sum: ShardSum,
    rows: number[],
  ): void;

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
    const { shape, batch } = this.problem;
    const first = Math.floor((s * batch.batch) / SHARDS);
    const count = Math.floor(((s + 1) * batch.batch) / SHARDS) - first;
    const sum: ShardSum = {
      loss: 0,
      alpha: new Float32Array(allUnits(shape)),
      outer: this.emptyOuter(),
      heads: new Float32Array(shape.heads * shape.classes * (this.H + 1)),
    };
    if (count === 0) return sum;
    const rows = Array.from({ length: count }, (_, r) => first + r);
    const steps = this.forward(rows);
    const errors = rows.map(() => new Float32Array(this.H));
    this.readLabels(batch.steps - 1, rows, steps.at(-1)!.next, errors, sum);
    this.backward(steps, errors, sum, rows);
    return sum;
  }

  private firstLabel(k: number): number {
    const { lengths, steps } = this.problem.batch;
    return (lengths ? lengths[k]! : steps) - 1;
  }

  /** Adds the loss and the heads' gradients of the labels of step t, which led to `states`; dL/dh to `errors`. */
  protected readLabels(
    t: number,
    rows: number[],
    states: Float32Array[],
    errors: Float32Array[],
    sum: ShardSum,
  ): void {
    let loss = 0;
    rows.forEach((b, r) => {
      loss += this.readOut(t, b, states[r]!, errors[r]!, sum);
    });
    sum.loss += loss;
  }

  /** Whether a label counts at step t. */
  protected isLabelled(t: number): boolean {
    return Array.from({ length: this.problem.batch.active }, (_, k) => this.firstLabel(k)).some(
      (first) => t >= first,
    );
  }

  // adds the heads' gradients of one sequence at step t, and dL/dh to `stateError`; returns the loss
  private readOut(
    t: number,
    b: number,
    state: Float32Array,
    stateError: Float32Array,
    sum: ShardSum,
  ): number {
    const { H } = this;
    const { shape, tensors, batch } = this.problem;
    const C = shape.classes;
    let loss = 0;
    for (let k = 0; k < batch.active; k++) {
      const labelled = batch.steps - this.firstLabel(k);
      if (t < batch.steps - labelled) continue;
      const rowOf = (c: number) =>
        Float32Array.from(tensors.get("readout.weight")!.subarray((k * C + c) * H, (k * C + c + 1) * H));
      const logits = Float32Array.from({ length: C }, (_, c) => {
        return dot(rowOf(c), state) + tensors.get("readout.bias")![k * C + c]!;
      });
      const label = batch.labels[(batch.lengths ? k * batch.steps + t : k) * batch.batch + b]!;
      const { loss: own, errors } = this.crossEntropy(logits, label);
      loss += own / labelled;
      errors.forEach((e, c) => {
        const error = fround(fround(1 / fround(batch.batch * labelled)) * e);
        const head = k * C * (H + 1);
        const row = rowOf(c);
        for (let i = 0; i < H; i++) {
          stateError[i]! += fround(error * row[i]!);
          sum.heads[head + c * H + i]! += fround(error * state[i]!);
        }
        sum.heads[head + C * H + c]! += error;
      });
    }
    return loss;
  }

  private crossEntropy(logits: Float32Array, label: number): { loss: number; errors: Float32Array } {
    const highest = Math.max(...logits);
    const exponentials = logits.map((logit) => this.elementary.exp(fround(logit - highest)));
    const total = exponentials.reduce((sum, e) => fround(sum + e), 0);
    const errors = exponentials.map((e, c) => fround(e / total) - (c === label ? 1 : 0));
    return { loss: fround(this.elementary.log(total) - fround(logits[label]! - highest)), errors };
  }

  /** Adds to `outer`, rows of `steps` in chunks of 256 from the first, each summed from zero. */
  protected addOuter(
    steps: Step[],
    inputErrors: Float32Array[][],
    rows: number,
    outer: Float32Array[],
  ): void {
    for (let i = 0; i < outer.length; i++) {
      for (let j = 0; j < outer[i]!.length; j++) {
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
    stepBack: (step: Step, t: number) => Float32Array[],
  ): void {
    for (const [start, end] of this.chunks()) {
      const part = steps.slice(start, end);
      const errors = part.map(() => [] as Float32Array[]);
      for (let t = part.length - 1; t >= 0; t--) errors[t] = stepBack(part[t]!, start + t);
      this.addOuter(part, errors, even(rowCount), sum.outer);
    }
  }

  /** First step of each chunk, and the one behind it, from the last chunk back. */
  protected *chunks(): Generator<[number, number]> {
    // rows come in pairs, so that an odd shard has one more; chunks are those of the largest shard
    const largest = even(Math.ceil(this.problem.batch.batch / SHARDS));
    const chunk = Math.max(1, Math.floor(CHUNK_ROWS / largest));
    for (let end = this.problem.batch.steps; end > 0; end -= chunk) yield [Math.max(0, end - chunk), end];
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

/** n, or the even number above it. */
export function even(n: number): number {
  return n + (n % 2);
}

/** Errors below 2^-100 become 0. */
export function flush(error: number): number {
  return Math.abs(error) < FLUSH ? 0 : error;
}
