// Global-norm clipping, SGD with Nesterov momentum, and Adam, as PyTorch defines them.
//
// Based on  PyTorch 1.13: torch.nn.utils.clip_grad_norm_, torch.optim.SGD(nesterov=True), torch.optim.Adam.
//
// A head that has not been active yet is skipped, as PyTorch skips a parameter without a gradient; so each head
// has its own count of updates for Adam's bias correction.

import { Optimizer, Plan } from "./plan";
import { sumOfSquares } from "./reduce";
import { LANES, f32Bytes } from "./simd";

/** Norm of the gradient of everything that is trained: the cell (without fixed time constants) and the active heads. */
export function gradientNorm(plan: Plan, active: i32): f64 {
  const first = plan.firstTrained;
  const count = plan.readout + active * plan.headSize - first;
  return sqrt<f64>(sumOfSquares(plan.gradient + f32Bytes(first), count));
}

// n parameters: m ← μ m + g, p ← p - η (g + μ m)
function sgd(plan: Plan, first: i32, n: i32, clip: f32): void {
  const rate: f32 = <f32>plan.learningRate;
  const momentum: f32 = <f32>plan.momentum;
  let p = plan.parameters + f32Bytes(first),
    g = plan.gradient + f32Bytes(first),
    m = plan.moments + f32Bytes(first);
  let i = 0;
  for (; i + LANES <= n; i += LANES) {
    const gradient = f32x4.mul(v128.load(g), f32x4.splat(clip));
    const velocity = f32x4.add(f32x4.mul(f32x4.splat(momentum), v128.load(m)), gradient);
    const direction = f32x4.add(gradient, f32x4.mul(f32x4.splat(momentum), velocity));
    v128.store(m, velocity);
    v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(f32x4.splat(rate), direction)));
    p += 16;
    g += 16;
    m += 16;
  }
  for (; i < n; i++) {
    const gradient = load<f32>(g) * clip;
    const velocity = momentum * load<f32>(m) + gradient;
    store<f32>(m, velocity);
    store<f32>(p, load<f32>(p) - rate * (gradient + momentum * velocity));
    p += 4;
    g += 4;
    m += 4;
  }
}

// n parameters at their update number `t`: moments m and v, bias-corrected, p ← p - η m̂ / (√v̂ + ε)
function adam(plan: Plan, first: i32, n: i32, clip: f32, t: i32): void {
  const beta1: f32 = <f32>plan.beta1;
  const beta2: f32 = <f32>plan.beta2;
  const gain1: f32 = <f32>(1 - plan.beta1);
  const gain2: f32 = <f32>(1 - plan.beta2);
  const rate: f32 = <f32>(plan.learningRate / (1 - power(plan.beta1, t)));
  const spread: f32 = <f32>(1 / sqrt<f64>(1 - power(plan.beta2, t)));
  const epsilon: f32 = <f32>plan.epsilon;
  const size = plan.readout + plan.K * plan.headSize;
  const p = plan.parameters + f32Bytes(first),
    g = plan.gradient + f32Bytes(first);
  const m = plan.moments + f32Bytes(first),
    v = m + f32Bytes(size);
  for (let i = 0; i < n; i++) {
    const at = f32Bytes(i);
    const gradient = load<f32>(g + at) * clip;
    const mean = beta1 * load<f32>(m + at) + gain1 * gradient;
    const square = beta2 * load<f32>(v + at) + gain2 * gradient * gradient;
    store<f32>(m + at, mean);
    store<f32>(v + at, square);
    store<f32>(p + at, load<f32>(p + at) - (rate * mean) / (sqrt<f32>(square) * spread + epsilon));
  }
}

// x^n by repeated multiplication
function power(x: f64, n: i32): f64 {
  let result: f64 = 1;
  for (let i = 0; i < n; i++) result *= x;
  return result;
}

// the update count of the cell (index 0) or of head `index` - 1, raised by one
function countUpdate(plan: Plan, index: i32): i32 {
  const at = plan.updates + f32Bytes(index);
  const count = load<i32>(at) + 1;
  store<i32>(at, count);
  return count;
}

/** Change the parameters by the gradient, its norm clipped, and set the diagonal of W back to zero. */
export function update(plan: Plan, active: i32): void {
  const coefficient = plan.clipNorm / (plan.gradientNorm + 1e-6);
  const clip: f32 = coefficient < 1 ? <f32>coefficient : 1;
  const first = plan.firstTrained;
  if (plan.optimizer == Optimizer.Sgd) {
    sgd(plan, first, plan.readout + active * plan.headSize - first, clip);
  } else {
    adam(plan, first, plan.readout - first, clip, countUpdate(plan, 0));
    for (let k = 0; k < active; k++) {
      adam(plan, plan.readout + k * plan.headSize, plan.headSize, clip, countUpdate(plan, k + 1));
    }
  }
  clearDiagonal(plan);
}

/** Set W_ii = 0: a unit's only connection to itself is its leak. */
export function clearDiagonal(plan: Plan): void {
  const weight = plan.parameters + f32Bytes(plan.recurrentWeight);
  for (let i = 0; i < plan.H; i++) store<f32>(weight + f32Bytes(i * (plan.H + 1)), 0);
}
