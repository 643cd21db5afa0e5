// Sliding window: w lengths at once on w heads; when they are solved, the first f are dropped and f new ones added.
//
// Based on  Khajehabdollahi et al., ICLR 2024. As in its released code, head i serves the i-th length of the window,
//           so that what a head means shifts when the window moves.

import type { Stages } from "./curriculum.ts";

export const sliding: Stages = {
  first: ({ startN, window }) => range(startN, window),
  next(N, { window, forget, maxN }) {
    if (N.at(-1) === maxN) return undefined;
    // the last window ends at maxN, and may drop fewer
    return range(Math.min(N[0]! + forget, maxN - window + 1), window);
  },
  largest: ({ maxN }) => maxN,
  heads: ({ window }) => window,
  headOf(N, stage) {
    const head = stage.indexOf(N);
    return head < 0 ? undefined : head;
  },
};

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}
