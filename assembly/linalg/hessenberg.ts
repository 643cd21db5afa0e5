// Reduction of a matrix to Hessenberg form by orthogonal similarity: row i keeps its elements up to column i + 1.
//
// Based on  Quintana-Ortí and van de Geijn, "Improving the performance of reduction to Hessenberg form" (2006), and Golub and
//           Van Loan, "Matrix Computations", 4th edition, section 7.4: U = I - Vᵀ T V of a panel of reflections, and with
//           Z = Tᵀ V A the panel's rows one by one and the rest at once, Uᵀ A U = (A - Vᵀ Z) U.
//
// The form is a lower triangle and one diagonal more, since reflections of rows are contiguous; of the transpose, which has
// the same eigenvalues, it is the usual upper one.
//
// Order of sums: those of vectors.ts, row-sums.ts and product.ts, panels of 32 rows.

import { Into, multiplyPacked, packMatrix, packTransposed, packedValues } from "./product";
import { reflection } from "./reflection";
import { sumRows } from "./row-sums";
import { addScaled, dot } from "./vectors";

const F64: usize = 8;
const PANEL: i32 = 32;

/** f64 values of scratch for n rows. */
export function hessenbergScratch(n: i32): i32 {
  return 6 * PANEL * n + packedValues(n, PANEL) + packedValues(n, n) + 2 * PANEL * PANEL;
}

// addresses of a panel's V (PANEL, n), its transpose (n, PANEL), Z (PANEL, n), two products, T, and packed operands
let v: usize = 0,
  turned: usize = 0,
  z: usize = 0,
  w: usize = 0,
  wt: usize = 0,
  t: usize = 0,
  packedT: usize = 0,
  packed: usize = 0,
  packedTurned: usize = 0;

/** Reduce rows and columns `low` … `high` - 1 of the n × n matrix `a`; the others are not changed, and not up to date. */
export function reduceToHessenberg(a: usize, n: i32, low: i32, high: i32, scratch: usize): void {
  const wide = <usize>(PANEL * n) * F64;
  v = scratch;
  turned = v + wide;
  z = turned + wide;
  w = z + wide;
  wt = w + wide;
  t = wt + wide;
  packedT = t + <usize>(PANEL * PANEL) * F64;
  packedTurned = packedT + <usize>(PANEL * PANEL) * F64;
  packed = packedTurned + <usize>packedValues(n, PANEL) * F64;
  const block = a + <usize>(low * (n + 1)) * F64;
  const size = high - low;
  for (let first = 0; first < size - 2; first += PANEL) {
    const count = min(PANEL, size - 2 - first);
    for (let j = 0; j < count; j++) reduceRow(block, n, size, first, j);
    updateRest(block, n, size, first, count);
  }
}

// row first + j, and what it adds to V, T and Z; reflections of the panel touch columns behind `first` only
function reduceRow(a: usize, n: i32, size: i32, first: i32, j: i32): void {
  const i = first + j;
  const behind = first + 1;
  const length = size - behind;
  const x = a + <usize>(i * n + behind) * F64;
  // (A - Vᵀ Z), then U
  for (let l = 0; l < j; l++) {
    addScaled(x, -load<f64>(v + <usize>(l * n + i) * F64), z + <usize>(l * n + behind) * F64, length);
  }
  for (let l = 0; l < j; l++)
    store<f64>(w + <usize>l * F64, dot(x, v + <usize>(l * n + behind) * F64, length));
  for (let l = 0; l < j; l++) {
    let sum: f64 = 0;
    for (let p = 0; p <= l; p++)
      sum += load<f64>(w + <usize>p * F64) * load<f64>(t + <usize>(p * PANEL + l) * F64);
    addScaled(x, -sum, v + <usize>(l * n + behind) * F64, length);
  }

  const row = v + <usize>(j * n) * F64;
  memory.fill(row, 0, <usize>(i + 1) * F64);
  const start = <usize>(i + 1) * F64;
  const tau = reflection(a + <usize>(i * n) * F64 + start, row + start, size - i - 1);
  memory.fill(a + <usize>(i * n) * F64 + start + F64, 0, <usize>(size - i - 2) * F64);

  // Z_j = τ (v A - Σ (V v)_l Z_l), and T's column -τ T (V v)
  const zj = z + <usize>(j * n + behind) * F64;
  memory.fill(zj, 0, <usize>length * F64);
  sumRows(zj, a + <usize>((i + 1) * n + behind) * F64, n, row + start, size - i - 1, length);
  for (let l = 0; l < j; l++) {
    const along = dot(v + <usize>(l * n) * F64 + start, row + start, size - i - 1);
    store<f64>(w + <usize>l * F64, along);
    addScaled(zj, -along, z + <usize>(l * n + behind) * F64, length);
  }
  for (let c = 0; c < length; c++) store<f64>(zj + <usize>c * F64, tau * load<f64>(zj + <usize>c * F64));
  for (let l = 0; l < j; l++) {
    let sum: f64 = 0;
    for (let p = l; p < j; p++)
      sum += load<f64>(t + <usize>(l * PANEL + p) * F64) * load<f64>(w + <usize>p * F64);
    store<f64>(t + <usize>(l * PANEL + j) * F64, -tau * sum);
  }
  for (let l = j; l < PANEL; l++) store<f64>(t + <usize>(l * PANEL + j) * F64, l == j ? tau : 0);
}

// columns up to `first` of all rows behind it, and the rest of the rows behind the panel
function updateRest(a: usize, n: i32, size: i32, first: i32, count: i32): void {
  const behind = first + 1;
  const length = size - behind;
  for (let r = behind; r < size; r++) {
    for (let l = 0; l < count; l++) {
      store<f64>(turned + <usize>(r * PANEL + l) * F64, load<f64>(v + <usize>(l * n + r) * F64));
    }
  }
  // Z in those columns too, which the panel has not touched: Tᵀ (V A)
  const rows = a + <usize>(behind * n) * F64;
  packMatrix(rows, n, length, behind, packed);
  multiplyPacked(wt, behind, v + <usize>behind * F64, n, packed, count, length, behind, Into.Set);
  for (let l = 0; l < count; l++) {
    for (let p = 0; p < count; p++) {
      store<f64>(packedT + <usize>(l * count + p) * F64, load<f64>(t + <usize>(p * PANEL + l) * F64));
    }
  }
  packMatrix(wt, behind, count, behind, packed);
  multiplyPacked(z, n, packedT, count, packed, count, count, behind, Into.Set);

  packMatrix(z, n, count, size, packed);
  const within = count - 1;
  const factors = turned + <usize>(behind * PANEL) * F64;
  multiplyPacked(rows, n, factors, PANEL, packed, within, count, behind, Into.Subtract);
  const rest = rows + <usize>(within * n) * F64;
  const restFactors = factors + <usize>(within * PANEL) * F64;
  multiplyPacked(rest, n, restFactors, PANEL, packed, length - within, count, size, Into.Subtract);

  // and U
  const corner = rest + <usize>behind * F64;
  const vectors = v + <usize>behind * F64;
  packTransposed(vectors, n, length, count, packedTurned);
  multiplyPacked(w, count, corner, n, packedTurned, length - within, length, count, Into.Set);
  packMatrix(t, PANEL, count, count, packedT);
  multiplyPacked(wt, count, w, count, packedT, length - within, count, count, Into.Set);
  packMatrix(vectors, n, count, length, packed);
  multiplyPacked(corner, n, wt, count, packed, length - within, count, length, Into.Subtract);
}
