// The flag --fast: the same results, and a line in the manifest where 256-bit instructions were in use.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { cli, resultsIn, start, succeed, temporaryDirectory, tiny } from "./run-cli.ts";

const node24 = resolve("test/engines/node_modules/node24/bin/node");

const manifestIn = (directory: string) => JSON.parse(readFileSync(join(directory, "manifest.json"), "utf8"));

test.skipIf(Number.parseInt(process.versions.v8, 10) >= 12)(
  "where the engine has none, a run is as without the flag",
  async () => {
    const directory = temporaryDirectory();
    await succeed(["train", "--out", "with", "--fast", ...tiny], directory);
    await succeed(["train", "--out", "without", ...tiny], directory);
    expect(resultsIn(join(directory, "with"))).toEqual(resultsIn(join(directory, "without")));
    expect(manifestIn(join(directory, "with"))).not.toHaveProperty("fast");
  },
);

test.skipIf(!existsSync(node24))("in Node 24 only the manifest differs, by `fast`", async () => {
  const directory = temporaryDirectory();
  for (const [out, ...flags] of [["with", "--fast"], ["without"]]) {
    const { code, stderr } = await start(node24, [cli, "train", "--out", out!, ...flags, ...tiny], directory)
      .ended;
    expect(code, stderr).toBe(0);
  }
  const { fast, ...manifest } = manifestIn(join(directory, "with"));
  expect(fast).toBe(true);
  expect(manifestIn(join(directory, "without"))).toEqual(manifest);
  const { "manifest.json": _, ...results } = resultsIn(join(directory, "with"));
  const { "manifest.json": __, ...expected } = resultsIn(join(directory, "without"));
  expect(Object.keys(results).length).toBeGreaterThan(2);
  expect(results).toEqual(expected);
});
