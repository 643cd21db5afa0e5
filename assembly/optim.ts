// Global-norm clipping, SGD with Nesterov momentum, and Adam, as PyTorch defines them.
//
// Based on  PyTorch 1.13: torch.nn.utils.clip_grad_norm_, torch.optim.SGD(nesterov=True), torch.optim.Adam.
//
// A head that has not been active yet is skipped, as PyTorch skips a parameter without a gradient; so each head
// has its own count of updates for Adam's bias correction.

import { Optimizer, Plan } from "./plan";
import { sumOfSquares } from "./reduce";
import { LANES, f32Bytes, loadLanes, storeLanes } from "./simd";

/** Norm of the gradient of everything that is trained: the cell (without fixed time constants) and the active heads. */
export function gradientNorm(plan: Plan, active: i32): f64 {
  const first = plan.firstTrained;
  const count = plan.readout + active * plan.headSize - first;
  return sqrt<f64>(sumOfSquares(plan.gradient + f32Bytes(first), count));
}

// one or four parameters at `at` floats: m ← μ m + g, p ← p - η (g + μ m)
// @ts-ignore: decorator
@inline
function sgdLanes(plan: Plan, at: usize, clip: v128, rate: v128, momentum: v128, single: bool): void {
  const gradient = f32x4.mul(loadLanes(plan.gradient + at, single), clip);
  const velocity = f32x4.add(f32x4.mul(momentum, loadLanes(plan.moments + at, single)), gradient);
  const direction = f32x4.add(gradient, f32x4.mul(momentum, velocity));
  const parameter = f32x4.sub(loadLanes(plan.parameters + at, single), f32x4.mul(rate, direction));
  storeLanes(plan.moments + at, velocity, single);
  storeLanes(plan.parameters + at, parameter, single);
}

// n parameters from `first` on
function sgd(plan: Plan, first: i32, n: i32, clip: f32): void {
  const factor = f32x4.splat(clip);
  const rate = f32x4.splat(<f32>plan.learningRate);
  const momentum = f32x4.splat(<f32>plan.momentum);
  const end = first + n;
  let i = first;
  for (; i + LANES <= end; i += LANES) sgdLanes(plan, f32Bytes(i), factor, rate, momentum, false);
  for (; i < end; i++) sgdLanes(plan, f32Bytes(i), factor, rate, momentum, true);
}

// one or four parameters at `at` bytes: moments m and v, `size` bytes apart, and p ← p - η m̂ / (√v̂ + ε)
// @ts-ignore: decorator
@inline
function adamLanes(
  plan: Plan,
  at: usize,
  size: usize,
  clip: v128,
  rate: v128,
  spread: v128,
  single: bool,
): void {
  const mean = plan.moments + at;
  const square = mean + size;
  const gradient = f32x4.mul(loadLanes(plan.gradient + at, single), clip);
  const newMean = decay(plan.beta1, loadLanes(mean, single), gradient);
  const newSquare = decay(plan.beta2, loadLanes(square, single), f32x4.mul(gradient, gradient));
  const root = f32x4.mul(f32x4.sqrt(newSquare), spread);
  const step = f32x4.div(f32x4.mul(rate, newMean), f32x4.add(root, f32x4.splat(<f32>plan.epsilon)));
  storeLanes(mean, newMean, single);
  storeLanes(square, newSquare, single);
  storeLanes(plan.parameters + at, f32x4.sub(loadLanes(plan.parameters + at, single), step), single);
}

// β m + (1 - β) x
// @ts-ignore: decorator
@inline
function decay(beta: f64, moment: v128, value: v128): v128 {
  return f32x4.add(f32x4.mul(f32x4.splat(<f32>beta), moment), f32x4.mul(f32x4.splat(<f32>(1 - beta)), value));
}

// n parameters from `first` on, at their update number t; the bias corrections of m and v are in `rate` and `spread`
function adam(plan: Plan, first: i32, n: i32, clip: f32, t: i32): void {
  const factor = f32x4.splat(clip);
  const rate = f32x4.splat(<f32>(plan.learningRate / (1 - power(plan.beta1, t))));
  const spread = f32x4.splat(<f32>(1 / sqrt<f64>(1 - power(plan.beta2, t))));
  const size = f32Bytes(plan.readout + plan.K * plan.headSize);
  const end = first + n;
  let i = first;
  for (; i + LANES <= end; i += LANES) adamLanes(plan, f32Bytes(i), size, factor, rate, spread, false);
  for (; i < end; i++) adamLanes(plan, f32Bytes(i), size, factor, rate, spread, true);
}

// x^n by repeated squaring
function power(x: f64, n: i32): f64 {
  let result: f64 = 1;
  for (let factor = x; n > 0; n >>= 1) {
    if (n & 1) result *= factor;
    factor *= factor;
  }
  return result;
}

// the update count of the cell (index 0) or of head `index` - 1, raised by one
function countUpdate(plan: Plan, index: i32): i32 {
  const at = plan.updates + f32Bytes(index);
  const count = load<i32>(at) + 1;
  store<i32>(at, count);
  return count;
}

/** Change the parameters by the gradient, its norm clipped. */
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
}
