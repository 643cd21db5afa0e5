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
//   tau (H) | inputWeight (H, I) | inputBias (H) | recurrentWeight (H, H) | recurrentBias (H) | head 0 | head 1 …
//   head:  readoutWeight (C, H) | readoutBias (C)

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
  /** 1 if the states of every step are recorded; all sequences are then run at once, not shard by shard. */
  records: i32;

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
  backwardPanels: usize;
  /** (T, B, I) */
  inputs: usize;
  /** (L, B), i32 */
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
  /** Augmented states [h, 1, x] of one shard, h_0 … h_T, rows of `stride` bytes. */
  history: usize;
  /** leaky-outside: values of the activation at each step, laid out as the states. */
  activations: usize;
  /** dL/du, u the input of the activation: one chunk of steps, laid out as the states. */
  inputErrors: usize;
  /** dL/dh of the present step, and one more such slot to compute in. */
  stateErrors: usize;
  /** leaky-outside: dL/dα of one shard, f64 (H). */
  alphaErrors: usize;
  /** Gradients of shards, see `slotBytes`. */
  slots: usize;
  outerScratch: usize;
  /** The product that is computed, with room for what an epilogue adds to it. */
  product: Product;
  /** Logits of one row and one head, (C). */
  logits: usize;

  // where each tensor begins, in floats from `parameters` or `gradient`; tau begins at 0
  get inputWeight(): i32 {
    return this.H;
  }

  get inputBias(): i32 {
    return this.inputWeight + this.H * this.I;
  }

  get recurrentWeight(): i32 {
    return this.inputBias + this.H;
  }

  get recurrentBias(): i32 {
    return this.recurrentWeight + this.H * this.H;
  }

  /** The heads begin behind the cell's own parameters. */
  get readout(): i32 {
    return this.recurrentBias + this.H;
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

  /** Steps whose errors are kept at once before they are added to the weight gradient. */
  get chunkSteps(): i32 {
    return max(1, min(this.T, OUTER_DEPTH / this.shardRows));
  }

  /** Bytes from one row of a shard's outer product to the next. */
  get outerStride(): usize {
    return f32Bytes(roundUp(this.columns, PANEL));
  }

  // A shard's gradient in one piece, so that it can be added, or sent, as it is:
  //   loss (f64, padded to one line) | dL/dα (H) | outer product (H, columns) | heads
  get slotAlpha(): usize {
    return 64;
  }

  get slotOuter(): usize {
    return this.slotAlpha + f32Bytes(roundUp(this.H, PANEL));
  }

  get slotHeads(): usize {
    return this.slotOuter + <usize>roundUp(this.H, LANES) * this.outerStride;
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
    return this.trainTau ? 0 : this.H;
  }
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
  const size = H * (H + I + 3) + heads;
  const training = plan.optimizer != Optimizer.None;
  const outside = plan.cell == Cell.LeakyOutside;
  const wide = Math.ceil(H / PANEL) * PANEL;
  const row = (Math.ceil((H + 1 + I) / PANEL) + 1) * PANEL;
  const records = plan.records != 0;
  const step = (Math.ceil(records ? B : B / SHARDS) + 1) * row;
  plan.parameters = take(size);
  plan.updates = take(<f64>plan.K + 1);
  plan.alpha = take(wide);
  plan.keep = take(wide);
  plan.rowScale = take(wide);
  plan.diagonal = take(wide);
  plan.forwardPanels = take(wide * (H + 1 + I));
  plan.inputs = take(T * B * I);
  plan.labels = take(L * B);
  plan.initialState = take(B * H);
  plan.lengths = take(L);
  plan.heads = take(L);
  plan.correct = take(L);
  plan.logits = take(plan.C);
  plan.product = changetype<Product>(take(OPERANDS));
  plan.states = take(records ? T * B * H : 0);
  plan.history = take((training ? T + 1 : 2) * step);
  plan.activations = take(outside ? (training ? T : 1) * step : 0);
  if (training) {
    const updates = plan.optimizer != Optimizer.Elsewhere;
    plan.gradient = take(updates ? size : 0);
    plan.moments = take(updates ? (plan.optimizer == Optimizer.Adam ? 2 * size : size) : 0);
    plan.backwardPanels = take(wide * H);
    plan.inputErrors = take(Math.min(T, Math.max(1, OUTER_DEPTH / (B / SHARDS))) * step);
    plan.stateErrors = take(2 * step);
    plan.alphaErrors = take(2 * H);
    plan.slots = take(TREE_SLOTS * (32 + wide + (H + LANES) * row + heads + PANEL));
    plan.outerScratch = take(OPERANDS + (H + LANES + PANEL) * OUTER_DEPTH);
  }
  return end - <f64>base;
}
