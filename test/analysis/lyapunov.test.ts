// Lyapunov spectra: of systems whose exponents are known, sum rules, resuming, what is refused.

import { describe, expect, test } from "vitest";
import { jacobian } from "../../src/analysis/dynamics-simulation.ts";
import {
  kaplanYorkeDimension,
  type LyapunovOptions,
  measureLyapunovSpectrum,
} from "../../src/analysis/lyapunov.ts";
import { gatedDynamics, tanhDynamics } from "../../src/cells/random-dynamics.ts";
import { type Dynamics, stateSize } from "../../src/core/dynamics.ts";
import { NumericError, ShapeError, StateError } from "../../src/core/errors.ts";
import { drawDynamics, forms } from "../assembly/reference-dynamics.ts";

// a map of tanh units with given weights; at zero it is linear
function tanhMap(weights: number[][], delta = 1): Dynamics {
  const N = weights.length;
  const recurrent = Float64Array.from(weights.flat());
  const zeros = new Float64Array(N);
  const layer = { recurrent, input: new Float64Array(0), constant: zeros, perUnit: zeros };
  return { kind: "tanh", units: N, inputs: 0, method: "euler", dt: delta, time: "steps", layers: [layer] };
}

const atZero = (N: number): LyapunovOptions => ({
  initialState: new Float64Array(N),
  steps: 400,
  transient: 200,
});

function expectClose(found: Float64Array, expected: number[], error: number): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(found[i]! - value)).toBeLessThan(error);
  });
}

describe("exponents that are known", () => {
  test("of a diagonal linear map are ln |eigenvalues| in descending order, to 1e-12", async () => {
    const dynamics = tanhMap([
      [0.5, 0, 0],
      [0, -2, 0],
      [0, 0, 0.1],
    ]);
    const found = await measureLyapunovSpectrum(dynamics, atZero(3));
    expectClose(found.exponents, [Math.log(2), Math.log(0.5), Math.log(0.1)], 1e-12);
    expect(found.converged).toBe(true);
    expect(Math.max(...found.errors)).toBeLessThan(1e-12);
    // what the first grows by, the second shrinks by
    expect(found.dimension).toBeCloseTo(2, 6);
    expect(found.entropy).toBeCloseTo(Math.log(2), 12);
    expect(found.positiveFraction).toBe(1 / 3);
  });

  test("of a rotation that shrinks by 0.9 are ln 0.9 twice, to 1e-12", async () => {
    const [c, s] = [0.9 * Math.cos(1), 0.9 * Math.sin(1)];
    const found = await measureLyapunovSpectrum(
      tanhMap([
        [c, -s],
        [s, c],
      ]),
      atZero(2),
    );
    expectClose(found.exponents, [Math.log(0.9), Math.log(0.9)], 1e-12);
    expect(found.dimension).toBe(0);
  });

  test("of one unit at its fixed point is ln of the slope there, to 1e-12", async () => {
    let x = 1;
    for (let i = 0; i < 200; i++) x = 3 * Math.tanh(x);
    const slope = 3 * (1 - Math.tanh(x) ** 2);
    const found = await measureLyapunovSpectrum(tanhMap([[3]]), { steps: 200, transient: 200 });
    expectClose(found.exponents, [Math.log(slope)], 1e-12);
  });

  test("of a map that forgets two of three directions at once are ln 0.5 and -Infinity twice, with errors 0", async () => {
    const dynamics = tanhMap([
      [0.5, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    const found = await measureLyapunovSpectrum(dynamics, atZero(3));
    expect([...found.exponents].map((value) => Math.round(1e9 * value) / 1e9)).toEqual([
      Math.round(1e9 * Math.log(0.5)) / 1e9,
      -Infinity,
      -Infinity,
    ]);
    expect([...found.errors.subarray(1)]).toEqual([0, 0]);
  });

  test("of a linear flow in RK4 are ln R(λ dt) / dt with the method's polynomial R, to 1e-12, and λ to 2e-6", async () => {
    const layers = tanhMap([
      [0.4, 0],
      [0, -1],
    ]).layers;
    const dynamics = {
      ...tanhMap([[0]]),
      units: 2,
      layers,
      method: "rk4",
      dt: 0.05,
      time: "continuous",
    } as const;
    const found = await measureLyapunovSpectrum(dynamics, { ...atZero(2), interval: 4 });
    const growth = (x: number) => Math.log(1 + x + x ** 2 / 2 + x ** 3 / 6 + x ** 4 / 24) / 0.05;
    expectClose(found.exponents, [growth(-0.03), growth(-0.1)], 1e-12);
    expectClose(found.exponents, [-0.6, -2], 2e-6);
    expect(found.divergence).toBeCloseTo(-2.6, 12);
    expect(found.time).toBeCloseTo(20, 10);
  });
});

describe.each(forms)("%s", (_, make) => {
  test("the exponents of 5 units add up to the mean ln |det| of the step, to 1e-9", async () => {
    const dynamics = make(5, 0);
    const options = { steps: 60, transient: 20, logDeterminant: true };
    const { sum, logDeterminant, exponents } = await measureLyapunovSpectrum(dynamics, options);
    expect(exponents).toHaveLength(stateSize(dynamics));
    if (Number.isFinite(sum)) expect(Math.abs(sum - logDeterminant!)).toBeLessThan(1e-9 * Math.abs(sum));
    else expect(logDeterminant).toBe(sum);
  });

  test("3 exponents of 5 units are the first 3 of all, bit for bit; an interval of 2 changes the first by less than 1e-9", async () => {
    const dynamics = make(5, 0);
    const options = { steps: 60, transient: 20, seed: 3 };
    const all = await measureLyapunovSpectrum(dynamics, options);
    const some = await measureLyapunovSpectrum(dynamics, { ...options, count: 3 });
    expect([...some.exponents]).toEqual([...all.exponents.subarray(0, 3)]);
    const seldom = await measureLyapunovSpectrum(dynamics, { ...options, interval: 2 });
    expect(Math.abs(seldom.exponents[0]! - all.exponents[0]!)).toBeLessThan(1e-9);
  });
});

describe("sum rules", () => {
  test("100 tanh units, δ = 1, g = 3: the mean exponent is -2.27 within 0.1, and equal to the formula's to 1e-9", async () => {
    const dynamics = await tanhDynamics({ units: 100, gain: 3, delta: 1, seed: 1 });
    const found = await measureLyapunovSpectrum(dynamics, { steps: 300, transient: 200 });
    expect(Math.abs(found.sum / 100 + 2.27281)).toBeLessThan(0.1);
    expect(Math.abs(found.sum / found.logDeterminant! - 1)).toBeLessThan(1e-9);
    expect(found.exponents[0]).toBeGreaterThan(0.1);
    expect(found.dimension! / 100).toBeGreaterThan(0.1);
  });

  test("12 gated units, RK4 with dt 0.05: the exponents add up to the divergence within 0.01 %, which is -N (<σ_z> + 1/τ_z + 1/τ_r)", async () => {
    const dynamics = await gatedDynamics({
      units: 12,
      gain: 4,
      updateGain: 3,
      outputGain: 2,
      updateTau: 2,
      method: "rk4",
      dt: 0.05,
    });
    const found = await measureLyapunovSpectrum(dynamics, { steps: 2000, transient: 500 });
    expect(Math.abs(found.sum / found.divergence! - 1)).toBeLessThan(1e-4);
    const openness = -found.divergence! / 12 - 1 / 2 - 1;
    expect(openness).toBeGreaterThan(0.1);
    expect(openness).toBeLessThan(0.9);
  });

  test("12 gated units, Euler with dt 0.1: the sum is the map's own ln |det| to 1e-9, and the divergence only within 20 %", async () => {
    const dynamics = await gatedDynamics({ units: 12, gain: 4, updateGain: 3, outputGain: 2 });
    const found = await measureLyapunovSpectrum(dynamics, {
      steps: 300,
      transient: 100,
      logDeterminant: true,
    });
    expect(Math.abs(found.sum / found.logDeterminant! - 1)).toBeLessThan(1e-9);
    const off = Math.abs(found.sum / found.divergence! - 1);
    expect(off).toBeGreaterThan(1e-3);
    expect(off).toBeLessThan(0.2);
  });
});

describe("going on", () => {
  const dynamics = drawDynamics("gated", 4, 1);
  const input = (inputs: Float64Array, first: number) => {
    for (let t = 0; t < inputs.length; t++) inputs[t] = Math.sin(0.3 * (first + t));
  };

  test("a measurement that stopped at step 130 and went on has the bytes of one that did not", async () => {
    const whole = await measureLyapunovSpectrum(dynamics, { steps: 400, transient: 50, input });
    const first = await measureLyapunovSpectrum(dynamics, { steps: 130, transient: 50, input });
    const state = structuredClone(first.state);
    const second = await measureLyapunovSpectrum(dynamics, { steps: 400, input, resume: state });
    expect(second).toEqual(whole);
    // and without the input it is another
    const other = await measureLyapunovSpectrum(dynamics, { steps: 400, resume: state });
    expect(other.exponents).not.toEqual(whole.exponents);
  });

  test("the running estimate ends in the exponents, in 32 to 64 blocks", async () => {
    const { running, exponents, steps } = await measureLyapunovSpectrum(dynamics, { steps: 512, input });
    expect(steps).toBe(512);
    expect(running.times.length).toBeGreaterThanOrEqual(32);
    expect(running.times.length).toBeLessThan(64);
    const last = running.exponents.subarray(-exponents.length);
    last.forEach((value, i) => {
      expect(Math.abs(value - exponents[i]!)).toBeLessThan(1e-10);
    });
  });

  test("is refused with another count, from another core, and with fewer steps than it has", async () => {
    const { state } = await measureLyapunovSpectrum(dynamics, { steps: 20, transient: 0 });
    const go = (options: LyapunovOptions) => measureLyapunovSpectrum(dynamics, options);
    await expect(go({ resume: state, count: 2 })).rejects.toThrow(StateError);
    await expect(go({ resume: { ...state, core: "other" } })).rejects.toThrow(StateError);
    await expect(go({ resume: state, steps: 10 })).rejects.toThrow(StateError);
  });
});

describe("errors and limits", () => {
  test("too short a time is not converged", async () => {
    const dynamics = await tanhDynamics({ units: 20, gain: 3, delta: 1 });
    expect((await measureLyapunovSpectrum(dynamics, { steps: 20, transient: 0 })).converged).toBe(false);
  });

  test("dimensions: 0 if all are negative, D if the sum is not, missing if too few are known", () => {
    expect(kaplanYorkeDimension(Float64Array.of(-1, -2), 2)).toBe(0);
    expect(kaplanYorkeDimension(Float64Array.of(2, -1), 2)).toBe(2);
    expect(kaplanYorkeDimension(Float64Array.of(2, -1), 3)).toBeUndefined();
    expect(kaplanYorkeDimension(Float64Array.of(0.9, 0, -14.6), 3)).toBeCloseTo(2 + 0.9 / 14.6, 12);
    expect(kaplanYorkeDimension(Float64Array.of(1, -Infinity), 2)).toBe(1);
  });

  test("a state that overflows names the step", async () => {
    const dynamics = drawDynamics("leaky", 3, 0, { activation: "relu" });
    const layers = dynamics.layers.map((layer) => ({
      ...layer,
      recurrent: layer.recurrent.map(() => 1e60),
      constant: layer.constant.map(() => 1),
    }));
    const run = measureLyapunovSpectrum(
      { ...dynamics, layers },
      { steps: 20, initialState: new Float64Array(3) },
    );
    await expect(run).rejects.toThrow(NumericError);
    await expect(run).rejects.toThrow(/step 6\b/);
  });

  test("steps of 2 with Euler, of 2.785 with RK4, and half of them with τ_z = 0.5 are refused", async () => {
    await expect(tanhDynamics({ units: 3, dt: 2 })).rejects.toThrow(/less than 2,/);
    await expect(tanhDynamics({ units: 3, dt: 2.785, method: "rk4" })).rejects.toThrow(/less than 2.785,/);
    await expect(gatedDynamics({ units: 3, dt: 1, updateTau: 0.5 })).rejects.toThrow(/less than 1,/);
    expect((await gatedDynamics({ units: 3, dt: 0.99, updateTau: 0.5 })).dt).toBe(0.99);
  });

  test("options out of range are refused", async () => {
    const dynamics = tanhMap([[1]]);
    for (const options of [
      { count: 2 },
      { count: 0 },
      { steps: 3, interval: 2 },
      { tolerance: 0 },
      { steps: 5, time: 5 },
    ]) {
      await expect(measureLyapunovSpectrum(dynamics, options)).rejects.toThrow(ShapeError);
    }
  });

  test("the Jacobian of a flow is that of its step, less the unit matrix, over dt with Euler, to 1e-13", async () => {
    const dynamics = drawDynamics("gated", 3, 0);
    const state = new Float64Array(9).fill(0.3);
    const flow = await jacobian(dynamics, state);
    const step = await jacobian(dynamics, state, { of: "step" });
    expect(flow.of).toBe("flow");
    flow.matrix.forEach((value, ij) => {
      const unit = ij % 10 === 0 ? 1 : 0;
      expect(Math.abs(value - (step.matrix[ij]! - unit) / dynamics.dt)).toBeLessThan(1e-13);
    });
  });
});
