import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { coreHash, version } from "../../src/core/core.ts";
import { decodeCheckpoint } from "../../src/training/checkpoint.ts";
import { resolveSettings } from "../../src/training/settings.ts";
import { Trainer } from "../../src/training/trainer.ts";
import {
  expectSameResults,
  flags,
  onlyMessage,
  runCli,
  startCli,
  succeed,
  temporaryDirectory,
  tiny,
} from "./run-cli.ts";

const given = { units: 12, batch: 8, updates: 20, testBatches: 2, epochs: 4, maxN: 5, seed: 3 };

describe("values", () => {
  it("writes the manifest, 4 lines of metrics and timing, the last 2 checkpoints and a report", async () => {
    const directory = temporaryDirectory();
    await succeed(["train", "--out", "run", ...flags(given)], directory);
    const read = (name: string) => readFileSync(join(directory, "run", name), "utf8");
    expect(readdirSync(join(directory, "run"), { recursive: true }).sort()).toEqual([
      "checkpoints",
      "checkpoints/step-60.safetensors",
      "checkpoints/step-80.safetensors",
      "manifest.json",
      "metrics.ndjson",
      "report.html",
      "timing.ndjson",
    ]);
    expect(JSON.parse(read("manifest.json"))).toEqual({
      kind: "run",
      format: 1,
      tauscope: version,
      core: coreHash,
      seed: 3,
      given,
      settings: resolveSettings(given),
    });
    expect(read("metrics.ndjson").split("\n")).toHaveLength(5);
    expect(read("timing.ndjson")).toMatch(/^(\{"epoch":\d,"step":\d+,"seconds":[\d.e-]+\}\n){4}$/);
    expect(read("report.html")).toMatch(/^<!doctype html>/i);
  });

  it("on 1, 2 and 5 workers writes the same files, and a resumed run may have another number", async () => {
    const directory = temporaryDirectory();
    const at = (name: string) => join(directory, name);
    await succeed(["train", "--out", "alone", ...flags(given)], directory);
    for (const workers of ["2", "5"]) {
      await succeed(["train", "--out", workers, ...flags(given), "--workers", workers], directory);
      expectSameResults(at(workers), at("alone"));
    }
    const stopped = startCli(["train", "--out", "stopped", ...flags(given), "--workers", "2"], directory);
    await stopped.prints("epoch   1");
    stopped.kill("SIGKILL");
    await stopped.ended;
    await succeed(["resume", "stopped", "--workers", "3"], directory);
    expectSameResults(at("stopped"), at("alone"));
  });

  it("gives the same checkpoint and metrics as the library, byte for byte", async () => {
    const directory = temporaryDirectory();
    await succeed(["train", "--out", "run", ...flags(given)], directory);
    const trainer = await Trainer.start(given);
    const lines: string[] = [];
    for await (const record of trainer) lines.push(`${JSON.stringify(record)}\n`);
    const checkpoint = readFileSync(join(directory, "run", "checkpoints", "step-80.safetensors"));
    expect(checkpoint.equals(trainer.checkpointBytes())).toBe(true);
    expect(readFileSync(join(directory, "run", "metrics.ndjson"), "utf8")).toBe(lines.join(""));
    expect(decodeCheckpoint(checkpoint).training!.records).toHaveLength(4);
  });

  it("two runs with the same settings give the same files byte for byte, but the times", async () => {
    const directory = temporaryDirectory();
    await succeed(["train", "--out", "one", ...tiny], directory);
    await succeed(["train", "--out", "two", ...tiny], directory);
    expectSameResults(join(directory, "two"), join(directory, "one"));
  });

  it.each([
    ["spaces, quotes and letters beyond ASCII", "a b/it's/größe τ 時"],
    ["an empty directory that exists", "empty"],
    ["three directories that do not", "x/y/z"],
    ["dots", "./x/../y"],
    ["an end in a slash", "slash/"],
  ])("takes a path with %s", async (_, path) => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "empty"));
    await succeed(["train", "--out", path, ...tiny], directory);
    expect(readdirSync(join(directory, path))).toContain("report.html");
    await succeed(["resume", path], directory);
  });

  it("a single unit on single sequences, the cheapest update there is, obeys Ctrl-C within 3 s", async () => {
    const directory = temporaryDirectory();
    const least = { units: 1, batch: 1, maxN: 2, updates: 100_000_000, epochs: 1, testBatches: 1 };
    const run = startCli(["train", "--out", "run", ...flags(least)], directory);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const began = performance.now();
    run.kill("SIGINT");
    const { code, stdout } = await run.ended;
    expect(performance.now() - began).toBeLessThan(3000);
    expect(code).toBe(130);
    expect(stdout).toMatch(/interrupted at update \d{3,}/);
  });
});

describe("errors", () => {
  it.each(["0", "9", "two"])("%s workers are refused, and no directory is left", async (workers) => {
    const directory = temporaryDirectory();
    const ended = await runCli(["train", "--out", "run", "--workers", workers, ...tiny], directory);
    expect(onlyMessage(ended)).toBe(`--workers: "${workers}" is not a whole number from 1 to 8.`);
    expect(ended.code).toBe(2);
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    [
      "a directory that is not empty",
      "full",
      1,
      /^full: the directory exists and is not empty; choose another\.$/,
    ],
    ["a file", "file", 1, /^file: a part of the path is not a directory\.$/],
    ["a path inside a file", "file/run", 1, /^file\/run: a part of the path is not a directory\.$/],
    ["an empty path", "", 2, /`path` is empty/],
    ["a name of 300 letters", "n".repeat(300), 1, /^n+: the name is too long\.$/],
  ])("%s as --out is refused by one sentence, and nothing is changed", async (_, out, code, message) => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "full"));
    writeFileSync(join(directory, "full", "notes.txt"), "mine");
    writeFileSync(join(directory, "file"), "mine too");
    const ended = await runCli(["train", "--out", out, ...tiny], directory);
    expect(onlyMessage(ended)).toMatch(message);
    expect(ended.code).toBe(code);
    expect(readdirSync(directory, { recursive: true }).sort()).toEqual(["file", "full", "full/notes.txt"]);
    expect(readFileSync(join(directory, "file"), "utf8")).toBe("mine too");
  });

  it.each([
    ["40000 units", "40000", "60131585280"],
    ["1e9 units", "1e9", "36000063232002300000"],
  ])(
    "%s are refused with the bytes they need, exit code 1, and no directory is left",
    async (_, units, bytes) => {
      const directory = temporaryDirectory();
      const ended = await runCli(["train", "--out", "run", "--units", units], directory);
      expect(onlyMessage(ended)).toMatch(
        new RegExp(`needs ${bytes} bytes of memory; .*Use fewer units, steps or sequences\\.$`),
      );
      expect(ended.code).toBe(1);
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  it("training that diverges names step and tensor, exits with 1, and leaves the last good checkpoint", async () => {
    const directory = temporaryDirectory();
    // at this rate the loss overflows after about a dozen updates, in the sixth or seventh epoch
    const wild = { ...given, clipNorm: 10, learningRate: 1e4, updates: 2, epochs: 500 };
    const ended = await runCli(["train", "--out", "run", ...flags(wild)], directory);
    expect(ended.stderr).toMatch(
      /^tauscope: training stopped at step \d+: (the loss|the gradient of [a-z.]+\[[\d, ]+\]|an output of the network) is -?(NaN|Infinity|NaN or infinite in the evaluation)\. [^\n]+\n$/,
    );
    expect(ended.code).toBe(1);
    const metrics = readFileSync(join(directory, "run", "metrics.ndjson"), "utf8")
      .trim()
      .split("\n");
    const { step } = JSON.parse(metrics.at(-1)!);
    const file = join(directory, "run", "checkpoints", `step-${step}.safetensors`);
    expect(decodeCheckpoint(readFileSync(file)).training!.step).toBe(step);
  });
});
