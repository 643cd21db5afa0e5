// Initial parameters.
//
// Based on  PyTorch's `Linear` default, weights and biases uniform on ±1/√fan_in, and the timescale paper's
//           time constants, uniform on [1, 2); for gated cells PyTorch's `GRU` and `LSTM`, all uniform on ±1/√H. Recurrent weights
//           of a gain g, normal with variance g²/H, are those of random networks in theory: Sompolinsky, Crisanti and
//           Sommers, "Chaos in random neural networks" (1988).

import { Plan } from "./plan";
import { fillNormal32, fillUniform, foldIn } from "./rng";
import { f32Bytes } from "./simd";

// floats `first` … of the parameters, uniform on ±1/√fanIn
function fillLinear(plan: Plan, key: u64, first: i32, n: i32, fanIn: i32): void {
  const bound: f32 = <f32>(1 / sqrt<f64>(fanIn));
  fillUniform(key, plan.parameters + f32Bytes(first), n, -bound, bound);
}

/**
 * Draw all parameters under `key`; τ, where there is one, uniform on [tauLow, tauHigh). The draws of a layer or a head do not
 * depend on how many there are.
 */
export function initialize(plan: Plan, key: u64, tauLow: f32, tauHigh: f32): void {
  const H = plan.H,
    C = plan.C;
  drawLayer(plan, key, tauLow, tauHigh);
  let above = plan.above;
  for (let l = 1; above; l++) {
    drawLayer(above, foldIn(foldIn(key, 6), l), tauLow, tauHigh);
    above = above.above;
  }
  for (let k = 0; k < plan.K; k++) {
    const head = plan.readout + k * plan.headSize;
    const headKey = foldIn(foldIn(key, 5), k);
    fillLinear(plan, foldIn(headKey, 0), head, C * H, H);
    fillLinear(plan, foldIn(headKey, 1), head + C * H, C, H);
  }
}

function drawLayer(plan: Plan, key: u64, tauLow: f32, tauHigh: f32): void {
  const H = plan.H,
    rows = plan.weightRows;
  const inputFan = plan.hasTau ? plan.I : H;
  if (plan.hasTau) fillUniform(foldIn(key, 0), plan.parameters, H, tauLow, tauHigh);
  fillLinear(plan, foldIn(key, 1), plan.inputWeight, rows * plan.I, inputFan);
  fillLinear(plan, foldIn(key, 2), plan.inputBias, rows, inputFan);
  fillLinear(plan, foldIn(key, 3), plan.recurrentWeight, rows * H, H);
  fillLinear(plan, foldIn(key, 4), plan.recurrentBias, rows, H);
}

/**
 * Draw the recurrent weights of one gate anew under `key`, in all layers: normal, with standard deviation gain / √H. The
 * draws of a gate and a layer do not depend on how many there are.
 */
export function drawRecurrentGate(plan: Plan, key: u64, gate: i32, gain: f64): void {
  const H = plan.H,
    deviation = gain / sqrt<f64>(H);
  let layer: Plan | null = plan;
  for (let l = 0; layer; l++) {
    const weights = layer.parameters + f32Bytes(layer.recurrentWeight + gate * H * H);
    fillNormal32(foldIn(foldIn(foldIn(key, 7), l), gate), weights, H * H, deviation);
    layer = layer.above;
  }
}

/** Set the biases of one gate, in all layers: `bias` beside the recurrent weights, and 0 beside those of the inputs. */
export function fillGateBias(plan: Plan, gate: i32, bias: f32): void {
  const H = plan.H;
  for (let layer: Plan | null = plan; layer; layer = layer.above) {
    for (let i = gate * H; i < (gate + 1) * H; i++) {
      store<f32>(layer.parameters + f32Bytes(layer.inputBias + i), 0);
      store<f32>(layer.parameters + f32Bytes(layer.recurrentBias + i), bias);
    }
  }
}

/** Draw h_0 for a batch, of all layers: uniform on [0, scale), afresh for each sequence. */
export function drawInitialState(plan: Plan, key: u64, scale: f32): void {
  fillUniform(key, plan.initialState, plan.B * plan.allUnits, 0, scale);
}
