import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cli, onlyObject, removeDirectory, runCli, succeed, temporaryDirectory, tiny } from "./run-cli.ts";

let directory: string;
const checkpoint = "run/checkpoints/step-80.safetensors";

beforeAll(async () => {
  directory = temporaryDirectory(true);
  await succeed(["train", "--out", "run", ...tiny], directory);
});

afterAll(() => removeDirectory(directory));

describe("--json", () => {
  it.each<[string, string[], string[]]>([
    [
      "train",
      ["train", "--out", "train", ...tiny],
      ["directory", "epochs", "step", "solvedN", "interrupted", "report"],
    ],
    ["start", ["start", "--out", "start", ...tiny], ["directory", "runs", "interrupted", "report"]],
    ["resume", ["resume", "run"], ["directory", "epochs", "step", "solvedN", "interrupted", "report"]],
    ["evaluate", ["evaluate", checkpoint, "--n", "2..5", "--batches", "2"], ["sequences", "accuracy"]],
    [
      "inspect",
      ["inspect", checkpoint],
      [
        "cell",
        "activation",
        "units",
        "inputs",
        "heads",
        "classes",
        "layers",
        "task",
        "bits",
        "labels",
        "curriculum",
        "N",
        "stepsPerBit",
        "parameters",
        "tau",
        "recurrent",
        "training",
        "tensors",
        "version",
        "core",
      ],
    ],
    ["export", ["export", checkpoint, "--to", "npz", "--out", "x.npz"], ["file", "tensors"]],
  ])("`%s` prints one object on standard output and nothing else", async (_, args, keys) => {
    const { code, stdout, stderr } = await runCli([...args, "--json"], directory);
    expect(code).toBe(0);
    expect(Object.keys(onlyObject(stdout))).toEqual(keys);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it("sends the lines of the epochs to standard error", async () => {
    const { stderr } = await runCli(["train", "--out", "lines", ...tiny, "--json"], directory);
    expect(stderr.match(/^multi {4}epoch/gm)).toHaveLength(4);
  });

  it("prints nothing on standard output if the command fails", async () => {
    for (const args of [
      ["inspect", "none"],
      ["evaluate", checkpoint, "--n", "1"],
      ["resume", "none"],
    ]) {
      const { code, stdout } = await runCli([...args, "--json"], directory);
      expect(code).toBeGreaterThan(0);
      expect(stdout).toBe("");
    }
  });
});

describe("standard output", () => {
  it.skipIf(!existsSync("/dev/full"))(
    "that is full is named in one sentence with exit code 1 (skipped without /dev/full), and a training goes on",
    async () => {
      const run = (args: string[]) =>
        spawnSync("/bin/sh", ["-c", '"$0" "$@" > /dev/full', process.execPath, cli, ...args], {
          cwd: directory,
          encoding: "utf8",
        });
      for (const args of [["inspect", checkpoint], ["--help"], ["train", "--out", "full", ...tiny]]) {
        const { status, stderr } = run(args);
        expect(stderr).toMatch(/^tauscope: standard output cannot be written: ENOSPC: [^\n]+\.\n$/);
        expect(status).toBe(1);
      }
      await succeed(["resume", "full"], directory);
      const metrics = (name: string) => readFileSync(join(directory, name, "metrics.ndjson"), "utf8");
      expect(metrics("full")).toBe(metrics("run"));
    },
  );

  it("that nobody reads any more ends the program without a word, and a training goes on", async () => {
    const run = (args: string[]) => {
      const words = [process.execPath, cli, ...args].map((word) => `'${word}'`).join(" ");
      return execFileSync("/bin/sh", ["-c", `(${words} 2>&3 | head -n 1) 3>&1`], {
        cwd: directory,
        encoding: "utf8",
      });
    };
    expect(run(["--help"])).toBe("Usage: tauscope [options] [command]\n");
    expect(run(["train", "--out", "head", ...tiny])).toMatch(/^multi {4}epoch {3}1 [^\n]*\n$/);
    await succeed(["resume", "head"], directory);
    const metrics = (name: string) => readFileSync(join(directory, name, "metrics.ndjson"), "utf8");
    expect(metrics("head")).toBe(metrics("run"));
  });
});
