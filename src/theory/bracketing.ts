// Roots and minima of a function of one variable that lie between known bounds, and integrals over [0, 1].
//
// Based on  Dowell and Jarratt, "A modified regula falsi method for computing the root of an equation" (1971), Illinois.
//           Kiefer, "Sequential minimax search for a maximum" (1953), golden section.

const MOST_STEPS = 200;

/** A root between `low` and `high`, where f has different signs; to `tolerance` times its size. */
export function findRoot(f: (x: number) => number, low: number, high: number, tolerance = 1e-14): number {
  let [a, b] = [low, high];
  let [fa, fb] = [f(a), f(b)];
  if (fa === 0) return a;
  for (let step = 0; step < MOST_STEPS && fb !== 0; step++) {
    // now and then the middle, since a false position may be slow
    const x = step % 3 === 2 ? 0.5 * (a + b) : b - (fb * (b - a)) / (fb - fa);
    const fx = f(x);
    if (fx > 0 !== fb > 0) {
      a = b;
      fa = fb;
    } else {
      fa *= 0.5;
    }
    b = x;
    fb = fx;
    if (Math.abs(b - a) <= tolerance * Math.abs(b)) break;
  }
  return b;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** A minimum of f between `low` and `high`, to `tolerance` times its place. */
export function findMinimum(
  f: (x: number) => number,
  low: number,
  high: number,
  tolerance: number,
): { place: number; value: number } {
  let [a, b] = [low, high];
  let x = b - GOLDEN * (b - a);
  let y = a + GOLDEN * (b - a);
  let [fx, fy] = [f(x), f(y)];
  while (Math.abs(b - a) > tolerance * Math.abs(b)) {
    if (fx <= fy) {
      [b, y, fy] = [y, x, fx];
      x = b - GOLDEN * (b - a);
      fx = f(x);
    } else {
      [a, x, fx] = [x, y, fy];
      y = a + GOLDEN * (b - a);
      fy = f(y);
    }
  }
  return fx <= fy ? { place: x, value: fx } : { place: y, value: fy };
}

// Gauss and Legendre's rule of five nodes on [-1, 1]
const inner = Math.sqrt(5 - 2 * Math.sqrt(10 / 7)) / 3;
const outer = Math.sqrt(5 + 2 * Math.sqrt(10 / 7)) / 3;
const NODES = [-outer, -inner, 0, inner, outer];
const light = (322 - 13 * Math.sqrt(70)) / 900;
const heavy = (322 + 13 * Math.sqrt(70)) / 900;
const WEIGHTS = [light, heavy, 128 / 225, heavy, light];

/** Nodes and weights of an integral over panels between `bounds`, five in each. */
export function panelRule(bounds: readonly number[]): { nodes: Float64Array; weights: Float64Array } {
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let i = 1; i < bounds.length; i++) {
    const half = 0.5 * (bounds[i]! - bounds[i - 1]!);
    const middle = 0.5 * (bounds[i]! + bounds[i - 1]!);
    NODES.forEach((node, k) => {
      nodes.push(middle + half * node);
      weights.push(half * WEIGHTS[k]!);
    });
  }
  return { nodes: Float64Array.from(nodes), weights: Float64Array.from(weights) };
}
