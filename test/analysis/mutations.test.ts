// What the analyses' checks are worth: each of these changes of one place in the core makes one fail.

import { describe, expect, test } from "vitest";
import { fitTimescaleOn } from "../../src/analysis/timescale-fit.ts";
import { autocovariance } from "../../src/core/autocovariance.ts";
import { Core } from "../../src/core/core.ts";
import { LagSums } from "../../src/core/lag-sums.ts";
import { type Change, compileCore } from "../assembly/as-bind/compile.ts";
import { ar1, autocovarianceOf } from "./processes.ts";

const MAX_LAG = 20;
const series = ar1(1, 4, 600).map((value) => value + 3);
const expected = autocovarianceOf(series, MAX_LAG);
const differs = (actual: Float64Array) =>
  expected.some((value, k) => !(Math.abs(actual[k]! - value) < 1e-12 * expected[0]!));

const checks = {
  "lag sums": (core: Core) => {
    const sums = new LagSums(core, 1, MAX_LAG);
    sums.add(series);
    return differs(sums.autocovariances());
  },
  autocovariance: (core: Core) => differs(autocovariance(core, series, MAX_LAG)),
  fit: (core: Core) => {
    const decays = (t: number) => 0.6 * Math.exp(-t / 2) + 0.4 * Math.exp(-t / 9);
    const two = fitTimescaleOn(
      core,
      Array.from({ length: 31 }, (_, t) => decays(t)),
      30,
    );
    return !(two.ok && two.model === 2 && Math.abs(two.tau / 9 - 1) < 1e-6);
  },
  choice: (core: Core) => {
    // the same sum of squares with both models
    const white = fitTimescaleOn(
      core,
      Array.from({ length: 31 }, (_, t) => (t === 0 ? 1 : -0.1)),
      30,
    );
    return !(white.ok && Math.abs(white.two!.aic - white.one!.aic - 4) < 1e-9 && white.model === 1);
  },
};

const mutations: [string, keyof typeof checks, Change][] = (
  [
    [
      "lag k is divided by n - 1 - k",
      "lag sums",
      "lag-sums.ts",
      "const count = n - k;",
      "const count = n - 1 - k;",
    ],
    [
      "the first and last values are not taken off",
      "lag sums",
      "lag-sums.ts",
      "if (k < L) ends",
      "if (k < 0) ends",
    ],
    [
      "lags are one too long",
      "lag sums",
      "lag-sums.ts",
      "<usize>(k + TILE - 1) * PAIR;",
      "<usize>(k + TILE) * PAIR;",
    ],
    [
      "the transform divides by n",
      "autocovariance",
      "autocovariance.ts",
      "/ length / (n - k)",
      "/ length / n",
    ],
    ["the series is not padded", "autocovariance", "autocovariance.ts", "length < n + L", "length < n - 88"],
    [
      "steps go uphill",
      "fit",
      "exponential-fit.ts",
      "moves ? -get(slope, i) : 0",
      "moves ? get(slope, i) : 0",
    ],
    ["the second decay has no slope", "fit", "exponential-fit.ts", "e2 > 0 && t > 0", "e2 > 2 && t > 0"],
    [
      "two decays cost as much as one",
      "choice",
      "exponential-fit.ts",
      "misfit2 + 2 * TWO",
      "misfit2 + 2 * ONE",
    ],
  ] as const
).map(([what, check, file, from, to]) => [what, check, { file: `assembly/analysis/${file}`, from, to }]);

async function complains(check: keyof typeof checks, ...changes: Change[]): Promise<boolean> {
  const module = await WebAssembly.compile(await compileCore(...changes));
  return checks[check](await Core.load({ module, tallTiles: false }));
}

describe("analyses", () => {
  test.each(Object.keys(checks) as (keyof typeof checks)[])(
    "without a change, the %s check passes",
    async (check) => {
      expect(checks[check](await Core.load())).toBe(false);
    },
  );

  test.each(mutations)("%s: the %s check fails", async (_, check, change) => {
    expect(await complains(check, change)).toBe(true);
  });
});
