// Dimensionality: series whose principal components are known, the simulation behind it, what is refused.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  componentVariances,
  type DimensionalityOptions,
  measureDimensionality,
  summarizeVariance,
} from "../../src/analysis/dimensionality.ts";
import { measureNetworkTimescales } from "../../src/analysis/network-timescales.ts";
import {
  type Network,
  networkTensors,
  packParameters,
  parameterCount,
  type TensorName,
} from "../../src/cells/network.ts";
import { Core } from "../../src/core/core.ts";
import { CovarianceSums } from "../../src/core/covariance.ts";
import { NumericError, ShapeError } from "../../src/core/errors.ts";
import { drawFrom, values } from "../assembly/values.ts";

interface Case {
  units: number;
  steps: number;
  eigenvalues: number[];
  components: Record<string, number>;
  participationRatio: number;
}

const golden = JSON.parse(readFileSync("test/golden/principal-components.json", "utf8")) as {
  cases: Case[];
};

/** A network of the tensors that are given, and zeros elsewhere. */
function networkOf(units: number, given: Record<string, readonly number[]>, layers = 1): Network {
  const sizes = { units, layers, inputs: 1, heads: 1, classes: 2 };
  const shape = { cell: "leaky", activation: "leaky-relu", ...sizes } as const;
  const tensors = networkTensors(shape, new Float32Array(parameterCount(shape)));
  for (const [name, data] of Object.entries(given)) {
    const tensor = tensors.get(name as TensorName)!;
    tensors.set(name as TensorName, { ...tensor, data: Float32Array.from(data) });
  }
  return { shape, parameters: packParameters(shape, tensors) };
}

// unit i holds the bit i steps before the last; a second layer hands on what the first holds
const delayLine = (units: number, layers = 1) => {
  const line = {
    tau: Array(units).fill(1),
    "input.weight": [1, ...Array(units - 1).fill(0)],
    "recurrent.weight": Array.from({ length: units * units }, (_, i) => (i % (units + 1) === units ? 1 : 0)),
  };
  const relay = {
    "layer2.tau": Array(units).fill(1),
    "layer2.input.weight": Array.from({ length: units * units }, (_, i) => (i % (units + 1) === 0 ? 1 : 0)),
  };
  return networkOf(units, layers === 1 ? line : { ...line, ...relay }, layers);
};

// sums over pieces of `atOnce` steps of (steps, trials, units)
async function sumsOf(states: Float32Array, units: number, trials: number, atOnce = 256) {
  const core = await Core.load();
  const sums = new CovarianceSums(core, units, trials);
  const row = units * trials;
  for (let first = 0; first < states.length; first += atOnce * row) {
    const piece = states.subarray(first, first + atOnce * row);
    const view = core.f32(core.allocate(4 * piece.length, "states"), piece.length);
    view.set(piece);
    sums.add(view);
  }
  return { core, sums };
}

// by definition: means first
function covarianceOf(states: Float32Array, units: number, trials: number, b: number): number[] {
  const steps = states.length / (units * trials);
  const x = (t: number, i: number) => states[(t * trials + b) * units + i]!;
  const mean = (i: number) => {
    let sum = 0;
    for (let t = 0; t < steps; t++) sum += x(t, i);
    return sum / steps;
  };
  const means = Array.from({ length: units }, (_, i) => mean(i));
  return Array.from({ length: units * units }, (_, ij) => {
    const [i, j] = [Math.floor(ij / units), ij % units];
    let sum = 0;
    for (let t = 0; t < steps; t++) sum += (x(t, i) - means[i]!) * (x(t, j) - means[j]!);
    return sum / steps;
  });
}

describe("covariances", () => {
  test.each([
    [1, 1, 1],
    [2, 3, 50],
    [3, 1, 257],
    [4, 2, 256],
    [5, 4, 600],
    [14, 3, 700],
  ])(
    "of %i units in %i trials of %i steps are those by definition within 1e-12, with means a thousand times the spread",
    async (units, trials, steps) => {
      const states = values(drawFrom(units), units * trials * steps, 1000, 1001);
      const { sums } = await sumsOf(states, units, trials);
      for (let b = 0; b < trials; b++) {
        const expected = covarianceOf(states, units, trials, b);
        sums.covariances(b).forEach((value, ij) => {
          expect(Math.abs(value - expected[ij]!)).toBeLessThan(1e-12);
        });
      }
    },
  );

  test.each([1, 7, 300])(
    "do not depend on the pieces: %i steps at once give the bits of 256",
    async (atOnce) => {
      const states = values(drawFrom(3), 6 * 2 * 700);
      const { sums } = await sumsOf(states, 6, 2);
      const other = await sumsOf(states, 6, 2, atOnce);
      expect(other.sums.covariances(1)).toEqual(sums.covariances(1));
    },
  );

  test("of 100,000 steps are exact to 1e-12: those of a cycle of five values are the cycle's", async () => {
    const steps = 100_000;
    const cycle = [3, 1, 4, 1, 5];
    const states = Float32Array.from({ length: 2 * steps }, (_, k) => {
      const [t, i] = [k >> 1, k & 1];
      return i === 0 ? cycle[t % 5]! : 0.1 * cycle[(t + 1) % 5]!;
    });
    const { sums } = await sumsOf(states, 2, 1);
    const found = sums.covariances(0);
    const expected = covarianceOf(states.subarray(0, 10), 2, 1, 0);
    found.forEach((value, ij) => {
      expect(Math.abs(value / expected[ij]! - 1)).toBeLessThan(1e-12);
    });
  });
});

describe("principal components", () => {
  // the formula of the golden's script
  function seriesOf(units: number, steps: number): Float32Array {
    return Float32Array.from({ length: units * steps }, (_, k) => {
      const [t, i] = [BigInt(Math.floor(k / units)), BigInt(k % units)];
      if (i % 7n === 6n) return 3;
      const spread = (t + 1n) * (i + 3n) * 2654435761n + ((t * t) % 97n) * i * 40503n;
      return 100 + (Number(spread % 2n ** 32n) / 2 ** 32) * (1 + Number(i % 5n));
    });
  }

  test.each(golden.cases)("of $units series of $steps steps are NumPy's within 1e-12", async (expected) => {
    const { units, steps } = expected;
    const { core, sums } = await sumsOf(seriesOf(units, steps), units, 1);
    const variances = [componentVariances(core, "test", sums.covariances(0), units)];
    for (const [fraction, count] of Object.entries(expected.components)) {
      const found = summarizeVariance(variances, Number(fraction));
      expect(found.components).toBe(count);
      expect(found.participationRatio).toBeCloseTo(expected.participationRatio, 10);
      expected.eigenvalues.forEach((value, i) => {
        expect(Math.abs(found.eigenvalues[i]! - value)).toBeLessThan(1e-12 * expected.eigenvalues[0]!);
      });
    }
  });

  test("that are no unit's: 20 mixtures of three series have three, the others below 1e-12 of the largest", async () => {
    const draw = drawFrom(11);
    const mixing = values(draw, 20 * 3);
    const states = new Float32Array(20 * 500);
    for (let t = 0; t < 500; t++) {
      // whole numbers and eighths, so that sums are exact in f32
      const sources = Array.from({ length: 3 }, () => Math.floor(8 * draw()));
      for (let i = 0; i < 20; i++) {
        const weight = (k: number) => Math.round(8 * mixing[3 * i + k]!) / 8;
        states[20 * t + i] = sources.reduce((sum, source, k) => sum + weight(k) * source, 0);
      }
    }
    const { core, sums } = await sumsOf(states, 20, 1);
    const variances = componentVariances(core, "test", sums.covariances(0), 20);
    const { eigenvalues, components } = summarizeVariance([variances], 1 - 1e-9);
    expect(components).toBe(3);
    expect(eigenvalues[2]).toBeGreaterThan(0.1);
    expect(Math.max(...eigenvalues.subarray(3))).toBeLessThan(1e-12 * eigenvalues[0]!);
    // the diagonal of the covariances says nothing of that: every unit varies
    expect(
      covarianceOf(states, 20, 1, 0)
        .filter((_, k) => k % 21 === 0)
        .every((v) => v > 0.1),
    ).toBe(true);
  });

  test.each([
    [[4, 3, 2, 1], 0.4, 1],
    [[4, 3, 2, 1], 0.7, 2],
    [[4, 3, 2, 1], 0.75, 3],
    [[4, 3, 2, 1], 1, 4],
    [[1, 0, 0], 0.9, 1],
    [[0, 0, 0], 0.9, 0],
  ])("variances %j reach %f of their sum with %i", (variances, fraction, count) => {
    expect(summarizeVariance([Float64Array.from(variances)], fraction).componentsByTrial).toEqual([count]);
  });

  test("have the participation ratio (Σλ)² / Σλ²: 1 for one, n for n equal ones, 0 for none; and means over trials", () => {
    const trials = [
      [1, 0],
      [2, 2],
      [0, 0],
    ].map((variances) => Float64Array.from(variances));
    const found = summarizeVariance(trials, 0.9);
    expect(found.participationRatioByTrial).toEqual([1, 2, 0]);
    expect(found.participationRatio).toBe(1);
    expect(found.componentsByTrial).toEqual([1, 2, 0]);
    expect(found.components).toBe(1);
    expect([...found.eigenvalues]).toEqual([1, 0, 2, 2, 0, 0]);
  });
});

describe("a network", () => {
  test("that is a delay line of 10 bits has 9 components for 90 %, a participation ratio within 0.05 of 10", async () => {
    // trials with a p far from 1/2 vary little, and less evenly
    const found = await measureDimensionality(delayLine(10), { steps: 50_000, trials: 4 });
    expect(found.componentsByTrial).toEqual([9, 9, 9, 9]);
    for (const ratio of found.participationRatioByTrial) expect(Math.abs(ratio - 10)).toBeLessThan(0.05);
  });

  test("with a second layer that hands states on has twice the variances of the first, and as many of 0, within 1e-12", async () => {
    const options = { steps: 2000, trials: 3 };
    const one = await measureDimensionality(delayLine(6), options);
    const two = await measureDimensionality(delayLine(6, 2), options);
    expect(two.components).toBe(one.components);
    expect(two.eigenvalues).toHaveLength(3 * 12);
    two.eigenvalues.forEach((value, k) => {
      const [b, i] = [Math.floor(k / 12), k % 12];
      const wanted = i < 6 ? 2 * one.eigenvalues[6 * b + i]! : 0;
      expect(Math.abs(value - wanted)).toBeLessThan(1e-12);
    });
  });

  test("whose units are one and the same has one component; a constant unit adds a variance of 0", async () => {
    const network = networkOf(5, { tau: Array(5).fill(3), "input.weight": [1, -2, 3, 0, 0.5] });
    const { components, participationRatio, eigenvalues } = await measureDimensionality(network, {
      ...{ steps: 3000, trials: 3 },
    });
    expect(components).toBe(1);
    expect(participationRatio).toBeGreaterThan(1);
    expect(participationRatio).toBeLessThan(1.05);
    expect(eigenvalues).toHaveLength(15);
    for (let b = 0; b < 3; b++) expect(eigenvalues[5 * b + 4]).toBeLessThan(1e-14 * eigenvalues[5 * b]!);
  });

  test("whose units are all constant has none", async () => {
    const network = networkOf(3, { tau: [1, 1, 1], "input.bias": [1, 2, 3] });
    const found = await measureDimensionality(network, { steps: 300, trials: 2 });
    expect(found.componentsByTrial).toEqual([0, 0]);
    expect(found.participationRatio).toBe(0);
    expect([...found.eigenvalues]).toEqual(Array(6).fill(0));
  });

  test("is driven as for its timescales: the variances add up to those at lag 0, within 1e-12", async () => {
    const options = { steps: 1100, trials: 3, burnIn: 300, seed: 5 };
    const { autocovariances } = await measureNetworkTimescales(delayLine(7), options);
    const { eigenvalues } = await measureDimensionality(delayLine(7), options);
    const total = autocovariances.filter((_, i) => i % 201 === 0).reduce((sum, value) => sum + value, 0);
    expect(Math.abs(eigenvalues.reduce((sum, value) => sum + value, 0) / 3 / total - 1)).toBeLessThan(1e-12);
  });

  test.each<[DimensionalityOptions, string]>([
    [{ fraction: 0 }, "measureDimensionality: `fraction` is 0, expected more than 0 and at most 1."],
    [{ fraction: 1.1 }, "`fraction` is 1.1"],
    [{ fraction: Number.NaN }, "`fraction` is NaN"],
    [{ steps: 0 }, "measureDimensionality: `steps` is 0, expected a whole number from 1"],
    [{ trials: 0.5 }, "`trials` is 0.5"],
  ])("with %o is refused", async (wrong, message) => {
    const run = measureDimensionality(delayLine(3), wrong);
    await expect(run).rejects.toThrow(ShapeError);
    await expect(run).rejects.toThrow(message);
  });

  test("whose activity grows without bound is refused", async () => {
    const growing = networkOf(2, { tau: [1, 1], "input.bias": [1, 1], "recurrent.weight": [0, 9, 9, 0] });
    const run = measureDimensionality(growing, { steps: 500, trials: 1 });
    await expect(run).rejects.toThrow(NumericError);
    await expect(run).rejects.toThrow("measureDimensionality: a unit's activity is NaN or infinite");
  });
});
