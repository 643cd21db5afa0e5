// What is measured on dynamical systems: trajectories, correlations, drift, pulses, against simulations and sums by hand.

import { describe, expect, test } from "vitest";
import { measureCorrelations } from "../../src/analysis/correlations.ts";
import { type DynamicsSimulationOptions, simulateDynamics } from "../../src/analysis/dynamics-simulation.ts";
import { measureLyapunovSpectrum } from "../../src/analysis/lyapunov.ts";
import { measurePulseResponse } from "../../src/analysis/pulse-response.ts";
import { measureDrift } from "../../src/analysis/state-drift.ts";
import { gatedDynamics, tanhDynamics } from "../../src/cells/random-dynamics.ts";
import { type Dynamics, stateSize } from "../../src/core/dynamics.ts";
import { NumericError, ShapeError } from "../../src/core/errors.ts";
import { drawDynamics, drawStates, referenceStep } from "../assembly/reference-dynamics.ts";

async function collect(dynamics: Dynamics, options: DynamicsSimulationOptions) {
  const found = { states: [] as number[], times: [] as number[] };
  for await (const { states, times } of simulateDynamics(dynamics, options)) {
    found.states.push(...states);
    found.times.push(...times);
  }
  return found;
}

describe("simulateDynamics", () => {
  const dynamics = drawDynamics("gated", 5, 2);
  const input = (inputs: Float64Array, first: number) => {
    for (let i = 0; i < inputs.length; i++) inputs[i] = Math.sin(0.1 * (6 * first + i));
  };
  const options = { trials: 3, input, initialState: drawStates(dynamics, 3, 1) };

  test("30 steps of 3 trials with inputs are the reference's to 1e-12", async () => {
    const { states, times } = await collect(dynamics, { ...options, steps: 30 });
    const D = stateSize(dynamics);
    for (let b = 0; b < 3; b++) {
      let state = [...options.initialState.subarray(b * D, (b + 1) * D)];
      for (let t = 0; t < 30; t++) {
        const drive = new Float64Array(6);
        input(drive, t);
        state = referenceStep(dynamics, state, [...drive.subarray(2 * b, 2 * b + 2)]);
        state.forEach((value, i) => {
          expect(Math.abs(states[(3 * t + b) * D + i]! - value)).toBeLessThan(1e-12);
        });
      }
    }
    expect(times[29]).toBeCloseTo(6, 12);
  });

  test("every 7th record of 30 steps is the same bytes, 4 of them", async () => {
    const all = await collect(dynamics, { ...options, time: 6 });
    const some = await collect(dynamics, { ...options, steps: 30, recordEvery: 7 });
    const row = 3 * stateSize(dynamics);
    expect(some.states).toEqual([6, 13, 20, 27].flatMap((t) => all.states.slice(t * row, (t + 1) * row)));
    expect(some.times).toEqual([6, 13, 20, 27].map((t) => all.times[t]));
  });

  test("records that are 2000 steps apart, further than one call goes, are those of every step", async () => {
    const large = await gatedDynamics({ units: 60, gain: 3, method: "rk4" });
    let last = new Float64Array(0);
    for await (const { states } of simulateDynamics(large, { steps: 4000 })) last = states.slice(-180);
    const { states, times } = await collect(large, { steps: 4100, recordEvery: 2000, trials: 1 });
    expect(times).toHaveLength(2);
    expect(states.slice(-180)).toEqual([...last]);
  });

  test("drawn initial states have the rms asked for, within 10 %, with closed gates and another draw in each trial", async () => {
    const still = { ...(await gatedDynamics({ units: 300, dt: 1e-9 })) };
    const { states } = await collect(still, { steps: 1, trials: 2, initialState: { rms: 0.2, seed: 5 } });
    const [first, second] = [states.slice(0, 300), states.slice(900, 1200)];
    const rms = Math.sqrt(first.reduce((sum, x) => sum + x * x, 0) / 300);
    expect(Math.abs(rms / 0.2 - 1)).toBeLessThan(0.1);
    expect(Math.max(...states.slice(300, 900).map(Math.abs))).toBeLessThan(1e-8);
    expect(first).not.toEqual(second);
  });

  test("steps and time together, none of them, and states of another size are refused", async () => {
    await expect(collect(dynamics, { steps: 1, time: 1 })).rejects.toThrow(ShapeError);
    await expect(collect(dynamics, {})).rejects.toThrow(ShapeError);
    const initialState = new Float64Array(14);
    await expect(collect(dynamics, { steps: 1, initialState })).rejects.toThrow(/14 elements, expected 15/);
    const bad = new Float64Array(15).fill(NaN);
    await expect(collect(dynamics, { steps: 1, initialState: bad })).rejects.toThrow(NumericError);
  });
});

describe("measureCorrelations", () => {
  const dynamics = drawDynamics("gated", 4, 0);
  const { gain, bias } = dynamics.gating!;

  test("C_h and C_φ at lags 0 to 6 are the sums over a simulation, to 1e-12", async () => {
    const found = await measureCorrelations(dynamics, {
      steps: 90,
      transient: 10,
      recordEvery: 2,
      maxLag: 6,
      trials: 2,
    });
    const { states } = await collect(dynamics, { steps: 100, recordEvery: 2, trials: 2 });
    const h = (record: number, b: number, i: number) => states[((5 + record) * 2 + b) * 12 + i]!;
    const expected = (lag: number, f: (x: number) => number) => {
      let sum = 0;
      for (let t = lag; t < 45; t++)
        for (const b of [0, 1]) for (const i of [0, 1, 2, 3]) sum += f(h(t, b, i)) * f(h(t - lag, b, i));
      return sum / (8 * (45 - lag));
    };
    for (let lag = 0; lag <= 6; lag++) {
      expect(Math.abs(found.state[lag]! - expected(lag, (x) => x))).toBeLessThan(1e-12);
      const activation = expected(lag, (x) => Math.tanh(gain * x + bias));
      expect(Math.abs(found.activation![lag]! - activation)).toBeLessThan(1e-12);
    }
    expect(found.lags[3]).toBeCloseTo(1.2, 12);
    const [a, b] = [found.stateByTrial[2]!, found.stateByTrial[9]!];
    expect(found.errors[2]).toBeCloseTo(Math.abs(a - b) / 2, 12);
  });

  test("as many records as lags are refused", async () => {
    const options = { steps: 7, maxLag: 7, transient: 0 };
    await expect(measureCorrelations(dynamics, options)).rejects.toThrow(
      /7 records, expected more than `maxLag`/,
    );
  });
});

describe("measureDrift", () => {
  test("without weights a state shrinks by 1 - dt each step: overlap 1, distance and rms to 1e-12", async () => {
    const { layers, ...rest } = await tanhDynamics({ units: 6, gain: 0, dt: 0.1 });
    const start = drawStates({ layers, ...rest }, 1, 2);
    const rms = Math.sqrt(start.reduce((sum, x) => sum + x * x, 0) / 6);
    const found = await measureDrift({ layers, ...rest }, { steps: 20, transient: 5, initialState: start });
    found.times.forEach((_, i) => {
      const left = 0.9 ** (5 + i + 1);
      expect(Math.abs(found.overlap[i]! - 1)).toBeLessThan(1e-12);
      expect(Math.abs(found.rms[i]! - left * rms)).toBeLessThan(1e-12);
      expect(Math.abs(found.distance[i]! - (0.9 ** 5 - left) * rms)).toBeLessThan(1e-12);
    });
    expect(Math.abs(found.drift[0]! - ((0.9 ** 5 - 0.9 ** 25) * rms) / 2)).toBeLessThan(1e-12);
  });

  test("400 gated units at g = 3 keep their state for 100 units of time with α_z = 1000, overlap above 0.99, and lose it with 0, below 0.4", async () => {
    const overlap = async (updateGain: number) => {
      const dynamics = await gatedDynamics({ units: 400, gain: 3, updateGain, seed: 1 });
      const found = await measureDrift(dynamics, { time: 100, transient: 5000, recordEvery: 1000 });
      return found.overlap[0]!;
    };
    expect(await overlap(1000)).toBeGreaterThan(0.99);
    expect(Math.abs(await overlap(0))).toBeLessThan(0.4);
  });
});

describe("measurePulseResponse", () => {
  test("without weights a pulse of 3 steps decays as (1 - dt)^k, and so does the memory of the state, to 1e-12", async () => {
    const dynamics = await tanhDynamics({ units: 6, gain: 0, dt: 0.1 });
    const pulse = Float64Array.from({ length: 6 }, (_, i) => i - 2);
    const found = await measurePulseResponse(dynamics, { pulse, pulseSteps: 3, steps: 10, transient: 4 });
    const size = Math.sqrt(19 / 6) * (1 - 0.9 ** 3);
    found.times.forEach((time, i) => {
      expect(time).toBeCloseTo(0.1 * (i + 1), 12);
      expect(Math.abs(found.distance[i]! - size * 0.9 ** (i + 1))).toBeLessThan(1e-12);
      expect(Math.abs(found.memory[i]! - 0.9 ** (i + 4))).toBeLessThan(1e-12);
      expect(Math.abs(found.memoryWithout[i]! - 0.9 ** (i + 4))).toBeLessThan(1e-12);
    });
  });

  test("a number is the amplitude of a drawn pulse, which doubles with it; of a gated system it drives h alone", async () => {
    const dynamics = drawDynamics("gated", 4, 0);
    const silent = { ...dynamics, layers: [{ ...dynamics.layers[0]!, recurrent: new Float64Array(48) }] };
    const at = async (pulse: number | Float64Array) =>
      (await measurePulseResponse(silent, { pulse, pulseSteps: 1, steps: 2 })).distance[0]!;
    expect(await at(2)).toBeCloseTo(2 * (await at(1)), 10);
    const gatesOnly = Float64Array.from({ length: 12 }, (_, i) => (i < 4 ? 0 : 1));
    expect(await at(0)).toBe(0);
    expect(await at(gatesOnly)).not.toBe(0);
  });

  test("a pulse of another size is refused", async () => {
    const dynamics = drawDynamics("gated", 4, 0);
    const run = measurePulseResponse(dynamics, { pulse: new Float64Array(5), steps: 1 });
    await expect(run).rejects.toThrow(/5 elements, expected 4/);
  });
});

describe("discontinuous chaos: 300 gated units, g = 1.9, α_r = 20", () => {
  const system = (seed: number) => gatedDynamics({ units: 300, gain: 1.9, outputGain: 20, seed });

  test.each([1, 2])(
    "seed %i: from rms 0.05 the state decays below 1e-3, λ below 0; from rms 1 it stays chaotic",
    async (seed) => {
      const dynamics = await system(seed);
      const end = async (rms: number) => {
        const options = { count: 1, time: 120, transient: 1200, initialState: { rms, seed } };
        const { exponents, state } = await measureLyapunovSpectrum(dynamics, options);
        const h = state.trajectory.subarray(0, 300);
        return { rms: Math.sqrt(h.reduce((sum, x) => sum + x * x, 0) / 300), lambda: exponents[0]! };
      };
      const [small, large] = [await end(0.05), await end(1)];
      expect(small.rms).toBeLessThan(1e-3);
      expect(small.lambda).toBeLessThan(0);
      expect(large.lambda).toBeGreaterThan(0.02);
      expect(large.rms).toBeGreaterThan(0.02);
    },
  );

  test("a pulse of input pushes it from rest into chaos: rms above 0.05 for 60 units of time, below 1e-6 without it", async () => {
    const options = { pulse: 2, pulseSteps: 30, time: 60, transient: 0, recordEvery: 100 };
    const found = await measurePulseResponse(await system(2), { ...options, initialState: { rms: 1e-7 } });
    expect(Math.min(...found.rms)).toBeGreaterThan(0.05);
    expect(Math.max(...found.rmsWithout)).toBeLessThan(1e-6);
  });
});
