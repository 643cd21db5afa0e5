// Networks of every cell and their loss in f64, written from the equations alone, and gradients by central differences.
//
// Based on  Khajehabdollahi et al., ICLR 2024, for the cells; both classes of cell are
//           leaky:          h ← f((1 - α) h + α (W h + b_W + w_in x + b_in))
//           leaky-outside:  h ← (1 - α) h + α f(W h + b_W + w_in x + b_in)
//           with α = 1 / max(τ k, 1), k steps per bit. The diagonal of W takes part, so that it has a gradient; it is 0 in a network.
//           Of several layers, one takes the new state of the one below as its x, and the heads read the last.
//           gru and lstm as the manual of PyTorch 1.13 writes them, torch.nn.GRU and torch.nn.LSTM, with c_0 = 0.

import {
  type ActivationName,
  allUnits,
  type LayerTensorName,
  layerTensor,
  type NetworkShape,
  type TensorName,
} from "../../src/cells/network.ts";

/** Parameters by name, in the shapes of `tensorShapes`. */
export type Tensors = Map<TensorName, Float64Array>;

/** A batch: heads 0 … active - 1 learn label rows 0 … active - 1. */
export interface ReferenceBatch {
  readonly batch: number;
  readonly steps: number;
  readonly active: number;
  /** Steps per bit k (default 1); the inputs are those of every step. */
  readonly stepsPerBit?: number;
  /** (T, B, I) */
  readonly inputs: ArrayLike<number>;
  /** (active, B); with `lengths` (active, T, B), those before the N-th step without meaning. */
  readonly labels: ArrayLike<number>;
  /** The N of each head, where every step from the N-th on has a label. */
  readonly lengths?: readonly number[];
  /** (B, layers H) */
  readonly initialState: ArrayLike<number>;
}

const functions: Record<ActivationName, (u: number) => number> = {
  "leaky-relu": (u) => (u > 0 ? u : Math.fround(0.01) * u),
  relu: (u) => (u > 0 ? u : 0),
  tanh: Math.tanh,
  sigmoid: (u) => 1 / (1 + Math.exp(-u)),
};

/** Cross-entropy, mean over the batch and the labelled steps, sum over the active heads; and the smallest |u| that met the activation. */
export function referenceLoss(
  shape: NetworkShape,
  tensors: Tensors,
  batch: ReferenceBatch,
): { loss: number; margin: number } {
  const { states, margin } = runBatch(shape, tensors, batch);
  return { loss: lossOf(shape, tensors, batch, states), margin };
}

// the states that the heads read, of every sequence behind each step
function runBatch(shape: NetworkShape, tensors: Tensors, batch: ReferenceBatch) {
  let margin = Infinity;
  const states = Array.from({ length: batch.batch }, (_, b) => {
    const own: Float64Array[] = [];
    const run = runSequence(shape, tensors, batch, b, (state) => own.push(state.slice(-shape.units)));
    margin = Math.min(margin, run.margin);
    return own;
  });
  return { states, margin };
}

function lossOf(
  shape: NetworkShape,
  tensors: Tensors,
  batch: ReferenceBatch,
  states: Float64Array[][],
): number {
  const { batch: B, steps: T, active, labels, lengths } = batch;
  let loss = 0;
  for (let k = 0; k < active; k++) {
    const first = lengths ? lengths[k]! - 1 : T - 1;
    for (let t = first; t < T; t++) {
      states.forEach((own, b) => {
        const label = labels[(lengths ? k * T + t : k) * B + b]!;
        loss += crossEntropy(logitsOf(shape, tensors, k, own[t]!), label) / (B * (T - first));
      });
    }
  }
  return loss;
}

/** The class that `head` answers for sequence b: that of the largest logit. */
export function referenceAnswer(
  shape: NetworkShape,
  tensors: Tensors,
  batch: ReferenceBatch,
  head: number,
  b: number,
): number {
  const logits = logitsOf(shape, tensors, head, runSequence(shape, tensors, batch, b).state);
  return logits.indexOf(Math.max(...logits));
}

/** States of sequence b behind each step, one layer beside the other. */
export function referenceStates(
  shape: NetworkShape,
  tensors: Tensors,
  batch: ReferenceBatch,
  b: number,
): Float64Array[] {
  const states: Float64Array[] = [];
  runSequence(shape, tensors, batch, b, (state) => states.push(state.slice()));
  return states;
}

// the last state of sequence b
function runSequence(
  shape: NetworkShape,
  tensors: Tensors,
  { batch: B, steps, inputs, initialState, stepsPerBit: k = 1 }: ReferenceBatch,
  b: number,
  onState?: (state: Float64Array) => void,
): { state: Float64Array; margin: number } {
  const { cell, units: H, inputs: I, layers = 1 } = shape;
  const step = { leaky: leakyStep, "leaky-outside": leakyStep, gru: gruStep, lstm: lstmStep }[cell];
  const runs = Array.from({ length: layers }, (_, l) => {
    const first = b * allUnits(shape) + l * H;
    const state = Float64Array.from({ length: H }, (_, i) => initialState[first + i]!);
    return startLayer(shape, tensors, l, state, k);
  });
  for (let t = 0; t < steps; t++) {
    let x: Float64Array = Float64Array.from({ length: I }, (_, i) => inputs[(t * B + b) * I + i]!);
    for (const run of runs) {
      addUp(run, x);
      step(run);
      x = run.state;
    }
    onState?.(Float64Array.from(runs.flatMap(({ state }) => [...state])));
  }
  const margin = runs.reduce((smallest, run) => Math.min(smallest, run.margin), Infinity);
  return { state: runs.at(-1)!.state, margin };
}

// one layer of a sequence under way: both sums of every row of the weights are there when a step is taken
interface Run {
  readonly shape: NetworkShape;
  readonly inputWeight: Float64Array;
  readonly inputBias: Float64Array;
  readonly weight: Float64Array;
  readonly bias: Float64Array;
  readonly state: Float64Array;
  readonly cell: Float64Array;
  readonly alpha: Float64Array;
  readonly fromState: Float64Array;
  readonly fromInput: Float64Array;
  margin: number;
}

function startLayer(shape: NetworkShape, tensors: Tensors, l: number, state: Float64Array, k: number): Run {
  const tensor = (name: LayerTensorName) => tensors.get(layerTensor(l, name))!;
  const bias = tensor("recurrent.bias");
  return {
    shape,
    inputWeight: tensor("input.weight"),
    inputBias: tensor("input.bias"),
    weight: tensor("recurrent.weight"),
    bias,
    state,
    cell: new Float64Array(shape.units),
    alpha: tensor("tau")?.map((value) => 1 / Math.max(value * k, 1)) ?? new Float64Array(0),
    fromState: new Float64Array(bias.length),
    fromInput: new Float64Array(bias.length),
    margin: Infinity,
  };
}

function addUp(run: Run, x: Float64Array): void {
  const { inputWeight, inputBias, weight, bias, state, fromState, fromInput } = run;
  for (let i = 0; i < bias.length; i++) {
    let sum = bias[i]!;
    for (let j = 0; j < state.length; j++) sum += weight[i * state.length + j]! * state[j]!;
    fromState[i] = sum;
    sum = inputBias[i]!;
    for (let j = 0; j < x.length; j++) sum += inputWeight[i * x.length + j]! * x[j]!;
    fromInput[i] = sum;
  }
}

function leakyStep(run: Run): void {
  const { state, alpha, fromState, fromInput, shape } = run;
  const f = functions[shape.activation];
  for (let i = 0; i < shape.units; i++) {
    const drive = fromState[i]! + fromInput[i]!;
    const kept = (1 - alpha[i]!) * state[i]!;
    const u = shape.cell === "leaky" ? kept + alpha[i]! * drive : drive;
    state[i] = shape.cell === "leaky" ? f(u) : kept + alpha[i]! * f(u);
    run.margin = Math.min(run.margin, Math.abs(u));
  }
}

function gruStep({ shape: { units: H }, state, fromState, fromInput }: Run): void {
  for (let i = 0; i < H; i++) {
    const r = functions.sigmoid(fromState[i]! + fromInput[i]!);
    const z = functions.sigmoid(fromState[H + i]! + fromInput[H + i]!);
    const n = Math.tanh(fromInput[2 * H + i]! + r * fromState[2 * H + i]!);
    state[i] = (1 - z) * n + z * state[i]!;
  }
}

function lstmStep({ shape: { units: H }, state, cell, fromState, fromInput }: Run): void {
  const sum = (gate: number, i: number) => fromState[gate * H + i]! + fromInput[gate * H + i]!;
  for (let i = 0; i < H; i++) {
    const forgotten = functions.sigmoid(sum(1, i)) * cell[i]!;
    cell[i] = forgotten + functions.sigmoid(sum(0, i)) * Math.tanh(sum(2, i));
    state[i] = functions.sigmoid(sum(3, i)) * Math.tanh(cell[i]!);
  }
}

function logitsOf(
  { units: H, classes: C }: NetworkShape,
  tensors: Tensors,
  head: number,
  state: Float64Array,
): number[] {
  const weight = tensors.get("readout.weight")!;
  const bias = tensors.get("readout.bias")!;
  return Array.from({ length: C }, (_, c) => {
    const row = head * C + c;
    return state.reduce((sum, value, i) => sum + weight[row * H + i]! * value, bias[row]!);
  });
}

function crossEntropy(logits: number[], label: number): number {
  const highest = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - highest), 0);
  return Math.log(sum) + highest - logits[label]!;
}

/** dL/dp of every parameter p: (L(p + h) - L(p - h)) / 2h. */
export function centralDifferences(
  shape: NetworkShape,
  tensors: Tensors,
  batch: ReferenceBatch,
  h: number,
): Tensors {
  const gradients: Tensors = new Map();
  const { states } = runBatch(shape, tensors, batch);
  for (const [name, tensor] of tensors) {
    // the heads do not act on the states
    const loss = name.startsWith("readout")
      ? () => lossOf(shape, tensors, batch, states)
      : () => referenceLoss(shape, tensors, batch).loss;
    const slopes = tensor.map((centre, i) => {
      tensor[i] = centre + h;
      const above = loss();
      tensor[i] = centre - h;
      const below = loss();
      tensor[i] = centre;
      return (above - below) / (2 * h);
    });
    gradients.set(name, slopes);
  }
  return gradients;
}
