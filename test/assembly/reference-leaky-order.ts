// The gradient of leaky layers with every rounding to f32, in the order that reference-order.ts tells.
//
// A step takes the layers from the first up, and back from the last down; the error of a state below another layer is one
// product, over the units of its own layer and then over those of the one above. What the labels of a step before the last
// add to the errors of the last layer is brought to dL/du by itself, and added there.

import { type LayerTensorName, layerTensor, type NetworkShape } from "../../src/cells/network.ts";
import { layerInputs } from "../../src/core/network-shape.ts";
import type { Problem } from "./gradient-problem.ts";
import {
  type ElementaryFunctions,
  even,
  flush,
  OrderedBatch,
  product,
  type ShardSum,
  type Step,
} from "./reference-order.ts";

const { fround } = Math;

const SLOPE = fround(0.01);

/** A batch of a leaky network with any number of layers. */
export class OrderedLeakyBatch extends OrderedBatch {
  private readonly layers: Layer[];
  /** Steps of each layer in the shard under way. */
  private taken: Step[][] = [];

  constructor(problem: Problem, elementary: ElementaryFunctions) {
    super(problem, elementary);
    this.layers = layerInputs(problem.shape).map((_, l) => new Layer(problem, l, elementary));
  }

  protected emptyOuter(): Float32Array[] {
    return this.layers.flatMap((layer) => layer.emptyOuter());
  }

  protected cellGradient(sum: ShardSum): number[] {
    return this.layers.flatMap((layer, l) =>
      layer.gradient(this.part(sum.alpha, l), this.part(sum.outer, l)),
    );
  }

  // what belongs to layer l, of one entry per unit
  private part<T extends Float32Array | Float32Array[]>(all: T, l: number): T {
    return all.slice(l * this.H, (l + 1) * this.H) as T;
  }

  protected forward(rows: number[]): Step[] {
    const { H, layers } = this;
    const { initialState, inputs, batch, steps } = this.problem.batch;
    const states = layers.map((_, l): Float32Array[] =>
      rows.map((b) => initialState.slice((b * layers.length + l) * H, (b * layers.length + l + 1) * H)),
    );
    this.taken = layers.map(() => []);
    for (let t = 0; t < steps; t++) {
      let x: Float32Array[] = rows.map((b) =>
        inputs.slice((t * batch + b) * this.I, (t * batch + b + 1) * this.I),
      );
      for (const [l, layer] of layers.entries()) {
        const step = layer.step(states[l]!.map((state, r) => Float32Array.of(...state, 1, ...x[r]!)));
        this.taken[l]!.push(step);
        x = step.next;
        states[l] = x;
      }
    }
    return this.taken.at(-1)!;
  }

  protected backward(_: Step[], lastErrors: Float32Array[], sum: ShardSum, rows: number[]): void {
    const { H, layers, taken } = this;
    const zeros = lastErrors.map(() => new Float32Array(H));
    const alpha = layers.map(() => new Float64Array(H));
    // of the step behind: there is none behind the last
    const stateErrors = layers.map((): Float32Array[] => zeros);
    const inputErrors = layers.map((): Float32Array[] => zeros);
    for (const [start, end] of this.chunks()) {
      const errors = layers.map(() => Array<Float32Array[]>(end - start));
      for (let t = end - 1; t >= start; t--) {
        for (let l = layers.length - 1; l >= 0; l--) {
          const [layer, above] = [layers[l]!, layers[l + 1]];
          const isFirst = !above && t === this.problem.batch.steps - 1;
          stateErrors[l] = isFirst
            ? lastErrors
            : stateErrors[l]!.map((error, r) =>
                layer.throughWeights(inputErrors[l]![r]!, error, above, inputErrors[l + 1]?.[r]),
              );
          const step = taken[l]![t]!;
          if (layer.outside) layer.addAlphaErrors(step, stateErrors[l]!, alpha[l]!);
          inputErrors[l] = stateErrors[l]!.map((error, r) => layer.backpropagate(error, step.values[r]!));
          if (!above && !isFirst && this.isLabelled(t)) {
            const own = zeros.map((error) => error.slice());
            this.readLabels(t, rows, step.next, own, sum);
            if (layer.outside) layer.addAlphaErrors(step, own, alpha[l]!);
            inputErrors[l]!.forEach((error, r) => {
              const through = layer.backpropagate(own[r]!, step.values[r]!);
              for (let i = 0; i < H; i++) {
                error[i]! += through[i]!;
                stateErrors[l]![r]![i]! += own[r]![i]!;
              }
            });
          }
          errors[l]![t - start] = inputErrors[l]!;
        }
      }
      for (const [l, own] of errors.entries()) {
        this.addOuter(taken[l]!.slice(start, end), own, even(lastErrors.length), this.part(sum.outer, l));
      }
    }
    alpha.forEach((values, l) => {
      sum.alpha.set(values, l * H);
    });
  }
}

/** One layer. */
class Layer {
  readonly outside: boolean;
  /** Inputs. */
  readonly I: number;
  private readonly shape: NetworkShape;
  private readonly trainTau: boolean;
  /** Steps per bit. */
  private readonly k: number;
  private readonly tensors: Record<LayerTensorName, Float64Array>;
  private readonly elementary: ElementaryFunctions;
  private readonly alpha: Float32Array;
  private readonly keep: Float32Array;
  /** Factor of each row of the matrix. */
  private readonly scale: Float32Array;
  /** The matrix over [h, 1, x], a row per unit. */
  readonly matrix: Float32Array[];

  constructor({ shape, trainTau, tensors, batch }: Problem, l: number, elementary: ElementaryFunctions) {
    const tensor = (name: LayerTensorName) => tensors.get(layerTensor(l, name))!;
    this.shape = shape;
    this.trainTau = trainTau;
    this.k = batch.stepsPerBit;
    this.elementary = elementary;
    this.tensors = {
      tau: tensor("tau"),
      "input.weight": tensor("input.weight"),
      "input.bias": tensor("input.bias"),
      "recurrent.weight": tensor("recurrent.weight"),
      "recurrent.bias": tensor("recurrent.bias"),
    };
    this.I = l === 0 ? shape.inputs : shape.units;
    this.outside = shape.cell === "leaky-outside";
    this.alpha = Float32Array.from(tensor("tau"), (tau) => 1 / Math.max(fround(tau * this.k), 1));
    this.keep = this.alpha.map((alpha) => 1 - alpha);
    this.scale = this.alpha.map((alpha) => (this.outside ? 1 : alpha));
    this.matrix = Array.from({ length: shape.units }, (_, i) => this.matrixRow(i));
  }

  emptyOuter(): Float32Array[] {
    return Array.from({ length: this.shape.units }, () => new Float32Array(this.shape.units + 1 + this.I));
  }

  /** Gradients of its parameters from what belongs to it in the sums. */
  gradient(alpha: Float32Array, outer: Float32Array[]): number[] {
    const { I, scale } = this;
    const H = this.shape.units;
    const gradient = new Float32Array(H * (H + I + 3));
    for (let i = 0; i < H; i++) {
      const row = outer[i]!.map((entry) => scale[i]! * entry);
      gradient[i] = this.tauGradient(i, alpha[i]!, outer[i]!);
      gradient.set(row.subarray(H + 1), H + i * I);
      gradient[H * (I + 1) + i] = row[H]!;
      gradient.set(row.subarray(0, H), H * (I + 2) + i * H);
      gradient[H * (I + 2 + H) + i] = row[H]!;
    }
    return [...gradient];
  }

  private matrixRow(i: number): Float32Array {
    const { I, tensors } = this;
    const H = this.shape.units;
    const scale = this.scale[i]!;
    const row = new Float32Array(H + 1 + I);
    for (let j = 0; j < H; j++) row[j] = scale * tensors["recurrent.weight"][i * H + j]!;
    row[i] = this.outside ? 0 : this.keep[i]!;
    row[H] = scale * fround(tensors["recurrent.bias"][i]! + tensors["input.bias"][i]!);
    for (let j = 0; j < I; j++) row[H + 1 + j] = scale * tensors["input.weight"][i * I + j]!;
    return row;
  }

  private tauGradient(i: number, alphaSum: number, row: Float32Array): number {
    const { I, tensors } = this;
    const H = this.shape.units;
    if (!this.trainTau || fround(tensors.tau[i]! * this.k) < 1) return 0;
    let alphaError = alphaSum;
    if (!this.outside) {
      alphaError = 0;
      for (let j = 0; j < H; j++) alphaError += tensors["recurrent.weight"][i * H + j]! * row[j]!;
      alphaError += (tensors["recurrent.bias"][i]! + tensors["input.bias"][i]!) * row[H]!;
      for (let j = 0; j < I; j++) alphaError += tensors["input.weight"][i * I + j]! * row[H + 1 + j]!;
      alphaError -= row[i]!;
    }
    return -this.k * this.alpha[i]! * this.alpha[i]! * alphaError;
  }

  /** One step from augmented states. */
  step(states: Float32Array[]): Step {
    const values = states.map((state) =>
      Float32Array.from(this.matrix, (row) => this.activate(product(row, state))),
    );
    const next = values.map((value, r) => (this.outside ? this.mix(states[r]!, value) : value));
    return { states, values, next };
  }

  private mix(state: Float32Array, value: Float32Array): Float32Array {
    return value.map((a, i) => fround(this.keep[i]! * state[i]!) + fround(this.alpha[i]! * a));
  }

  addAlphaErrors({ states, values }: Step, errors: Float32Array[], alpha: Float64Array): void {
    errors.forEach((error, r) => {
      for (let i = 0; i < this.shape.units; i++) {
        alpha[i]! += fround(error[i]! * fround(values[r]![i]! - states[r]![i]!));
      }
    });
  }

  /** dL/du from dL/dh. */
  backpropagate(error: Float32Array, value: Float32Array): Float32Array {
    return error.map((e, i) => {
      const through = fround(e * this.slope(value[i]!));
      return flush(this.outside ? fround(through * this.alpha[i]!) : through);
    });
  }

  /** dL/dh of the step before from dL/du, and outside the leak from dL/dh; below another layer, from dL/du of that one too. */
  throughWeights(
    inputError: Float32Array,
    stateError: Float32Array,
    above: Layer | undefined = undefined,
    aboveError: Float32Array = new Float32Array(0),
  ): Float32Array {
    const errors = Float32Array.of(...inputError, ...aboveError);
    return stateError.map((error, j) => {
      const inputColumn = above?.matrix.map((row) => row[this.shape.units + 1 + j]!) ?? [];
      const column = Float32Array.of(...this.matrix.map((row) => row[j]!), ...inputColumn);
      const through = product(column, errors);
      return this.outside ? flush(fround(fround(this.keep[j]! * error) + through)) : through;
    });
  }

  private activate(u: number): number {
    switch (this.shape.activation) {
      case "leaky-relu":
        return Math.max(u, fround(u * SLOPE));
      case "relu":
        return Math.max(u, 0);
      default:
        return this.elementary[this.shape.activation](u);
    }
  }

  // f′ from the value of f
  private slope(y: number): number {
    switch (this.shape.activation) {
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
