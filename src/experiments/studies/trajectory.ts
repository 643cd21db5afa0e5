// Trajectories of random networks: how much of a state is left later on, and whether activity survives.

import { simulateDynamics } from "../../analysis/dynamics-simulation.ts";
import type { InputStream } from "../../analysis/initial-state.ts";
import { type Dynamics, stepTime } from "../../core/dynamics.ts";
import { drawSystem, type RandomSystem } from "./random-system.ts";

/** An input to one kind of variables of a gated network, the same for all units, that is there for some time. */
export interface Pulse {
  to: "state" | "update" | "output";
  /** From this time on … */
  from: number;
  /** … for so long. */
  lasting: number;
  amplitude: number;
}

export interface TrajectoryOptions {
  system: RandomSystem;
  /** How long, and how often h is looked at; a whole number of times. */
  time: number;
  every: number;
  /** Root mean square of the first h (default 1). */
  rms?: number;
  /** Its seed (default 0). */
  seed?: number;
  pulse?: Pulse;
}

/** What h was at the times `every`, 2 `every` … */
export interface TrajectorySummary {
  times: number[];
  /** Root mean square over units. */
  rms: number[];
  /** Cosine of the angle between h then and h at the next of these times: one less. */
  overlap: number[];
  /** State at the end, all variables. */
  last: number[];
}

/** Follow the state of a network. */
export async function trajectory({
  system,
  time,
  every,
  rms = 1,
  seed = 0,
  pulse,
  signal,
}: TrajectoryOptions & { signal?: AbortSignal }): Promise<TrajectorySummary> {
  const dynamics = await drawSystem(pulse ? { ...system, inputs: 1 } : system);
  if (pulse) connectPulse(dynamics, pulse);
  const recordEvery = Math.round(every / stepTime(dynamics));
  const { units: N } = dynamics;
  const summary: TrajectorySummary = { times: [], rms: [], overlap: [], last: [] };
  let before: Float64Array | undefined;
  for await (const { times, states } of simulateDynamics(dynamics, {
    time,
    recordEvery,
    initialState: { rms, seed },
    ...(pulse ? { input: streamOf(dynamics, pulse) } : {}),
    ...(signal ? { signal } : {}),
  })) {
    const D = states.length / times.length;
    for (const [i, at] of times.entries()) {
      const state = states.subarray(i * D, i * D + N);
      summary.times.push(at);
      summary.rms.push(Math.sqrt(dot(state, state) / N));
      if (before) summary.overlap.push(cosine(before, state));
      before = state;
    }
    summary.last = [...states.subarray(states.length - D)];
  }
  return summary;
}

const variables = { state: 0, update: 1, output: 2 } as const;

// the pulse reaches all units of one kind alike
function connectPulse({ units: N, layers }: Dynamics, { to }: Pulse): void {
  layers[0]!.input.fill(0);
  layers[0]!.input.fill(1, variables[to] * N, (variables[to] + 1) * N);
}

function streamOf(dynamics: Dynamics, { from, lasting, amplitude }: Pulse): InputStream {
  const begin = Math.round(from / stepTime(dynamics));
  const end = Math.round((from + lasting) / stepTime(dynamics));
  return (inputs, first) => {
    for (let i = 0; i < inputs.length; i++) {
      if (first + i >= begin && first + i < end) inputs[i] = amplitude;
    }
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

// 0 of a state that is 0
function cosine(a: Float64Array, b: Float64Array): number {
  const norms = Math.sqrt(dot(a, a) * dot(b, b));
  return norms > 0 ? dot(a, b) / norms : 0;
}
