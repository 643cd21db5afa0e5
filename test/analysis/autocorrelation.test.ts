// Autocorrelations: the defining sums, known processes, pieces of any length, and what is refused.

import { describe, expect, test } from "vitest";
import { AutocorrelationAccumulator, autocorrelation } from "../../src/analysis/autocorrelation.ts";
import { NumericError, ShapeError, StateError } from "../../src/core/errors.ts";
import { drawFrom, values } from "../assembly/values.ts";
import { ar1, autocovarianceOf, column } from "./processes.ts";

type Options = Parameters<typeof AutocorrelationAccumulator.start>[0];

// what accumulates from pieces of so many steps
async function accumulate(data: Float32Array | Float64Array, options: Options, pieces = [1e9]) {
  const accumulator = await AutocorrelationAccumulator.start(options);
  try {
    const row = accumulator.series * accumulator.trials;
    for (let first = 0, i = 0; first < data.length; i++) {
      const next = first + pieces[i % pieces.length]! * row;
      accumulator.add(data.subarray(first, next));
      first = next;
    }
    return { steps: accumulator.steps, covariances: accumulator.autocovariances() };
  } finally {
    accumulator.close();
  }
}

// largest difference, as a part of the variance
function error(actual: ArrayLike<number>, expected: readonly number[]): number {
  const differences = expected.map((value, k) => Math.abs(actual[k]! - value));
  return Math.max(...differences) / expected[0]!;
}

describe("a whole series", () => {
  test.each([
    [2, 0],
    [2, 1],
    [3, 2],
    [100, 99],
    [1000, 200],
    [4097, 31],
  ])(
    "of %i steps has at lags up to %i the autocorrelation of the definition within 1e-12",
    async (n, maxLag) => {
      const series = ar1(n, 3, n);
      const expected = autocovarianceOf(series, maxLag);
      const acf = await autocorrelation(series, { maxLag });
      expect(acf).toHaveLength(maxLag + 1);
      expect(acf[0]).toBe(1);
      const scaled = expected.map((value) => value / expected[0]!);
      expect(error(acf, scaled)).toBeLessThan(1e-12);
    },
  );

  test("divides by n - k: of 1, -1, 1, -1 … lag 9 of 10 steps is -1, where n - 1 would give -0.1", async () => {
    const acf = await autocorrelation(
      Array.from({ length: 10 }, (_, t) => (t % 2 ? -1 : 1)),
      { maxLag: 9 },
    );
    acf.forEach((value, k) => {
      expect(value).toBeCloseTo(k % 2 ? -1 : 1, 14);
    });
  });

  test.each([2, 5, 15])(
    "of an AR(1) process of timescale %i has e^(-k/tau) within 0.03 over 200,000 steps",
    async (tau) => {
      const acf = await autocorrelation(ar1(tau, tau, 200_000), { maxLag: 60 });
      acf.forEach((value, k) => {
        expect(Math.abs(value - Math.exp(-k / tau)), `lag ${k}`).toBeLessThan(0.03);
      });
    },
  );

  test("takes 200 lags unless told otherwise", async () => {
    expect(await autocorrelation(ar1(1, 2, 300))).toHaveLength(201);
  });
});

describe("series that come in pieces", () => {
  test.each([
    [1, 1, 0, 20],
    [1, 1, 1, 20],
    [2, 1, 7, 300],
    [3, 1, 8, 700],
    [5, 2, 30, 1000],
    [7, 3, 200, 1500],
  ])(
    "%i series of %i trials and %i lags over %i steps: the definition's autocovariance within 1e-12",
    async (series, trials, maxLag, n) => {
      const data = values(drawFrom(n), n * trials * series, -1, 2);
      const { steps, covariances } = await accumulate(data, { series, trials, maxLag });
      expect(steps).toBe(n);
      expect(covariances).toHaveLength(series * (maxLag + 1));
      for (let s = 0; s < series; s++) {
        const each = Array.from({ length: trials }, (_, b) =>
          autocovarianceOf(column(data, b * series + s, trials * series), maxLag),
        );
        const expected = each[0]!.map((_, k) => each.reduce((sum, trial) => sum + trial[k]!, 0) / trials);
        const actual = covariances.subarray(s * (maxLag + 1), (s + 1) * (maxLag + 1));
        expect(error(actual, expected), `series ${s}`).toBeLessThan(1e-12);
      }
    },
  );

  test("agree with the Fourier transform of the whole within 1e-10, over 20,000 steps and 200 lags", async () => {
    const series = ar1(3, 12, 20_000);
    const { covariances } = await accumulate(series, {});
    const acf = await autocorrelation(series);
    const scaled = Array.from(covariances, (value) => value / covariances[0]!);
    expect(error(acf, scaled)).toBeLessThan(1e-10);
  });

  test("a mean of 10,000 times the deviation takes nothing: within 1e-10 of the definition", async () => {
    const series = ar1(4, 5, 5000).map((value) => value + 10_000);
    const { covariances } = await accumulate(series, { maxLag: 50 });
    const centred = autocovarianceOf(
      series.map((value) => value - 10_000),
      50,
    );
    expect(error(covariances, centred)).toBeLessThan(1e-10);
  });

  test("in f64 and in f32 are the same bits where the values are", async () => {
    const narrow = values(drawFrom(9), 3 * 400);
    const options = { series: 3, maxLag: 20 };
    const { covariances } = await accumulate(Float64Array.from(narrow), options);
    expect((await accumulate(narrow, options)).covariances).toEqual(covariances);
  });

  test("of any lengths give the same bits", async () => {
    const data = values(drawFrom(10), 5 * 900);
    const options = { series: 5, maxLag: 33 };
    const whole = await accumulate(data, options);
    for (const pieces of [[1], [7, 1, 300], [256], [255, 257], [899, 1]]) {
      expect((await accumulate(data, options, pieces)).covariances, `${pieces}`).toEqual(whole.covariances);
    }
  });

  test("give one another as many steps as the memory of one piece does not hold", async () => {
    const data = values(drawFrom(11), 2000 * 301);
    const options = { series: 2000, maxLag: 4 };
    const { covariances } = await accumulate(data, options);
    expect((await accumulate(data, options, [3])).covariances).toEqual(covariances);
    expect(error(covariances.subarray(1999 * 5), autocovarianceOf(column(data, 1999, 2000), 4))).toBeLessThan(
      1e-12,
    );
  });

  test("autocorrelations are 1 at lag 0", async () => {
    const accumulator = await AutocorrelationAccumulator.start({ series: 2, maxLag: 3 });
    accumulator.add(values(drawFrom(1), 40));
    const covariances = accumulator.autocovariances();
    const acf = accumulator.autocorrelations();
    expect([acf[0], acf[4]]).toEqual([1, 1]);
    expect(acf[7]).toBe(covariances[7]! / covariances[4]!);
    accumulator.close();
  });
});

describe("there is none", () => {
  const refused = async (series: number[], maxLag: number, type: new () => Error, message: string) => {
    const run = autocorrelation(series, { maxLag });
    await expect(run).rejects.toThrow(type);
    await expect(run).rejects.toThrow(message);
  };

  test("of a constant, not even of 0.1, whose mean is rounded", async () => {
    const series = Array(1000).fill(0.1);
    await refused(
      series,
      10,
      NumericError,
      "autocorrelation: `series` is constant, expected values that vary",
    );
    const { covariances } = await accumulate(Float64Array.from(series), { maxLag: 10 });
    expect(covariances).toEqual(new Float64Array(11));
  });

  test("of two points at lag 2", async () => {
    await refused(
      [1, 2],
      2,
      ShapeError,
      "autocorrelation: the series has 2 steps but `maxLag` is 2; expected at least 3.",
    );
  });

  test("of no points", async () => {
    await refused([], 0, ShapeError, "the series has 0 steps but `maxLag` is 0; expected at least 1.");
  });

  test("with a NaN, or an infinity", async () => {
    await refused([1, 2, Number.NaN, 4], 1, NumericError, "`series`[2] is NaN, expected finite values.");
    await refused([1, Number.POSITIVE_INFINITY], 1, NumericError, "`series`[1] is Infinity");
  });

  test("at a lag that is no whole number", async () => {
    await refused(
      [1, 2, 3],
      0.5,
      ShapeError,
      "autocorrelation: `maxLag` is 0.5, expected a whole number from 0.",
    );
  });

  test("of pieces that are no whole steps, of too few steps, of a NaN, of a constant one, or when closed", async () => {
    const accumulator = await AutocorrelationAccumulator.start({ series: 2, maxLag: 2 });
    expect(() => accumulator.add(new Float32Array(3))).toThrow(
      new ShapeError(
        "AutocorrelationAccumulator: `values` has 3 elements, expected a multiple of 1 trials × 2 series.",
      ),
    );
    accumulator.add(Float32Array.of(1, 1, 2, 1));
    expect(() => accumulator.autocovariances()).toThrow("has 2 steps but `maxLag` is 2");
    accumulator.add(Float32Array.of(3, 1, 5, 1));
    expect(() => accumulator.autocorrelations()).toThrow("series 1 is constant");
    accumulator.add(Float32Array.of(0, Number.NaN));
    expect(() => accumulator.autocovariances()).toThrow("series 1 has a value that is NaN or infinite");
    accumulator.close();
    accumulator.close();
    expect(() => accumulator.add(new Float32Array(2))).toThrow(StateError);
  });

  test.each([
    [{ series: 0 }, "`series` is 0"],
    [{ trials: 1.5 }, "`trials` is 1.5"],
    [{ maxLag: -1 }, "`maxLag` is -1"],
  ])("with %o", async (options, message) => {
    await expect(AutocorrelationAccumulator.start(options)).rejects.toThrow(message);
  });

  test("where the memory does not hold it", async () => {
    await expect(AutocorrelationAccumulator.start({ series: 1e6, maxLag: 1e4 })).rejects.toThrow(
      "measuring 10000 lags of 1000000 series needs",
    );
  });
});
