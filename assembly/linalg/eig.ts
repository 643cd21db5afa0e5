// Eigenvalues of a real matrix that need not be symmetric: balanced, reduced to Hessenberg form, and iterated.
//
// Based on  Golub and Van Loan, "Matrix Computations", 4th edition, section 7.5.

import { balance, high, low } from "./balance";
import { iterate } from "./double-shift";
import { hessenbergScratch, reduceToHessenberg } from "./hessenberg";
import { bringNearOne, multiply } from "./vectors";

const F64: usize = 8;

/** f64 values of scratch that `eigenvalues` needs. */
export function eigenvaluesScratch(n: i32): i32 {
  return hessenbergScratch(n);
}

/**
 * The eigenvalues of the n × n matrix `a`, which is overwritten, into `re` and `im`: by descending real part, then by descending
 * size of the imaginary part, of a conjugate pair the positive one first. Returns whether they were found; they are not if an
 * element is not finite, or if the iteration does not converge.
 */
export function eigenvalues(a: usize, n: i32, re: usize, im: usize, scratch: usize): bool {
  const factor = bringNearOne(a, n * n);
  if (!isFinite<f64>(factor)) return false;
  balance(a, n);
  for (let i = 0; i < n; i++) {
    store<f64>(re + <usize>i * F64, load<f64>(a + <usize>(i * (n + 1)) * F64));
    store<f64>(im + <usize>i * F64, 0);
  }
  reduceToHessenberg(a, n, low, high, scratch);
  transpose(a, n);
  if (!iterate(a, n, low, high, re, im)) return false;
  multiply(re, 1 / factor, n);
  multiply(im, 1 / factor, n);
  sort(re, im, n);
  return true;
}

function transpose(a: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) swap(a + <usize>(i * n + j) * F64, a + <usize>(j * n + i) * F64);
  }
}

function swap(x: usize, y: usize): void {
  const kept = load<f64>(x);
  store<f64>(x, load<f64>(y));
  store<f64>(y, kept);
}

// heap sort; then the signs of equal pairs in turn
function sort(re: usize, im: usize, n: i32): void {
  for (let i = (n >> 1) - 1; i >= 0; i--) sift(re, im, i, n);
  for (let end = n - 1; end > 0; end--) {
    exchange(re, im, 0, end);
    sift(re, im, 0, end);
  }
  for (let i = 0; i < n - 1; i++) {
    const size = Math.abs(load<f64>(im + <usize>i * F64));
    if (size == 0) continue;
    store<f64>(im + <usize>i * F64, size);
    store<f64>(im + <usize>++i * F64, -size);
  }
}

function sift(re: usize, im: usize, root: i32, n: i32): void {
  for (let child = 2 * root + 1; child < n; child = 2 * root + 1) {
    if (child + 1 < n && isBehind(re, im, child + 1, child)) child++;
    if (!isBehind(re, im, child, root)) return;
    exchange(re, im, root, child);
    root = child;
  }
}

function exchange(re: usize, im: usize, i: i32, j: i32): void {
  swap(re + <usize>i * F64, re + <usize>j * F64);
  swap(im + <usize>i * F64, im + <usize>j * F64);
}

function isBehind(re: usize, im: usize, i: i32, j: i32): bool {
  const a = load<f64>(re + <usize>i * F64),
    b = load<f64>(re + <usize>j * F64);
  if (a != b) return a < b;
  return Math.abs(load<f64>(im + <usize>i * F64)) < Math.abs(load<f64>(im + <usize>j * F64));
}
