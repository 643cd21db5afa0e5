// A plan: the sizes of one network and its workspace, and the address of everything it needs.
//
// The host fills in the sizes, asks for the bytes, allocates them in one piece and has the addresses set. Nothing
// is allocated after that. `layOut` says what lies where; what only training needs comes last:
//
//   parameters | leak | forward panels | batch | history
//   gradient | moments | backward panels | errors | shard gradients | scratch
//
// Parameters lie one behind the other without gaps, so that norms and updates run over one array:
//
//   tau (H) | inputWeight (G H, I) | inputBias (G H) | recurrentWeight (G H, H) | recurrentBias (G H) | head 0 | head 1 …
//   head:  readoutWeight (C, H) | readoutBias (C)
//
// with G = 1 in the leaky cells, and in the gated ones, which have no tau, G gates.

import { OUTER_DEPTH } from "./gemm";
import { LANES, PANEL, f32Bytes, roundUp } from "./simd";
import { OPERANDS, Product } from "./tile";

/** A batch is split into this many shards whatever the number of workers; the order of sums depends on it. */
export const SHARDS: i32 = 8;

/** Shard gradients alive at once while they are added as a binary tree: one for each level, and the newest. */
const TREE_SLOTS: i32 = 4;

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
  // sizes, written by the host
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
  /** (B, H) */
  initialState: usize;
  /** Memory length of each label row, i32 (L). */
  lengths: usize;
  /** Head that answers each label row when answers are counted, i32 (L). */
  heads: usize;
  /** Right answers per label row, i32 (L). */
  correct: usize;
  /** Recorded states behind each step, (T, B, H). */
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
  /** dL/du, u the input of the activation: one chunk of steps, laid out as the states. */
  inputErrors: usize;
  /** dL/dh of the present step, and one more such slot: to compute in, or dL/dc. */
  stateErrors: usize;
  /** Labels at every step, leaky cells: the part of dL/dh that comes from the present step's labels, and of dL/du. */
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
    return gatesOf(this.cell);
  }

  /** Rows of the weights. */
  get weightRows(): i32 {
    return this.gates * this.H;
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

  /** The heads begin behind the cell's own parameters. */
  get readout(): i32 {
    return this.recurrentBias + this.weightRows;
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

  /** Floats of one gate in a row of gates: whole vectors. */
  get gateWidth(): i32 {
    return roundUp(this.H, LANES);
  }

  /** Bytes from one row of gates to the next, an odd number of cache lines too. */
  get gateStride(): usize {
    return (<usize>((roundUp(gateBlocksOf(this.cell) * this.gateWidth + PANEL, PANEL) >> 4) | 1)) << 6;
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
  //   loss (f64, padded to one line) | dL/dα (H) | outer product (H, or 4 × gateWidth; columns) | heads
  get slotAlpha(): usize {
    return 64;
  }

  get slotOuter(): usize {
    return this.slotAlpha + f32Bytes(roundUp(this.H, PANEL));
  }

  get slotHeads(): usize {
    return this.slotOuter + <usize>(outerBlocksOf(this.cell) * this.gateWidth) * this.outerStride;
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

/** Sums of a unit of this cell, each with its own weights. */
function gatesOf(cell: i32): i32 {
  return cell == Cell.Lstm ? 4 : cell == Cell.Gru ? 3 : 1;
}

/** Blocks of `gateWidth` floats in a row of gates: GRU r, z, n_h, n_x; LSTM i, f, g, o, tanh c. */
function gateBlocksOf(cell: i32): i32 {
  return cell == Cell.Lstm ? 5 : 4;
}

/** Blocks of `gateWidth` rows in a shard's outer product. */
function outerBlocksOf(cell: i32): i32 {
  return cell <= Cell.LeakyOutside ? 1 : 4;
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

// the next free byte while addresses are set; f64, so that sizes beyond the address space are counted right too
let end: f64 = 0;

// room for n f32 (or i32) values
function take(n: f64): usize {
  const start = end;
  end += Math.ceil(n / 16) * 64;
  return <usize>start;
}

/**
 * Set all addresses of the plan from `base` on. Returns the bytes that the plan takes, which may be more than there is.
 *
 * Sizes are computed here in f64 and not by the getters above, whose i32 products could wrap around.
 */
export function layOut(plan: Plan, base: usize): f64 {
  end = <f64>base;
  const H = <f64>plan.H,
    B = <f64>plan.B,
    T = <f64>plan.T,
    I = <f64>plan.I,
    L = <f64>plan.L;
  const heads = <f64>plan.K * <f64>plan.C * (H + 1);
  const gated = plan.cell > Cell.LeakyOutside;
  const G = <f64>gatesOf(plan.cell);
  const size = G * H * (H + I + 2) + (gated ? 0 : H) + heads;
  const training = plan.optimizer != Optimizer.None;
  const outside = plan.cell == Cell.LeakyOutside;
  const wide = Math.ceil(H / PANEL) * PANEL;
  const row = (Math.ceil((H + 1 + I) / PANEL) + 1) * PANEL;
  const records = plan.records != Records.Nothing;
  const rows = Math.ceil(records ? B : B / SHARDS) + 1;
  const step = rows * row;
  // gates: their width in floats, and a row of them at most
  const width = Math.ceil(H / LANES) * LANES;
  const gateRow = <f64>gateBlocksOf(plan.cell) * width + 3 * PANEL;
  const lstm = plan.cell == Cell.Lstm;
  plan.parameters = take(size);
  plan.updates = take(<f64>plan.K + 1);
  plan.alpha = take(wide);
  plan.keep = take(wide);
  plan.rowScale = take(wide);
  plan.diagonal = take(wide);
  plan.forwardPanels = take((gated ? Math.ceil((G * width) / PANEL) * PANEL : wide) * (H + 1 + I));
  plan.inputPanels = take(plan.cell == Cell.Gru ? wide * (1 + I) : 0);
  plan.inputs = take(T * B * I);
  plan.labels = take(L * B * (plan.everyStep ? T : 1));
  plan.initialState = take(B * H);
  plan.lengths = take(L);
  plan.heads = take(L);
  plan.correct = take(L);
  plan.logits = take(plan.C);
  plan.product = changetype<Product>(take(OPERANDS));
  plan.states = take(records ? T * B * H : 0);
  plan.recordedCells = take(plan.records == Records.Cells ? T * B * H : 0);
  plan.recordedForget = take(plan.records == Records.Cells ? T * B * H : 0);
  plan.history = take((training ? T + 1 : 2) * step);
  plan.activations = take(outside ? (training ? T : 1) * step : 0);
  plan.gateValues = take(gated ? (training ? T : 1) * rows * gateRow : 0);
  plan.cellStates = take(lstm ? (training ? T + 1 : 2) * step : 0);
  plan.initialCellStates = take(lstm && records ? B * H : 0);
  if (training) {
    const updates = plan.optimizer != Optimizer.Elsewhere;
    plan.gradient = take(updates ? size : 0);
    plan.moments = take(updates ? (plan.optimizer == Optimizer.Adam ? 2 * size : size) : 0);
    plan.backwardPanels = take(wide * (gated ? G * width : H));
    plan.inputErrors = take(gated ? 0 : Math.min(T, Math.max(1, OUTER_DEPTH / (B / SHARDS))) * step);
    plan.stateErrors = take(2 * step);
    plan.readoutErrors = take(plan.everyStep && !gated ? 2 * step : 0);
    plan.alphaErrors = take(gated ? 0 : 2 * H);
    const outerRows = <f64>outerBlocksOf(plan.cell) * (H + LANES);
    plan.slots = take(TREE_SLOTS * (32 + wide + outerRows * row + heads + PANEL));
    plan.outerScratch = take(OPERANDS + (H + LANES + PANEL) * OUTER_DEPTH);
  }
  return end - <f64>base;
}
