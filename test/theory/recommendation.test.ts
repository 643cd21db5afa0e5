// Where to begin training, against the Jacobian at rest of networks that begin there.

import { describe, expect, test } from "vitest";
import { jacobian } from "../../src/analysis/dynamics-simulation.ts";
import { eigenvalues } from "../../src/analysis/spectrum.ts";
import { networkDynamics } from "../../src/cells/network-dynamics.ts";
import { gatedDynamics } from "../../src/cells/random-dynamics.ts";
import { stateSize } from "../../src/core/dynamics.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { type RecommendationOptions, recommendInitialisation } from "../../src/theory/recommendation.ts";
import { Trainer } from "../../src/training/trainer.ts";

function expectWithinTwo(ratio: number): void {
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(2);
}

describe("values", () => {
  test.each([
    ["gru", 20],
    ["gru", 200],
    ["lstm", 50],
  ] as const)(
    "%s, timescale %d: eigenvalues at rest lie around 1 - 1/T, the largest is below 1 and decays within a factor of two as slowly as said, in 3 networks",
    async (cell, timescale) => {
      const units = 150;
      const { settings, timescales } = await recommendInitialisation({ cell, units, timescale });
      for (const seed of [0, 1, 2]) {
        const trainer = await Trainer.start({ ...settings, units, curriculum: "none", seed });
        const dynamics = networkDynamics(trainer.network);
        const D = stateSize(dynamics);
        const { matrix } = await jacobian(dynamics, new Float64Array(D));
        const { re, im } = await eigenvalues(matrix, D);
        // an LSTM's h follows c at once: half of its eigenvalues are 0
        const mean = re.reduce((sum, value) => sum + value, 0) / units;
        expect(mean).toBeCloseTo(1 - 1 / timescale, 2);
        const size = Math.max(...re.map((value, i) => Math.hypot(value, im[i]!)));
        expect(size).toBeLessThan(1);
        // the distance from the edge is that by which networks of this size scatter
        expectWithinTwo(-1 / Math.log(size) / timescales.slowest);
      }
    },
  );

  test("gated: rest is stable, and its slowest decay is within a factor of two of the update gate's times √N, in 3 networks", async () => {
    const [units, timescale] = [150, 30];
    const { parameters, timescales } = await recommendInitialisation({ cell: "gated", units, timescale });
    for (const seed of [0, 1, 2]) {
      const dynamics = await gatedDynamics({ ...parameters, units, seed });
      const { matrix } = await jacobian(dynamics, new Float64Array(3 * units));
      const { re } = await eigenvalues(matrix, 3 * units);
      expect(re[0]).toBeLessThan(0);
      expectWithinTwo(-1 / re[0]! / timescales.slowest);
    }
  });

  test("a gain at the edge times 1.3 instead would grow", async () => {
    const { settings } = await recommendInitialisation({ units: 150, timescale: 50 });
    const initialGain = settings!.initialGain.map((gain) => 1.3 * gain);
    const trainer = await Trainer.start({ ...settings, initialGain, units: 150, curriculum: "none" });
    const { matrix } = await jacobian(networkDynamics(trainer.network), new Float64Array(150));
    const { re } = await eigenvalues(matrix, 150);
    expect(re[0]).toBeGreaterThan(1);
  });
});

describe("errors", () => {
  test.each<[RecommendationOptions, string]>([
    [{ units: 0, timescale: 5 }, "`units` is 0, expected a whole number of at least 1."],
    [{ units: 10, timescale: 1 }, "`timescale` is 1, expected more"],
    [{ units: 10, timescale: Number.NaN }, "`timescale` is NaN, expected a finite number of at least 1."],
    [
      { units: 10, timescale: 5, cell: "leaky" as never },
      "`cell` is leaky, expected one of gru, lstm, gated.",
    ],
  ])("%o is refused", async (options, problem) => {
    await expect(recommendInitialisation(options)).rejects.toThrow(ShapeError);
    await expect(recommendInitialisation(options)).rejects.toThrow(`recommendInitialisation: ${problem}`);
  });
});
