// Studies of random networks: their numbers are those of the library's measures, and a long one can be interrupted.

import { afterAll, describe, expect, test } from "vitest";
import { simulateDynamics } from "../../src/analysis/dynamics-simulation.ts";
import { findFixedPoints } from "../../src/analysis/fixed-points.ts";
import { measureLyapunovSpectrum } from "../../src/analysis/lyapunov.ts";
import { gatedDynamics, randomGru, tanhDynamics } from "../../src/cells/random-dynamics.ts";
import { Laboratory, type LaboratoryEvent } from "../../src/experiments/laboratory.ts";
import { study } from "../../src/experiments/studies.ts";
import { WorkerPool } from "../../src/experiments/worker-pool.ts";
import { memoryArchive } from "./memory-archive.ts";

const pool = new WorkerPool({ workers: 2 });
afterAll(() => pool.close());

const N = 13;
const gated = { kind: "gated", units: N, seed: 3, gain: 4, outputGain: 3, updateGain: 2 } as const;

async function statesOf(dynamics: Awaited<ReturnType<typeof gatedDynamics>>, time: number, every: number) {
  const states: Float64Array[] = [];
  const options = { time, recordEvery: Math.round(every / 0.1), initialState: { rms: 1, seed: 5 } };
  for await (const piece of simulateDynamics(dynamics, options)) {
    for (let i = 0; i < piece.times.length; i++) states.push(piece.states.slice(i * 3 * N, (i + 1) * 3 * N));
  }
  return states;
}

describe("trajectory", () => {
  test("rms and overlap are those of the states of a simulation", async () => {
    const { kind: _, ...options } = gated;
    const states = await statesOf(await gatedDynamics(options), 12, 3);
    const found = await study("trajectory", { system: gated, time: 12, every: 3, seed: 5 });
    const h = states.map((state) => [...state.subarray(0, N)]);
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    expect(found.times.map((time) => Math.round(time))).toEqual([3, 6, 9, 12]);
    h.forEach((state, i) => {
      expect(found.rms[i]).toBeCloseTo(Math.sqrt(dot(state, state) / N), 12);
    });
    expect(found.overlap).toHaveLength(3);
    found.overlap.forEach((overlap, i) => {
      const [a, b] = [h[i]!, h[i + 1]!];
      expect(overlap).toBeCloseTo(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)), 12);
    });
    expect(found.last).toEqual([...states.at(-1)!]);
  });

  test.each([
    ["state", 0],
    ["update", 1],
    ["output", 2],
  ] as const)("a pulse to the %s variables is a constant input to them while it lasts", async (to, index) => {
    const { kind: _, ...options } = gated;
    const constantInput = new Float64Array(3 * N).fill(0.7, index * N, (index + 1) * N);
    // it begins with the first step, and is there all the time
    const states = await statesOf(await gatedDynamics({ ...options, constantInput }), 6, 3);
    const pulse = { to, from: 0, lasting: 6, amplitude: 0.7 };
    const found = await study("trajectory", { system: gated, time: 6, every: 3, seed: 5, pulse });
    found.last.forEach((value, i) => {
      expect(value).toBeCloseTo(states.at(-1)![i]!, 12);
    });
    const without = await study("trajectory", { system: gated, time: 6, every: 3, seed: 5 });
    expect(without.last).not.toEqual(found.last);
    // a pulse that begins later has changed nothing before
    const later = await study("trajectory", {
      system: gated,
      time: 6,
      every: 3,
      seed: 5,
      pulse: { ...pulse, from: 3 },
    });
    expect(later.rms[0]).toBeCloseTo(without.rms[0]!, 12);
    expect(later.rms[1]).not.toBeCloseTo(without.rms[1]!, 6);
  });
});

describe("lyapunov", () => {
  const options = {
    system: { kind: "tanh", units: N, gain: 3, seed: 2 } as const,
    steps: 60,
    transient: 20,
    interval: 2,
  };

  test("values are those of measureLyapunovSpectrum", async () => {
    const dynamics = await tanhDynamics({ units: N, gain: 3, seed: 2 });
    const run = { steps: 60, transient: 20, interval: 2, initialState: { rms: 1, seed: 0 }, seed: 0 };
    const spectrum = await measureLyapunovSpectrum(dynamics, run);
    const found = await study("lyapunov", options);
    expect(found.exponents).toEqual([...spectrum.exponents]);
    expect(found.dimension).toBe(spectrum.dimension ?? null);
    expect(found.divergence).toBe(spectrum.divergence);
    expect(found.size).toBe(N);
  });

  test("a study that goes on from a state that was kept ends as one that was never interrupted", async () => {
    const states: Uint8Array[] = [];
    const whole = await study("lyapunov", options);
    const inPieces = await study("lyapunov", {
      ...options,
      keepEvery: 22,
      onState: (state) => states.push(state),
    });
    expect(inPieces).toEqual(whole);
    expect(states).toHaveLength(2);
    for (const resume of states) expect(await study("lyapunov", { ...options, resume })).toEqual(whole);
    await expect(study("lyapunov", { ...options, resume: states[0]!.slice(0, -9) })).rejects.toThrow(
      "the state of a spectrum",
    );
  });
});

describe("spectrum", () => {
  test("the eigenvalues of a gated network add up to the trace of its Jacobian", async () => {
    const found = await study("spectrum", { system: gated, time: 5, factor: 1, seed: 5 });
    const { kind: _, ...options } = gated;
    const last = (await statesOf(await gatedDynamics(options), 5, 5)).at(-1)!;
    const open = [...last.subarray(N, 2 * N)].map((z) => 1 / (1 + Math.exp(-2 * z)));
    const trace = -open.reduce((sum, value) => sum + value, 0) - 2 * N;
    const real = found.eigenvalues.filter((_, i) => i % 2 === 0);
    expect(real).toHaveLength(3 * N);
    expect(real.reduce((sum, value) => sum + value, 0)).toBeCloseTo(trace, 8);
    expect(found.largestReal).toBe(Math.max(...real));
  });

  test.each([
    ["gru", 1],
    ["lstm", 2],
  ] as const)(
    "of a %s has %d eigenvalues per unit, nearly all inside the edge times 1.3",
    async (kind, perUnit) => {
      const found = await study("spectrum", { system: { kind, units: 60, seed: 1 }, time: 30, factor: 1.3 });
      expect(found.eigenvalues).toHaveLength(2 * perUnit * 60);
      expect(found.inside).toBeGreaterThan(0.95);
      expect(found.edgeReal).toBeGreaterThan(found.centre);
    },
  );
});

describe("fixedPoints", () => {
  test("counts what findFixedPoints finds, zero apart", async () => {
    const system = { kind: "gru", units: 9, candidateGain: 4, seed: 4 } as const;
    const { kind: _, ...options } = system;
    const { points } = await findFixedPoints(await randomGru(options), { starts: 20, seed: 1 });
    const others = points.filter(({ state }) => state.some((value) => Math.abs(value) > 1e-5));
    const found = await study("fixedPoints", { system, starts: 20, seed: 1 });
    expect(others.length).toBeGreaterThan(0);
    expect(found.others).toBe(others.length);
    expect(found.unstableDirections).toEqual(
      others.map(({ stability }) => (stability.ok ? stability.unstableDirections : Number.NaN)),
    );
  });
});

describe("in a laboratory", () => {
  const options = {
    system: { kind: "tanh", units: N, gain: 3, seed: 2 } as const,
    steps: 60,
    transient: 20,
    keepEvery: 20,
  };

  test("a study is made once, and found by the next laboratory", async () => {
    const archive = memoryArchive();
    const events: LaboratoryEvent[] = [];
    const open = () => new Laboratory({ pool, archive, onEvent: (event) => events.push(event) });
    const first = open();
    const results = await Promise.all([
      first.study("lyapunov", options),
      first.study("lyapunov", { ...options }),
    ]);
    expect(results[0]).toBe(results[1]);
    expect(results[0]).toEqual(await study("lyapunov", options));
    expect(await open().study("lyapunov", options)).toEqual(results[0]);
    expect(events.map(({ state }) => state)).toEqual(["begins", "done", "found"]);
    expect(events[0]!.job).toBe(
      `study lyapunov of kind tanh, units ${N}, gain 3, seed 2, steps 60, transient 20, keepEvery 20`,
    );
  });

  test("one that was stopped goes on from the last state it kept, with the same result", async () => {
    const archive = memoryArchive();
    const stopping = new AbortController();
    const { write } = archive;
    archive.write = async (name, content) => {
      await write.call(archive, name, content);
      if (name.endsWith("last.safetensors")) stopping.abort(new Error("stopped"));
    };
    const laboratory = new Laboratory({ pool, archive, signal: stopping.signal });
    await expect(laboratory.study("lyapunov", options)).rejects.toThrow("stopped");
    expect([...archive.files.keys()].map((name) => name.split("/")[2])).toEqual(["last.safetensors"]);
    const result = await new Laboratory({ pool, archive }).study("lyapunov", options);
    expect(result).toEqual(await study("lyapunov", options));
  });
});
