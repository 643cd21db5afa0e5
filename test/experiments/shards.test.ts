// How the shards of a batch are shared out.

import { expect, test } from "vitest";
import { shareOf, subtreesOf } from "../../src/experiments/shards.ts";

const counts = [1, 2, 3, 4, 5, 6, 7, 8];
const length = ({ low, high }: { low: number; high: number }) => high - low;

test("1 to 8 workers have all 8 shards between them, one behind the other, none more than one above another's", () => {
  for (const workers of counts) {
    const shares = Array.from({ length: workers }, (_, i) => shareOf(i, workers));
    expect(shares.flatMap(({ low, high }) => Array.from({ length: high - low }, (_, i) => low + i))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);
    expect(Math.max(...shares.map(length)) - Math.min(...shares.map(length))).toBeLessThanOrEqual(1);
  }
});

test("a share is made of whole subtrees: powers of two that begin at a multiple of their size; the first share is one", () => {
  for (const workers of counts) {
    for (let i = 0; i < workers; i++) {
      const share = shareOf(i, workers);
      const subtrees = subtreesOf(share);
      expect(subtrees[0]!.low).toBe(share.low);
      expect(subtrees.at(-1)!.high).toBe(share.high);
      for (const [j, { low, high }] of subtrees.entries()) {
        expect([1, 2, 4, 8]).toContain(high - low);
        expect(low % (high - low)).toBe(0);
        if (j > 0) expect(low).toBe(subtrees[j - 1]!.high);
      }
      if (i === 0) expect(subtrees).toHaveLength(1);
    }
  }
});

test("no share is made of more subtrees than it must: 1 … 7 of 8 are 1 + 2 + 4", () => {
  expect(subtreesOf({ low: 1, high: 8 })).toEqual([
    { low: 1, high: 2 },
    { low: 2, high: 4 },
    { low: 4, high: 8 },
  ]);
  expect(subtreesOf({ low: 0, high: 7 })).toHaveLength(3);
  expect(subtreesOf({ low: 3, high: 5 })).toHaveLength(2);
});
