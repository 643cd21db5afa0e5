// The parts of the fingerprint in f64: dynamical systems, linear algebra, and the theory of large networks.

import { measureCorrelations } from "../analysis/correlations.ts";
import { simulateDynamics } from "../analysis/dynamics-simulation.ts";
import { findFixedPoints } from "../analysis/fixed-points.ts";
import { measureLyapunovSpectrum } from "../analysis/lyapunov.ts";
import { eigenvalues, logDeterminant, singularDecomposition } from "../analysis/spectrum.ts";
import { networkDynamics } from "../cells/network-dynamics.ts";
import { gatedDynamics, randomGru, randomLstm, tanhDynamics } from "../cells/random-dynamics.ts";
import type { Dynamics } from "../core/dynamics.ts";
import { solveDynamicMeanField } from "../theory/dynamic-mean-field.ts";
import { findLargestExponent } from "../theory/largest-exponent.ts";
import { gatingSpectrum, traceSpectralBoundary } from "../theory/spectral-boundary.ts";
import { solveStaticMeanField } from "../theory/static-mean-field.ts";
import { findDynamicTransitions, findStaticTransitions } from "../theory/transitions.ts";
import type { Checkpoint } from "../training/checkpoint.ts";

/** Names and values of the parts. */
export async function* systemParts(
  trained: ReadonlyMap<string, Checkpoint>,
): AsyncGenerator<[string, Float64Array[]]> {
  const units = 33;
  const systems: [string, Dynamics][] = [
    ["tanh map", await tanhDynamics({ units, gain: 3, delta: 1, seed: 1 })],
    ["tanh rk4", await tanhDynamics({ units, gain: 3, method: "rk4", seed: 2 })],
    ["gated euler", await gatedDynamics({ units, outputGain: 5, updateGain: 2, seed: 3 })],
    ["gated rk4", await gatedDynamics({ units, outputGain: 5, method: "rk4", outputBias: 0.2, seed: 4 })],
    ["gru", await randomGru({ units, seed: 5 })],
    ["lstm", await randomLstm({ units, seed: 6 })],
  ];
  for (const [name, { network }] of trained) systems.push([`trained ${name}`, networkDynamics(network)]);
  for (const [name, system] of systems) yield [`dynamics ${name}`, await followSystem(system)];
  yield ["linear algebra", await decompose(systems[0]![1].layers[0]!.recurrent, units)];
  yield ["theory", await solveTheory()];
}

async function followSystem(system: Dynamics): Promise<Float64Array[]> {
  const { exponents, errors, state } = await measureLyapunovSpectrum(system, {
    steps: 60,
    transient: 20,
    interval: 2,
  });
  const { points, failed } = await findFixedPoints(system, { starts: 2, iterations: 20, tolerance: 1e-8 });
  const { state: correlations } = await measureCorrelations(system, {
    steps: 90,
    transient: 10,
    maxLag: 7,
    trials: 3,
  });
  const found = points.flatMap(({ state: at, stability }) => [
    at,
    Float64Array.of(stability.ok ? stability.leading : 0),
  ]);
  const values = [exponents, errors, state.trajectory, correlations, ...found, Float64Array.of(failed)];
  for await (const { states } of simulateDynamics(system, { steps: 9, trials: 5 })) values.push(states);
  return values;
}

async function decompose(matrix: Float64Array, n: number): Promise<Float64Array[]> {
  const { re, im } = await eigenvalues(matrix, n);
  // not square: the last rows are left out
  const m = n - 12;
  const { values, left, right } = await singularDecomposition(matrix.slice(0, m * n), m, n);
  return [re, im, values, left, right, Float64Array.of(await logDeterminant(matrix, n))];
}

async function solveTheory(): Promise<Float64Array[]> {
  const parameters = { gain: 3, outputGain: 5 };
  const { upper } = await solveStaticMeanField(parameters);
  const transitions = [...(await findStaticTransitions([2, 20])), ...(await findDynamicTransitions([2, 20]))];
  const { exponent, error } = await findLargestExponent(parameters);
  const exact = await solveDynamicMeanField(parameters);
  const drawn = await solveDynamicMeanField(
    { ...parameters, updateGain: 4 },
    { paths: 16, iterations: 2, warmUp: 1, pathDuration: 51.2 },
  );
  const { edge } = await traceSpectralBoundary(await gatingSpectrum(parameters, "fixed points"), {
    angles: 19,
  });
  return [
    Float64Array.of(upper!.stateVariance, upper!.instability, exponent, error),
    Float64Array.from(transitions, ({ gain }) => gain),
    exact.state,
    drawn.state,
    edge,
  ];
}
