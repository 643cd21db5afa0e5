// The reflections of a bulge that is chased down a Hessenberg matrix: rows and columns of two or three.
//
// Order of sums: each of its two or three products from the first.

import { factor, second, third } from "./reflection";

const F64: usize = 8;

/** The last `smallReflection` times three rows of n values, `row` bytes apart. */
export function reflectRows(x: usize, row: usize, n: i32): void {
  const t = factor;
  if (t == 0) return;
  const v1 = second,
    v2 = third;
  const t1 = t * v1,
    t2 = t * v2;
  const w1 = f64x2.splat(v1),
    w2 = f64x2.splat(v2),
    u0 = f64x2.splat(t),
    u1 = f64x2.splat(t1),
    u2 = f64x2.splat(t2);
  let y = x + row,
    z = y + row;
  for (; n >= 2; n -= 2, x += 16, y += 16, z += 16) {
    const a = v128.load(x),
      b = v128.load(y),
      c = v128.load(z);
    const sum = f64x2.add(f64x2.add(a, f64x2.mul(w1, b)), f64x2.mul(w2, c));
    v128.store(x, f64x2.sub(a, f64x2.mul(u0, sum)));
    v128.store(y, f64x2.sub(b, f64x2.mul(u1, sum)));
    v128.store(z, f64x2.sub(c, f64x2.mul(u2, sum)));
  }
  if (n) {
    const a = load<f64>(x),
      b = load<f64>(y),
      c = load<f64>(z);
    const sum = a + v1 * b + v2 * c;
    store<f64>(x, a - t * sum);
    store<f64>(y, b - t1 * sum);
    store<f64>(z, c - t2 * sum);
  }
}

/** Two rows of it. */
export function reflectTwoRows(x: usize, row: usize, n: i32): void {
  const t = factor;
  if (t == 0) return;
  const v1 = second,
    t1 = t * v1;
  const w1 = f64x2.splat(v1),
    u0 = f64x2.splat(t),
    u1 = f64x2.splat(t1);
  let y = x + row;
  for (; n >= 2; n -= 2, x += 16, y += 16) {
    const a = v128.load(x),
      b = v128.load(y);
    const sum = f64x2.add(a, f64x2.mul(w1, b));
    v128.store(x, f64x2.sub(a, f64x2.mul(u0, sum)));
    v128.store(y, f64x2.sub(b, f64x2.mul(u1, sum)));
  }
  if (n) {
    const a = load<f64>(x),
      b = load<f64>(y);
    const sum = a + v1 * b;
    store<f64>(x, a - t * sum);
    store<f64>(y, b - t1 * sum);
  }
}

/** Three neighbouring columns of n rows, `row` bytes apart, times it. */
export function reflectColumns(x: usize, row: usize, n: i32): void {
  const t = factor;
  if (t == 0) return;
  const v1 = second,
    v2 = third;
  const t1 = t * v1,
    t2 = t * v2;
  for (; n > 0; n--, x += row) {
    const a = load<f64>(x),
      b = load<f64>(x, 8),
      c = load<f64>(x, 16);
    const sum = a + v1 * b + v2 * c;
    store<f64>(x, a - t * sum);
    store<f64>(x, b - t1 * sum, 8);
    store<f64>(x, c - t2 * sum, 16);
  }
}

/** Two columns. */
export function reflectTwoColumns(x: usize, row: usize, n: i32): void {
  const t = factor;
  if (t == 0) return;
  const v1 = second,
    t1 = t * v1;
  for (; n > 0; n--, x += row) {
    const a = load<f64>(x),
      b = load<f64>(x, 8);
    const sum = a + v1 * b;
    store<f64>(x, a - t * sum);
    store<f64>(x, b - t1 * sum, 8);
  }
}
