// Correlations of a site behind an update gate that moves: paths are drawn with the correlations found so far, and theirs are
// what comes next.
//
// Based on   re-derived; cf. Krishnamurthy, Can and Schwab, "Theory of gating in recurrent neural networks", Phys. Rev. X 12,
//            011011 (2022); the iteration: Eisfeller and Opper, "New method for studying the dynamics of disordered spin systems
//            without finite-size effects", Phys. Rev. Lett. 68, 2094 (1992).
// Deviation  r is Gaussian, so C_σr is computed from C_r, not drawn. Two halves of the paths are iterated by themselves: their
//            difference is the error. Correlations are means over the last quarter of the iterations, which draw anew. Long ones take
//            many iterations to grow from those behind a still gate: most go before, with few paths.

import type { Core } from "../core/core.ts";
import type { GatingParameters } from "../core/gating-parameters.ts";
import { pairAverages, pairSeries } from "../core/gaussian-averages.ts";
import { SingleSite } from "../core/single-site.ts";
import type { DynamicMeanField } from "./dynamic-mean-field.ts";
import type { Site } from "./site.ts";
import type { GridSolution } from "./still-correlations.ts";

export interface DrawnSettings {
  timeStep?: number | undefined;
  paths: number;
  pathDuration: number;
  iterations: number;
  warmUp: number;
  seed: number;
}

// correlations of one half of the paths over a whole period
interface Half {
  state: Float64Array;
  activation: Float64Array;
  /** Change of C_h(0) by the last iteration, relative. */
  change: number;
}

/** Draw and iterate, from the solution behind a gate that stands still. */
export function drawCorrelations(
  core: Core,
  parameters: GatingParameters,
  site: Site,
  start: GridSolution,
  settings: DrawnSettings,
): DynamicMeanField {
  const dt = settings.timeStep ?? 0.1;
  let n = 8;
  while (n * dt < settings.pathDuration * (1 - 1e-9)) n *= 2;
  return core.temporarily(() => {
    const sampler = new SingleSite(core, n);
    const period = { n, dt, sampler, site, parameters };
    const first = periodic(start, dt, n);
    const halves = [0, 1].map((half) => iterate(core, period, first, settings, half));
    return describe(core, period, halves as [Half, Half]);
  });
}

interface Period {
  n: number;
  dt: number;
  sampler: SingleSite;
  site: Site;
  parameters: GatingParameters;
}

// C_φ of the start at this period's lags, in a straight line between its own
function periodic({ solution, dt }: GridSolution, step: number, n: number): Float64Array {
  const source = solution!.averages.activation;
  return Float64Array.from({ length: n }, (_, i) => {
    const place = (Math.min(i, n - i) * step) / dt;
    const low = Math.floor(place);
    const [a, b] = [source[low] ?? 0, source[low + 1] ?? 0];
    return a + (place - low) * (b - a);
  });
}

// spectra of C_z or C_r: of C_φ behind a filter of first order
function driven({ sampler, n, dt }: Period, activation: Float64Array, tau: number): Float64Array {
  return sampler.transform(activation).map((power, k) => {
    const frequency = (2 * Math.PI * Math.min(k, n - k)) / (n * dt);
    return Math.max(0, power) / (1 + tau * tau * frequency * frequency);
  });
}

function covariance({ sampler, n }: Period, spectrum: Float64Array): Float64Array {
  return sampler.transform(spectrum).map((value) => value / n);
}

function outputGate(core: Core, period: Period, activation: Float64Array): [Float64Array, Float64Array] {
  const drive = covariance(period, driven(period, activation, period.site.outputTau));
  const variance = drive[0]!;
  const series = pairSeries(core, period.site.output, variance, 1e-9);
  const gate = pairAverages(
    core,
    series,
    drive.map((value) => Math.max(-1, Math.min(1, value / variance))),
  ).average;
  return [drive, gate];
}

// modes whose amplitude is less than this share of the largest have no part in a path
const LEAST_AMPLITUDE = 1e-7;

function amplitudes({ n }: Period, spectrum: Float64Array): Float64Array {
  const half = spectrum.slice(0, n / 2 + 1).map((power) => Math.sqrt(Math.max(0, power) / n));
  const largest = half.reduce((most, value) => Math.max(most, value), 0);
  return half.map((value) => (value > LEAST_AMPLITUDE * largest ? value : 0));
}

// each iteration of the warm-up takes so small a share of the paths
const WARM_UP_SHARE = 8;

function iterate(
  core: Core,
  period: Period,
  first: Float64Array,
  settings: DrawnSettings,
  half: number,
): Half {
  const { n, dt, sampler, site, parameters } = period;
  const { iterations, warmUp, paths, seed } = settings;
  const kept = Math.ceil(iterations / 4);
  const state = new Float64Array(n);
  const activation = new Float64Array(n);
  let now = first;
  let variance = 0;
  let change = 0;
  for (let iteration = -warmUp; iteration < iterations; iteration++) {
    const [, gate] = outputGate(core, period, now);
    const field = sampler.transform(now.map((value, i) => value * gate[i]!));
    const z = amplitudes(period, driven(period, now, site.updateTau));
    const eta = amplitudes(period, field);
    const key = core.key(seed, half, iteration + warmUp);
    // two halves, and two paths in a pair
    const pairs = Math.ceil(paths / (iteration < 0 ? 4 * WARM_UP_SHARE : 4));
    const powers = sampler.sample(key, pairs, dt, parameters, z, eta);
    // a covariance is the mean product over the path
    const found = covariance(
      period,
      powers.state.map((power) => power / n),
    );
    now = covariance(
      period,
      powers.activation.map((power) => power / n),
    );
    change = Math.abs(found[0]! / variance - 1);
    variance = found[0]!;
    if (iteration < iterations - kept) continue;
    found.forEach((value, i) => {
      state[i]! += value / kept;
      activation[i]! += now[i]! / kept;
    });
  }
  return { state, activation, change };
}

function describe(core: Core, period: Period, [a, b]: [Half, Half]): DynamicMeanField {
  const { n, dt, site } = period;
  const mean = (x: Float64Array, y: Float64Array) => x.map((value, i) => 0.5 * (value + y[i]!));
  const lags = (row: Float64Array) => row.slice(0, n / 2 + 1);
  const activation = mean(a.activation, b.activation);
  const [outputDrive, gate] = outputGate(core, period, activation);
  const updateDrive = covariance(period, driven(period, activation, site.updateTau));
  const state = lags(mean(a.state, b.state));
  let error = 0;
  state.forEach((_, i) => {
    error = Math.max(error, 0.5 * Math.abs(a.state[i]! - b.state[i]!));
  });
  return {
    found: true,
    reason: undefined,
    method: "drawn",
    time: state.map((_, i) => i * dt),
    state,
    updateDrive: lags(updateDrive),
    outputDrive: lags(outputDrive),
    activation: lags(activation),
    outputGate: lags(gate),
    residual: Math.max(a.change, b.change),
    error,
  };
}
