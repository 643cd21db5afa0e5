// Falling back where 256-bit instructions are not to be had, or give other bits. That they give the same ones, in Node 22,
// 24 and 26, is tested with the engines.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import golden from "../golden/fingerprint.json" with { type: "json" };

const node24 = "test/engines/node_modules/node24/bin/node";
const directory = join("build", "test", `fast-core-${process.pid}`);

// what a program with the built library prints, with another expected fingerprint if one is given
function run(node: string, expected = golden.all): unknown {
  mkdirSync(directory, { recursive: true });
  const library = join(directory, "library.mjs");
  const source = readFileSync("dist/index.js", "utf8");
  expect(source.split(golden.all)).toHaveLength(2);
  writeFileSync(library, source.replace(golden.all, expected));
  const program = `
    import { fingerprint, useFastCore, WorkerPool } from ${JSON.stringify(pathToFileURL(library).href)};
    const fast = await useFastCore();
    const pool = new WorkerPool({ workers: 1 });
    const all = [(await fingerprint()).all, (await pool.fingerprint()).all];
    await pool.close();
    console.log(JSON.stringify({ fast, again: await useFastCore(), all }));
  `;
  const options = { input: program, encoding: "utf8" } as const;
  try {
    return JSON.parse(execFileSync(node, ["--input-type=module"], options));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const fallenBack = { fast: false, again: false, all: [golden.all, golden.all] };

test.skipIf(Number.parseInt(process.versions.v8, 10) >= 12)(
  "an engine that does not know them computes as ever",
  () => {
    expect(run(process.execPath)).toEqual(fallenBack);
  },
);

test.skipIf(!existsSync(node24))(
  "with other bits than are expected, the thread and its workers compute as ever (Node 24)",
  () => {
    expect(run(node24, golden.all.replaceAll("0", "1"))).toEqual(fallenBack);
  },
);

test.skipIf(!existsSync(node24))("with the bits that are expected they are in use (Node 24)", () => {
  expect(run(node24)).toEqual({ ...fallenBack, fast: true, again: true });
});
