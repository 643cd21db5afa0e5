// What the checks of linear algebra are worth: each of these changes of one place in the core makes one fail.

import { describe, expect, test } from "vitest";
import { Core } from "../../src/core/core.ts";
import * as linear from "../../src/core/linear-algebra.ts";
import golden from "../golden/linear-algebra.json" with { type: "json" };
import { type Change, compileCore } from "./as-bind/compile.ts";
import { goldenMatrix, largestDifference, orthogonality, spectralDistance, times } from "./matrices.ts";

const N = 50;
const expected = golden.squares.find(({ n }) => n === N)!;
const a = goldenMatrix(N, N);
// its last row is the sum of the others
const dependent = a.map((value, at) => (at < N * (N - 1) ? value : 0));
for (let at = 0; at < N * (N - 1); at++) dependent[N * (N - 1) + (at % N)]! += a[at]!;

// each says whether something is wrong
const checks = {
  rows: (core: Core) => {
    const { rows, lower } = linear.orthonormalizeRows(core, dependent, N, N);
    const residual = largestDifference(times(lower, rows, N, N, N), dependent);
    return !(residual < 1e-13 && orthogonality(rows, N, N) < 1e-14);
  },
  eigenvalues: (core: Core) => {
    const graded = a.map((value, at) => value * 2 ** ((at % N) - Math.floor(at / N)));
    const all = [a, graded].map((matrix) => linear.eigenvalues(core, matrix, N));
    return all.some((found) => !found || !(spectralDistance(found, expected) < 1e-9));
  },
  "singular vectors": (core: Core) => {
    const { values, left, right } = linear.decomposeSingular(core, dependent, N, N)!;
    const scaled = right.map((value, at) => value * values[Math.floor(at / N)]!);
    const product = times(
      left.map((_, at) => left[(at % N) * N + Math.floor(at / N)]!),
      scaled,
      N,
      N,
      N,
    );
    return !(largestDifference(product, dependent) < 1e-12 && orthogonality(right, N, N) < 1e-13);
  },
};

const mutations: [string, keyof typeof checks, Change][] = (
  [
    [
      "halves are joined with the wrong sign",
      "rows",
      "qr.ts",
      "F64, -sum);\n    }\n  }\n}\n\nfunction factorLeaf",
      "F64, sum);\n    }\n  }\n}\n\nfunction factorLeaf",
    ],
    [
      "powers of two are multiplied one way only",
      "eigenvalues",
      "balance.ts",
      "factor);\n  }\n  return changed",
      "1);\n  }\n  return changed",
    ],
    [
      "what is coupled to a zero is rotated the other way",
      "singular vectors",
      "bidiagonal.ts",
      "s = -f / h;",
      "s = f / h;",
    ],
  ] as const
).map(([what, check, file, from, to]) => [what, check, { file: `assembly/linalg/${file}`, from, to }]);

describe("linear algebra", () => {
  test.each(Object.keys(checks) as (keyof typeof checks)[])(
    "without a change, the %s check passes",
    async (check) => {
      expect(checks[check](await Core.load())).toBe(false);
    },
  );

  test.each(mutations)("%s: the %s check fails", async (_, check, change) => {
    const module = await WebAssembly.compile(await compileCore(change));
    expect(checks[check](await Core.load({ module, tallTiles: false }))).toBe(true);
  });
});
