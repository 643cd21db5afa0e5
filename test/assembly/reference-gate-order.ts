// The gradient of gated cells with every rounding to f32, in the order that reference-order.ts tells.

import { cellKind } from "../../src/core/network-shape.ts";
import type { Problem } from "./gradient-problem.ts";
import { OrderedLeakyBatch } from "./reference-leaky-order.ts";
import {
  type ElementaryFunctions,
  flush,
  OrderedBatch,
  type OrderedGradient,
  product,
  type ShardSum,
  type Step,
} from "./reference-order.ts";

const { fround } = Math;

/** The gradient of a problem in the promised order. */
export function gradientInOrder(problem: Problem, elementary: ElementaryFunctions): OrderedGradient {
  const { cell } = problem.shape;
  const Batch = { leaky: OrderedLeakyBatch, "leaky-outside": OrderedLeakyBatch, gru: Gru, lstm: Lstm }[cell];
  return new Batch(problem, elementary).gradient();
}

// a row of `values` holds what the cell stores of a step: blocks of H
abstract class OrderedGates extends OrderedBatch {
  private readonly gates: number;
  /** Rows of the weights over h. */
  private readonly weight: Float32Array[];

  constructor(problem: Problem, elementary: ElementaryFunctions) {
    super(problem, elementary);
    this.gates = cellKind(problem.shape.cell).gates;
    this.weight = Array.from({ length: this.gates * this.H }, (_, row) =>
      this.tensor("recurrent.weight", row * this.H, this.H),
    );
  }

  protected emptyOuter(): Float32Array[] {
    return Array.from({ length: 4 * this.H }, () => new Float32Array(this.H + 1 + this.I));
  }

  /** Some entries of a tensor. */
  private tensor(name: "recurrent.weight" | "input.weight", first: number, count: number): Float32Array {
    return Float32Array.from(this.problem.tensors.get(name)!.subarray(first, first + count));
  }

  protected biases(row: number): { recurrent: number; input: number } {
    const { tensors } = this.problem;
    return { recurrent: tensors.get("recurrent.bias")![row]!, input: tensors.get("input.bias")![row]! };
  }

  /** The sum of a row over an augmented state; over h and 1 alone, with zeros for the inputs, if it is kept `apart`. */
  protected sum(row: number, state: Float32Array, apart = false): number {
    const { recurrent, input } = this.biases(row);
    const inputs = this.tensor("input.weight", row * this.I, this.I);
    const bias = apart ? recurrent : fround(recurrent + input);
    return product(Float32Array.of(...this.weight[row]!, bias, ...(apart ? inputs.fill(0) : inputs)), state);
  }

  /** The sum of a row over 1 and the inputs. */
  protected inputSum(row: number, state: Float32Array): number {
    const weight = Float32Array.of(
      this.biases(row).input,
      ...this.tensor("input.weight", row * this.I, this.I),
    );
    return product(weight, state.subarray(this.H));
  }

  /** What comes through the weights to unit j. */
  protected through(errors: Float32Array, j: number): number {
    const column = Float32Array.from(this.weight, (row) => row[j]!);
    return product(column, errors.subarray(0, column.length));
  }

  protected logistic(sum: number): number {
    return this.elementary.sigmoid(sum);
  }

  /** Block of the outer product's rows that holds a gate's inputs and input bias. */
  protected abstract inputBlock(gate: number): number;

  protected cellGradient({ outer }: ShardSum): number[] {
    const { H } = this;
    const rows = Array.from({ length: this.gates * H }, (_, row) => row);
    const inputs = rows.map((row) => outer[this.inputBlock(Math.floor(row / H)) * H + (row % H)]!);
    return [
      ...inputs.flatMap((row) => [...row.subarray(H + 1)]),
      ...inputs.map((row) => row[H]!),
      ...rows.flatMap((row) => [...outer[row]!.subarray(0, H)]),
      ...rows.map((row) => outer[row]![H]!),
    ];
  }
}

class Gru extends OrderedGates {
  protected inputBlock(gate: number): number {
    return gate === 2 ? 3 : gate;
  }

  protected forward(rows: number[]): Step[] {
    const { H } = this;
    let states = this.initialStates(rows);
    return Array.from({ length: this.problem.batch.steps }, (_, t) => {
      const augmented = this.augment(states, rows, t);
      const values = augmented.map((state) => this.gatesOf(state));
      states = values.map((gates, r) => {
        const n = gates.subarray(3 * H);
        return n.map((value, i) => value + fround(gates[H + i]! * fround(augmented[r]![i]! - value)));
      });
      return { states: augmented, values, next: states };
    });
  }

  // r, z, n_h, n
  private gatesOf(state: Float32Array): Float32Array {
    const { H } = this;
    const gates = new Float32Array(4 * H);
    for (let i = 0; i < H; i++) {
      const r = this.logistic(this.sum(i, state));
      const candidate = this.sum(2 * H + i, state, true);
      const sum = fround(this.inputSum(2 * H + i, state) + fround(r * candidate));
      gates[i] = r;
      gates[H + i] = this.logistic(this.sum(H + i, state));
      gates[2 * H + i] = candidate;
      gates[3 * H + i] = this.elementary.tanh(sum);
    }
    return gates;
  }

  protected backward(steps: Step[], stateErrors: Float32Array[], sum: ShardSum, rows: number[]): void {
    const { H } = this;
    let errors = stateErrors;
    this.backwardInChunks(steps, errors.length, sum, ({ states, values }, t) => {
      const own = errors.map((error, r) => this.gateErrors(error, states[r]!, values[r]!));
      errors = errors.map((error, r) =>
        error.map((dh, i) => flush(fround(fround(dh * values[r]![H + i]!) + this.through(own[r]!, i)))),
      );
      if (this.isLabelled(t - 1)) this.readLabels(t - 1, rows, steps[t - 1]!.next, errors, sum);
      return own;
    });
  }

  private gateErrors(error: Float32Array, state: Float32Array, gates: Float32Array): Float32Array {
    const { H } = this;
    const result = new Float32Array(4 * H);
    error.forEach((dh, i) => {
      const [r, z, candidate, n] = [0, 1, 2, 3].map((block) => gates[block * H + i]!) as [
        number,
        number,
        number,
        number,
      ];
      const dz = fround(dh * fround(state[i]! - n));
      const dn = fround(fround(dh * fround(1 - z)) * fround(1 - fround(n * n)));
      const dr = fround(dn * candidate);
      result[i] = flush(fround(dr * fround(r * fround(1 - r))));
      result[H + i] = flush(fround(dz * fround(z * fround(1 - z))));
      result[2 * H + i] = flush(fround(dn * r));
      result[3 * H + i] = flush(dn);
    });
    return result;
  }
}

class Lstm extends OrderedGates {
  protected inputBlock(gate: number): number {
    return gate;
  }

  protected forward(rows: number[]): Step[] {
    const { H } = this;
    let states = this.initialStates(rows);
    let memories = rows.map(() => new Float32Array(H));
    return Array.from({ length: this.problem.batch.steps }, (_, t) => {
      const augmented = this.augment(states, rows, t);
      const values = augmented.map((state, r) => this.gatesOf(state, memories[r]!));
      memories = values.map((gates) => gates.slice(6 * H));
      states = values.map((gates) => gates.slice(3 * H, 4 * H).map((o, i) => fround(o * gates[4 * H + i]!)));
      return { states: augmented, values, next: states };
    });
  }

  // i, f, g, o, tanh c, c before the step, c
  private gatesOf(state: Float32Array, memory: Float32Array): Float32Array {
    const { H } = this;
    const gates = new Float32Array(7 * H);
    for (let i = 0; i < H; i++) {
      const input = this.logistic(this.sum(i, state));
      const forget = this.logistic(this.sum(H + i, state));
      const g = this.elementary.tanh(this.sum(2 * H + i, state));
      const c = fround(fround(forget * memory[i]!) + fround(input * g));
      const o = this.logistic(this.sum(3 * H + i, state));
      [input, forget, g, o, this.elementary.tanh(c), memory[i]!, c].forEach((value, block) => {
        gates[block * H + i] = value;
      });
    }
    return gates;
  }

  protected backward(steps: Step[], stateErrors: Float32Array[], sum: ShardSum, rows: number[]): void {
    const { H } = this;
    let errors = stateErrors;
    const carried = stateErrors.map(() => new Float32Array(H));
    this.backwardInChunks(steps, errors.length, sum, ({ values }, t) => {
      const own = errors.map((error, r) => this.gateErrors(error, carried[r]!, values[r]!));
      errors = errors.map((error, r) => error.map((_, i) => flush(this.through(own[r]!, i))));
      if (this.isLabelled(t - 1)) this.readLabels(t - 1, rows, steps[t - 1]!.next, errors, sum);
      return own;
    });
  }

  // dL/dc in `carried` becomes that of the step before
  private gateErrors(error: Float32Array, carried: Float32Array, gates: Float32Array): Float32Array {
    const { H } = this;
    const result = new Float32Array(4 * H);
    error.forEach((dh, i) => {
      const [input, forget, g, o, squashed, before] = [0, 1, 2, 3, 4, 5].map(
        (block) => gates[block * H + i]!,
      ) as [number, number, number, number, number, number];
      const slope = fround(1 - fround(squashed * squashed));
      const dc = fround(carried[i]! + fround(fround(dh * o) * slope));
      const logistic = (value: number) => fround(value * fround(1 - value));
      result[i] = flush(fround(fround(dc * g) * logistic(input)));
      result[H + i] = flush(fround(fround(dc * before) * logistic(forget)));
      result[2 * H + i] = flush(fround(fround(dc * input) * fround(1 - fround(g * g))));
      result[3 * H + i] = flush(fround(fround(dh * squashed) * logistic(o)));
      carried[i] = flush(fround(dc * forget));
    });
    return result;
  }
}
