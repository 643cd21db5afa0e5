// Eigenvalues of the Jacobian of a random network in a state that it came to by itself, and the edge that theory gives
// them, from the statistics of the same state.

import { simulateDynamics } from "../../analysis/dynamics-simulation.ts";
import { Core } from "../../core/core.ts";
import { DynamicalSystem, type Dynamics, linearizeSystem } from "../../core/dynamics.ts";
import { NumericError } from "../../core/errors.ts";
import { saturateAll } from "../../core/gaussian-averages.ts";
import { eigenvalues } from "../../core/linear-algebra.ts";
import type { SpectrumEquation } from "../../core/spectrum.ts";
import { gruSpectrum, lstmSpectrum } from "../../theory/gated-cell-spectra.ts";
import { findInside, gatingSpectrum, traceSpectralBoundary } from "../../theory/spectral-boundary.ts";
import { drawSystem, type RandomSystem } from "./random-system.ts";

export interface SpectrumStudyOptions {
  system: Exclude<RandomSystem, { kind: "tanh" }>;
  /** Time, or steps of a map, before the state is looked at. */
  time: number;
  /** How far outside the edge an eigenvalue may lie, as a factor of its distance from the centre. */
  factor: number;
  /** Seed of the initial state (default 0). */
  seed?: number;
}

export interface SpectrumSummary {
  /** (n, 2), real part first. */
  eigenvalues: number[];
  /** The edge's upper half, (m, 2). */
  edge: number[];
  /** Share of the eigenvalues inside the edge times `factor`. */
  inside: number;
  /** Largest real part of an eigenvalue, and of the edge. */
  largestReal: number;
  edgeReal: number;
  /** Where the edge is looked at from. */
  centre: number;
  /** Share of the eigenvalues within 0.05 of 0. */
  nearZero: number;
}

const NEAR_ZERO = 0.05;

/** Compare eigenvalues with their edge. */
export async function spectrum({
  system,
  time,
  factor,
  seed = 0,
  signal,
}: SpectrumStudyOptions & { signal?: AbortSignal }): Promise<SpectrumSummary> {
  const dynamics = await drawSystem(system);
  const state = await settle(dynamics, time, seed, signal);
  const { values, equation } = await linearize(system, dynamics, state);
  const boundary = await traceSpectralBoundary(equation);
  const inside = await findInside(equation, values, { factor });
  const n = inside.length;
  const isNear = (i: number) => {
    const [re, im] = [values[2 * i]!, values[2 * i + 1]!];
    return re * re + im * im < NEAR_ZERO * NEAR_ZERO;
  };
  const count = (is: (i: number) => boolean) => inside.reduce((sum, _, i) => sum + (is(i) ? 1 : 0), 0);
  return {
    // no zero with a sign, which JSON has not
    eigenvalues: Array.from(values, (value) => value + 0),
    edge: Array.from(boundary.edge, (value) => value + 0),
    inside: count((i) => inside[i]!) / n,
    largestReal: values.reduce((most, value, i) => (i % 2 === 0 ? Math.max(most, value) : most), -Infinity),
    edgeReal: boundary.largestReal,
    centre: boundary.centre,
    nearZero: count(isNear) / n,
  };
}

// the state behind `time`
async function settle(
  dynamics: Dynamics,
  time: number,
  seed: number,
  signal?: AbortSignal,
): Promise<Float64Array> {
  let state = new Float64Array(0);
  const options = { time, initialState: { seed }, ...(signal ? { signal } : {}) };
  for await (const { states, times } of simulateDynamics(dynamics, options)) {
    state = states.slice(states.length - states.length / times.length);
  }
  return state;
}

async function linearize(system: SpectrumStudyOptions["system"], dynamics: Dynamics, state: Float64Array) {
  const core = await Core.load();
  try {
    const placed = new DynamicalSystem(core, "spectrum", dynamics);
    const { jacobian, result } = linearizeSystem(placed, state, undefined, system.kind === "gated");
    const found = eigenvalues(core, jacobian, placed.size);
    if (!found) throw new NumericError("spectrum: the eigenvalues of the Jacobian were not found.");
    const values = Float64Array.from({ length: 2 * placed.size }, (_, i) =>
      i % 2 === 0 ? found.re[i / 2]! : found.im[(i - 1) / 2]!,
    );
    return { values, equation: await equationOf(core, system, dynamics, state, result) };
  } finally {
    core.release();
  }
}

// the edge's equation, from the units' values; `result` is dx/dt, or the state behind the next step
function equationOf(
  core: Core,
  system: SpectrumStudyOptions["system"],
  dynamics: Dynamics,
  state: Float64Array,
  result: Float64Array,
): Promise<SpectrumEquation> | SpectrumEquation {
  const N = dynamics.units;
  const h = state.subarray(0, N);
  if (system.kind === "gated") {
    const { updateGain, updateBias } = dynamics.gating!;
    const update = state.subarray(N, 2 * N);
    const open = saturateAll(core, { kind: "logistic", gain: updateGain, bias: updateBias }, update);
    // R from dh/dt = σ_z (-h + R)
    const recurrent = h.map((value, i) => result[i]! / open[i]! + value);
    return gatingSpectrum(dynamics.gating!, { state: h, update, output: state.subarray(2 * N), recurrent });
  }
  const weights = dynamics.layers[0]!.recurrent;
  const gate = (index: number, of: Float64Array) =>
    saturateAll(core, LOGISTIC, product(weights.subarray(index * N * N, (index + 1) * N * N), of));
  const candidate = (index: number, of: Float64Array) =>
    saturateAll(core, TANH, product(weights.subarray(index * N * N, (index + 1) * N * N), of));
  if (system.kind === "gru") {
    const { candidateGain = 3, resetGain = 2, updateGain = 2 } = system;
    const [reset, update] = [gate(0, h), gate(1, h)];
    return gruSpectrum(
      { candidate: candidateGain, reset: resetGain, update: updateGain },
      {
        state: h,
        reset,
        update,
        candidate: candidate(
          2,
          h.map((value, i) => reset[i]! * value),
        ),
      },
    );
  }
  const { candidateGain = 3, inputGain = 2, forgetGain = 2, outputGain = 2 } = system;
  return lstmSpectrum(
    { candidate: candidateGain, input: inputGain, forget: forgetGain, output: outputGain },
    {
      cell: state.subarray(N),
      input: gate(0, h),
      forget: gate(1, h),
      candidate: candidate(2, h),
      output: gate(3, h),
    },
  );
}

const LOGISTIC = { kind: "logistic", gain: 1, bias: 0 } as const;
const TANH = { kind: "tanh", gain: 1, bias: 0 } as const;

// W x, each sum from the first unit on
function product(W: Float64Array, x: Float64Array): Float64Array {
  const N = x.length;
  return x.map((_, i) => {
    let sum = 0;
    for (let j = 0; j < N; j++) sum += W[i * N + j]! * x[j]!;
    return sum;
  });
}
