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

test("the last window ends at maxN, with a shorter step if need be: 11, 16, 20 if maxN is 20", () => {
  for (const [maxN, ends] of [
    [11, [11, 11]],
    [16, [11, 16, 16]],
    [20, [11, 16, 20, 20]],
    [21, [11, 16, 21, 21]],
  ] as const) {
    const states = statesOf(settingsOf({ curriculum: "sliding", maxN }), ends.length - 1);
    expect(states.map(({ N }) => N)).toEqual(ends.map((end) => from(end - 9, 10)));
    expect(states.map(({ finished }) => finished)).toEqual(ends.map((_, i) => i === ends.length - 1));
    expect(states.at(-1)!.solvedN).toBe(maxN);
  }
});

test("as many forgotten as there are heads gives windows side by side", () => {
  const settings = settingsOf({ curriculum: "sliding", window: 3, forget: 3, maxN: 10 });
  expect(statesOf(settings, 3).map(({ N }) => N)).toEqual([from(2, 3), from(5, 3), from(8, 3), from(8, 3)]);
});
