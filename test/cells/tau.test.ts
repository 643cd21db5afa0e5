// Statistics of time constants against examples worked out by hand.

import { describe, expect, test } from "vitest";
import { type NetworkShape, packParameters, tensorShapes } from "../../src/cells/network.ts";
import { networkTau, tauStatistics } from "../../src/cells/tau.ts";

const statistics = (...tau: number[]) => tauStatistics(Float32Array.from(tau));

describe("values", () => {
  test("of 4, 1, 2, 3: mean 2.5, sd sqrt(5/4), quantiles every 0.15", () => {
    const { mean, sd, min, max, quantiles } = statistics(4, 1, 2, 3);
    expect([mean, sd, min, max]).toEqual([2.5, Math.sqrt(5 / 4), 1, 4]);
    expect(quantiles.length).toBe(21);
    for (const [i, value] of quantiles.entries()) expect(value).toBeCloseTo(1 + 0.15 * i, 12);
  });

  test("of 1, 2, 5, 10, 22: quantiles 0, 5, 25, 40, 50, 75, 95, 100 % are 1, 1.2, 2, 3.8, 5, 10, 19.6, 22", () => {
    const { mean, sd, quantiles } = statistics(10, 22, 1, 5, 2);
    expect(mean).toBe(8);
    expect(sd).toBe(Math.sqrt((49 + 36 + 9 + 4 + 196) / 5));
    const shown = [0, 1, 5, 8, 10, 15, 19, 20].map((i) => quantiles[i]!);
    const expected = [1, 1.2, 2, 3.8, 5, 10, 19.6, 22];
    for (const [i, value] of shown.entries()) expect(value).toBeCloseTo(expected[i]!, 12);
  });

  test("of 21 units the quantiles are the units themselves, sorted", () => {
    const tau = Array.from({ length: 21 }, (_, i) => 1 + ((i * 8) % 21) / 4);
    expect(statistics(...tau).quantiles).toEqual([...tau].sort((a, b) => a - b));
  });
});

describe("networks", () => {
  const shape: NetworkShape = {
    cell: "leaky",
    activation: "tanh",
    units: 2,
    inputs: 1,
    heads: 1,
    classes: 2,
  };

  // zeros but for the time constants
  function networkOf(layers: number, taus: Record<string, number[]>) {
    const stack = { ...shape, layers };
    const tensors = [...tensorShapes(stack)].map(([name, dimensions]) => {
      const zeros = new Float32Array(dimensions.reduce((product, n) => product * n, 1));
      return [name, { data: taus[name] ?? zeros }] as const;
    });
    return { shape: stack, parameters: packParameters(stack, new Map(tensors)) };
  }

  test("of two layers, 1, 3 and 5, 7: mean 4 of all, 2 and 6 of each", () => {
    const tau = networkTau(networkOf(2, { tau: [1, 3], "layer2.tau": [5, 7] }))!;
    const { layers, ...all } = tau;
    expect(all).toEqual(statistics(1, 3, 5, 7));
    expect(layers).toEqual([statistics(1, 3), statistics(5, 7)]);
  });

  test("of two layers with 4 steps per bit: 0.5 counts as it is in each, 0.1 as 0.25", () => {
    const { layers, min } = networkTau(networkOf(2, { tau: [0.1, 3], "layer2.tau": [0.5, 7] }), 4)!;
    expect(min).toBe(0.25);
    expect(layers!.map((each) => each.min)).toEqual([0.25, 0.5]);
  });

  test("of one layer have no layers of their own, of a gated cell there are none", () => {
    expect(networkTau(networkOf(1, { tau: [1, 3] }))).toEqual(statistics(1, 3));
    const gated = { ...shape, cell: "gru" as const };
    expect(networkTau({ shape: gated, parameters: new Float32Array(3 * 2 * 5 + 6) })).toBeUndefined();
  });
});

describe("invariants", () => {
  test("they are of max(τ, 1): 0.5, -3 and 0.9985 count as 1", () => {
    expect(statistics(0.5, -3, 0.9985, 2)).toEqual(statistics(1, 1, 1, 2));
    expect(statistics(0.5, -3, 0.9985, 2)).toMatchObject({ min: 1, mean: 1.25 });
  });

  test("with 4 steps per bit they are of max(τ, 1/4): 0.5 counts as it is, -3 and 0.2 as 0.25", () => {
    expect(tauStatistics(Float32Array.of(0.5, -3, 0.2, 2), 4)).toEqual(
      tauStatistics(Float32Array.of(0.5, 0.25, 0.25, 2), 4),
    );
    expect(tauStatistics(Float32Array.of(0.5, -3, 0.2, 2), 4)).toMatchObject({ min: 0.25, mean: 0.75 });
  });

  test("the order of units does not matter, not even to the last bit", () => {
    const tau = Array.from({ length: 50 }, (_, i) => 1 + ((i * 37) % 101) / 97);
    expect(statistics(...[...tau].reverse())).toEqual(statistics(...tau));
    expect(statistics(...tau.slice(20), ...tau.slice(0, 20))).toEqual(statistics(...tau));
  });

  test("τ above 9 come behind τ of 9, as numbers sort", () => {
    expect(statistics(9, 10, 100, 1)).toMatchObject({ min: 1, max: 100 });
  });

  test("the argument is left as it was", () => {
    const tau = Float32Array.of(3, 0.5, 2);
    tauStatistics(tau);
    expect(tau).toEqual(Float32Array.of(3, 0.5, 2));
  });

  test("a single unit is every quantile, with sd 0; τ all alike give sd 0 too", () => {
    expect(statistics(1.5)).toEqual({ mean: 1.5, sd: 0, min: 1.5, max: 1.5, quantiles: Array(21).fill(1.5) });
    expect(statistics(2, 2, 2)).toMatchObject({ mean: 2, sd: 0, min: 2, max: 2 });
  });
});
