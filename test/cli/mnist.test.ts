import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { DigitSets } from "../../src/core/digits.ts";
import { decodeCheckpoint } from "../../src/training/checkpoint.ts";
import { hashDigits } from "../../src/training/digits.ts";
import { smallDigits } from "../training/short-runs.ts";
import {
  expectSameResults,
  onlyMessage,
  onlyObject,
  runCli,
  startCli,
  succeed,
  temporaryDirectory,
  tiny,
} from "./run-cli.ts";

const smnist = ["train", "--preset", "smnist", ...tiny, "--solved-at", "0", "--mnist", "data"];

/** A directory with the four files in `data`, those of images compressed. */
function makeDirectory(digits: DigitSets = smallDigits): string {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "data"));
  for (const [set, prefix] of [
    ["training", "train"],
    ["test", "t10k"],
  ] as const) {
    const { images, labels } = digits[set];
    const pictures = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, labels.length, 0, 0, 0, 28, 0, 0, 0, 28, ...images);
    const names = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, labels.length, ...labels);
    writeFileSync(join(directory, "data", `${prefix}-images-idx3-ubyte.gz`), gzipSync(pictures));
    writeFileSync(join(directory, "data", `${prefix}-labels-idx1-ubyte`), names);
  }
  return directory;
}

describe("values", () => {
  it("trains on the digits of the directory, on 2 workers as on one, goes on after SIGKILL, and evaluates", async () => {
    const directory = makeDirectory();
    await succeed([...smnist, "--out", "a"], directory);
    const path = join(directory, "a", "checkpoints", "step-80.safetensors");
    const { training } = decodeCheckpoint(readFileSync(path));
    expect(training!.digits).toBe(hashDigits(smallDigits));
    expect(training!.curriculum.solvedN).toBeGreaterThan(2);
    const report = readFileSync(join(directory, "a", "report.html"), "utf8").replace(/<[^>]*>/g, "");
    expect(report).toContain("--mnist DIR --out again");
    const stopped = startCli([...smnist, "--out", "b", "--workers", "2"], directory);
    await stopped.prints("epoch   1");
    stopped.kill("SIGKILL");
    await stopped.ended;
    await succeed(["resume", "b", "--mnist", "data"], directory);
    expectSameResults(join(directory, "b"), join(directory, "a"));
    // the test set is enough
    rmSync(join(directory, "data", "train-labels-idx1-ubyte"));
    const evaluate = ["evaluate", path, "--n", "2,4", "--batches", "2", "--mnist", "data", "--json"];
    const { accuracy } = onlyObject(await succeed(evaluate, directory));
    expect(Object.keys(accuracy as object)).toEqual(["2", "4"]);
  });
});

describe("errors", () => {
  const failure = async (args: string[], directory: string) => {
    const ended = await runCli(args, directory);
    return [onlyMessage(ended), ended.code];
  };

  it("a missing directory, a missing file and no flag are named", async () => {
    const directory = makeDirectory();
    const missing = (name: string) =>
      `data: neither ${name} nor ${name}.gz is there, expected the four files of MNIST.`;
    rmSync(join(directory, "data", "t10k-labels-idx1-ubyte"));
    expect(await failure([...smnist, "--out", "a"], directory)).toEqual([
      missing("t10k-labels-idx1-ubyte"),
      1,
    ]);
    rmSync(join(directory, "data"), { recursive: true });
    expect(await failure([...smnist, "--out", "a"], directory)).toEqual([
      missing("train-images-idx3-ubyte"),
      1,
    ]);
    const [message, code] = await failure([...smnist.slice(0, -2), "--out", "a"], directory);
    expect(message).toMatch(
      /^Trainer: `digits` are missing, expected .* \(on the command line: --mnist\)\.$/,
    );
    expect(code).toBe(2);
  });

  it("a damaged file is named with its path, and a run does not go on with other digits", async () => {
    const directory = makeDirectory();
    await succeed([...smnist, "--out", "a"], directory);
    const labels = join(directory, "data", "train-labels-idx1-ubyte");
    const bytes = readFileSync(labels);
    writeFileSync(labels, bytes.subarray(0, -1));
    const resume = ["resume", "a", "--mnist", "data"];
    const damaged = "data/train-labels-idx1-ubyte: it has 37 bytes, expected 38; the file is damaged.";
    expect(await failure(resume, directory)).toEqual([damaged, 1]);
    bytes[10]! ^= 1;
    writeFileSync(labels, bytes);
    const [message, code] = await failure(resume, directory);
    expect(message).toMatch(
      /step-80\.safetensors: it was trained on digits with SHA-256 .*; a run keeps its data\.$/,
    );
    expect(code).toBe(1);
  });
});
