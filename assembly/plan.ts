// A plan: the sizes of one network and its workspace, and the address of everything it needs.
//
// The host fills in the sizes, asks for the bytes, allocates them in one piece and has the addresses set by layout.ts.
// Nothing is allocated after that.
//
// Parameters lie one behind the other without gaps, so that norms and updates run over one array:
//
//   layer 1 | layer 2 | … | head 0 | head 1 | …
//   layer:  tau (H) | inputWeight (G H, I) | inputBias (G H) | recurrentWeight (G H, H) | recurrentBias (G H)
//   head:   readoutWeight (C, H) | readoutBias (C)
//
// with G = 1 in the leaky cells, and in the gated ones, which have no tau, G gates.
//
// Each layer is a plan, that of the first one is the network's. The inputs of a layer above another are the H new states of
// that one, and its parameters, gradient and sums begin where those of that one end. What there is once, all of them name.

import { OUTER_DEPTH } from "./gemm";
import { LANES, PANEL, f32Bytes, roundUp } from "./simd";
import { Product } from "./tile";

/** A batch is split into this many shards whatever the number of workers; the order of sums depends on it. */
export const SHARDS: i32 = 8;

export const enum Cell {
  Leaky,
  LeakyOutside,
  Gru,
  Lstm,
}

export const enum Records {
  Nothing,
  States,
  /** lstm: its cell states and forget gates too. */
  Cells,
}

export const enum Optimizer {
  /** No training: no gradient and no history is kept. */
  None,
  /** Gradients of shards for another instance, which sums them and updates. */
  Elsewhere,
  Sgd,
  Adam,
}


@unmanaged
export class Plan {
  /** The layers above and below. */
  above: Plan | null;
  below: Plan | null;
  /** Layers, from this one on. */
  layers: i32;

  // sizes, written by the host; in layers above the first by `layOut`
  cell: i32;
  activation: i32;
  /** Hidden units. */
  H: i32;
  /** Inputs per step. */
  I: i32;
  /** Read-out heads. */
  K: i32;
  /** Classes per head. */
  C: i32;
  /** Sequences per batch. */
  B: i32;
  /** Most steps per sequence. */
  T: i32;
  /** Most label rows per batch: one for each memory length asked for at once. */
  L: i32;
  optimizer: i32;
  /** 1 if the time constants are trained. */
  trainTau: i32;
  /** 1 if every step from the N-th on has a label, 0 if only the last one has. */
  everyStep: i32;
  /** Whether the states of every step are recorded; all sequences are then run at once, not shard by shard. */
  records: Records;
  /** Steps per bit, the unit of the time constants: k of the batch that is computed. */
  stepsPerBit: i32;

  // optimiser settings, written by the host
  learningRate: f64;
  momentum: f64;
  beta1: f64;
  beta2: f64;
  epsilon: f64;
  clipNorm: f64;

  // results of the last training step
  loss: f64;
  gradientNorm: f64;

  // addresses
  parameters: usize;
  gradient: usize;
  /** SGD: momentum. Adam: first moments, then second moments. */
  moments: usize;
  /** Adam: updates seen by the cell (0) and by each head (1 …), i32. */
  updates: usize;
  /** α = 1 / max(τ, 1) per unit. */
  alpha: usize;
  /** 1 - α per unit. */
  keep: usize;
  /** What the rows of the packed weights are multiplied with: α, or ones. */
  rowScale: usize;
  /** What stands on the diagonal of the packed weights: 1 - α, or zeros. */
  diagonal: usize;
  forwardPanels: usize;
  /** gru: weights over [1, x] of the candidate's own sum. */
  inputPanels: usize;
  backwardPanels: usize;
  /** (T, B, I) */
  inputs: usize;
  /** (L, B), i32; with labels at every step (L, T, B), T that of the batch, those before the N-th step not set. */
  labels: usize;
  /** (B, layers H) */
  initialState: usize;
  /** Memory length of each label row, i32 (L). */
  lengths: usize;
  /** Head that answers each label row when answers are counted, i32 (L). */
  heads: usize;
  /** Right answers per label row, i32 (L). */
  correct: usize;
  /** Recorded states behind each step, (T, B, layers H). */
  states: usize;
  /** lstm: recorded cell states and forget gates, as the states. */
  recordedCells: usize;
  recordedForget: usize;
  /** Augmented states [h, 1, x] of one shard, h_0 … h_T, rows of `stride` bytes. */
  history: usize;
  /** leaky-outside: values of the activation at each step, laid out as the states. */
  activations: usize;
  /** Gated cells: values of the gates at each step, rows of `gateStride` bytes; on the way back, dL/d of what went into them. */
  gateValues: usize;
  /** lstm: c_0 … c_T of one shard, laid out as the states. */
  cellStates: usize;
  /** lstm that records: c before the first step of the next call, (B, H). */
  initialCellStates: usize;
  /** dL/du, u the input of the activation: the step before a chunk of steps, and the chunk, laid out as the states. */
  inputErrors: usize;
  /** Below another layer: dL/du of this layer and of the one above in one row, (rows, 2 H), rows of `errorStride` bytes. */
  joinedErrors: usize;
  /** dL/dh of the present step; in gated cells one more such slot, for dL/dc. */
  stateErrors: usize;
  /** Labels at every step, last layer of leaky cells: the part of dL/dh that comes from the present step's labels, and of dL/du. */
  readoutErrors: usize;
  /** leaky-outside: dL/dα of one shard, f64 (H). */
  alphaErrors: usize;
  /** Gradients of shards, see `slotBytes`. */
  slots: usize;
  outerScratch: usize;
  /** The product that is computed, with room for what an epilogue adds to it. */
  product: Product;
  /** Logits of one row and one head, (C). */
  logits: usize;

  /** Whether units have time constants: the leaky cells. */
  get hasTau(): bool {
    return this.cell <= Cell.LeakyOutside;
  }

  /** Sums of a unit, each with its own weights: G. */
  get gates(): i32 {
    return this.cell == Cell.Lstm ? 4 : this.cell == Cell.Gru ? 3 : 1;
  }

  /** Rows of the weights. */
  get weightRows(): i32 {
    return this.gates * this.H;
  }

  /** Hidden units of this layer and those above. */
  get allUnits(): i32 {
    return this.layers * this.H;
  }

  // where each tensor begins, in floats from `parameters` or `gradient`; tau, if there is one, begins at 0
  get inputWeight(): i32 {
    return this.hasTau ? this.H : 0;
  }

  get inputBias(): i32 {
    return this.inputWeight + this.weightRows * this.I;
  }

  get recurrentWeight(): i32 {
    return this.inputBias + this.weightRows;
  }

  get recurrentBias(): i32 {
    return this.recurrentWeight + this.weightRows * this.H;
  }

  /** The parameters of the layer above begin here, or the heads. */
  get layerEnd(): i32 {
    return this.recurrentBias + this.weightRows;
  }

  /** The heads begin behind the parameters of all layers. */
  get readout(): i32 {
    const above = this.above;
    return above ? this.layerEnd + above.readout : this.layerEnd;
  }

  /** The layer that the heads read. */
  get last(): Plan {
    const above = this.above;
    return above ? above.last : this;
  }

  /** Floats of one head. */
  get headSize(): i32 {
    return this.C * (this.H + 1);
  }

  /** Rows of the largest shard, made even for the two-row tile. */
  get shardRows(): i32 {
    return roundUp((this.B + SHARDS - 1) / SHARDS, 2);
  }

  /** Bytes of one step of one shard in history, activations and errors. */
  get stepBytes(): usize {
    return <usize>this.shardRows * this.stride;
  }

  /** Columns of an augmented state [h, 1, x]. */
  get columns(): i32 {
    return this.H + 1 + this.I;
  }

  /** Bytes from one state row to the next: whole cache lines, an odd number of them so that rows do not collide in the cache. */
  get stride(): usize {
    return (<usize>((roundUp(this.columns, PANEL) >> 4) | 1)) << 6;
  }

  /** Errors that the product of a step back reads in a row: below another layer, also those of that one. */
  get errorDepth(): i32 {
    return this.above ? 2 * this.H : this.H;
  }

  /** Bytes from one such row to the next. */
  get errorStride(): usize {
    const above = this.above;
    return above ? above.stride : this.stride;
  }

  /** Floats of one gate in a row of gates: whole vectors. */
  get gateWidth(): i32 {
    return roundUp(this.H, LANES);
  }

  /** Gates in a row of gates: GRU r, z, n_h, n_x; LSTM i, f, g, o, tanh c. */
  get gateBlocks(): i32 {
    return this.cell == Cell.Lstm ? 5 : 4;
  }

  /** Blocks of `gateWidth` rows in a shard's outer product. */
  get outerBlocks(): i32 {
    return this.hasTau ? 1 : 4;
  }

  /** Bytes from one row of gates to the next, an odd number of cache lines too. */
  get gateStride(): usize {
    return (<usize>((roundUp(this.gateBlocks * this.gateWidth + PANEL, PANEL) >> 4) | 1)) << 6;
  }

  /** Steps whose errors are kept at once before they are added to the weight gradient. */
  get chunkSteps(): i32 {
    return max(1, min(this.T, OUTER_DEPTH / this.shardRows));
  }

  /** Bytes from one row of a shard's outer product to the next. */
  get outerStride(): usize {
    return f32Bytes(roundUp(this.columns, PANEL));
  }

  // A shard's gradient in one piece, so that it can be added, or sent, as it is:
  //   loss (f64, padded to one line) | dL/dα (H) | outer product (H, or 4 × gateWidth; columns) | layer above | … | heads
  // A layer above another has such a slot behind that of the one below, with no loss.
  get slotAlpha(): usize {
    return 64;
  }

  get slotOuter(): usize {
    return this.slotAlpha + f32Bytes(roundUp(this.H, PANEL));
  }

  /** The slot of the layer above begins here, or the heads. */
  get slotEnd(): usize {
    return this.slotOuter + <usize>(this.outerBlocks * this.gateWidth) * this.outerStride;
  }

  get slotHeads(): usize {
    const above = this.above;
    return above ? this.slotEnd + above.slotHeads : this.slotEnd;
  }

  get slotBytes(): usize {
    return this.usedSlotBytes(this.K);
  }

  /** Bytes of a slot up to the last of `active` heads: the others hold nothing. */
  usedSlotBytes(active: i32): usize {
    return this.slotHeads + f32Bytes(roundUp(active * this.headSize, PANEL));
  }

  /** First trained float of the parameters. */
  get firstTrained(): i32 {
    return this.trainTau ? 0 : this.inputWeight;
  }
}

/** The first step of T whose label of row `l` counts. */
export function firstLabel(plan: Plan, l: i32, T: i32): i32 {
  return plan.everyStep ? load<i32>(plan.lengths + f32Bytes(l)) - 1 : T - 1;
}

/** Labels of row `l` at step t of T, (B). */
export function labelsAt(plan: Plan, l: i32, t: i32, T: i32): usize {
  return plan.labels + f32Bytes((plan.everyStep ? l * T + t : l) * plan.B);
}

/** Rows of shard `s` begin here: floor(s B / 8). */
export function shardStart(plan: Plan, s: i32): i32 {
  return (s * plan.B) / SHARDS;
}
