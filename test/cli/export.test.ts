import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { networkTensors } from "../../src/cells/network.ts";
import { decodeSafetensors } from "../../src/io/safetensors.ts";
import { decodeCheckpoint } from "../../src/training/checkpoint.ts";
import {
  onlyMessage,
  onlyObject,
  removeDirectory,
  runCli,
  succeed,
  temporaryDirectory,
  tiny,
} from "./run-cli.ts";

const file = "run/checkpoints/step-80.safetensors";
const names = [
  "tau",
  "input.weight",
  "input.bias",
  "recurrent.weight",
  "recurrent.bias",
  "readout.weight",
  "readout.bias",
];
let directory: string;
const at = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = temporaryDirectory(true);
  await succeed(["train", "--out", "run", ...tiny], directory);
});

afterAll(() => removeDirectory(directory));

describe("values", () => {
  it("safetensors: the 7 tensors of the network bit for bit, without metadata", async () => {
    const result = onlyObject(
      await succeed(["export", file, "--to", "safetensors", "--out", "net.safetensors", "--json"], directory),
    );
    expect(result).toEqual({ file: "net.safetensors", tensors: names });
    const { tensors, metadata } = decodeSafetensors(readFileSync(at("net.safetensors")));
    const { network } = decodeCheckpoint(readFileSync(at(file)));
    expect(tensors).toEqual(networkTensors(network.shape, network.parameters));
    expect([...tensors.keys()]).toEqual(names);
    expect(metadata).toEqual({});
  });

  it("npz: 7 entries <name>.npy, float32 in C order, with the same values", async () => {
    await succeed(["export", file, "--to", "npz", "--out", "net.npz"], directory);
    const entries = unzipSync(readFileSync(at("net.npz")));
    expect(Object.keys(entries)).toEqual(names.map((name) => `${name}.npy`));
    const { network } = decodeCheckpoint(readFileSync(at(file)));
    const weight = networkTensors(network.shape, network.parameters).get("recurrent.weight")!;
    const bytes = entries["recurrent.weight.npy"]!;
    const text = Buffer.from(bytes.subarray(0, 128)).toString("latin1");
    expect(text).toContain("{'descr': '<f4', 'fortran_order': False, 'shape': (12, 12), }");
    expect(new Float32Array(bytes.slice(-4 * 144).buffer)).toEqual(weight.data);
  });

  it("without --out the file is named after the checkpoint and the format", async () => {
    await succeed(["export", file, "--to", "npz"], directory);
    expect(existsSync(at("run/checkpoints/step-80.export.npz"))).toBe(true);
    // a file beside the checkpoints does not stand in the way of the run
    await succeed(["resume", "run"], directory);
    expect(existsSync(at("run/checkpoints/step-80.export.npz"))).toBe(true);
  });

  it("--force replaces a file, and leaves alone another that has its name and .tmp", async () => {
    writeFileSync(at("mine.npz"), "old");
    writeFileSync(at("mine.npz.tmp"), "mine");
    await succeed(["export", file, "--to", "npz", "--out", "mine.npz", "--force"], directory);
    expect(statSync(at("mine.npz")).size).toBeGreaterThan(1000);
    expect(readFileSync(at("mine.npz.tmp"), "utf8")).toBe("mine");
  });

  it("a pipe is written to, not replaced", async () => {
    execFileSync("mkfifo", [at("pipe")]);
    const args = [file, "--to", "safetensors", "--force"];
    const [bytes] = await Promise.all([
      import("node:fs/promises").then(({ readFile }) => readFile(at("pipe"))),
      succeed(["export", ...args, "--out", "pipe"], directory),
    ]);
    await succeed(["export", ...args, "--out", "plain"], directory);
    expect(bytes.equals(readFileSync(at("plain")))).toBe(true);
    expect(statSync(at("pipe")).isFIFO()).toBe(true);
  });
});

describe("errors", () => {
  it("an existing file is kept, with exit code 1, unless --force", async () => {
    writeFileSync(at("kept"), "mine");
    const ended = await runCli(["export", file, "--to", "npz", "--out", "kept"], directory);
    expect(onlyMessage(ended)).toBe("kept: the file exists; choose another name, or add --force.");
    expect(ended.code).toBe(1);
    expect(readFileSync(at("kept"), "utf8")).toBe("mine");
  });

  it.each([
    ["a directory", "run", /^run: it is a directory, expected a file\.$/],
    ["in no directory", "none/net", /^none\/net: there is no such file or directory\.$/],
    ["inside a file", "run/manifest.json/net", /a part of the path is not a directory\.$/],
    ["an empty path", "", /^"": there is no such file or directory\.$/],
    ["a name of 250 letters", "n".repeat(250), /^n+: the name is too long\.$/],
  ])("--out that is %s is named with exit code 1, and no temporary file stays", async (_, out, message) => {
    const before = readdirSync(directory, { recursive: true });
    const ended = await runCli(["export", file, "--to", "npz", "--out", out, "--force"], directory);
    expect(onlyMessage(ended)).toMatch(message);
    expect(ended.code).toBe(1);
    expect(readdirSync(directory, { recursive: true })).toEqual(before);
  });

  it.skipIf(!existsSync("/dev/full") || process.platform !== "linux")(
    "/dev/full is a full disk: named with exit code 1, and it stays a device (skipped where there is none)",
    async () => {
      const ended = await runCli(["export", file, "--to", "npz", "--out", "/dev/full", "--force"], directory);
      expect(onlyMessage(ended)).toMatch(/^\/dev\/full: no space is left on the disk/);
      expect(ended.code).toBe(1);
      expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
    },
  );

  it("a format that is none is an error of usage: exit code 2", async () => {
    const ended = await runCli(["export", file, "--to", "npy"], directory);
    expect(onlyMessage(ended)).toMatch(/choices are safetensors, npz/);
    expect(ended.code).toBe(2);
  });

  it("an exported network is no checkpoint, and `inspect` and `evaluate` say so", async () => {
    await succeed(["export", file, "--to", "safetensors", "--out", "plain-net"], directory);
    for (const args of [
      ["inspect", "plain-net"],
      ["evaluate", "plain-net", "--n", "2"],
    ]) {
      const ended = await runCli(args, directory);
      expect(onlyMessage(ended)).toMatch(
        /^plain-net: no "tauscope" entry in the metadata; expected a checkpoint written by tauscope/,
      );
      expect(ended.code).toBe(1);
    }
  });
});
