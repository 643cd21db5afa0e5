// The two functions that saturate: tanh(g x + b) of a unit, and 1 / (1 + exp(b - g x)) of a gate, f64.

/** Which of the two; the host writes these numbers. */
export const TANH: i32 = 0;
export const LOGISTIC: i32 = 1;

/** 1 / (1 + e^-y), without overflow. */
export function logistic(y: f64): f64 {
  const e = Math.exp(-Math.abs(y));
  return (y < 0 ? e : 1) / (1 + e);
}

/** The function's argument at x: a gate's bias closes it. */
// @ts-ignore: decorator
@inline
export function argument(kind: i32, gain: f64, bias: f64, x: f64): f64 {
  return kind == TANH ? gain * x + bias : gain * x - bias;
}

/** The function of its argument. */
export function saturate(kind: i32, y: f64): f64 {
  return kind == TANH ? Math.tanh(y) : logistic(y);
}

/** Its derivative with respect to the argument, from its value. */
// @ts-ignore: decorator
@inline
export function slopeOf(kind: i32, value: f64): f64 {
  return kind == TANH ? 1 - value * value : value * (1 - value);
}

/** Its integral over the argument: ln cosh y, or ln(1 + e^y). */
export function integral(kind: i32, y: f64): f64 {
  const size = Math.abs(y);
  if (kind == TANH) return size + Math.log1p(Math.exp(-2 * size)) - Math.LN2;
  return max(y, 0) + Math.log1p(Math.exp(-size));
}

/** How steep it is, as a multiple of tanh x: poles lie π / (2 steepness) off the real axis. */
export function steepness(kind: i32, gain: f64): f64 {
  return kind == TANH ? Math.abs(gain) : 0.5 * Math.abs(gain);
}

/** Replace n values at `data` by the function of them. */
export function saturateAll(kind: i32, gain: f64, bias: f64, data: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const at = data + ((<usize>i) << 3);
    store<f64>(at, saturate(kind, argument(kind, gain, bias, load<f64>(at))));
  }
}

/** Replace n values at `data` by their natural logarithms. */
export function logarithms(data: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const at = data + ((<usize>i) << 3);
    store<f64>(at, Math.log(load<f64>(at)));
  }
}
