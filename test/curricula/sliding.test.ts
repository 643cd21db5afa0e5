import { expect, test } from "vitest";
import { curricula } from "../../src/curricula/curriculum.ts";
import { settingsOf, statesOf } from "./state-after.ts";

const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

test("the released example, 10 heads and 5 forgotten: 2 … 11, then 7 … 16, then 12 … 21", () => {
  const states = statesOf(settingsOf({ curriculum: "sliding" }), 2);
  expect(states).toEqual([
    { stage: 0, N: from(2, 10), solvedN: 0, finished: false },
    { stage: 1, N: from(7, 10), solvedN: 11, finished: false },
    { stage: 2, N: from(12, 10), solvedN: 16, finished: false },
  ]);
});

test("head i serves the i-th N of the window: N = 11 moves from head 9 to head 4, and 6 has none any more", () => {
  const settings = settingsOf({ curriculum: "sliding" });
  const [first, second] = statesOf(settings, 1);
  const headOf = (N: number, stage: readonly number[]) => curricula.sliding.headOf(N, stage, settings);
  expect([6, 11, 16].map((N) => headOf(N, first!.N))).toEqual([4, 9, undefined]);
  expect([6, 11, 16].map((N) => headOf(N, second!.N))).toEqual([undefined, 4, 9]);
  expect(curricula.sliding.heads(settings)).toBe(10);
});

test("it is finished when the next window would reach beyond maxN: at 16 if maxN is 16 … 20, at 21 if it is 21", () => {
  for (const [maxN, last] of [
    [16, 16],
    [20, 16],
    [21, 21],
  ] as const) {
    const end = statesOf(settingsOf({ curriculum: "sliding", maxN }), 5).at(-1);
    expect(end).toMatchObject({ N: from(last - 9, 10), solvedN: last, finished: true });
  }
});

test("as many forgotten as there are heads gives windows side by side", () => {
  const settings = settingsOf({ curriculum: "sliding", window: 3, forget: 3, maxN: 10 });
  expect(statesOf(settings, 3).map(({ N }) => N)).toEqual([from(2, 3), from(5, 3), from(8, 3), from(8, 3)]);
});
