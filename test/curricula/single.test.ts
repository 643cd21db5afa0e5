import { expect, test } from "vitest";
import { curricula } from "../../src/curricula/curriculum.ts";
import { settingsOf, statesOf } from "./state-after.ts";

const settings = settingsOf({ curriculum: "single", startN: 2, maxN: 5 });

test("2, 3, 4, 5 one at a time, then finished", () => {
  expect(statesOf(settings, 4)).toEqual([
    { stage: 0, N: [2], solvedN: 0, finished: false },
    { stage: 1, N: [3], solvedN: 2, finished: false },
    { stage: 2, N: [4], solvedN: 3, finished: false },
    { stage: 3, N: [5], solvedN: 4, finished: false },
    { stage: 4, N: [5], solvedN: 5, finished: true },
  ]);
});

test("one head, which answers every N, so that what was forgotten can be measured", () => {
  expect(curricula.single.heads(settings)).toBe(1);
  expect([2, 5, 50].map((N) => curricula.single.headOf(N, [5], settings))).toEqual([0, 0, 0]);
});
