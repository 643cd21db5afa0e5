// What all curricula share: when a stage is solved, and that they are state machines of plain data.

import { describe, expect, test } from "vitest";
import {
  advanceCurriculum,
  type CurriculumState,
  curricula,
  curriculumNames,
  isSolved,
  type SolvedRule,
  startCurriculum,
} from "../../src/curricula/curriculum.ts";
import { settingsOf, solve, statesOf } from "./state-after.ts";

// freezes a value and all within it, so that writing to it throws
function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}

const lengthsOf = (accuracy: number[]) => accuracy.map((_, i) => i + 2);

describe("a stage is solved", () => {
  test.each([
    ["mean and newest above", [0.99, 0.985], true],
    ["one N exactly at the threshold", [0.98], false],
    ["one N by a bit above it", [0.98 + 2 ** -53], true],
    ["newest exactly at the threshold, mean above", [1, 0.98], false],
    ["newest below, mean above", [1, 1, 1, 1, 0.979], false],
    ["mean exactly at the threshold, newest above", [0.96, 1], false],
    ["mean below, newest above", [0.9, 1], false],
    ["an older N below, mean and newest above", [0.95, 1, 1, 0.99], true],
    ["every one of 100 N exactly at the threshold", Array(100).fill(0.98), false],
  ] as [string, number[], boolean][])("strictly above the threshold: %s", (_, accuracy, solved) => {
    expect(isSolved(accuracy, lengthsOf(accuracy), { solvedAt: 0.98, solvedRule: "mean-and-newest" })).toBe(
      solved,
    );
  });

  test("by the newest alone with rule newest, and by every one with rule every", () => {
    const judge = (accuracy: number[]) =>
      (["newest", "every"] as const).map((solvedRule) =>
        isSolved(accuracy, lengthsOf(accuracy), { solvedAt: 0.98, solvedRule }),
      );
    expect(judge([0.5, 0.99])).toEqual([true, false]);
    expect(judge([0.985, 0.99])).toEqual([true, true]);
    expect(judge([1, 0.98])).toEqual([false, false]);
    expect(judge([0.98, 1])).toEqual([true, false]);
  });

  test("never at threshold 1, and at threshold 0 by any accuracy above 0", () => {
    const judge = (accuracy: number[], solvedAt: number) =>
      isSolved(accuracy, lengthsOf(accuracy), { solvedAt, solvedRule: "mean-and-newest" });
    expect([judge([1, 1], 1), judge([0.001], 0), judge([0], 0)]).toEqual([false, true, false]);
  });

  test("by the threshold of the newest N where there is a list, whose last holds for all larger N", () => {
    const solvedAt = [0.4, 0.5, 0.9];
    const judge = (accuracy: number[], N: number[], solvedRule: SolvedRule = "mean-and-newest") =>
      isSolved(accuracy, N, { solvedAt, solvedRule });
    expect([judge([0.41], [2]), judge([0.4], [2])]).toEqual([true, false]);
    expect([judge([0.51], [3]), judge([0.49], [3])]).toEqual([true, false]);
    expect([4, 5, 100].map((N) => judge([0.89], [N]))).toEqual([false, false, false]);
    expect([4, 5, 100].map((N) => judge([0.91], [N]))).toEqual([true, true, true]);
    // the mean against the newest's, or each against its own
    expect([judge([0.45, 0.51], [2, 3]), judge([0.45, 0.51], [2, 3], "every")]).toEqual([false, true]);
  });
});

describe.each(curriculumNames)("curriculum %s", (curriculum) => {
  const settings = freeze(settingsOf({ curriculum, startN: 3, maxN: 24, window: 6, forget: 2 }));

  test("starts at stage 0 with nothing solved, the first N served by head 0", () => {
    const state = startCurriculum(settings);
    expect(state).toMatchObject({ stage: 0, solvedN: 0, finished: false });
    expect(state.N[0]).toBe(3);
    expect(curricula[curriculum].headOf(3, state.N, settings)).toBe(0);
  });

  test("stays exactly where it is while a stage is not solved, however often that happens", () => {
    const [first, second] = statesOf(settings, 1);
    for (const state of [first!, second!]) {
      const accuracy = state.N.map(() => 0.98);
      expect(advanceCurriculum(settings, state, accuracy)).toEqual(state);
    }
  });

  test("has a head of its own for every N of every stage, in rising order", () => {
    for (const { N } of statesOf(settings, 30)) {
      const heads = N.map((n) => curricula[curriculum].headOf(n, N, settings));
      expect(heads).toEqual(N.map((_, i) => i));
      expect(N.length).toBeLessThanOrEqual(curricula[curriculum].heads(settings));
      expect(N).toEqual([...N].sort((a, b) => a - b));
    }
  });

  test("never trains an N above maxN, and once finished stays as it is", () => {
    const states = statesOf(settings, 30);
    expect(Math.max(...states.flatMap(({ N }) => N))).toBeLessThanOrEqual(24);
    const end = states.at(-1)!;
    expect(end.finished).toBe(true);
    expect(solve(settings, end)).toEqual(end);
    expect(end.solvedN).toBe(end.N.at(-1));
    expect(end.stage).toBe(states.filter(({ finished }) => !finished).length);
  });

  test("goes on from its state as JSON just as without", () => {
    let state = startCurriculum(settings);
    for (const expected of statesOf(settings, 30)) {
      expect(state).toEqual(expected);
      state = JSON.parse(JSON.stringify(solve(settings, state))) as CurriculumState;
    }
  });

  test("changes neither state, settings nor accuracies that it is given", () => {
    let state = freeze(startCurriculum(settings));
    for (let i = 0; i < 30; i++) {
      const before = structuredClone(state);
      const next = advanceCurriculum(settings, state, freeze(state.N.map(() => 1)));
      expect(state).toEqual(before);
      state = freeze(next);
    }
    expect(state.finished).toBe(true);
  });
});
