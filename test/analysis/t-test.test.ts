// T-tests: SciPy's, and Student's distribution to the last digits.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { pairedTTest, tTest } from "../../src/analysis/t-test.ts";
import { Core } from "../../src/core/core.ts";
import { NumericError, ShapeError } from "../../src/core/errors.ts";
import { studentTail } from "../../src/core/student.ts";
import { drawFrom } from "../assembly/values.ts";
import { normal } from "./processes.ts";

type Found = Record<"t" | "df" | "p", number>;

const golden = JSON.parse(readFileSync("test/golden/distributions.json", "utf8")) as {
  tails: [t: number, df: number, p: number][];
  tests: { a: number[]; b: number[]; unequal: Found; equal: Found; paired: Found }[];
};

const core = await Core.load();

describe("Student's distribution", () => {
  test(`has the tails of mpmath within 1e-12 of them, down to 1e-283: ${golden.tails.length} of 1 to 1e6 degrees of freedom`, () => {
    expect(Math.min(...golden.tails.map(([, , p]) => p))).toBeLessThan(1e-250);
    for (const [t, df, p] of golden.tails) {
      expect(Math.abs(studentTail(core, t, df) / p - 1), `t ${t}, df ${df}`).toBeLessThan(1e-12);
      expect(studentTail(core, -t, df)).toBe(studentTail(core, t, df));
    }
  });

  test("has closed forms: 1 - 2 atan(t) / π for df 1, 1 - t / √(2 + t²) for df 2, within 1e-14", () => {
    for (const t of [0.1, 0.9, 1.4, 2]) {
      expect(Math.abs(studentTail(core, t, 1) - (1 - (2 * Math.atan(t)) / Math.PI))).toBeLessThan(1e-14);
      expect(Math.abs(studentTail(core, t, 2) - (1 - t / Math.sqrt(2 + t * t)))).toBeLessThan(1e-14);
    }
  });

  test.each([1, 2.5, 40, 1e6])("of %f degrees of freedom ends in 1 at 0 and in 0 at infinity", (df) => {
    expect(studentTail(core, 0, df)).toBe(1);
    expect(studentTail(core, 1e200, df)).toBeLessThan(1e-199);
    expect(studentTail(core, Number.POSITIVE_INFINITY, df)).toBe(0);
  });
});

describe("a test", () => {
  test.each(golden.tests)(
    "is SciPy's: t, df and p within 1e-9 where means are 1e6, 1e-12 elsewhere",
    async (golden) => {
      const { a, b } = golden;
      const close = Math.abs(a[0]!) > 1e5 ? 1e-9 : 1e-12;
      const found = {
        unequal: await tTest(a, b),
        equal: await tTest(a, b, { variances: "equal" }),
        paired: await pairedTTest(a, b),
      };
      for (const kind of ["unequal", "equal", "paired"] as const) {
        for (const field of ["t", "df"] as const) {
          const expected = golden[kind][field];
          expect(Math.abs(found[kind][field] / expected - 1), `${kind} ${field}`).toBeLessThan(close);
        }
        // an error of t counts as often as there are degrees of freedom
        const { t, df, p } = golden[kind];
        const sensitivity = 1 + (df + 1) * ((t * t) / (df + t * t));
        expect(Math.abs(found[kind].p / p - 1), `${kind} p`).toBeLessThan(close * sensitivity);
      }
    },
  );

  test("of groups in the other order has -t and the same p", async () => {
    const [one, other] = [await tTest([1, 2, 4], [3, 5, 9, 7]), await tTest([3, 5, 9, 7], [1, 2, 4])];
    expect(one.t).toBe(-other.t);
    expect(one.p).toBe(other.p);
    expect(one.difference).toBeCloseTo(7 / 3 - 6, 14);
    expect(one.t).toBe(one.difference / one.standardError);
  });

  test("of equal means is below p = 0.05 in 5 % of 4000 pairs, within 4 standard errors", async () => {
    const draw = drawFrom(3);
    const group = (n: number, sd: number) => Array.from({ length: n }, () => sd * normal(draw));
    let below = 0;
    for (let i = 0; i < 4000; i++)
      if ((await tTest(group(4, 1), group(4, 1), { variances: "equal" })).p < 0.05) below++;
    expect(Math.abs(below / 4000 - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / 4000));
  });
});

describe("errors", () => {
  test.each<[number[], number[], typeof ShapeError | typeof NumericError, string]>([
    [[1], [1, 2], ShapeError, "tTest: `a` has 1 values, expected at least two."],
    [[1, 2], [], ShapeError, "tTest: `b` has 0 values"],
    [[1, Number.NaN], [1, 2], NumericError, "tTest: `a`[1] is NaN, expected finite values."],
    [[1, 1], [2, 2, 2], NumericError, "tTest: the values do not vary, expected some that do"],
  ])("%j against %j is refused", async (a, b, kind, message) => {
    await expect(tTest(a, b)).rejects.toThrow(kind);
    await expect(tTest(a, b)).rejects.toThrow(message);
  });

  test.each<[number[], number[], typeof ShapeError | typeof NumericError, string]>([
    [[1, 2], [1, 2, 3], ShapeError, "pairedTTest: `b` has 3 values, expected as many as `a`, 2."],
    [[1], [2], ShapeError, "pairedTTest: `a - b` has 1 values, expected at least two."],
    [[1, 2], [2, 3], NumericError, "pairedTTest: the values do not vary"],
  ])("pairs of %j and %j are refused", async (a, b, kind, message) => {
    await expect(pairedTTest(a, b)).rejects.toThrow(kind);
    await expect(pairedTTest(a, b)).rejects.toThrow(message);
  });

  test("one group that does not vary is none", async () => {
    const { t, df } = await tTest([1, 1, 1], [2, 3, 4]);
    expect(t).toBeCloseTo(-2 * Math.sqrt(3), 12);
    expect(df).toBe(2);
  });
});
