// Sums and steps over contiguous f64 vectors.
//
// Order of sums: eight lanes, element i in lane i mod 8, as four vectors added as (0 + 1) + (2 + 3) and then lane to lane;
// the last n mod 8 elements follow one by one.

const F64: usize = 8;

/** Σ a_i b_i */
export function dot(a: usize, b: usize, n: i32): f64 {
  let s0 = f64x2.splat(0),
    s1 = f64x2.splat(0),
    s2 = f64x2.splat(0),
    s3 = f64x2.splat(0);
  let i = n;
  for (; i >= 8; i -= 8, a += 64, b += 64) {
    s0 = f64x2.add(s0, f64x2.mul(v128.load(a), v128.load(b)));
    s1 = f64x2.add(s1, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
    s2 = f64x2.add(s2, f64x2.mul(v128.load(a, 32), v128.load(b, 32)));
    s3 = f64x2.add(s3, f64x2.mul(v128.load(a, 48), v128.load(b, 48)));
  }
  const lanes = f64x2.add(f64x2.add(s0, s1), f64x2.add(s2, s3));
  let sum = f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
  for (; i > 0; i--, a += F64, b += F64) sum += load<f64>(a) * load<f64>(b);
  return sum;
}

/** y ← y + s x */
export function addScaled(y: usize, s: f64, x: usize, n: i32): void {
  const scale = f64x2.splat(s);
  for (; n >= 4; n -= 4, y += 32, x += 32) {
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(scale, v128.load(x))));
    v128.store(y, f64x2.add(v128.load(y, 16), f64x2.mul(scale, v128.load(x, 16))), 16);
  }
  for (; n > 0; n--, y += F64, x += F64) store<f64>(y, load<f64>(y) + s * load<f64>(x));
}

/** The largest |x_i|; 0 of none. */
export function largest(x: usize, n: i32): f64 {
  let found: f64 = 0;
  for (const end = x + <usize>n * F64; x < end; x += F64) found = max(found, Math.abs(load<f64>(x)));
  return found;
}

// the squares of what lies between these keep all of their digits
const SMALLEST_SQUARES: f64 = 1e-270;
const LARGEST_SQUARES: f64 = 1e290;

/** √Σ x_i², also where the squares would overflow or underflow. */
export function norm(x: usize, n: i32): f64 {
  const squares = dot(x, x, n);
  if (squares > SMALLEST_SQUARES && squares < LARGEST_SQUARES) return Math.sqrt(squares);
  const scale = largest(x, n);
  if (scale == 0) return 0;
  let sum: f64 = 0;
  for (const end = x + <usize>n * F64; x < end; x += F64) {
    const ratio = load<f64>(x) / scale;
    sum += ratio * ratio;
  }
  return scale * Math.sqrt(sum);
}

/** x ← s x */
export function multiply(x: usize, s: f64, n: i32): void {
  if (s == 1) return;
  for (const end = x + <usize>n * F64; x < end; x += F64) store<f64>(x, load<f64>(x) * s);
}

// values whose largest lies between these are left as they are
const LARGE: f64 = 1e100;
const SMALL: f64 = 1e-100;

/**
 * Multiply values whose squares might overflow or underflow by a power of two that brings the largest near 1. Returns the factor,
 * whose inverse is exact, too; NaN if a value is not finite.
 */
export function bringNearOne(x: usize, n: i32): f64 {
  const size = largest(x, n);
  if (!isFinite<f64>(size)) return NaN;
  if (size == 0 || (size >= SMALL && size <= LARGE)) return 1;
  const exponent = min<i64>(max<i64>((reinterpret<i64>(size) >> 52) & 0x7ff, 1), 2045);
  const factor = reinterpret<f64>((2046 - exponent) << 52);
  multiply(x, factor, n);
  return factor;
}
