// Covariances of all pairs of units while their states come in, step by step, trial by trial: no trial is stored.
//
// Based on  Khajehabdollahi et al., ICLR 2024, released code comp_pca, which needs the whole trial.
//
// Kept of each trial: its first states, and the sums of x_i and of x_i x_j; all of the differences from the first states,
// so that a large mean takes nothing from the accuracy and a constant gives zeros.
//
//   c_ij = (Σ x_i x_j - Σx_i Σx_j / n) / n
//
// Order: every sum over t = 0, 1, 2 … by itself in f64, so that pieces of any length give the same bits.

/** Units of a tile, which is a square of sums; a panel holds so many units of a block, step after step. */
const TILE: i32 = 4;
const ROW: usize = 32;
const TILE_BYTES: usize = 128;

// steps at a time, so that two panels stay in the first cache and all of them in the second
const BLOCK: i32 = 256;


@unmanaged
export class CovarianceSums {
  // sizes, written by the host
  /** Units. */
  H: i32;
  /** Trials that run side by side. */
  trials: i32;
  /** Steps so far. */
  steps: f64;

  // addresses, for each trial: first states and Σx_i, filled up to whole tiles; tiles of Σx_i x_j, row by row from the diagonal
  shift: usize;
  sum: usize;
  products: usize;
  // the panels of a block, one behind the other
  block: usize;


  @inline get panels(): i32 {
    return (this.H + TILE - 1) / TILE;
  }


  @inline get trialBytes(): usize {
    return (<usize>this.panels * <usize>(this.panels + 1) * TILE_BYTES) >> 1;
  }
}

/** Set the addresses of what lies from `base` on, and clear it unless `base` is 0; returns the bytes that it takes. */
export function layOutCovarianceSums(sums: CovarianceSums, base: usize): f64 {
  const panels = <f64>sums.panels;
  const trials = <f64>sums.trials;
  const row = trials * panels * ROW;
  const products = (trials * panels * (panels + 1) * TILE_BYTES) / 2;
  const bytes = 2 * row + products + panels * BLOCK * ROW;
  if (!base) return bytes;
  memory.fill(base, 0, <usize>bytes);
  sums.steps = 0;
  sums.shift = base;
  sums.sum = sums.shift + <usize>row;
  sums.products = sums.sum + <usize>row;
  sums.block = sums.products + <usize>products;
  return bytes;
}

/** Add n steps of all trials, (n, trials, H) f32 at `data`. */
export function addStates(sums: CovarianceSums, data: usize, n: i32): void {
  const trial = (<usize>sums.H) << 2;
  const step = <usize>sums.trials * trial;
  for (let first = 0; first < n; first += BLOCK) {
    const count = min(BLOCK, n - first);
    for (let b = 0; b < sums.trials; b++) {
      fillPanels(sums, b, data + <usize>first * step + <usize>b * trial, step, count);
      addProducts(sums, b, count);
    }
    sums.steps += count;
  }
}

// a block's states as differences from the first, all of them to their sums too
function fillPanels(sums: CovarianceSums, trial: i32, data: usize, step: usize, count: i32): void {
  const row = <usize>(trial * sums.panels) * ROW;
  for (let i = 0; i < sums.H; i++) {
    const at = row + ((<usize>i) << 3);
    let source = data + ((<usize>i) << 2);
    if (sums.steps == 0) store<f64>(sums.shift + at, load<f32>(source));
    const shift = load<f64>(sums.shift + at);
    let sum = load<f64>(sums.sum + at);
    let target = sums.block + <usize>(i / TILE) * (BLOCK * ROW) + ((<usize>(i % TILE)) << 3);
    for (let t = 0; t < count; t++, source += step, target += ROW) {
      const value = <f64>load<f32>(source) - shift;
      store<f64>(target, value);
      sum += value;
    }
    store<f64>(sums.sum + at, sum);
  }
}

function addProducts(sums: CovarianceSums, trial: i32, count: i32): void {
  const panel: usize = BLOCK * ROW;
  const end = sums.block + <usize>sums.panels * panel;
  let tile = sums.products + <usize>trial * sums.trialBytes;
  for (let rows = sums.block; rows < end; rows += panel) {
    for (let columns = rows; columns < end; columns += panel, tile += TILE_BYTES) {
      addTile(rows, columns, count, tile);
    }
  }
}

// the products of four units of one panel with four of another over `count` steps
function addTile(rows: usize, columns: usize, count: i32, tile: usize): void {
  let s0 = v128.load(tile);
  let s1 = v128.load(tile, 16);
  let s2 = v128.load(tile, 32);
  let s3 = v128.load(tile, 48);
  let s4 = v128.load(tile, 64);
  let s5 = v128.load(tile, 80);
  let s6 = v128.load(tile, 96);
  let s7 = v128.load(tile, 112);
  const end = rows + <usize>count * ROW;
  for (; rows < end; rows += ROW, columns += ROW) {
    const low = v128.load(columns);
    const high = v128.load(columns, 16);
    const a = v128.load_splat<u64>(rows);
    s0 = f64x2.add(s0, f64x2.mul(a, low));
    s1 = f64x2.add(s1, f64x2.mul(a, high));
    const b = v128.load_splat<u64>(rows, 8);
    s2 = f64x2.add(s2, f64x2.mul(b, low));
    s3 = f64x2.add(s3, f64x2.mul(b, high));
    const c = v128.load_splat<u64>(rows, 16);
    s4 = f64x2.add(s4, f64x2.mul(c, low));
    s5 = f64x2.add(s5, f64x2.mul(c, high));
    const d = v128.load_splat<u64>(rows, 24);
    s6 = f64x2.add(s6, f64x2.mul(d, low));
    s7 = f64x2.add(s7, f64x2.mul(d, high));
  }
  v128.store(tile, s0);
  v128.store(tile, s1, 16);
  v128.store(tile, s2, 32);
  v128.store(tile, s3, 48);
  v128.store(tile, s4, 64);
  v128.store(tile, s5, 80);
  v128.store(tile, s6, 96);
  v128.store(tile, s7, 112);
}

/** The covariances of one trial so far, (H, H) f64 at `target`. */
export function finishCovariances(sums: CovarianceSums, trial: i32, target: usize): void {
  const H = sums.H;
  const n = sums.steps;
  const sum = sums.sum + <usize>(trial * sums.panels) * ROW;
  let tile = sums.products + <usize>trial * sums.trialBytes;
  for (let row = 0; row < H; row += TILE) {
    for (let column = row; column < H; column += TILE, tile += TILE_BYTES) {
      for (let i = row; i < min(row + TILE, H); i++) {
        const mean = load<f64>(sum + ((<usize>i) << 3)) / n;
        // of a tile on the diagonal, the half that counts for both
        for (let j = max(i, column); j < min(column + TILE, H); j++) {
          const products = load<f64>(tile + ((<usize>((i - row) * TILE + j - column)) << 3));
          const covariance = (products - mean * load<f64>(sum + ((<usize>j) << 3))) / n;
          store<f64>(target + ((<usize>(i * H + j)) << 3), covariance);
          store<f64>(target + ((<usize>(j * H + i)) << 3), covariance);
        }
      }
    }
  }
}
