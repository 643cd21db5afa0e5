import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/training/checkpoint.ts";
import { evaluateNetwork } from "../../src/training/evaluation.ts";
import {
  flags,
  onlyMessage,
  onlyObject,
  removeDirectory,
  runCli,
  succeed,
  temporaryDirectory,
} from "./run-cli.ts";

const multi = "multi/checkpoints/step-4000.safetensors";
const sliding = "sliding/checkpoints/step-2.safetensors";
let directory: string;

beforeAll(async () => {
  directory = temporaryDirectory(true);
  // enough to solve N = 2 and 3
  const learned = flags({ units: 24, batch: 16, updates: 2000, testBatches: 2, epochs: 2, maxN: 5 });
  await succeed(["train", "--out", "multi", ...learned], directory);
  const window = flags({
    curriculum: "sliding",
    startN: 3,
    window: 3,
    forget: 2,
    maxN: 9,
    units: 6,
    batch: 8,
  });
  await succeed(
    ["train", "--out", "sliding", ...window, "--updates", "2", "--epochs", "1", "--test-batches", "1"],
    directory,
  );
});

afterAll(() => removeDirectory(directory));

describe("values", () => {
  it('--json is {"sequences": 12800, "accuracy": {"2": …}} with the numbers of evaluateNetwork', async () => {
    const result = onlyObject(await succeed(["evaluate", multi, "--n", "2..5", "--json"], directory));
    const checkpoint = decodeCheckpoint(readFileSync(join(directory, multi)));
    expect(result).toEqual(await evaluateNetwork(checkpoint, { N: [2, 3, 4, 5] }));
    expect(result.sequences).toBe(12_800);
    const accuracy = result.accuracy as Record<string, number>;
    expect(Object.keys(accuracy)).toEqual(["2", "3", "4", "5"]);
    expect(accuracy["2"]).toBeGreaterThan(0.98);
    // a head that was never trained guesses
    expect(Math.abs(accuracy["5"]! - 0.5)).toBeLessThan(0.2);
  });

  it("gives the same numbers again, others with another seed, and counts batch times batches sequences", async () => {
    const run = async (...more: string[]) =>
      onlyObject(await succeed(["evaluate", multi, "--n", "3..5", "--json", ...more], directory));
    const first = await run("--batch", "10", "--batches", "7");
    expect(first.sequences).toBe(70);
    expect(await run("--batch", "10", "--batches", "7")).toEqual(first);
    expect(await run("--batch", "10", "--batches", "7", "--seed", "1")).not.toEqual(first);
  });

  it("--steps-per-bit 3,2 is what evaluateNetwork measures with 3 and 2 steps per bit in turn", async () => {
    const args = ["--n", "2..4", "--batches", "3", "--steps-per-bit", "3,2", "--json"];
    const result = onlyObject(await succeed(["evaluate", multi, ...args], directory));
    const checkpoint = decodeCheckpoint(readFileSync(join(directory, multi)));
    const N = [2, 3, 4];
    expect(result).toEqual(await evaluateNetwork(checkpoint, { N, batches: 3, stepsPerBit: [3, 2] }));
    expect(result).not.toEqual(await evaluateNetwork(checkpoint, { N, batches: 3 }));
  });

  it.each([
    ["5", [5]],
    ["2..4", [2, 3, 4]],
    ["4,2,4", [2, 4]],
    ["2..3,5", [2, 3, 5]],
    [" 2 , 3..3", [2, 3]],
  ])("--n %j is N = %j, in rising order and each once", async (n, expected) => {
    const result = onlyObject(
      await succeed(["evaluate", multi, "--n", n, "--batches", "1", "--json"], directory),
    );
    expect(Object.keys(result.accuracy as object).map(Number)).toEqual(expected);
  });

  it("prints a table with one line for each N", async () => {
    const text = await succeed(["evaluate", multi, "--n", "2,5", "--batches", "1"], directory);
    expect(text).toMatch(
      /^Accuracy on parity over 256 sequences\n {3}N {2}accuracy\n {3}2 +[\d.]+ %\n {3}5 +[\d.]+ % {2}its head was not trained\n$/,
    );
  });
});

describe("errors", () => {
  it("a network whose values overflow is named as such, with exit code 1", async () => {
    const { network, purpose, version, core } = decodeCheckpoint(readFileSync(join(directory, multi)));
    network.parameters.fill(3e38, network.shape.units);
    writeFileSync(join(directory, "wild"), encodeCheckpoint({ network, purpose, version, core }));
    const ended = await runCli(["evaluate", "wild", "--n", "2"], directory);
    expect(onlyMessage(ended)).toMatch(/output of the network is NaN or infinite/);
    expect(ended.code).toBe(1);
  });

  it.each([
    "",
    ",",
    "x",
    "1",
    "0",
    "-3",
    "2.5",
    "2..",
    "..5",
    "5..2",
    "2..5..7",
    "2..2000",
    "1e1",
    "0x5",
    "NaN",
    "Infinity",
    "99999999999",
    "2;3",
    "٣",
  ])("--n %j is no list of lengths: exit code 2", async (n) => {
    const ended = await runCli(["evaluate", multi, "--n", n], directory);
    expect(onlyMessage(ended)).toBe(
      `--n: "${n}" is not a list of memory lengths; expected whole numbers of at least 2, as in 5 or 2..11 or 2,4,8.`,
    );
    expect(ended.code).toBe(2);
  });

  it.each([
    [multi, "6", /no head answers N = 6; this multi network has 4 heads, for N = 2 to 5\.$/],
    [multi, "2..1000", /no head answers N = 6; /],
    [sliding, "2", /no head answers N = 2; this sliding network has 3 heads, for N = 3 to 5\.$/],
    [sliding, "6", /no head answers N = 6; this sliding network has 3 heads, for N = 3 to 5\.$/],
  ])("%s has no head for N = %s: exit code 2", async (file, n, message) => {
    const ended = await runCli(["evaluate", file, "--n", n], directory);
    expect(onlyMessage(ended)).toMatch(message);
    expect(ended.code).toBe(2);
  });

  it.each([
    [["--batch", "0"], 2, /^--batch: "0" is not a whole number of at least 1\.$/],
    [["--batch", "1e3"], 2, /^--batch: "1e3" is not a whole number/],
    [["--batches", "-1"], 2, /^--batches: "-1" is not a whole number/],
    [["--batches", "9".repeat(400)], 2, /is not a whole number/],
    [["--steps-per-bit", "7,"], 2, /^--steps-per-bit: "" is not a whole number of at least 1\.$/],
    [["--steps-per-bit", "1001"], 2, /`stepsPerBit` is 1001, expected a whole number from 1 to 1000\.$/],
    [["--seed", "1.5"], 2, /^--seed: "1\.5" is not a whole number of at least 0\.$/],
    [["--sequence-n", "1"], 2, /^--sequence-n: "1" is not a whole number of at least 2\.$/],
    [["--sequence-n", "3"], 2, /`sequenceN` is 3, expected a whole number from 5 to 1000000/],
    [
      ["--sequence-n", "1073741824"],
      2,
      /`sequenceN` is 1073741824, expected a whole number from 5 to 1000000/,
    ],
    [["--batch", "4294967296"], 2, /`batch` is 4294967296/],
    [["--batch", "1073741824"], 1, /needs \d+ bytes of memory/],
  ])("`--n 5` with %j is refused by one sentence", async (more, code, message) => {
    const ended = await runCli(["evaluate", multi, "--n", "5", ...more], directory);
    expect(onlyMessage(ended)).toMatch(message);
    expect(ended.code).toBe(code);
  });
});
