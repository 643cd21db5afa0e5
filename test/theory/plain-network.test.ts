// Plain networks of tanh units: closed forms and published values, their limits, and errors.

import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { solvePlainNetwork } from "../../src/theory/plain-network.ts";

describe("the map that forgets its last state", () => {
  test.each([
    [1.5, 0.065217],
    [2, 0.154724],
    [2.5, 0.237177],
    [3, 0.310249],
    [4, 0.432878],
    [5, 0.532428],
    [6, 0.615854],
    [8, 0.750328],
    [10, 0.856435],
  ])("at g = %d has λ = %d to 1e-6", async (gain, expected) => {
    const { largestExponent, error } = await solvePlainNetwork(gain, { step: 1 });
    expect(Math.abs(largestExponent - expected)).toBeLessThan(1e-6);
    expect(error).toBeLessThan(1e-11);
  });

  test.each([
    [2, -1.14902],
    [3, -2.27281],
  ])("at g = %d has the mean exponent %d to 1e-5", async (gain, expected) => {
    const { meanExponent } = await solvePlainNetwork(gain, { step: 1 });
    expect(Math.abs(meanExponent - expected)).toBeLessThan(1e-5);
  });

  test("at rest has ln g, and ln g - 1/2 in the mean", async () => {
    const { variance, largestExponent, meanExponent } = await solvePlainNetwork(0.8, { step: 1 });
    expect(variance).toBe(0);
    expect(largestExponent).toBeCloseTo(Math.log(0.8), 14);
    expect(meanExponent).toBeCloseTo(Math.log(0.8) - 0.5, 14);
  });
});

describe("continuous time", () => {
  test.each([
    [1.25, 0.01696],
    [1.5, 0.04675],
    [2, 0.11246],
    [2.5, 0.17615],
    [3, 0.23547],
    [4, 0.34148],
    [5, 0.43371],
    [6, 0.51537],
    [8, 0.65548],
    [10, 0.77349],
  ])("at g = %d has λ = %d to 1e-4, and a mean of -1", async (gain, expected) => {
    const { largestExponent, meanExponent, error } = await solvePlainNetwork(gain);
    expect(Math.abs(largestExponent - expected)).toBeLessThan(1e-4);
    expect(error).toBeLessThan(1e-5);
    expect(meanExponent).toBe(-1);
  });

  test("near g = 1 λ is (g - 1)² / 2 to a tenth, and g - 1 below", async () => {
    const { largestExponent } = await solvePlainNetwork(1.02);
    expect(Math.abs(largestExponent / (0.5 * 0.02 ** 2) - 1)).toBeLessThan(0.1);
    expect((await solvePlainNetwork(0.6)).largestExponent).toBeCloseTo(-0.4, 14);
  });
});

describe("maps between", () => {
  test("δ = 0.1 has the mean exponent ln(1 - δ) / δ = -1.05361 to 1e-5, at any gain of these", async () => {
    for (const gain of [0.8, 1.5, 3, 6]) {
      const { meanExponent } = await solvePlainNetwork(gain, { step: 0.1 });
      expect(Math.abs(meanExponent + 1.05361)).toBeLessThan(1e-5);
    }
  });

  test("small steps come to continuous time in first order, and steps of almost 1 to the map", async () => {
    const flow = await solvePlainNetwork(3);
    const away = async (step: number) =>
      flow.largestExponent - (await solvePlainNetwork(3, { step })).largestExponent;
    expect((await away(0.1)) / (await away(0.05))).toBeCloseTo(2, 0);
    const map = await solvePlainNetwork(3, { step: 1 });
    const almost = await solvePlainNetwork(3, { step: 0.9999 });
    expect(Math.abs(almost.variance - map.variance)).toBeLessThan(3e-3);
    expect(Math.abs(almost.largestExponent - map.largestExponent)).toBeLessThan(1e-4);
  });

  test("a gain of 0, and a step of 0 or beyond 1, are named", async () => {
    await expect(solvePlainNetwork(0)).rejects.toThrow(ShapeError);
    await expect(solvePlainNetwork(2, { step: 0 })).rejects.toThrow("`step` is 0");
    await expect(solvePlainNetwork(2, { step: 1.1 })).rejects.toThrow("`step` is 1.1");
  });
});
