// Lyapunov exponents: tangents follow a trajectory through the exact derivative of each step, and are made orthonormal again
// and again; what each has grown by, beside those before it, is added up as a logarithm.
//
// Based on  Benettin, Galgani, Giorgilli and Strelcyn, Meccanica 15, 9 (1980); Engelken, Wolf and Abbott, "Lyapunov spectra of
//           chaotic recurrent neural networks", Phys. Rev. Research 5, 043044 (2023), section on the algorithm.
//
// Order: a sum of logarithms is one accumulator over time for each exponent.

import { arenaAllocate } from "../arena";
import { allFinite, divergence, linearize, stepStates, stepTangents } from "../dynamics/step";
import { Kind, System, get, set } from "../dynamics/system";
import { leastSquaresScratch, logDeterminant } from "../linalg/least-squares";
import { orthonormalizeRows, orthonormalizeScratch } from "../linalg/qr";
import { fillNormal } from "../rng";


@unmanaged
export class Lyapunov {
  // written by the host
  system: System;
  /** Exponents. */
  k: i32;
  /** Steps from one orthonormalisation to the next. */
  interval: i32;
  /** Whether ln |det| of the steps is added up: 0 no, 1 by a decomposition of each step's matrix, 2 from tanh′ alone. */
  determinant: i32;

  // addresses: the state (D), the tangents (k, D), what the host reads behind a call
  state: usize;
  tangents: usize;
  /** Σ ln of growth (k), then Σ ln |det|, Σ divergence. */
  sums: usize;
  // workspace
  diagonal: usize;
  scratch: usize;
  matrix: usize;
  result: usize;
}

/** The address of a new spectrum of k exponents, or 0 if there is no memory for it. */
export function createLyapunov(system: System, k: i32, interval: i32, determinant: i32): usize {
  const address = arenaAllocate(offsetof<Lyapunov>());
  if (!address) return 0;
  memory.fill(address, 0, offsetof<Lyapunov>());
  const spectrum = changetype<Lyapunov>(address);
  spectrum.system = system;
  spectrum.k = k;
  spectrum.interval = interval;
  spectrum.determinant = determinant;
  return address;
}

export function trajectoryOf(spectrum: Lyapunov): usize {
  return spectrum.state;
}
export function tangentsOf(spectrum: Lyapunov): usize {
  return spectrum.tangents;
}
export function exponentSumsOf(spectrum: Lyapunov): usize {
  return spectrum.sums;
}

/** Set the addresses of what lies from `base` on, unless it is 0; returns the bytes that it takes. */
export function layOutLyapunov(spectrum: Lyapunov, base: usize): f64 {
  const D = <f64>spectrum.system.D,
    k = <f64>spectrum.k;
  let at = <f64>base;
  spectrum.state = <usize>at;
  at += 8 * D;
  spectrum.tangents = <usize>at;
  at += 8 * k * D;
  spectrum.sums = <usize>at;
  at += 8 * (k + 2);
  spectrum.diagonal = <usize>at;
  at += 8 * D;
  spectrum.scratch = <usize>at;
  let scratch = orthonormalizeScratch(spectrum.k, spectrum.system.D);
  if (spectrum.determinant == 1)
    scratch = max(scratch, leastSquaresScratch(spectrum.system.D, spectrum.system.D));
  at += 8 * <f64>scratch;
  spectrum.result = <usize>at;
  at += 8 * D;
  spectrum.matrix = <usize>at;
  if (spectrum.determinant == 1) at += 8 * D * D;
  return at - <f64>base;
}

/** The first tangents: random, orthonormal. */
export function drawTangents(spectrum: Lyapunov, key: u64): void {
  const D = spectrum.system.D;
  fillNormal(key, spectrum.tangents, spectrum.k * D);
  orthonormalizeRows(spectrum.tangents, spectrum.k, D, spectrum.diagonal, 0, spectrum.scratch);
}

/**
 * Follow the trajectory for `steps` steps, a multiple of the interval, with inputs (steps, I) or none if that address is 0;
 * what is to be summed is added to `sums`, so that pieces of any length give the same bits. Returns the steps that were
 * finite: `steps`, or fewer.
 */
export function followTangents(spectrum: Lyapunov, inputs: usize, steps: i32): i32 {
  const system = spectrum.system;
  const D = system.D,
    k = spectrum.k;
  const input = (<usize>system.I) << 3;
  const volume = spectrum.sums + ((<usize>k) << 3);
  const flow = system.kind == Kind.Tanh || system.kind == Kind.Gated;
  for (let t = 0; t < steps; t++) {
    if (spectrum.determinant == 1) set(volume, 0, get(volume, 0) + logVolume(spectrum, inputs));
    stepStates(system, spectrum.state, 1, inputs, true);
    if (!allFinite(spectrum.state, D)) return t;
    if (spectrum.determinant == 2) set(volume, 0, get(volume, 0) + sumOfLogs(system.coefficients, system.N));
    if (flow) set(volume, 1, get(volume, 1) + divergence(system));
    stepTangents(system, spectrum.tangents, k);
    if (inputs) inputs += input;
    if ((t + 1) % spectrum.interval != 0) continue;
    orthonormalizeRows(spectrum.tangents, k, D, spectrum.diagonal, 0, spectrum.scratch);
    if (!allFinite(spectrum.diagonal, k)) return t;
    for (let i = 0; i < k; i++)
      set(spectrum.sums, i, get(spectrum.sums, i) + Math.log(get(spectrum.diagonal, i)));
  }
  return steps;
}

// Σ ln |x_i|
function sumOfLogs(values: usize, n: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += Math.log(Math.abs(get(values, i)));
  return sum;
}

// ln |det| of the step from the present state
function logVolume(spectrum: Lyapunov, input: usize): f64 {
  const D = spectrum.system.D;
  linearize(spectrum.system, spectrum.state, input, false, spectrum.matrix, spectrum.result);
  return logDeterminant(spectrum.matrix, D, spectrum.scratch);
}
