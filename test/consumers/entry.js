// What a consumer runs, and whether the result is right.

import { readFileSync } from "node:fs";

const golden = JSON.parse(readFileSync(new URL("../golden/fingerprint.json", import.meta.url), "utf8"));

/**
 * The text of a module that runs program.js with the library.
 *
 * @param specifier  What it imports the library as.
 * @param options    Code of the program's options.
 */
export function entry(specifier, options = "{}") {
  return `import { fingerprint, setCore, WorkerPool } from "${specifier}";
import { run } from "./program.js";

run({ fingerprint, setCore, WorkerPool }, ${options});
`;
}

/** Says which engine it was, if the fingerprints are the golden one and nothing is left over. */
export function expectResult(text) {
  const { error, poolOnly, alone, pool, engine, ...rest } = JSON.parse(text);
  if (error) throw new Error(error);
  if (!poolOnly && alone !== golden.all)
    throw new Error(`on its own thread ${alone}, expected ${golden.all}`);
  if (pool !== golden.all) throw new Error(`in workers ${pool}, expected ${golden.all}`);
  expectNothingLeft(rest);
  return `${pool.slice(0, 16)}  ${engine ?? ""}`.trim();
}

/** The error's message, if it is the expected one, of a class of the library, and nothing is left over. */
export function expectRefusal(text, expected) {
  const { error = "no error", ...rest } = JSON.parse(text);
  const message = error.replaceAll("\n", " ");
  if (!/^(State|Shape)Error: /.test(message)) throw new Error(`not of a class of the library: ${message}`);
  if (!expected.test(message)) throw new Error(`expected ${expected}, got ${message}`);
  expectNothingLeft(rest);
  return message;
}

function expectNothingLeft({ workersLeft, stray }) {
  if (workersLeft !== 0) throw new Error(`${workersLeft} workers are left`);
  if (stray.length > 0) throw new Error(`errors that nobody was told of: ${stray.join("; ")}`);
}
