// tauscope phase and tauscope lyapunov.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measureTrainedSpectrum } from "../../src/experiments/trained-spectrum.ts";
import { computePhaseDiagram } from "../../src/theory/phase-diagram.ts";
import { decodeCheckpoint } from "../../src/training/checkpoint.ts";
import {
  flags,
  onlyMessage,
  onlyObject,
  removeDirectory,
  runCli,
  succeed,
  temporaryDirectory,
} from "./run-cli.ts";

let directory: string;
beforeAll(() => {
  directory = temporaryDirectory(true);
});
afterAll(() => removeDirectory(directory));

describe("tauscope phase", () => {
  it("prints theory's lines, and with --json the library's diagram", async () => {
    const args = ["phase", "--gains", "1:4:4", "--values", "0,20"];
    const output = await succeed(args, directory);
    expect(output).toMatch(/^ +20\.0000 +2\.0000 +1\.6278 +1\.7640 +–$/m);
    const { stdout } = await runCli([...args, "--json"], directory);
    const expected = await computePhaseDiagram({ gains: [1, 2, 3, 4], values: [0, 20] });
    expect(onlyObject(stdout)).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  it("writes data and figure with --out", async () => {
    const output = await succeed(
      ["phase", "--axis", "outputBias", "--values", "-1,0,1", "--out", "diagram"],
      directory,
    );
    expect(output).toMatch(/^Figure: diagram\/phase\.svg$/m);
    expect(readdirSync(join(directory, "diagram")).sort()).toEqual([
      "manifest.json",
      "phase.json",
      "phase.svg",
    ]);
    expect(readFileSync(join(directory, "diagram", "phase.svg"), "utf8")).toMatch(/^<svg .*width="85mm"/);
  });

  it.each([
    [["--gains", "1:x:4"], /^--gains: "1:x:4" is no list of numbers, as in 1,1\.5,2 or 1:4:31\.$/],
    [["--gains", "1,y"], /^--gains: "y" is not a number\.$/],
    [["--values=-1"], /^computePhaseDiagram: `outputGain` is -1/],
    [["--open-fraction", "2"], /`openFraction` is 2/],
  ])("%j is an error in one sentence", async (args, message) => {
    const ended = await runCli(["phase", ...args], directory);
    expect(ended.code).toBe(2);
    expect(onlyMessage(ended)).toMatch(message);
  });
});

describe("tauscope lyapunov", () => {
  it("prints the spectrum of measureTrainedSpectrum", async () => {
    const settings = flags({ units: 12, batch: 8, updates: 10, epochs: 1, testBatches: 1, cell: "gru" });
    await succeed(["train", "--out", "run", ...settings], directory);
    const path = join("run", "checkpoints", readdirSync(join(directory, "run", "checkpoints")).at(-1)!);
    const args = ["lyapunov", path, "--steps", "40", "--transient", "10", "--seed", "3"];
    const { stdout } = await runCli([...args, "--json"], directory);
    const checkpoint = decodeCheckpoint(readFileSync(join(directory, path)), path);
    const options = { steps: 40, transient: 10, seed: 3 };
    const { exponents, sum } = await measureTrainedSpectrum(checkpoint, options);
    expect(onlyObject(stdout)).toMatchObject({ exponents: [...exponents], sum });
    const free = await runCli([...args, "--json", "--no-input"], directory);
    const left = await measureTrainedSpectrum(checkpoint, { ...options, driven: false });
    expect(onlyObject(free.stdout)).toMatchObject({ sum: left.sum });
    expect(await succeed(args, directory)).toMatch(/^ +1 +-?\d\.\d{5} ± \d\.\d{5}$/m);
    const refused = await runCli(["lyapunov", path, "--count", "13"], directory);
    expect(refused.code).toBe(2);
    expect(onlyMessage(refused)).toMatch(/`count` is 13, expected at most 12/);
  });
});
