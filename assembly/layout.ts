// Where everything of a plan lies; what only training needs comes last in each part:
//
//   network     parameters | batch | gradient | moments | shard gradients | scratch
//   each layer  leak | forward panels | history | backward panels | errors

import { OUTER_DEPTH } from "./gemm";
import { Cell, Optimizer, Plan, Records, SHARDS } from "./plan";
import { LANES, PANEL, f32Bytes } from "./simd";
import { OPERANDS, Product } from "./tile";

/** Shard gradients alive at once while they are added as a binary tree: one for each level, and the newest. */
const TREE_SLOTS: i32 = 4;

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
 * Sizes are computed here in f64 and not by the plan's getters, whose i32 products could wrap around.
 */
export function layOut(plan: Plan, base: usize): f64 {
  end = <f64>base;
  layOutNetwork(plan);
  layOutLayer(plan);
  return end - <f64>base;
}

// what there is once
function layOutNetwork(plan: Plan): void {
  const H = <f64>plan.H,
    B = <f64>plan.B,
    T = <f64>plan.T,
    I = <f64>plan.I,
    L = <f64>plan.L;
  const layers = <f64>plan.layers;
  const records = plan.records != Records.Nothing;
  const cells = plan.records == Records.Cells;
  const heads = <f64>plan.K * <f64>plan.C * (H + 1);
  const size = layerSize(plan, I) + (layers - 1) * layerSize(plan, H) + heads;
  plan.parameters = take(size);
  plan.updates = take(<f64>plan.K + 1);
  plan.inputs = take(T * B * I);
  plan.labels = take(L * B * (plan.everyStep ? T : 1));
  plan.initialState = take(B * H * layers);
  plan.lengths = take(L);
  plan.heads = take(L);
  plan.correct = take(L);
  plan.logits = take(plan.C);
  plan.product = changetype<Product>(take(OPERANDS));
  plan.states = take(records ? T * B * H * layers : 0);
  plan.recordedCells = take(cells ? T * B * H : 0);
  plan.recordedForget = take(cells ? T * B * H : 0);
  plan.initialCellStates = take(plan.cell == Cell.Lstm && records ? B * H : 0);
  if (plan.optimizer == Optimizer.None) return;
  const updates = plan.optimizer != Optimizer.Elsewhere;
  plan.gradient = take(updates ? size : 0);
  plan.moments = take(updates ? (plan.optimizer == Optimizer.Adam ? 2 * size : size) : 0);
  plan.slots = take(TREE_SLOTS * (slotSize(plan, I) + (layers - 1) * slotSize(plan, H) + heads + PANEL));
  plan.outerScratch = take(OPERANDS + (H + LANES + PANEL) * OUTER_DEPTH);
}

// parameters of a layer with so many inputs
function layerSize(plan: Plan, inputs: f64): f64 {
  const H = <f64>plan.H;
  return <f64>plan.gates * H * (H + inputs + 2) + (plan.hasTau ? H : 0);
}

// floats of its part of a slot, at most
function slotSize(plan: Plan, inputs: f64): f64 {
  const H = <f64>plan.H;
  const wide = Math.ceil(H / PANEL) * PANEL;
  return 32 + wide + <f64>plan.outerBlocks * (H + LANES) * stateRow(H, inputs);
}

// floats of one of its state rows, at most
function stateRow(H: f64, inputs: f64): f64 {
  return (Math.ceil((H + 1 + inputs) / PANEL) + 1) * PANEL;
}

// what each layer has, from this one on
function layOutLayer(plan: Plan): void {
  const H = <f64>plan.H,
    B = <f64>plan.B,
    T = <f64>plan.T,
    I = <f64>plan.I;
  const gated = !plan.hasTau;
  const G = <f64>plan.gates;
  const training = plan.optimizer != Optimizer.None;
  const outside = plan.cell == Cell.LeakyOutside;
  const lstm = plan.cell == Cell.Lstm;
  const wide = Math.ceil(H / PANEL) * PANEL;
  const rows = Math.ceil(plan.records != Records.Nothing ? B : B / SHARDS) + 1;
  const step = rows * stateRow(H, I);
  // gates: their width in floats, and a row of them at most
  const width = Math.ceil(H / LANES) * LANES;
  const gateRow = <f64>plan.gateBlocks * width + 3 * PANEL;
  plan.alpha = take(wide);
  plan.keep = take(wide);
  plan.rowScale = take(wide);
  plan.diagonal = take(wide);
  plan.forwardPanels = take((gated ? Math.ceil((G * width) / PANEL) * PANEL : wide) * (H + 1 + I));
  plan.inputPanels = take(plan.cell == Cell.Gru ? wide * (1 + I) : 0);
  plan.history = take((training ? T + 1 : 2) * step);
  plan.activations = take(outside ? (training ? T : 1) * step : 0);
  plan.gateValues = take(gated ? (training ? T : 1) * rows * gateRow : 0);
  plan.cellStates = take(lstm ? (training ? T + 1 : 2) * step : 0);
  const above = plan.above;
  if (training) {
    plan.backwardPanels = take(wide * (gated ? G * width : above ? 2 * H : H));
    plan.inputErrors = take(gated ? 0 : (Math.min(T, Math.max(1, OUTER_DEPTH / (B / SHARDS))) + 1) * step);
    plan.joinedErrors = take(above ? rows * stateRow(H, H) : 0);
    plan.stateErrors = take(gated ? 2 * step : step);
    plan.readoutErrors = take(plan.everyStep && !gated && !above ? 2 * step : 0);
    plan.alphaErrors = take(gated ? 0 : 2 * H);
  }
  if (!above) return;
  // all that the plans have in common, and then what is the layer's own
  const next = above.above;
  memory.copy(changetype<usize>(above), changetype<usize>(plan), offsetof<Plan>());
  above.above = next;
  above.below = plan;
  above.layers = plan.layers - 1;
  above.I = plan.H;
  above.parameters = plan.parameters + f32Bytes(plan.layerEnd);
  above.gradient = plan.gradient + f32Bytes(plan.layerEnd);
  layOutLayer(above);
}
