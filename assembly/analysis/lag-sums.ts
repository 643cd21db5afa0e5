// Autocovariances of many series while they come in, step by step: no series is stored.
//
// Based on   Khajehabdollahi et al., ICLR 2024, released code comp_ac_fft, which needs the whole series.
// Deviation  lag k is divided by its n - k products, not by n - 1 - k.
//
// Kept of each series: its last values, its first values, their sum, and for each lag k the sum of x_t x_{t-k}; all of
// the differences from its first value, so that a large mean takes nothing from the accuracy and a constant gives zeros.
//
//   R_k = Σ x_t x_{t-k}   over t = k … n - 1
//   c_k = (R_k - m (2 Σx - first k - last k) + (n - k) m²) / (n - k),   m = Σx / n
//
// Order: every sum over t = 0, 1, 2 … by itself, so that pieces of any length give the same bits. The two lanes of a
// vector are two series; eight lags are summed at once, which is as many as hide the latency of an addition.

// lags of one pass over a block of steps
const TILE: i32 = 8;

// steps at a time, so that they and the values before them stay in the first cache
const BLOCK: i32 = 256;

// bytes of the same value of two series
const PAIR: usize = 16;


@unmanaged
export class LagSums {
  // sizes, written by the host
  /** Series. */
  series: i32;
  /** Largest lag. */
  L: i32;
  /** Steps so far. */
  steps: f64;

  // addresses, for each pair of series: first value, Σx; values 0 … L - 1; the last `rows`; R_0 … R_{rows - 1}
  shift: usize;
  sum: usize;
  head: usize;
  tail: usize;
  products: usize;
  // the values before a block, and the block, of one pair
  block: usize;


  @inline get pairs(): i32 {
    return (this.series + 1) >> 1;
  }

  /** Lags rounded up to whole tiles. */
  @inline get rows(): i32 {
    return (this.L + TILE) & ~(TILE - 1);
  }
}

/** Set the addresses of what lies from `base` on, and clear it unless `base` is 0; returns the bytes that it takes. */
export function layOutLagSums(sums: LagSums, base: usize): f64 {
  const pairs = sums.pairs;
  const bytes = <f64>PAIR * (<f64>pairs * (2 + sums.L + 2 * sums.rows) + sums.rows + BLOCK);
  if (!base) return bytes;
  memory.fill(base, 0, <usize>bytes);
  sums.steps = 0;
  sums.shift = base;
  sums.sum = sums.shift + <usize>pairs * PAIR;
  sums.head = sums.sum + <usize>pairs * PAIR;
  sums.tail = sums.head + <usize>pairs * <usize>sums.L * PAIR;
  sums.products = sums.tail + <usize>pairs * <usize>sums.rows * PAIR;
  sums.block = sums.products + <usize>pairs * <usize>sums.rows * PAIR;
  return bytes;
}

/** Add n steps of all series, (n, series) at `data`: f64 if `wide`, f32 otherwise. */
export function addSteps(sums: LagSums, data: usize, n: i32, wide: bool): void {
  const stride = (<usize>sums.series) << (wide ? 3 : 2);
  for (let first = 0; first < n; first += BLOCK) {
    const count = min(BLOCK, n - first);
    const at = data + <usize>first * stride;
    for (let pair = 0; pair < sums.pairs; pair++) addBlock(sums, pair, at, stride, count, wide);
    sums.steps += count;
  }
}

function addBlock(sums: LagSums, pair: i32, data: usize, stride: usize, count: i32, wide: bool): void {
  const rows = sums.rows;
  const history = <usize>rows * PAIR;
  const tail = sums.tail + <usize>pair * history;
  memory.copy(sums.block, tail, history);
  const single = 2 * pair + 1 == sums.series;
  fillBlock(sums, pair, data + ((<usize>pair) << (wide ? 4 : 3)), stride, count, wide, single);
  const products = sums.products + <usize>pair * history;
  for (let k = 0; k < rows; k += TILE) {
    addProducts(sums.block + history, count, k, products + <usize>k * PAIR);
  }
  memory.copy(tail, sums.block + <usize>count * PAIR, history);
}

// the block's values as differences from the first; those that belong to the head go there too, and all to the sum
function fillBlock(
  sums: LagSums,
  pair: i32,
  data: usize,
  stride: usize,
  count: i32,
  wide: bool,
  single: bool,
): void {
  const at = <usize>pair * PAIR;
  if (sums.steps == 0) v128.store(sums.shift + at, loadPair(data, wide, single));
  const shift = v128.load(sums.shift + at);
  const values = sums.block + <usize>sums.rows * PAIR;
  let sum = v128.load(sums.sum + at);
  for (let t = 0; t < count; t++) {
    const value = f64x2.sub(loadPair(data + <usize>t * stride, wide, single), shift);
    v128.store(values + <usize>t * PAIR, value);
    sum = f64x2.add(sum, value);
  }
  v128.store(sums.sum + at, sum);
  if (sums.steps >= sums.L) return;
  const filled = <i32>sums.steps;
  const head = sums.head + <usize>(pair * sums.L + filled) * PAIR;
  memory.copy(head, values, <usize>min(count, sums.L - filled) * PAIR);
}

// @ts-ignore: decorator
@inline
function loadPair(at: usize, wide: bool, single: bool): v128 {
  if (wide) return single ? v128.load_zero<f64>(at) : v128.load(at);
  return f64x2.promote_low_f32x4(single ? v128.load_zero<f32>(at) : v128.load_zero<u64>(at));
}

// the products of lags k … k + 7 over the `count` values at `values`
function addProducts(values: usize, count: i32, k: i32, target: usize): void {
  let s0 = v128.load(target);
  let s1 = v128.load(target, 16);
  let s2 = v128.load(target, 32);
  let s3 = v128.load(target, 48);
  let s4 = v128.load(target, 64);
  let s5 = v128.load(target, 80);
  let s6 = v128.load(target, 96);
  let s7 = v128.load(target, 112);
  const end = values + <usize>count * PAIR;
  // the value of the tile's largest lag
  let lagged = values - <usize>(k + TILE - 1) * PAIR;
  for (; values < end; values += PAIR) {
    const x = v128.load(values);
    s0 = f64x2.add(s0, f64x2.mul(x, v128.load(lagged, 112)));
    s1 = f64x2.add(s1, f64x2.mul(x, v128.load(lagged, 96)));
    s2 = f64x2.add(s2, f64x2.mul(x, v128.load(lagged, 80)));
    s3 = f64x2.add(s3, f64x2.mul(x, v128.load(lagged, 64)));
    s4 = f64x2.add(s4, f64x2.mul(x, v128.load(lagged, 48)));
    s5 = f64x2.add(s5, f64x2.mul(x, v128.load(lagged, 32)));
    s6 = f64x2.add(s6, f64x2.mul(x, v128.load(lagged, 16)));
    s7 = f64x2.add(s7, f64x2.mul(x, v128.load(lagged)));
    lagged += PAIR;
  }
  v128.store(target, s0);
  v128.store(target, s1, 16);
  v128.store(target, s2, 32);
  v128.store(target, s3, 48);
  v128.store(target, s4, 64);
  v128.store(target, s5, 80);
  v128.store(target, s6, 96);
  v128.store(target, s7, 112);
}

/** The autocovariances at lags 0 … L of all series so far, (series, L + 1) f64 at `target`; more than L steps are in. */
export function finishLagSums(sums: LagSums, target: usize): void {
  const L = sums.L;
  const rows = sums.rows;
  const n = sums.steps;
  for (let s = 0; s < sums.series; s++) {
    const pair = s >> 1;
    const lane = (<usize>(s & 1)) << 3;
    const sum = load<f64>(sums.sum + <usize>pair * PAIR + lane);
    const head = sums.head + <usize>(pair * L) * PAIR + lane;
    const last = sums.tail + <usize>(pair * rows + rows - 1) * PAIR + lane;
    const products = sums.products + <usize>(pair * rows) * PAIR + lane;
    const mean = sum / n;
    // of the first k and of the last k values
    let ends: f64 = 0;
    for (let k = 0; k <= L; k++) {
      const count = n - k;
      const offset = <usize>k * PAIR;
      const covariance = load<f64>(products + offset) - mean * (2 * sum - ends) + count * mean * mean;
      store<f64>(target + ((<usize>s * (L + 1) + k) << 3), covariance / count);
      if (k < L) ends += load<f64>(head + offset) + load<f64>(last - offset);
    }
  }
}

/** Σ over each row of H values in (rows, H) at `data`, f32, into `rows` f64 at `target`; one by one, in f64. */
export function sumRows(data: usize, rows: i32, H: i32, target: usize): void {
  for (let row = 0; row < rows; row++) {
    const at = data + ((<usize>row * H) << 2);
    let sum: f64 = 0;
    for (let i = 0; i < H; i++) sum += <f64>load<f32>(at + ((<usize>i) << 2));
    store<f64>(target + ((<usize>row) << 3), sum);
  }
}
