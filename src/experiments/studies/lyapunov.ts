// Lyapunov spectra of random networks. A long one keeps its state from time to time, and goes on from there.

import { type LyapunovState, measureLyapunovSpectrum } from "../../analysis/lyapunov.ts";
import { stepsOf } from "../../analysis/time-blocks.ts";
import { stateSize } from "../../core/dynamics.ts";
import { StateError } from "../../core/errors.ts";
import { decodeSafetensors, sealSafetensors } from "../../io/safetensors.ts";
import { drawSystem, type RandomSystem } from "./random-system.ts";

export interface LyapunovStudyOptions {
  system: RandomSystem;
  /** Exponents from the largest (default: all). */
  count?: number;
  /** Steps that are measured, and steps before. */
  steps: number;
  transient: number;
  /** Steps between orthonormalisations (default 1). */
  interval?: number;
  /** Steps between states that are kept, a multiple of `interval` (default: those of about a minute). */
  keepEvery?: number;
  /** Root mean square of the first state (default 1), and the seed of state and directions (default 0). */
  rms?: number;
  seed?: number;
}

/** A spectrum as plain data; per unit of time of a flow, per step of a map. */
export interface LyapunovSummary {
  exponents: number[];
  /** Standard errors from blocks of time. */
  errors: number[];
  converged: boolean;
  /** Σ λ_i, and what it equals: the mean log-determinant of the map, or as dt goes to 0 the mean divergence of the flow. */
  sum: number;
  logDeterminant: number | null;
  divergence: number | null;
  /** Kaplan–Yorke dimension; null where more exponents were needed. */
  dimension: number | null;
  entropy: number;
  positiveFraction: number;
  /** Variables D. */
  size: number;
  /** Root mean square of the state at the end. */
  rms: number;
}

// operations between two states that are kept: a minute or so
const OPERATIONS_AT_ONCE = 1e12;

/** Measure a spectrum. */
export async function lyapunov({
  system,
  steps,
  interval = 1,
  rms = 1,
  seed = 0,
  signal,
  resume,
  onState,
  keepEvery,
  ...options
}: LyapunovStudyOptions & {
  signal?: AbortSignal;
  resume?: Uint8Array;
  onState?: (state: Uint8Array) => unknown;
}): Promise<LyapunovSummary> {
  const dynamics = await drawSystem(system);
  const size = stateSize(dynamics);
  const count = options.count ?? size;
  // a product with the weights and a decomposition for each direction
  const perStep = count * size * (2 * size + 4 * count);
  const atOnce = keepEvery ?? interval * Math.max(1, Math.floor(OPERATIONS_AT_ONCE / (perStep * interval)));
  let state = resume && decodeState(resume);
  for (;;) {
    const done = state ? stepsOf(state.blocks) : 0;
    const spectrum = await measureLyapunovSpectrum(dynamics, {
      ...options,
      count,
      interval,
      steps: Math.min(steps, done + atOnce),
      initialState: { rms, seed },
      seed,
      ...(state ? { resume: state } : {}),
      ...(signal ? { signal } : {}),
    });
    state = spectrum.state;
    if (spectrum.steps >= steps) {
      const { exponents, errors, converged, sum, entropy, positiveFraction } = spectrum;
      const { logDeterminant = null, divergence = null, dimension = null } = spectrum;
      const square = state.trajectory.reduce((total, value) => total + value * value, 0);
      const plain = {
        exponents: [...exponents],
        errors: [...errors],
        converged,
        sum,
        entropy,
        positiveFraction,
      };
      return { ...plain, logDeterminant, divergence, dimension, size, rms: Math.sqrt(square / size) };
    }
    await onState?.(encodeState(state));
  }
}

function encodeState({ trajectory, tangents, blocks, ...rest }: LyapunovState): Uint8Array {
  const { full, open, ...counts } = blocks;
  const arrays = Object.entries({ trajectory, tangents, full: Float64Array.from(full), open });
  return sealSafetensors(
    arrays.map(([name, data]) => [name, { data, shape: [data.length] }] as const),
    { state: JSON.stringify({ ...rest, blocks: counts }) },
  );
}

function decodeState(bytes: Uint8Array): LyapunovState {
  const { tensors, metadata } = decodeSafetensors(bytes, "the state of a spectrum");
  const { blocks, ...rest } = JSON.parse(metadata.state ?? "null") as LyapunovState;
  const array = (name: string): Float64Array => {
    const data = tensors.get(name)?.data;
    if (data instanceof Float64Array) return data;
    throw new StateError(
      `the state of a spectrum: there is no array "${name}". Remove the file, and begin again.`,
    );
  };
  return {
    ...rest,
    trajectory: array("trajectory"),
    tangents: array("tangents"),
    blocks: { ...blocks, full: array("full"), open: array("open") },
  };
}
