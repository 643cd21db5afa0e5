// The edge of the eigenvalues of a large random Jacobian with gates, f64.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022). Eigenvalues λ lie where
//
//   1 ≤ Σ v_i / |λ - p_i|² (c₀ + c₁ / |1 + τ₁ λ|²) + Σ w_i / |λ - p_i|² · 1 / |1 + τ₂ λ|² + e / |λ|²
//
// with a pole p and weights v and w for each site. A site whose pole is met counts if its weight is above zero.
//
// Order of sums: over sites from the first.

const F64: usize = 8;


@unmanaged
export class Spectrum {
  sites: i32;
  // rows of f64: poles, v, w
  poles: usize;
  c0: f64;
  c1: f64;
  tau1: f64;
  tau2: f64;
  e: f64;
}

/** The right-hand side at λ = x + i y. */
export function spectralWeight(s: Spectrum, x: f64, y: f64): f64 {
  const square = y * y;
  const row = <usize>s.sites * F64;
  let v: f64 = 0;
  let w: f64 = 0;
  for (let at = s.poles; at < s.poles + row; at += F64) {
    const apart = x - load<f64>(at);
    const distance = apart * apart + square;
    const numerator = load<f64>(at + row);
    const other = load<f64>(at + 2 * row);
    if (numerator > 0) v += numerator / distance;
    if (other > 0) w += other / distance;
  }
  let sum: f64 = 0;
  if (v > 0) sum += v * (s.c0 + (s.c1 > 0 ? s.c1 / filter(s.tau1, x, square) : 0));
  if (w > 0) sum += w / filter(s.tau2, x, square);
  if (s.e > 0) sum += s.e / (x * x + square);
  return sum;
}

// @ts-ignore: decorator
@inline
function filter(tau: f64, x: f64, square: f64): f64 {
  const real = 1 + tau * x;
  return real * real + tau * tau * square;
}

/** The right-hand side at n complex values, real part first, into n values at `target`. */
export function spectralWeights(s: Spectrum, values: usize, n: i32, target: usize): void {
  for (let i = 0; i < n; i++, values += 2 * F64, target += F64) {
    store<f64>(target, spectralWeight(s, load<f64>(values), load<f64>(values, 8)));
  }
}

/**
 * The outermost points of the edge on `angles` rays from `centre` on the real axis, at angles π k / (angles - 1), as complex
 * values at `target`. Each is the last change on the way in from `reach`, in `scan` steps, halved 50 times; a ray that
 * meets none gives the centre.
 */
export function traceEdge(s: Spectrum, centre: f64, reach: f64, scan: i32, angles: i32, target: usize): void {
  for (let k = 0; k < angles; k++, target += 2 * F64) {
    const angle = (Math.PI * k) / max(1, angles - 1);
    const cos = Math.cos(angle);
    const sin = k == 0 || k == angles - 1 ? 0 : Math.sin(angle);
    const radius = edgeRadius(s, centre, cos, sin, reach, scan);
    store<f64>(target, centre + radius * cos);
    store<f64>(target, radius * sin, 8);
  }
}

function edgeRadius(s: Spectrum, centre: f64, cos: f64, sin: f64, reach: f64, scan: i32): f64 {
  let outside = reach;
  for (let i = scan - 1; i >= 0; i--) {
    // squares, since edges may be much nearer to the centre than the farthest is
    const share = <f64>i / <f64>scan;
    let inside = reach * share * share;
    if (!(spectralWeight(s, centre + inside * cos, inside * sin) >= 1)) {
      outside = inside;
      continue;
    }
    for (let step = 0; step < 50; step++) {
      const middle = 0.5 * (inside + outside);
      if (spectralWeight(s, centre + middle * cos, middle * sin) >= 1) inside = middle;
      else outside = middle;
    }
    return 0.5 * (inside + outside);
  }
  return 0;
}
