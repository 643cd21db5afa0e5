// Single-head curriculum: one N at a time on one head; when it is solved, N + 1, weights carried over.
//
// Based on  Khajehabdollahi et al., ICLR 2024 ("single").

import type { Stages } from "./curriculum.ts";

export const single: Stages = {
  first: ({ startN }) => [startN],
  next: ([N], { maxN }) => (N! < maxN ? [N! + 1] : undefined),
  largest: ({ maxN }) => maxN,
  heads: () => 1,
  headOf: () => 0,
};
