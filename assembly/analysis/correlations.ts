// Correlation functions of the units of trajectories while their states come in: the mean over units and time of
// x_i(t) x_i(t + lag), without anything subtracted, where x is the state or its activation tanh(gain h + bias).
//
// Kept of each trial: its last L + 1 states. Order: for each trial and lag one accumulator over time, of dot products over units
// as in linalg/vectors.ts.

import { arenaAllocate } from "../arena";
import { get, set } from "../dynamics/system";
import { dot } from "../linalg/vectors";


@unmanaged
export class Correlations {
  // written by the host
  /** Units that are seen, the first of each state. */
  N: i32;
  /** Values of a state. */
  D: i32;
  trials: i32;
  /** Largest lag, in states. */
  L: i32;
  /** Whether it is the activation that is correlated. */
  activated: bool;
  gain: f64;
  bias: f64;

  /** States so far. */
  seen: i32;

  // addresses: states (L + 1, trials, N), the newest in row `seen` mod (L + 1); sums (trials, L + 1)
  ring: usize;
  sums: usize;
}

/** The address of new correlations, or 0 if there is no memory for them; they are laid out as plans are. */
export function createCorrelations(
  N: i32,
  D: i32,
  trials: i32,
  L: i32,
  activated: bool,
  gain: f64,
  bias: f64,
): usize {
  const address = arenaAllocate(offsetof<Correlations>());
  if (!address) return 0;
  memory.fill(address, 0, offsetof<Correlations>());
  const correlations = changetype<Correlations>(address);
  correlations.N = N;
  correlations.D = D;
  correlations.trials = trials;
  correlations.L = L;
  correlations.activated = activated;
  correlations.gain = gain;
  correlations.bias = bias;
  return address;
}

/** Set the addresses of what lies from `base` on, and clear it, unless `base` is 0; returns the bytes that it takes. */
export function layOutCorrelations(correlations: Correlations, base: usize): f64 {
  const rows = (<f64>correlations.L + 1) * correlations.trials;
  const ring = 8 * rows * correlations.N;
  const bytes = ring + 8 * rows;
  if (!base) return bytes;
  memory.fill(base, 0, <usize>bytes);
  correlations.seen = 0;
  correlations.ring = base;
  correlations.sums = base + <usize>ring;
  return bytes;
}

/** Sums of products (trials, L + 1), each over the states so far less its lag. */
export function correlationSumsOf(correlations: Correlations): usize {
  return correlations.sums;
}

/** Add `count` states of all trials, (count, trials, D) at `states`. */
export function addToCorrelations(correlations: Correlations, states: usize, count: i32): void {
  const N = correlations.N,
    D = correlations.D,
    length = correlations.L + 1;
  const unitBytes = (<usize>N) << 3;
  for (let t = 0; t < count; t++) {
    const seen = correlations.seen;
    const newest = seen % length;
    for (let b = 0; b < correlations.trials; b++, states += (<usize>D) << 3) {
      const ring = correlations.ring + <usize>b * unitBytes;
      const stride = <usize>correlations.trials * unitBytes;
      const here = ring + <usize>newest * stride;
      for (let i = 0; i < N; i++) {
        const x = get(states, i);
        set(here, i, correlations.activated ? Math.tanh(correlations.gain * x + correlations.bias) : x);
      }
      const sums = correlations.sums + ((<usize>(b * length)) << 3);
      for (let k = 0; k <= min(seen, correlations.L); k++) {
        const there = ring + <usize>((newest - k + length) % length) * stride;
        set(sums, k, get(sums, k) + dot(here, there, N));
      }
    }
    correlations.seen = seen + 1;
  }
}
