// Student's t distribution, f64: how often |t| is at least so large by chance.
//
// Based on  DiDonato and Morris, "Algorithm 708: significant digit computation of the incomplete beta function ratios" (1992):
//           its continued fraction, BFRAC, whose terms know both x and 1 - x; Lentz, "Generating Bessel functions in Mie
//           scattering calculations" (1976), for the order of evaluation; Tricomi and Erdélyi, "The asymptotic expansion of
//           a ratio of gamma functions" (1951).

// from here on the expansion of a ratio of gamma functions is right to the last bits
const LARGE: f64 = 40;

const MOST_TERMS: i32 = 100000;
const TOLERANCE: f64 = 1e-16;

// in place of a denominator that vanishes
const TINY: f64 = 1e-300;

/** P(|T| ≥ |t|) for `df` > 0 degrees of freedom, which need not be whole; relative to 1e-13 or so. */
export function studentTail(t: f64, df: f64): f64 {
  const a = 0.5 * df;
  const square = t * t;
  // x = df / (df + t²), y = 1 - x
  const x = df / (df + square);
  const y = square < Infinity ? square / (df + square) : 1;
  const front = (Math.exp(-a * Math.log1p(square / df)) * Math.sqrt(y) * gammaRatio(a)) / Math.sqrt(Math.PI);
  // on this side of the mean of the beta distribution the fraction converges, on the other its complement
  if (square >= 1) return front / betaFraction(a, 0.5, x, y);
  return 1 - front / betaFraction(0.5, a, y, x);
}

// Γ(a + 1/2) / Γ(a)
function gammaRatio(a: f64): f64 {
  let factor: f64 = 1;
  for (; a < LARGE; a += 1) factor *= a / (a + 0.5);
  const r = 1 / a;
  let sum: f64 = 39325.0 / 33554432.0;
  sum = sum * r + 869.0 / 4194304.0;
  sum = sum * r - 399.0 / 262144.0;
  sum = sum * r - 21.0 / 32768.0;
  sum = sum * r + 5.0 / 1024.0;
  sum = sum * r + 1.0 / 128.0;
  sum = sum * r - 1.0 / 8.0;
  return factor * Math.sqrt(a) * (sum * r + 1);
}

// @ts-ignore: decorator
@inline
function notZero(x: f64): f64 {
  return Math.abs(x) < TINY ? TINY : x;
}

// x^a y^b / (B(a, b) I_x(a, b)) as a continued fraction, for y = 1 - x
function betaFraction(a: f64, b: f64, x: f64, y: f64): f64 {
  let fraction = (a * (a * y - b * x + 1)) / (a + 1);
  let c = fraction;
  let d: f64 = 0;
  for (let m = 1; m < MOST_TERMS; m++) {
    const at = a + 2 * m;
    const numerator = (((a + m - 1) * (a + b + m - 1) * m * (b - m)) / ((at - 1) * (at - 1))) * x * x;
    const denominator =
      m + (m * (b - m) * x) / (at - 1) + ((a + m) * (a * y - b * x + 1 + m * (1 + y))) / (at + 1);
    d = 1 / notZero(denominator + numerator * d);
    c = notZero(denominator + numerator / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) <= TOLERANCE) break;
  }
  return fraction;
}
