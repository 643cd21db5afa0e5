// Householder reflections 1 - τ v vᵀ with v₀ = 1.
//
// Based on  Golub and Van Loan, "Matrix Computations", 4th edition, algorithm 5.1.1; the new first value has the sign that
//           takes nothing away from the old one.

import { norm } from "./vectors";

const F64: usize = 8;

/** The reflection that leaves only the first of n values at `x`, which it becomes: its vector at `v`, and τ. */
export function reflection(x: usize, v: usize, n: i32): f64 {
  store<f64>(v, 1);
  memory.fill(v + F64, 0, <usize>(n - 1) * F64);
  const tail = norm(x + F64, n - 1);
  if (tail == 0) return 0;
  const first = load<f64>(x);
  const length = norm(x, n);
  const value = first > 0 ? -length : length;
  const divisor = first - value;
  for (let i = 1; i < n; i++) store<f64>(v + <usize>i * F64, load<f64>(x + <usize>i * F64) / divisor);
  store<f64>(x, value);
  return -divisor / value;
}

/** The second and third element of the vector of the last `smallReflection`. */
export let second: f64 = 0;
export let third: f64 = 0;
/** Its τ, and the value that it leaves. */
export let factor: f64 = 0;
export let left: f64 = 0;

// below this, squares lose digits
const SMALL: f64 = 1e-140;

/** The reflection that leaves only the first of three values; all of them may be small, but not large. */
export function smallReflection(x: f64, y: f64, z: f64): void {
  second = 0;
  third = 0;
  factor = 0;
  left = x;
  const tail = max(Math.abs(y), Math.abs(z));
  if (tail == 0) return;
  const size = max(tail, Math.abs(x));
  const scale = size < SMALL ? size : 1;
  x /= scale;
  y /= scale;
  z /= scale;
  const length = Math.sqrt(x * x + (y * y + z * z));
  // of a tail that is nothing beside the first value
  if (length == 0) return;
  const value = x > 0 ? -length : length;
  const divisor = x - value;
  second = y / divisor;
  third = z / divisor;
  factor = -divisor / value;
  left = value * scale;
}
