// Correlations over time and largest exponents: tables of the notes, the equations themselves, limits, refinement, and errors.

import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { type DynamicMeanField, solveDynamicMeanField } from "../../src/theory/dynamic-mean-field.ts";
import { averagePairs } from "../../src/theory/gaussian-averages.ts";
import { findLargestExponent } from "../../src/theory/largest-exponent.ts";
import { solvePlainNetwork } from "../../src/theory/plain-network.ts";
import { findDynamicTransitions } from "../../src/theory/transitions.ts";

// in a straight line between two lags
function at({ time, state }: DynamicMeanField, lag: number): number {
  const place = lag / time[1]!;
  const low = Math.floor(place);
  return state[low]! + (place - low) * (state[low + 1]! - state[low]!);
}

// largest deviation from τ² C″ = right, by a difference of fourth order
function deviation(c: Float64Array, dt: number, tau: number, right: (i: number) => number): number {
  let most = 0;
  for (let i = 2; i < c.length - 2; i++) {
    const second = (-c[i - 2]! + 16 * c[i - 1]! - 30 * c[i]! + 16 * c[i + 1]! - c[i + 2]!) / (12 * dt * dt);
    most = Math.max(most, Math.abs(tau * tau * second - right(i)));
  }
  return most;
}

describe("behind an update gate that stands still", () => {
  test("correlations at (6, 0) are those that were drawn, .151 .109 .057, to 3e-3", async () => {
    const found = await solveDynamicMeanField({ gain: 6 });
    expect(found).toMatchObject({ found: true, method: "exact" });
    [0.151, 0.109, 0.057].forEach((expected, i) => {
      expect(Math.abs(at(found, 5 * i) - expected)).toBeLessThan(3e-3);
    });
    expect(found.error).toBeLessThan(1e-7);
  });

  test("the variance at (1.9, 20) is .049 to 5e-4, where zero is stable too", async () => {
    const found = await solveDynamicMeanField({ gain: 1.9, outputGain: 20 });
    expect(Math.abs(found.state[0]! - 0.049)).toBeLessThan(5e-4);
  });

  test.each([
    { gain: 3, outputGain: 5, outputTau: 1, updateTau: 4, updateBias: 0.5 },
    { gain: 2.5, outputGain: 8, outputTau: 6, updateTau: 1, updateBias: 0 },
    { gain: 4, outputGain: 0, outputTau: 1, updateTau: 0.5, updateBias: -1 },
  ])("solutions satisfy all three equations to 1e-5: %o", async (parameters) => {
    const found = await solveDynamicMeanField(parameters);
    const { state, activation, outputGate, outputDrive, updateDrive, time } = found;
    const rate = 1 / (1 + Math.exp(parameters.updateBias));
    const dt = time[1]!;
    const force = (i: number) => rate * rate * (state[i]! - activation[i]! * outputGate[i]!);
    expect(deviation(state, dt, 1, force)).toBeLessThan(1e-5);
    const drive = (c: Float64Array) => (i: number) => c[i]! - activation[i]!;
    expect(deviation(outputDrive, dt, parameters.outputTau, drive(outputDrive))).toBeLessThan(1e-5);
    expect(deviation(updateDrive, dt, parameters.updateTau, drive(updateDrive))).toBeLessThan(1e-5);
    expect(found.residual).toBeLessThan(1e-9);
    // and averages are those of its own variances
    const pairs = await averagePairs(
      { kind: "logistic", gain: parameters.outputGain, bias: 0 },
      outputDrive[0]!,
      outputDrive,
    );
    expect(pairs.average[7]).toBeCloseTo(outputGate[7]!, 10);
  });

  test("half the time step changes nothing beyond the error that is told", async () => {
    const options = { duration: 60 };
    const coarse = await solveDynamicMeanField({ gain: 3, outputGain: 5 }, { ...options, timeStep: 0.1 });
    const fine = await solveDynamicMeanField({ gain: 3, outputGain: 5 }, { ...options, timeStep: 0.05 });
    expect(Math.abs(coarse.state[0]! - fine.state[0]!)).toBeLessThan(coarse.error);
    expect(fine.error).toBeLessThan(0.1 * coarse.error);
  });

  test("a slower update gate stretches time and changes no variance", async () => {
    const fast = await solveDynamicMeanField({ gain: 5, updateBias: 0 });
    const slow = await solveDynamicMeanField({ gain: 5, updateBias: 2 });
    expect(slow.state[0]).toBeCloseTo(fast.state[0]!, 7);
    const stretch = (1 + Math.exp(2)) / 2;
    expect(at(slow, 5 * stretch)).toBeCloseTo(at(fast, 5), 4);
  });

  test("an output gate that follows at once gives the potential's variance at the transition", async () => {
    const [transition] = await findDynamicTransitions([20]);
    const { gain, stateVariance } = transition!;
    const { state } = await solveDynamicMeanField({ gain: gain + 1e-5, outputGain: 20, outputTau: 1e-3 });
    expect(state[0]! / stateVariance).toBeGreaterThan(1);
    expect(state[0]! / stateVariance).toBeLessThan(1.1);
  });

  test("slower output gates keep chaos just below the transition of fast ones", async () => {
    const [transition] = await findDynamicTransitions([20]);
    const gain = transition!.gain - 1e-3;
    const fast = await solveDynamicMeanField({ gain, outputGain: 20, outputTau: 1e-3 });
    const slow = await solveDynamicMeanField({ gain, outputGain: 20, outputTau: 1 });
    expect([fast.found, slow.found]).toEqual([false, true]);
    expect(slow.residual).toBeLessThan(1e-9);
    expect(slow.state[0]).toBeGreaterThan(0.014);
  });

  test("below the transition there is none, with a reason", async () => {
    const found = await solveDynamicMeanField({ gain: 1.7, outputGain: 20 });
    expect(found.found).toBe(false);
    expect(found.reason).toMatch(/below the transition/);
    expect(found.state).toHaveLength(0);
  });

  test("a bias, a negative gain and a time step of 0 are named", async () => {
    await expect(solveDynamicMeanField({ bias: 1 })).rejects.toThrow(ShapeError);
    await expect(solveDynamicMeanField({ outputGain: -1 })).rejects.toThrow("`outputGain` is -1");
    await expect(solveDynamicMeanField({}, { timeStep: 0 })).rejects.toThrow("`timeStep` is 0");
    await expect(solveDynamicMeanField({}, { paths: 2 })).rejects.toThrow("`paths` is 2");
  });
});

describe("behind an update gate that moves", () => {
  const few = { paths: 400, iterations: 6, warmUp: 0, timeStep: 0.2, pathDuration: 204.8 };

  test("with next to no gain, drawn paths give the exact correlations within 4 of their errors", async () => {
    const exact = await solveDynamicMeanField({ gain: 6 });
    const drawn = await solveDynamicMeanField({ gain: 6, updateGain: 1e-6 }, few);
    expect(drawn.method).toBe("drawn");
    expect(drawn.error).toBeLessThan(0.01);
    for (const lag of [0, 5, 10]) {
      expect(Math.abs(at(drawn, lag) - at(exact, lag))).toBeLessThan(4 * drawn.error);
    }
  });

  test("the same seed gives the same bits, another one others", async () => {
    const run = (seed: number) =>
      solveDynamicMeanField({ gain: 6, updateGain: 2 }, { ...few, paths: 40, iterations: 2, seed });
    const first = await run(1);
    expect((await run(1)).state).toEqual(first.state);
    expect((await run(2)).state).not.toEqual(first.state);
  });

  test("correlations at (6, 0, 2) are those of networks of 1000 units, .155 .135 .103, to .012", async () => {
    const options = { ...few, paths: 1000, warmUp: 12, pathDuration: 409.6 };
    const drawn = await solveDynamicMeanField({ gain: 6, updateGain: 2 }, options);
    [0.155, 0.135, 0.103].forEach((expected, i) => {
      expect(Math.abs(at(drawn, 5 * i) - expected)).toBeLessThan(0.012);
    });
  });

  test("the approximate equation gives C(0) of (6, 0, 10) within a tenth, and decays too fast", async () => {
    const found = await solveDynamicMeanField({ gain: 6, updateGain: 10 }, { method: "approximate" });
    expect(found).toMatchObject({ found: true, method: "approximate" });
    expect(Math.abs(found.state[0]! / 0.157 - 1)).toBeLessThan(0.1);
    expect(at(found, 10)).toBeLessThan(0.5 * 0.136);
  });
});

describe("largest exponents", () => {
  test.each([
    [4, 0, 0.0562],
    [6, 0, 0.1177],
    [3, 2, 0.071],
    [3, 5, 0.1322],
    [2.5, 5, 0.1],
    [3, 10, 0.1823],
    [1.9, 20, 0.1382],
  ])("at (%d, %d) λ is %d to 1e-4, and its error below 1e-6", async (gain, outputGain, expected) => {
    const { exponent, error, chaotic } = await findLargestExponent({ gain, outputGain });
    expect(chaotic).toBe(true);
    expect(Math.abs(exponent - expected)).toBeLessThan(1e-4);
    expect(error).toBeLessThan(1e-6);
  });

  test("without an output gate's gain λ is σ_z(0) times that of a plain network of gain g σ_r(0)", async () => {
    for (const [gain, updateBias] of [
      [5, 0],
      [7, 1.5],
    ] as const) {
      const { exponent } = await findLargestExponent({ gain, updateBias });
      const plain = await solvePlainNetwork(gain / 2);
      expect(exponent * (1 + Math.exp(updateBias))).toBeCloseTo(plain.largestExponent, 6);
    }
  });

  test("below the transition it is that of zero", async () => {
    const found = await findLargestExponent({ gain: 1.5, outputGain: 20 });
    expect(found).toMatchObject({ chaotic: false, exponent: -0.125, zeroExponent: -0.125 });
    // a slow gate has the slowest mode
    expect((await findLargestExponent({ gain: 1.5, outputTau: 100 })).exponent).toBe(-0.01);
  });

  test("beside chaos a stable zero keeps its own", async () => {
    const { exponent, zeroExponent } = await findLargestExponent({ gain: 1.9, outputGain: 20 });
    expect(exponent).toBeGreaterThan(0);
    expect(zeroExponent).toBeCloseTo(-0.025, 14);
  });

  test("an update gate that moves is refused, with advice", async () => {
    await expect(findLargestExponent({ updateGain: 1 })).rejects.toThrow(
      /`updateGain` is 1, expected 0.*Use/,
    );
  });
});
