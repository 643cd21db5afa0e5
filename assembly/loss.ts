// Read-out heads: linear logits of a state, softmax cross-entropy summed over the active heads, and the class that is
// answered.

import { exp, log } from "./math";
import { Plan, firstLabel, labelsAt } from "./plan";
import { addScaled, dot, findNonFinite } from "./reduce";
import { f32Bytes } from "./simd";

// the logits V_k h + c_k of one head into plan.logits
function readOut(plan: Plan, head: i32, state: usize): void {
  const weight = plan.parameters + f32Bytes(plan.readout + head * plan.headSize);
  const bias = weight + f32Bytes(plan.C * plan.H);
  for (let c = 0; c < plan.C; c++) {
    const logit = dot(weight + f32Bytes(c * plan.H), state, plan.H) + load<f32>(bias + f32Bytes(c));
    store<f32>(plan.logits + f32Bytes(c), logit);
  }
}

// cross-entropy of plan.logits against `label`; the logits are replaced by their errors, softmax - one-hot
function crossEntropy(plan: Plan, label: i32): f32 {
  const logits = plan.logits;
  let highest = load<f32>(logits);
  for (let c = 1; c < plan.C; c++) highest = max(highest, load<f32>(logits + f32Bytes(c)));
  const target = load<f32>(logits + f32Bytes(label)) - highest;
  let sum: f32 = 0;
  for (let c = 0; c < plan.C; c++) {
    const e = exp(load<f32>(logits + f32Bytes(c)) - highest);
    store<f32>(logits + f32Bytes(c), e);
    sum += e;
  }
  for (let c = 0; c < plan.C; c++) {
    const p = load<f32>(logits + f32Bytes(c)) / sum;
    store<f32>(logits + f32Bytes(c), c == label ? p - 1 : p);
  }
  return log(sum) - target;
}

/**
 * Loss and errors of heads 0 … active - 1 on the state behind step t of T: adds dL/dh to `stateError`, the heads' gradients
 * to `heads`, and returns the loss summed over heads. Head k is judged by label row k, at the steps that have a label; of
 * those, each weighs the same, and each sequence 1 / B.
 */
export function readoutGradient(
  plan: Plan,
  active: i32,
  sequence: i32,
  t: i32,
  T: i32,
  state: usize,
  stateError: usize,
  heads: usize,
): f64 {
  let loss: f64 = 0;
  for (let k = 0; k < active; k++) {
    const labelled = T - firstLabel(plan, k, T);
    if (t < T - labelled) continue;
    const weightOfOne: f32 = 1 / (<f32>plan.B * <f32>labelled);
    readOut(plan, k, state);
    const label = load<i32>(labelsAt(plan, k, t, T) + f32Bytes(sequence));
    loss += <f64>crossEntropy(plan, label) / <f64>labelled;
    const weight = plan.parameters + f32Bytes(plan.readout + k * plan.headSize);
    const gradient = heads + f32Bytes(k * plan.headSize);
    const biasGradient = gradient + f32Bytes(plan.C * plan.H);
    for (let c = 0; c < plan.C; c++) {
      const error = weightOfOne * load<f32>(plan.logits + f32Bytes(c));
      const row = f32Bytes(c * plan.H);
      addScaled(stateError, error, weight + row, plan.H);
      addScaled(gradient + row, error, state, plan.H);
      store<f32>(biasGradient + f32Bytes(c), load<f32>(biasGradient + f32Bytes(c)) + error);
    }
  }
  return loss;
}

/**
 * The class that `head` answers for one state: that of the largest logit, the first one if several are equal;
 * -1 if a logit is not finite.
 */
export function answer(plan: Plan, head: i32, state: usize): i32 {
  readOut(plan, head, state);
  if (findNonFinite(plan.logits, plan.C) >= 0) return -1;
  let best = 0;
  for (let c = 1; c < plan.C; c++) {
    if (load<f32>(plan.logits + f32Bytes(c)) > load<f32>(plan.logits + f32Bytes(best))) best = c;
  }
  return best;
}
