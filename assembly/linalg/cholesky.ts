// Cholesky factors of a symmetric positive definite matrix, f64, and solutions with them.
//
// Based on  Golub and Van Loan, "Matrix Computations", 4th edition, section 4.2.5, by rows.
//
// Order of sums: dot products as in vectors.ts.

import { addScaled, dot } from "./vectors";

const F64: usize = 8;

/** L of A = L Lᵀ in place of the lower triangle of the n × n matrix `a`. Returns false if it is not positive definite. */
export function factorCholesky(a: usize, n: i32): bool {
  const row = <usize>n * F64;
  for (let i = 0; i < n; i++) {
    const ofI = a + <usize>i * row;
    for (let j = 0; j < i; j++) {
      const ofJ = a + <usize>j * row;
      const at = <usize>j * F64;
      store<f64>(ofI + at, (load<f64>(ofI + at) - dot(ofI, ofJ, j)) / load<f64>(ofJ + at));
    }
    const pivot = ofI + <usize>i * F64;
    const square = load<f64>(pivot) - dot(ofI, ofI, i);
    if (!(square > 0)) return false;
    store<f64>(pivot, Math.sqrt(square));
  }
  return true;
}

/** The solution of L Lᵀ x = b in place of b. */
export function solveCholesky(l: usize, n: i32, b: usize): void {
  const row = <usize>n * F64;
  for (let i = 0; i < n; i++) {
    const ofI = l + <usize>i * row;
    const at = <usize>i * F64;
    store<f64>(b + at, (load<f64>(b + at) - dot(ofI, b, i)) / load<f64>(ofI + at));
  }
  for (let i = n - 1; i >= 0; i--) {
    const ofI = l + <usize>i * row;
    const at = b + <usize>i * F64;
    store<f64>(at, load<f64>(at) / load<f64>(ofI + <usize>i * F64));
    addScaled(b, -load<f64>(at), ofI, i);
  }
}
