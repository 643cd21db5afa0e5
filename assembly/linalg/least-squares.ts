// Linear equations and least squares: the x that makes |A x - b| smallest, from the QR factors of A.
//
// Based on  Golub and Van Loan, "Matrix Computations", 4th edition, section 5.3.2.
//
// Order of sums: those of qr.ts for the factors, of vectors.ts for the rest; unknowns from the last to the first.

import { Qr, factorRows, layOutQr, qrHead, qrValues, tauOf, vectorOf } from "./qr";
import { addScaled, dot, norm } from "./vectors";

const F64: usize = 8;

/** Columns depend on each other where R_ii is so small, times their number, beside the largest one. */
const ROUNDING: f64 = 2.220446049250313e-16;

/** f64 values of scratch that `solveLeastSquares` needs. */
export function leastSquaresScratch(m: i32, n: i32): i32 {
  return qrHead() + n * m + qrValues(n, m);
}

/**
 * The x (n) of smallest |A x - b| for A (m, n), m ≥ n, and b (m), into the first n values of b; what is left in the others
 * has the length of A x - b. Returns whether the columns of A are independent, to rounding; otherwise there is no x.
 */
export function solveLeastSquares(a: usize, m: i32, n: i32, b: usize, scratch: usize): bool {
  const qr = changetype<Qr>(scratch);
  const rows = scratch + <usize>qrHead() * F64;
  layOutQr(qr, n, m, rows + <usize>(n * m) * F64);
  transpose(a, m, n, rows);
  factorRows(qr, rows);

  let most: f64 = 0,
    least = Infinity;
  for (let j = 0; j < n; j++) {
    const value = Math.abs(load<f64>(rows + <usize>(j * (m + 1)) * F64));
    most = max(most, value);
    least = min(least, value);
  }
  // also where one of them is NaN
  if (!(least > <f64>n * ROUNDING * most) || !isFinite<f64>(most)) return false;

  for (let j = 0; j < n; j++) {
    const rest = b + <usize>j * F64,
      v = vectorOf(qr, j);
    addScaled(rest, -tauOf(qr, j) * dot(rest, v, m - j), v, m - j);
  }
  for (let j = n - 1; j >= 0; j--) {
    const row = rows + <usize>(j * m) * F64;
    const x = load<f64>(b + <usize>j * F64) / load<f64>(row + <usize>j * F64);
    store<f64>(b + <usize>j * F64, x);
    addScaled(b, -x, row, j);
  }
  return true;
}

/** |A x - b| behind `solveLeastSquares`. */
export function residual(b: usize, m: i32, n: i32): f64 {
  return norm(b + <usize>n * F64, m - n);
}

/** ln |det A| of the n × n matrix `a`: the sum of ln |R_ii|; -∞ where one of them is 0. Takes the same scratch. */
export function logDeterminant(a: usize, n: i32, scratch: usize): f64 {
  const qr = changetype<Qr>(scratch);
  layOutQr(qr, n, n, scratch + <usize>qrHead() * F64);
  factorRows(qr, a);
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += Math.log(Math.abs(load<f64>(a + <usize>(i * (n + 1)) * F64)));
  return sum;
}

function transpose(a: usize, m: i32, n: i32, target: usize): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      store<f64>(target + <usize>(j * m + i) * F64, load<f64>(a + <usize>(i * n + j) * F64));
    }
  }
}
