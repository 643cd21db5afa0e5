// Linear algebra of the core on request, in any version of Node: `tauscope.js MODULE`, see ../linear-algebra.ts.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]));
const core = instance.exports;
const empty = core.arenaMark();
const allocate = (count) => core.arenaAllocate(8 * count) >>> 0;
const values = (address, count) => new Float64Array(core.memory.buffer, address, count);
const sum = (array) => array.reduce((total, value) => total + Math.abs(value), 0);

// each takes an n × n matrix, returns what is timed and what tells that it was right
const operations = {
  product(matrix, n) {
    const [a, c, packed] = [allocate(n * n), allocate(n * n), allocate(core.packedValues(n, n))];
    values(a, n * n).set(matrix);
    const run = () => {
      core.packMatrix(a, n, n, n, packed);
      core.multiplyPacked(c, n, a, n, packed, n, n, n, 0);
    };
    return { run, check: () => sum(values(c, n * n)) };
  },
  qr(matrix, n) {
    const [a, diagonal] = [allocate(n * n), allocate(n)];
    const scratch = allocate(core.orthonormalizeScratch(n, n));
    const run = () => {
      values(a, n * n).set(matrix);
      core.orthonormalizeRows(a, n, n, diagonal, 0, scratch);
    };
    return { run, check: () => sum(values(diagonal, n)) };
  },
  eigenvalues(matrix, n) {
    const [a, re, im] = [allocate(n * n), allocate(n), allocate(n)];
    const scratch = allocate(core.eigenvaluesScratch(n));
    const run = () => {
      values(a, n * n).set(matrix);
      core.eigenvalues(a, n, re, im, scratch);
    };
    const sizes = () => values(re, n).map((x, i) => Math.hypot(x, values(im, n)[i]));
    return { run, check: () => sum(sizes()) };
  },
  symmetric(matrix, n) {
    const [a, found] = [allocate(n * n), allocate(n)];
    const scratch = allocate(core.symmetricScratch(n));
    const symmetric = matrix.map((x, at) => x + matrix[(at % n) * n + Math.floor(at / n)]);
    const run = () => {
      values(a, n * n).set(symmetric);
      core.symmetricEigenvalues(a, n, found, scratch);
    };
    return { run, check: () => sum(values(found, n)) };
  },
  singular: (matrix, n) => singular(matrix, n, 0),
  vectors: (matrix, n) => singular(matrix, n, allocate(n * n)),
};

function singular(matrix, n, vectors) {
  const [a, found] = [allocate(n * n), allocate(n)];
  const scratch = allocate(core.decomposeScratch(n, n));
  const run = () => {
    values(a, n * n).set(matrix);
    core.decompose(a, n, n, found, vectors, scratch);
  };
  return { run, check: () => sum(values(found, n)) };
}

let problem;
for await (const line of createInterface({ input: process.stdin })) {
  const [request, ...rest] = line.split(" ");
  if (request === "load") {
    const [operation, n, path] = rest;
    core.arenaRelease(empty);
    const matrix = new Float64Array(readFileSync(path).buffer.slice(0));
    problem = operations[operation](matrix.slice(0, n * n), Number(n));
    problem.run();
    console.log(problem.check());
  } else {
    const times = Array.from({ length: Number(rest[0]) }, () => {
      const began = performance.now();
      problem.run();
      return performance.now() - began;
    });
    console.log(times.join(" "));
  }
}
