import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { overallVerdict } from "../../src/experiments/claim.ts";
import { checkLarger, checkNear, type Verdict } from "../../src/experiments/verdict.ts";

function compare(larger: number[], smaller: number[]) {
  return checkLarger({
    statement: "a is larger",
    expected: "so",
    larger: { label: "a", values: larger },
    smaller: { label: "b", values: smaller },
    digits: 1,
  });
}

describe("checkLarger", () => {
  // t = 2 / (0.8165 / 2) = 4.899 with 3 degrees of freedom: p = 0.0163 (tables: 0.02 at 4.541, 0.01 at 5.841)
  test("differences of 1, 2, 2 and 3 are reproduced at p = 0.016", async () => {
    const check = await compare([2, 4, 5, 7], [1, 2, 3, 4]);
    expect(check.verdict).toBe("reproduced");
    expect(check.found).toBe("a: 4.5 ± 2.1 (n = 4); b: 2.5 ± 1.3 (n = 4); p = 0.016");
  });

  test("the same differences the other way round are not reproduced", async () => {
    expect((await compare([1, 2, 3, 4], [2, 4, 5, 7])).verdict).toBe("not reproduced");
  });

  test("a difference of the other sign refutes nothing where the claim is about something else", async () => {
    const check = await checkLarger({
      statement: "a is larger",
      expected: "so, for large N",
      larger: { label: "a", values: [1, 2, 3, 4] },
      smaller: { label: "b", values: [2, 4, 5, 7] },
      beyond: "N is small",
    });
    expect(check.verdict).toBe("not enough evidence");
    expect(check.found).toContain("p = 0.016; N is small");
  });

  test("differences of -1, 1, 2 and 2 leave it open, although their mean is above zero", async () => {
    expect((await compare([0, 2, 3, 4], [1, 1, 1, 2])).verdict).toBe("not enough evidence");
  });

  test("values that differ between seeds much more than between conditions are told apart by their differences", async () => {
    expect((await compare([10.1, 20.2, 30.1, 40.2], [10, 20, 30, 40])).verdict).toBe("reproduced");
  });

  test("equal differences decide, equal values do not", async () => {
    const equal = await compare([5, 6, 7], [3, 4, 5]);
    expect(equal.verdict).toBe("reproduced");
    expect(equal.found).toContain("the same difference in every seed");
    expect((await compare([5, 5, 5], [5, 5, 5])).verdict).toBe("not enough evidence");
  });

  test("two seeds, or none, are not enough", async () => {
    expect((await compare([5, 5], [1, 1])).found).toContain("fewer than 3 seeds");
    expect((await compare([5, 5], [1, 1])).verdict).toBe("not enough evidence");
    expect((await compare([], [])).found).toBe("a: –; b: –; no network got there");
  });

  test("conditions of different numbers of seeds are an error", async () => {
    await expect(compare([1, 2], [1])).rejects.toThrow(
      new ShapeError("checkLarger: `smaller` has 1 values, expected 2, as `larger`."),
    );
  });
});

describe("checkNear", () => {
  const check = (values: number[]): Verdict =>
    checkNear({
      statement: "about 1",
      expected: { value: 1, source: "a table", tolerance: 0.1 },
      sample: { label: "a", values },
    }).verdict;

  test("a mean within the tolerance is reproduced, one beyond it by more than two standard errors is not", () => {
    expect(check([1.05, 1.09, 1.01])).toBe("reproduced");
    expect(check([1.2, 1.21, 1.19])).toBe("not reproduced");
    // the mean is 1.15, its standard error 0.1
    expect(check([0.95, 1.15, 1.35, 1.15])).toBe("not enough evidence");
    expect(check([1, 1])).toBe("not enough evidence");
  });
});

test("a claim is reproduced if all its checks are, refuted if one is, and open otherwise", () => {
  const all = (...verdicts: Verdict[]) =>
    overallVerdict(verdicts.map((verdict) => ({ statement: "", expected: "", found: "", verdict })));
  expect(all("reproduced", "reproduced")).toBe("reproduced");
  expect(all("reproduced", "not enough evidence")).toBe("not enough evidence");
  expect(all("reproduced", "not enough evidence", "not reproduced")).toBe("not reproduced");
  expect(all()).toBe("not enough evidence");
});
