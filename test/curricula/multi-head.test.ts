import { expect, test } from "vitest";
import { advanceCurriculum, curricula } from "../../src/curricula/curriculum.ts";
import { settingsOf, statesOf } from "./state-after.ts";

const settings = settingsOf({ curriculum: "multi", startN: 2, maxN: 5 });

test("2, then 2 and 3, up to 2 … 5, then finished", () => {
  expect(statesOf(settings, 4)).toEqual([
    { stage: 0, N: [2], solvedN: 0, finished: false },
    { stage: 1, N: [2, 3], solvedN: 2, finished: false },
    { stage: 2, N: [2, 3, 4], solvedN: 3, finished: false },
    { stage: 3, N: [2, 3, 4, 5], solvedN: 4, finished: false },
    { stage: 4, N: [2, 3, 4, 5], solvedN: 5, finished: true },
  ]);
});

test("an old N that is forgotten holds the stage back through the mean alone", () => {
  const state = statesOf(settings, 2).at(-1)!;
  expect(advanceCurriculum(settings, state, [0.5, 1, 1])).toEqual(state);
  expect(advanceCurriculum(settings, state, [0.97, 1, 1]).N).toEqual([2, 3, 4, 5]);
});

test("100 heads for N = 2 … 101, as in the source, head i for N = i + 2 at every stage", () => {
  const paper = settingsOf({ curriculum: "multi" });
  expect(curricula.multi.heads(paper)).toBe(100);
  for (const stage of [[2], [2, 3, 4]]) {
    const heads = [1, 2, 3, 101, 102].map((N) => curricula.multi.headOf(N, stage, paper));
    expect(heads).toEqual([undefined, 0, 1, 99, undefined]);
  }
});
