import { expect, test } from "vitest";
import { curricula } from "../../src/curricula/curriculum.ts";
import { settingsOf, statesOf } from "./state-after.ts";

const settings = settingsOf({ curriculum: "none", startN: 7, maxN: 20 });

test("startN from scratch and nothing else: finished once it is solved, long before maxN", () => {
  expect(statesOf(settings, 2)).toEqual([
    { stage: 0, N: [7], solvedN: 0, finished: false },
    { stage: 1, N: [7], solvedN: 7, finished: true },
    { stage: 1, N: [7], solvedN: 7, finished: true },
  ]);
});

test("one head, which answers every N", () => {
  expect(curricula.none.heads(settings)).toBe(1);
  expect([2, 7, 20].map((N) => curricula.none.headOf(N, [7], settings))).toEqual([0, 0, 0]);
});
