// The bias of fitted timescales: as theory has it for short trials, and none to speak of in long ones.

import { describe, expect, test } from "vitest";
import { estimateTimescaleBias, type TimescaleBiasOptions } from "../../src/analysis/timescale-bias.ts";
import { fitTimescale } from "../../src/analysis/timescale-fit.ts";
import { Ar1 } from "../../src/core/ar1.ts";
import { Core } from "../../src/core/core.ts";
import { ShapeError } from "../../src/core/errors.ts";

// the expected autocovariances of n steps whose mean is estimated too: E of Σ (x_t - m)(x_{t-k} - m) / (n - k)
function expectedCovariances(tau: number, n: number, maxLag: number): number[] {
  const gamma = (k: number) => Math.exp(-Math.abs(k) / tau);
  // E of x_t m, and of m²
  const withMean = Array.from({ length: n }, (_, t) => {
    let sum = 0;
    for (let s = 0; s < n; s++) sum += gamma(t - s);
    return sum / n;
  });
  const ofMean = withMean.reduce((sum, value) => sum + value, 0) / n;
  return Array.from({ length: maxLag + 1 }, (_, k) => {
    let sum = 0;
    for (let t = k; t < n; t++) sum += gamma(k) - withMean[t]! - withMean[t - k]! + ofMean;
    return sum / (n - k);
  });
}

describe("processes", () => {
  test.each([0.5, 3, 20])(
    "of timescale %f have variance 1 and autocorrelation e^(-k/τ), within 5 standard errors",
    async (tau) => {
      const core = await Core.load();
      const [series, steps] = [400, 250];
      const process = new Ar1(core, tau, series, steps);
      process.start(core.key(1, 0));
      const values = process.run(core.key(1, 1), steps).slice();
      core.release();
      for (const [t, k] of [
        [0, 0],
        [249, 0],
        [100, 1],
        [200, 5],
      ] as const) {
        let sum = 0;
        for (let s = 0; s < series; s++) sum += values[t * series + s]! * values[(t - k) * series + s]!;
        const rho = Math.exp(-k / tau);
        expect(Math.abs(sum / series - rho), `t ${t}, k ${k}`).toBeLessThan(
          5 * Math.sqrt((1 + rho * rho) / series),
        );
      }
    },
  );

  test("go on from piece to piece: 3 + 4 steps are the recursion by hand, bit for bit in its order", async () => {
    const core = await Core.load();
    const process = new Ar1(core, 2, 3, 4);
    process.start(core.key(5));
    const found = [...process.run(core.key(6), 3), ...process.run(core.key(7), 4)];
    const noise = [...core.drawNormal(core.key(6), 9), ...core.drawNormal(core.key(7), 12)];
    let last = [...core.drawNormal(core.key(5), 3)];
    const keep = Math.exp(-1 / 2);
    noise.forEach((z, i) => {
      const value = keep * last[i % 3]! + Math.sqrt(1 - keep * keep) * z;
      last = last.map((other, s) => (s === i % 3 ? value : other));
      expect(Math.abs(found[i]! - value)).toBeLessThan(1e-14);
    });
    core.release();
  });
});

describe("the bias", () => {
  test.each([
    [10, 60, 20],
    [5, 100, 30],
    [20, 200, 30],
  ])(
    "of τ = %i in trials of %i steps, lags to %i, is that of the expected autocovariances: 1000 trials find it within 4 standard errors and 2 %%",
    async (tau, steps, fitLag) => {
      const theory = await fitTimescale(expectedCovariances(tau, steps, fitLag), { fitLag });
      const found = await estimateTimescaleBias({ tau, steps, fitLag, trials: 1000, replicates: 20 });
      expect(theory.ok && theory.tau).toBeLessThan(0.95 * tau);
      const expected = theory.ok ? theory.tau : Number.NaN;
      const error = 4 * (found.sd / Math.sqrt(20)) + 0.02 * expected;
      expect(Math.abs(found.mean - expected), `${found.mean}, in theory ${expected}`).toBeLessThan(error);
      expect(found.bias).toBe(found.mean - tau);
      expect(found.relativeBias).toBe(found.bias / tau);
    },
  );

  test("of τ = 5 is over with long trials: the median is below by 15 to 35 % at 100 steps, by less than 1 % at 50,000", async () => {
    const options = { tau: 5, trials: 10, replicates: 40 };
    const short = await estimateTimescaleBias({ ...options, steps: 100 });
    const long = await estimateTimescaleBias({ ...options, steps: 50_000 });
    const share = (median: number) => (median - 5) / 5;
    expect(short.relativeBias).toBeLessThan(-0.15);
    expect(share(short.median)).toBeLessThan(-0.15);
    expect(share(short.median)).toBeGreaterThan(-0.35);
    expect(Math.abs(share(long.median))).toBeLessThan(0.01);
    // and the spurious second decay, which the length does not cure
    expect(long.twoDecays).toBeGreaterThan(5);
    expect(long.twoDecays).toBeLessThan(25);
    expect(long.taus.filter((tau) => Math.abs(tau / 5 - 1) > 0.1).length).toBeLessThanOrEqual(long.twoDecays);
  });

  test("comes with every timescale, their mean and spread; the same twice, another of another seed", async () => {
    const options = { tau: 3, steps: 200, trials: 2, replicates: 7 };
    const found = await estimateTimescaleBias(options);
    expect(found.taus).toHaveLength(7 - found.failed);
    const mean = found.taus.reduce((sum, tau) => sum + tau, 0) / 7;
    expect(found.mean).toBeCloseTo(mean, 12);
    expect(found.sd).toBeCloseTo(
      Math.sqrt(found.taus.reduce((sum, tau) => sum + (tau - mean) ** 2, 0) / 6),
      12,
    );
    expect(found.median).toBe([...found.taus].sort((a, b) => a - b)[3]);
    expect(await estimateTimescaleBias(options)).toEqual(found);
    expect((await estimateTimescaleBias({ ...options, seed: 1 })).mean).not.toBe(found.mean);
    expect((await estimateTimescaleBias({ ...options, replicates: 1 })).sd).toBeNaN();
  });
});

test.each<[Partial<TimescaleBiasOptions>, string]>([
  [{ tau: 0 }, "estimateTimescaleBias: `tau` is 0, expected a finite number above 0."],
  [{ tau: Number.NaN }, "`tau` is NaN"],
  [{ steps: 30 }, "estimateTimescaleBias: `steps` is 30, expected a whole number from 31"],
  [{ trials: 0 }, "`trials` is 0"],
  [{ replicates: 1.5 }, "`replicates` is 1.5"],
  [{ fitLag: 2 }, "estimateTimescaleBias: `fitLag` is 2, expected a whole number from 4"],
  [{ seed: -1 }, "`seed` is -1"],
])("%o is refused", async (wrong, message) => {
  const run = estimateTimescaleBias({ tau: 5, steps: 100, ...wrong });
  await expect(run).rejects.toThrow(ShapeError);
  await expect(run).rejects.toThrow(message);
});
