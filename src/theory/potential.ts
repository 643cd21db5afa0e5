// Correlations of a random network whose output gates follow at once (τ_r → 0): a particle that comes to rest on a hill.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022), after Sompolinsky, Crisanti and Sommers, "Chaos in random neural networks", Phys. Rev. Lett. 61, 259
//            (1988): C″ = C - C_φ C_σr is motion in a potential, which must be as high at C(0) as at 0.
//
// With u = g² C(0), that is C(0) = 2 ∫₀¹ C_φ(c) C_σr(c) dc, whose right-hand side depends on u alone. The integral is taken over
// v = √(1 - c), which resolves the end where two states are almost the same.

import type { Core } from "../core/core.ts";
import { pairAverages, pairSeries, type Saturation } from "../core/gaussian-averages.ts";
import { findMinimum, findRoot, panelRule } from "./bracketing.ts";
import type { Site } from "./site.ts";

const COARSE = [0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.55, 0.75, 1];
const FINE = COARSE.flatMap((bound, i) => (i === 0 ? [bound] : [0.5 * (bound + COARSE[i - 1]!), bound]));
const rules = { coarse: panelRule(COARSE), fine: panelRule(FINE) };

const TANH: Saturation = { kind: "tanh", gain: 1, bias: 0 };

interface Averages {
  phi: Float64Array;
  gate: Float64Array;
}

// C_φ and C_σr where the correlation of h is 1 - v², for h of variance u / g² and C_r = C_φ; the last v is 0
function averagesAt(
  core: Core,
  output: Saturation,
  u: number,
  v: readonly number[],
  tolerance: number,
): Averages {
  const correlations = v.map((value) => 1 - value * value);
  const phi = pairAverages(core, pairSeries(core, TANH, u, tolerance), correlations).average;
  const square = phi.at(-1)!;
  const gates = pairSeries(core, output, square, tolerance);
  const gate = pairAverages(
    core,
    gates,
    phi.map((average) => Math.min(1, average / square)),
  ).average;
  return { phi, gate };
}

/** g² of the solution with g² C(0) = u; a `fine` one takes twice the nodes and more terms. */
export function squareGain(core: Core, output: Saturation, u: number, fine: boolean): number {
  const { nodes, weights } = fine ? rules.fine : rules.coarse;
  const { phi, gate } = averagesAt(core, output, u, [...nodes, 0], fine ? 1e-8 : 1e-4);
  let sum = 0;
  weights.forEach((weight, i) => {
    sum += weight * 2 * nodes[i]! * phi[i]! * gate[i]!;
  });
  return u / (2 * sum);
}

const FACTOR = 1.25;

// a solution of a smaller variance is not told from zero
const LEAST = 1e-6;

/** The largest variance C(0) of a solution beside zero, or undefined if there is none. */
export function restingVariance(core: Core, { activation, output }: Site): number | undefined {
  const square = activation.gain * activation.gain;
  const excess = (u: number) => squareGain(core, output, u, true) - square;
  // variances are below 1, so that u is below g²
  let above = { u: square, value: square > LEAST ? excess(square) : 0 };
  let middle = above;
  while (middle.u > LEAST) {
    const u = middle.u / FACTOR;
    const below = { u, value: excess(u) };
    if (below.value < 0) return findRoot(excess, u, middle.u, 1e-11) / square;
    // just above a transition, a lowest point between three may be enough
    if (middle.value <= below.value && middle.value < above.value) {
      const { place, value } = findMinimum(excess, u, above.u, 1e-3);
      if (value < 0) return findRoot(excess, place, above.u, 1e-11) / square;
    }
    [above, middle] = [middle, below];
  }
  return undefined;
}

/** Points of a solution, from time 0 on, as long as it is more than a few hundredths of its start. */
export interface Profile {
  times: number[];
  covariances: number[];
  /** The rate at which it decays at the last. */
  decay: number;
}

const POINTS = 400;
const LAST = 0.03;

/** The solution of variance C(0) over time, to about 1e-3: a start for one that is exact. */
export function restingProfile(core: Core, site: Site, variance: number): Profile {
  const { activation, output, rate } = site;
  const v = Array.from({ length: POINTS }, (_, i) => (i + 0.5) / POINTS);
  const u = variance * activation.gain * activation.gain;
  const { phi, gate } = averagesAt(core, output, u, [...v, 0], 1e-5);
  const width = 1 / POINTS;
  const profile: Profile = { times: [0], covariances: [variance], decay: rate };
  let energy = 0;
  let time = 0;
  for (let i = 0; i < POINTS; i++) {
    const c = 1 - v[i]! * v[i]!;
    // half a point before the middle of this one, and half behind it
    const gained = (phi[i]! * gate[i]! - variance * c) * variance * v[i]! * width;
    energy += gained;
    if (!(energy > 0) || c < LAST) break;
    const speed = rate * Math.sqrt(2 * energy);
    energy += gained;
    time += (variance * 2 * v[i]! * width) / speed;
    const end = v[i]! + 0.5 * width;
    profile.times.push(time);
    profile.covariances.push(variance * (1 - end * end));
    profile.decay = speed / (variance * c);
  }
  return profile;
}

/** A profile at times 0, dt, … (n), going on with its last decay. */
export function sampleProfile({ times, covariances, decay }: Profile, dt: number, n: number): Float64Array {
  const result = new Float64Array(n);
  const kept = (1 - 0.5 * decay * dt) / (1 + 0.5 * decay * dt);
  let k = 1;
  for (let i = 0; i < n; i++) {
    const t = i * dt;
    while (k < times.length && times[k]! < t) k++;
    if (k >= times.length) {
      result[i] = i === 0 ? covariances[0]! : kept * result[i - 1]!;
      continue;
    }
    const share = (t - times[k - 1]!) / (times[k]! - times[k - 1]!);
    result[i] = covariances[k - 1]! + share * (covariances[k]! - covariances[k - 1]!);
  }
  return result;
}
