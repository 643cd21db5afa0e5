// Balancing: a similar matrix whose rows and columns have like sizes, with eigenvalues that stand alone at its ends.
//
// Based on   Parlett and Reinsch, "Balancing a matrix for calculation of eigenvalues and eigenvectors" (1969).
// Deviation  sizes are Euclidean norms without the diagonal, as James, Langou and Lowery propose in "On matrix balancing and
//            eigenvector computation" (2014): norms of sums can make a matrix worse.
//
// Scales are powers of two, so that nothing is rounded. Order of sums: elements 0, 1, 2 … of a row or column.

const F64: usize = 8;

/** A scaling is kept where it makes the sum of both norms smaller by so much. */
const GAIN: f64 = 0.95;

/** First row of what is left of a balanced matrix, and the one behind its last. */
export let low: i32 = 0;
export let high: i32 = 0;

/**
 * Balance the n × n matrix `a`. Rows outside `low` … `high` - 1, with which all others form blocks of a triangular matrix, have
 * their eigenvalue on the diagonal.
 */
export function balance(a: usize, n: i32): void {
  low = 0;
  high = n;
  while (high > 0 && moveRow(a, n)) high--;
  while (low < high && moveColumn(a, n)) low++;
  while (scale(a, n)) {}
}

// a row of what is left that has nothing beside its diagonal becomes the last
function moveRow(a: usize, n: i32): bool {
  for (let i = high - 1; i >= 0; i--) {
    let alone = true;
    for (let j = 0; j < high && alone; j++) alone = i == j || load<f64>(a + <usize>(i * n + j) * F64) == 0;
    if (!alone) continue;
    exchange(a, n, i, high - 1);
    return true;
  }
  return false;
}

// and a column the first
function moveColumn(a: usize, n: i32): bool {
  for (let j = low; j < high; j++) {
    let alone = true;
    for (let i = low; i < high && alone; i++) alone = i == j || load<f64>(a + <usize>(i * n + j) * F64) == 0;
    if (!alone) continue;
    exchange(a, n, j, low);
    return true;
  }
  return false;
}

function exchange(a: usize, n: i32, i: i32, j: i32): void {
  if (i == j) return;
  for (let k = 0; k < n; k++) swap(a + <usize>(k * n + i) * F64, a + <usize>(k * n + j) * F64);
  for (let k = 0; k < n; k++) swap(a + <usize>(i * n + k) * F64, a + <usize>(j * n + k) * F64);
}

function swap(x: usize, y: usize): void {
  const kept = load<f64>(x);
  store<f64>(x, load<f64>(y));
  store<f64>(y, kept);
}

// one turn through all rows; returns whether any was scaled
function scale(a: usize, n: i32): bool {
  let changed = false;
  for (let i = low; i < high; i++) {
    let column: f64 = 0,
      row: f64 = 0;
    for (let j = low; j < high; j++) {
      if (j == i) continue;
      const down = load<f64>(a + <usize>(j * n + i) * F64);
      const along = load<f64>(a + <usize>(i * n + j) * F64);
      column += down * down;
      row += along * along;
    }
    // what underflows, or is alone after all, is left as it is
    if (column == 0 || row == 0 || !isFinite<f64>(column) || !isFinite<f64>(row)) continue;
    column = Math.sqrt(column);
    row = Math.sqrt(row);
    const before = column + row;
    let factor: f64 = 1;
    while (column < row / 2 && factor < 1e150) {
      column *= 2;
      row /= 2;
      factor *= 2;
    }
    while (column >= row * 2 && factor > 1e-150) {
      column /= 2;
      row *= 2;
      factor /= 2;
    }
    if (factor == 1 || column + row >= GAIN * before) continue;
    changed = true;
    for (let j = 0; j < n; j++) multiply(a + <usize>(i * n + j) * F64, 1 / factor);
    for (let j = 0; j < n; j++) multiply(a + <usize>(j * n + i) * F64, factor);
  }
  return changed;
}

function multiply(x: usize, factor: f64): void {
  store<f64>(x, load<f64>(x) * factor);
}
