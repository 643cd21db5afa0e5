// The public Gaussian averages: what they add to the core's, which test/assembly/theory/kernels.test.ts tests, is their errors.

import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { averageGaussian, averagePairs } from "../../src/theory/gaussian-averages.ts";

const tanh = { kind: "tanh", gain: 2, bias: 0 } as const;

describe("Gaussian averages", () => {
  test("a table of variances has each variance's own averages", async () => {
    const table = await averageGaussian(tanh, [0, 0.5, 2]);
    expect(table[0]).toMatchObject({ mean: 0, square: 0 });
    expect((await averageGaussian(tanh, [2]))[0]).toEqual(table[2]);
  });

  test("pairs at the variance itself are squares, at its negative minus those, and at 0 nothing", async () => {
    const { average, error } = await averagePairs(tanh, 0.8, [0.8, -0.8, 0]);
    const [moments] = await averageGaussian(tanh, [0.8]);
    expect(average[0]).toBeCloseTo(moments!.square, 11);
    expect(average[1]).toBeCloseTo(-moments!.square, 11);
    expect(Math.abs(average[2]!)).toBeLessThan(1e-15);
    expect(error).toBeLessThan(1e-11);
  });

  test("a negative variance, a covariance beyond it, an unknown function and an infinite gain are named", async () => {
    await expect(averageGaussian(tanh, [1, -1])).rejects.toThrow(ShapeError);
    await expect(averagePairs(tanh, 1, [1.1])).rejects.toThrow("a covariance is 1.1");
    await expect(averagePairs(tanh, 0, [0])).rejects.toThrow("`variance` is 0");
    await expect(averageGaussian({ ...tanh, kind: "erf" as "tanh" }, [1])).rejects.toThrow("`kind` is erf");
    await expect(averageGaussian({ ...tanh, gain: Infinity }, [1])).rejects.toThrow("`gain` is Infinity");
  });
});
