// Sliding window: w lengths at once on w heads; when they are solved, the first f are dropped and f new ones added.
//
// Based on  Khajehabdollahi et al., ICLR 2024. As in its released code, head i serves the i-th length of the window,
//           so that what a head means shifts when the window moves.

import type { Stages } from "./curriculum.ts";

export const sliding: Stages = {
  first: ({ startN, window }) => range(startN, window),
  next: (N, { window, forget }) => range(N[0]! + forget, window),
  heads: ({ window }) => window,
  headOf(N, stage) {
    const head = stage.indexOf(N);
    return head < 0 ? undefined : head;
  },
};

function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}
