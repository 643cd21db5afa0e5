// What the analyses' checks are worth: each of these changes of one place in the core makes one fail.

import { describe, expect, test } from "vitest";
import { fitTimescaleOn } from "../../src/analysis/timescale-fit.ts";
import { Ar1 } from "../../src/core/ar1.ts";
import { autocovariance } from "../../src/core/autocovariance.ts";
import { Core } from "../../src/core/core.ts";
import { CovarianceSums } from "../../src/core/covariance.ts";
import { LagSums } from "../../src/core/lag-sums.ts";
import { symmetricEigenvalues } from "../../src/core/linear-algebra.ts";
import { Plan } from "../../src/core/plan.ts";
import { studentTail } from "../../src/core/student.ts";
import { type Change, compileCore } from "../assembly/as-bind/compile.ts";
import { drawFrom, values } from "../assembly/values.ts";
import { ar1, autocovarianceOf, column } from "./processes.ts";

const MAX_LAG = 20;
const series = ar1(1, 4, 600).map((value) => value + 3);
const expected = autocovarianceOf(series, MAX_LAG);
const differs = (actual: Float64Array) =>
  expected.some((value, k) => !(Math.abs(actual[k]! - value) < 1e-12 * expected[0]!));

// 6 units in 2 trials, over more than a block
const states = values(drawFrom(2), 6 * 2 * 300, 2, 3);
const expectedCovariances = covariancesOf(1);

function covariancesOf(trial: number): number[] {
  const unit = (i: number) => column(states, 6 * trial + i, 12);
  const centred = Array.from({ length: 6 }, (_, i) => {
    const mean = unit(i).reduce((sum, value) => sum + value, 0) / 300;
    return unit(i).map((value) => value - mean);
  });
  return centred.flatMap((a) =>
    centred.map((b) => a.reduce((sum, value, t) => sum + value * b[t]!, 0) / 300),
  );
}

const checks = {
  covariances: (core: Core) => {
    const sums = new CovarianceSums(core, 6, 2);
    const view = core.f32(core.allocate(4 * states.length, "states"), states.length);
    view.set(states);
    sums.add(view);
    const found = sums.covariances(1);
    return expectedCovariances.some((value, ij) => !(Math.abs(found[ij]! - value) < 1e-12));
  },
  "normal draws": (core: Core) => {
    const drawn = core.drawNormal(core.key(1), 20_000);
    const variance = drawn.reduce((sum, value) => sum + value * value, 0) / 20_000;
    const beyond = (size: number) => drawn.filter((value) => Math.abs(value) > size).length / 20_000;
    return (
      Math.abs(variance - 1) > 0.04 ||
      Math.abs(beyond(2) - 0.0455) > 0.006 ||
      Math.abs(drawn.reduce((sum, value) => sum + value, 0) / 20_000) > 0.03
    );
  },
  processes: (core: Core) => {
    const process = new Ar1(core, 4, 1, 20_000);
    process.start(core.key(1));
    const found = autocovarianceOf(process.run(core.key(2), 20_000), 4);
    return [1, Math.exp(-1 / 4), Math.exp(-1 / 2)].some((value, k) => !(Math.abs(found[k]! - value) < 0.1));
  },
  "cell states": (core: Core) => {
    const shape = { cell: "lstm", activation: "tanh", units: 5, inputs: 1, heads: 1, classes: 2 } as const;
    const plan = new Plan(core, shape, { batch: 3, steps: 2, labelRows: 1 }, "recording-cells");
    // input biases lie behind 20 input weights: forget gates σ(2), candidates tanh(1)
    plan.parameters.fill(2, 25, 30).fill(1, 30, 35);
    plan.prepareRecording();
    plan.record(2);
    const [f, first] = [1 / (1 + Math.exp(-2)), 0.5 * Math.tanh(1)];
    const second = first * (1 + f);
    return (
      plan.forgetGates.some((value) => !(Math.abs(value - f) < 1e-6)) ||
      plan.cellStates.some((value, i) => !(Math.abs(value - (i < 15 ? first : second)) < 1e-6))
    );
  },
  "t distribution": (core: Core) =>
    // closed forms
    !(Math.abs(studentTail(core, 1, 1) - 0.5) < 1e-14) ||
    !(Math.abs(studentTail(core, 20, 2) - (1 - 20 / Math.sqrt(402))) < 1e-15),
  eigenvalues: (core: Core) => {
    const found = symmetricEigenvalues(core, Float64Array.of(2, -1, 0, -1, 2, 0, 0, 0, 5), 3);
    return !found || [1, 3, 5].some((value, i) => !(Math.abs(found[i]! - value) < 1e-14));
  },
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
      "means are not taken off",
      "covariances",
      "analysis/covariance.ts",
      "(products - mean * load<f64>(sum + ((<usize>j) << 3))) / n",
      "products / n",
    ],
    [
      "every trial is the first",
      "covariances",
      "analysis/covariance.ts",
      "data + <usize>first * step + <usize>b * trial",
      "data + <usize>first * step",
    ],
    [
      "tiles begin anew with each block",
      "covariances",
      "analysis/covariance.ts",
      "let s7 = v128.load(tile, 112);",
      "let s7 = f64x2.splat(0);",
    ],
    ["draws in the lower tail are positive", "normal draws", "rng.ts", "q < 0 ? -size : size", "size"],
    ["the tails begin elsewhere", "normal draws", "rng.ts", "tail(r - 1.6)", "tail(r - 1.4)"],
    [
      "input gates are recorded as forget gates",
      "cell states",
      "recording.ts",
      "gatesAt(plan, rows, t, false) + f32Bytes(plan.gateWidth)",
      "gatesAt(plan, rows, t, false)",
    ],
    [
      "the cell states recorded are those of the step before",
      "cell states",
      "recording.ts",
      "copyRows(plan, cellAt(plan, rows, t + 1, false), plan.stride, count",
      "copyRows(plan, cellAt(plan, rows, t, false), plan.stride, count",
    ],
    ["noise is not scaled", "processes", "analysis/ar1.ts", "Math.sqrt(1 - keep * keep)", "1"],
    ["the state stays behind", "processes", "analysis/ar1.ts", "before = target;", "before = last;"],
    [
      "the fraction's terms have no 1 - x",
      "t distribution",
      "analysis/student.ts",
      "a * y - b * x + 1 + m * (1 + y)",
      "a * y - b * x + 1 + m",
    ],
    [
      "the ratio of gamma functions is not moved on",
      "t distribution",
      "analysis/student.ts",
      "factor *= a / (a + 0.5)",
      "factor *= 1",
    ],
    ["the rotation has the wrong sign", "eigenvalues", "linalg/symmetric-eig.ts", "2 * c * b", "2 * c * -b"],
    [
      "lag k is divided by n - 1 - k",
      "lag sums",
      "analysis/lag-sums.ts",
      "const count = n - k;",
      "const count = n - 1 - k;",
    ],
    [
      "the first and last values are not taken off",
      "lag sums",
      "analysis/lag-sums.ts",
      "if (k < L) ends",
      "if (k < 0) ends",
    ],
    [
      "lags are one too long",
      "lag sums",
      "analysis/lag-sums.ts",
      "<usize>(k + TILE - 1) * PAIR;",
      "<usize>(k + TILE) * PAIR;",
    ],
    [
      "the transform divides by n",
      "autocovariance",
      "analysis/autocovariance.ts",
      "/ length / (n - k)",
      "/ length / n",
    ],
    [
      "the series is not padded",
      "autocovariance",
      "analysis/autocovariance.ts",
      "length < n + L",
      "length < n - 88",
    ],
    [
      "steps go uphill",
      "fit",
      "analysis/exponential-fit.ts",
      "moves ? -get(slope, i) : 0",
      "moves ? get(slope, i) : 0",
    ],
    [
      "the second decay has no slope",
      "fit",
      "analysis/exponential-fit.ts",
      "e2 > 0 && t > 0",
      "e2 > 2 && t > 0",
    ],
    [
      "two decays cost as much as one",
      "choice",
      "analysis/exponential-fit.ts",
      "misfit2 + 2 * TWO",
      "misfit2 + 2 * ONE",
    ],
  ] as const
).map(([what, check, file, from, to]) => [what, check, { file: `assembly/${file}`, from, to }]);

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
