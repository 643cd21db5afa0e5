// What GRU and LSTM share: the weights of all gates as one matrix over the augmented state [h, 1, x], and its gradient.
//
// Based on  PyTorch 1.13, torch.nn.GRU and torch.nn.LSTM: the rows of gate g are g H … (g + 1) H - 1, and every row has
//           two biases.
//
// In a row of gates each one has `gateWidth` places, H and what fills up the last vector: column g W + i of the packed
// matrix is row g H + i of the weights,
//
//   W_j for all j | (b_h + b_x) | w
//
// But of GRU's last gate the sum over h and the sum over x stay two: its column has W_j | b_h | 0, and beside the matrix
// is a small one over [1, x] alone, with b_x | w.

import { accumulateOuter, panelWidth } from "../gemm";
import { Cell, Plan } from "../plan";
import { PANEL, f32Bytes } from "../simd";

// whether this gate's two sums stay apart
// @ts-ignore: decorator
@inline
function isApart(plan: Plan, gate: i32): bool {
  return plan.cell == Cell.Gru && gate == plan.gates - 1;
}

// where column `column` of a packed matrix begins
// @ts-ignore: decorator
@inline
function columnAt(panels: usize, depth: i32, column: i32): usize {
  const lane = column & (PANEL - 1);
  return panels + f32Bytes((column - lane) * depth + lane);
}

// bytes from one element of it to the next
// @ts-ignore: decorator
@inline
function columnStep(columns: i32, column: i32): usize {
  return f32Bytes(panelWidth(columns - (column & ~(PANEL - 1))));
}

/** Make the packed weights from the parameters. */
export function gatesPrepare(plan: Plan, training: bool): void {
  packForward(plan);
  if (training) packBackward(plan);
}

// the matrix for the product state · matrixᵀ
function packForward(plan: Plan): void {
  const W = plan.gateWidth;
  for (let gate = 0; gate < plan.gates; gate++) {
    const apart = isApart(plan, gate);
    for (let i = 0; i < plan.H; i++) {
      const column = gate * W + i;
      const target = columnAt(plan.forwardPanels, plan.columns, column);
      packRow(plan, gate * plan.H + i, target, columnStep(plan.gates * W, column), apart);
      if (apart) {
        const inputs = columnAt(plan.inputPanels, 1 + plan.I, i);
        packInputs(plan, gate * plan.H + i, inputs, columnStep(W, i), 0);
      }
    }
  }
}

// row `row` of the weights, as the elements from `target` on
function packRow(plan: Plan, row: i32, target: usize, step: usize, apart: bool): void {
  const H = plan.H;
  const weight = plan.parameters + f32Bytes(plan.recurrentWeight + row * H);
  for (let j = 0; j < H; j++, target += step) store<f32>(target, load<f32>(weight + f32Bytes(j)));
  const bias = load<f32>(plan.parameters + f32Bytes(plan.recurrentBias + row));
  // inputs of a gate whose sums stay apart have weight 0, as memory has been from the beginning
  if (apart) store<f32>(target, bias);
  else packInputs(plan, row, target, step, bias);
}

// its input bias, with another bias added, and its input weights
function packInputs(plan: Plan, row: i32, target: usize, step: usize, bias: f32): void {
  store<f32>(target, bias + load<f32>(plan.parameters + f32Bytes(plan.inputBias + row)));
  const weight = plan.parameters + f32Bytes(plan.inputWeight + row * plan.I);
  for (let k = 0; k < plan.I; k++) {
    target += step;
    store<f32>(target, load<f32>(weight + f32Bytes(k)));
  }
}

// its columns for the states, for the product errors · matrix
function packBackward(plan: Plan): void {
  const H = plan.H;
  const weight = plan.parameters + f32Bytes(plan.recurrentWeight);
  let panel = plan.backwardPanels;
  for (let first = 0; first < H; first += PANEL) {
    const width = min(PANEL, H - first);
    const panelRow = f32Bytes(panelWidth(H - first));
    for (let gate = 0; gate < plan.gates; gate++) {
      let target = panel + <usize>(gate * plan.gateWidth) * panelRow;
      for (let i = 0; i < H; i++, target += panelRow) {
        const row = weight + f32Bytes((gate * H + i) * H + first);
        for (let c = 0; c < width; c++) store<f32>(target + f32Bytes(c), load<f32>(row + f32Bytes(c)));
      }
    }
    panel += <usize>(plan.gates * plan.gateWidth) * panelRow;
  }
}

/**
 * Add the outer products of `count` rows of errors and the augmented states before them to the sum in `slot`: a block of
 * rows for each block of errors. Where a gate's sums stay apart, the block of the sum over [1, x] has only these columns.
 */
export function addGateProducts(plan: Plan, errors: usize, states: usize, count: i32, slot: usize): void {
  const W = plan.gateWidth;
  const gateStride = plan.gateStride,
    stride = plan.stride,
    outerStride = plan.outerStride;
  const scratch = plan.outerScratch;
  let block = slot + plan.slotOuter;
  for (let gate = 0; gate < plan.gates; gate++) {
    accumulateOuter(errors, gateStride, states, stride, count, block, outerStride, W, plan.columns, scratch);
    errors += f32Bytes(W);
    block += <usize>W * outerStride;
  }
  if (isApart(plan, plan.gates - 1)) {
    const inputs = states + f32Bytes(plan.H);
    accumulateOuter(errors, gateStride, inputs, stride, count, block, outerStride, W, 1 + plan.I, scratch);
  }
}

/** Gradients of the cell's parameters from the sum over all shards. */
export function gatesGradient(plan: Plan, slot: usize): void {
  const H = plan.H;
  for (let gate = 0; gate < plan.gates; gate++) {
    const apart = isApart(plan, gate);
    for (let i = 0; i < H; i++) {
      const row = gate * H + i;
      const sums = slot + plan.slotOuter + <usize>(gate * plan.gateWidth + i) * plan.outerStride;
      memory.copy(plan.gradient + f32Bytes(plan.recurrentWeight + row * H), sums, f32Bytes(H));
      const bias = sums + f32Bytes(H);
      store<f32>(plan.gradient + f32Bytes(plan.recurrentBias + row), load<f32>(bias));
      const inputs = apart ? sums + <usize>plan.gateWidth * plan.outerStride : bias;
      store<f32>(plan.gradient + f32Bytes(plan.inputBias + row), load<f32>(inputs));
      const inputWeight = plan.gradient + f32Bytes(plan.inputWeight + row * plan.I);
      memory.copy(inputWeight, inputs + 4, f32Bytes(plan.I));
    }
  }
}
