// Sums of rows with a factor each: a vector times a matrix.
//
// Order of sums: eight rows at a time, added as a binary tree, and that to what is there; then the rest of them one by one.

import { addScaled } from "./vectors";

const F64: usize = 8;

/** y ← y + Σ s_r row_r over `rows` rows of `length` values, n values from row to row. */
export function sumRows(y: usize, row: usize, n: i32, s: usize, rows: i32, length: i32): void {
  const step = <usize>n * F64;
  for (; rows >= 8; rows -= 8, row += 8 * step, s += 64) {
    const s0 = v128.load_splat<u64>(s),
      s1 = v128.load_splat<u64>(s, 8),
      s2 = v128.load_splat<u64>(s, 16),
      s3 = v128.load_splat<u64>(s, 24);
    const s4 = v128.load_splat<u64>(s, 32),
      s5 = v128.load_splat<u64>(s, 40),
      s6 = v128.load_splat<u64>(s, 48),
      s7 = v128.load_splat<u64>(s, 56);
    const r4 = row + 4 * step;
    let at: usize = 0;
    for (let c = length; c > 1; c -= 2, at += 16) {
      const p = row + at,
        q = r4 + at;
      const p01 = f64x2.add(f64x2.mul(s0, v128.load(p)), f64x2.mul(s1, v128.load(p + step)));
      const p23 = f64x2.add(f64x2.mul(s2, v128.load(p + 2 * step)), f64x2.mul(s3, v128.load(p + 3 * step)));
      const q01 = f64x2.add(f64x2.mul(s4, v128.load(q)), f64x2.mul(s5, v128.load(q + step)));
      const q23 = f64x2.add(f64x2.mul(s6, v128.load(q + 2 * step)), f64x2.mul(s7, v128.load(q + 3 * step)));
      v128.store(y + at, f64x2.add(v128.load(y + at), f64x2.add(f64x2.add(p01, p23), f64x2.add(q01, q23))));
    }
    if (length & 1) store<f64>(y + at, load<f64>(y + at) + lastOfEight(row + at, step, s));
  }
  for (; rows > 0; rows--, row += step, s += F64) addScaled(y, load<f64>(s), row, length);
}

// the same of one column
function lastOfEight(p: usize, step: usize, s: usize): f64 {
  return (
    load<f64>(s) * load<f64>(p) +
    load<f64>(s, 8) * load<f64>(p + step) +
    (load<f64>(s, 16) * load<f64>(p + 2 * step) + load<f64>(s, 24) * load<f64>(p + 3 * step)) +
    (load<f64>(s, 32) * load<f64>(p + 4 * step) +
      load<f64>(s, 40) * load<f64>(p + 5 * step) +
      (load<f64>(s, 48) * load<f64>(p + 6 * step) + load<f64>(s, 56) * load<f64>(p + 7 * step)))
  );
}
