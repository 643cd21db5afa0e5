// Memory lengths as written on the command line: "5", "2,3,5", "2..11", and mixtures of them.

import { ShapeError } from "../core/errors.ts";

const MOST = 1000;

/** The lengths in rising order, each once. */
export function parseLengths(text: string): number[] {
  const lengths = text.split(",").flatMap((part) => {
    const match = /^\s*(\d{1,6})(?:\.\.(\d{1,6}))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? first);
    if (!match || first < 2 || last < first || last - first >= MOST) {
      throw new ShapeError(
        `--n: "${text}" is not a list of memory lengths; expected whole numbers of at least 2, as in 5 or 2..11 or 2,4,8.`,
      );
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return [...new Set(lengths)].sort((a, b) => a - b);
}
