// Multi-head curriculum: all N so far at once, one head for each; when they are solved, a head for N + 1 is added.
//
// Based on  Khajehabdollahi et al., ICLR 2024 ("cumulative" in its released code).

import type { Stages } from "./curriculum.ts";

export const multiHead: Stages = {
  first: ({ startN }) => [startN],
  next: (N, { maxN }) => (N.at(-1)! < maxN ? [...N, N.at(-1)! + 1] : undefined),
  largest: ({ maxN }) => maxN,
  heads: ({ startN, maxN }) => maxN - startN + 1,
  headOf: (N, _stage, { startN, maxN }) => (N >= startN && N <= maxN ? N - startN : undefined),
};
