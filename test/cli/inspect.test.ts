import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { networkTensors } from "../../src/cells/network.ts";
import { coreHash, version } from "../../src/core/core.ts";
import { sealSafetensors } from "../../src/io/safetensors.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/training/checkpoint.ts";
import {
  cli,
  onlyMessage,
  onlyObject,
  removeDirectory,
  runCli,
  succeed,
  temporaryDirectory,
  tiny,
} from "./run-cli.ts";

const file = "run/checkpoints/step-80.safetensors";
let directory: string;
const at = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = temporaryDirectory(true);
  await succeed(["train", "--out", "run", ...tiny], directory);
});

afterAll(() => removeDirectory(directory));

describe("values", () => {
  it("--json has shapes, statistics and progress of the checkpoint", async () => {
    const facts = onlyObject(await succeed(["inspect", file, "--json"], directory));
    expect(facts).toMatchObject({
      cell: "leaky",
      activation: "leaky-relu",
      units: 12,
      inputs: 1,
      heads: 4,
      classes: 2,
      task: "parity",
      bits: "binary",
      labels: "last",
      curriculum: "multi",
      N: [2],
      stepsPerBit: [1],
      parameters: 12 * (12 + 1 + 3) + 4 * 2 * 13,
      training: { epochs: 4, step: 80, solvedN: 0, finished: true, optimizer: "sgd", seed: 3 },
      tensors: {
        tau: [12],
        "input.weight": [12, 1],
        "recurrent.weight": [12, 12],
        "readout.weight": [4, 2, 12],
      },
      version,
      core: coreHash,
    });
  });

  it("tau is clamped at one step: 0.5, 1, 2 and 4.5 have mean 2.125, least 1 and standard deviation 1.4307; mean 2, least 0.5 with 2 steps per bit", async () => {
    const { network, training: _, ...rest } = decodeCheckpoint(readFileSync(at(file)));
    const shape = { ...network.shape, units: 4, heads: 1 };
    const parameters = new Float32Array(4 * (4 + 1 + 3) + 2 * 5);
    parameters.set([0.5, 1, 2, 4.5]);
    writeFileSync(at("four.safetensors"), encodeCheckpoint({ ...rest, network: { shape, parameters } }));
    const facts = onlyObject(await succeed(["inspect", "four.safetensors", "--json"], directory));
    expect(facts.tau).toEqual({ mean: 2.125, sd: expect.closeTo(1.43069, 5), min: 1, max: 4.5 });
    const purpose = { ...rest.purpose, stepsPerBit: [2, 1] };
    writeFileSync(
      at("half.safetensors"),
      encodeCheckpoint({ ...rest, purpose, network: { shape, parameters } }),
    );
    const halved = onlyObject(await succeed(["inspect", "half.safetensors", "--json"], directory));
    expect(halved).toMatchObject({ stepsPerBit: [2, 1], tau: { mean: 2, min: 0.5 } });
    expect(facts.recurrent).toEqual({ mean: 0, frobeniusNorm: 0, spectralNorm: 0 });
    expect(facts).not.toHaveProperty("training");
    expect(await succeed(["inspect", "four.safetensors"], directory)).toMatch(/^training +none$/m);
  });

  it("of an lstm it says that there are no time constants, and shows tensors of four gates", async () => {
    const trained = await succeed(["train", "--out", "gated", ...tiny, "--cell", "lstm"], directory);
    expect(trained).not.toContain("tau");
    const gated = "gated/checkpoints/step-80.safetensors";
    const facts = onlyObject(await succeed(["inspect", gated, "--json"], directory));
    expect(facts).toMatchObject({
      cell: "lstm",
      parameters: 4 * 12 * (12 + 1 + 2) + 4 * 2 * 13,
      training: { epochs: 4, step: 80, finished: true },
    });
    expect(facts).not.toHaveProperty("tau");
    expect(facts.tensors).toEqual({
      "input.weight": [48, 1],
      "input.bias": [48],
      "recurrent.weight": [48, 12],
      "recurrent.bias": [48],
      "readout.weight": [4, 2, 12],
      "readout.bias": [4, 2],
    });
    expect(await succeed(["inspect", gated], directory)).toMatch(/^tau +none$/m);
    const report = readFileSync(at("gated/report.html"), "utf8");
    expect(report).toContain("Training loss, against epoch.");
    expect(report).not.toContain("τ");
  });

  it("of two layers it shows time constants of all and of each, W of each, and the second one's tensors", async () => {
    const trained = await succeed(["train", "--out", "stack", ...tiny, "--layers", "2"], directory);
    expect(trained).toContain("mean tau");
    const stack = "stack/checkpoints/step-80.safetensors";
    const facts = onlyObject(await succeed(["inspect", stack, "--json"], directory));
    expect(facts).toMatchObject({
      layers: 2,
      units: 12,
      parameters: 12 * (12 + 1 + 3) + 12 * (12 + 12 + 3) + 4 * 2 * 13,
      tensors: { "input.weight": [12, 1], "layer2.tau": [12], "layer2.input.weight": [12, 12] },
      recurrent: { mean: expect.any(Number) },
      "layer2.recurrent": { spectralNorm: expect.any(Number) },
    });
    const { mean, layers } = facts.tau as { mean: number; layers: { mean: number }[] };
    expect((layers[0]!.mean + layers[1]!.mean) / 2).toBeCloseTo(mean, 12);
    const text = await succeed(["inspect", stack], directory);
    expect(text).toMatch(new RegExp(`^tau\\.layers\\.2\\.mean +${layers[1]!.mean.toFixed(6)}$`, "m"));
    const report = readFileSync(at("stack/report.html"), "utf8");
    expect(report).toContain("2 layers of 12 units");
    expect(report).toContain("(n = 24, one network)");
    expect(report).toContain("<th>Mean τ, layer 2</th>");
  });

  it("prints the same numbers for people, six decimals each", async () => {
    const facts = onlyObject(await succeed(["inspect", file, "--json"], directory));
    const text = await succeed(["inspect", file], directory);
    const { mean } = facts.tau as { mean: number };
    expect(text).toMatch(new RegExp(`^tau\\.mean +${mean.toFixed(6)}$`, "m"));
    expect(text).toMatch(/^tensors\.readout\.weight +4, 2, 12$/m);
  });
});

describe("errors", () => {
  const sound = () => readFileSync(at(file));
  const tensorsOf = () => {
    const { network } = decodeCheckpoint(sound());
    return networkTensors(network.shape, network.parameters);
  };
  const manifest = (change: object = {}) => {
    const { network, purpose, version, core } = decodeCheckpoint(sound());
    return {
      tauscope: JSON.stringify({ format: 1, version, core, network: network.shape, purpose, ...change }),
    };
  };
  const flip = (bytes: Buffer, index: number) => {
    bytes[index]! ^= 4;
    return bytes;
  };
  const without = (name: string) => [...tensorsOf()].filter(([own]) => own !== name);
  const replaced = (name: string, shape: number[], data: Float32Array) =>
    [...tensorsOf()].map(([own, tensor]) => [own, own === name ? { shape, data } : tensor] as const);

  const damages: [string, () => Uint8Array, RegExp][] = [
    ["of no bytes", () => Buffer.alloc(0), /has 0 bytes/],
    ["of text", () => Buffer.from("not a checkpoint at all"), /it is no safetensors file/],
    ["cut in half", () => sound().subarray(0, 3000), /header should have|tensors need/],
    ["short of one byte", () => sound().subarray(0, -1), /the tensors need \d+ bytes but \d+ follow/],
    ["longer by one byte", () => Buffer.concat([sound(), Buffer.alloc(1)]), /the tensors need \d+ bytes but/],
    [
      "with a flipped bit in its tensors",
      () => flip(sound(), sound().length - 50),
      /the checksum does not match/,
    ],
    ["with a flipped bit in its header", () => flip(sound(), 400), /checksum does not match|not JSON/],
    [
      "with a missing tensor",
      () => sealSafetensors(without("recurrent.bias"), manifest()),
      /tensor "recurrent\.bias" is missing\.$/,
    ],
    [
      "with a wrong shape",
      () => sealSafetensors(replaced("input.weight", [1, 12], new Float32Array(12)), manifest()),
      /tensor "input\.weight" is F32 of shape \(1, 12\); expected F32 of shape \(12, 1\)\.$/,
    ],
    [
      "with NaN",
      () => sealSafetensors(replaced("input.bias", [12], new Float32Array(12).fill(NaN, 7)), manifest()),
      /tensor "input\.bias" is NaN at index 7; expected finite values\.$/,
    ],
    [
      "with Infinity",
      () => sealSafetensors(replaced("tau", [12], new Float32Array(12).fill(-Infinity, 3)), manifest()),
      /tensor "tau" is -Infinity at index 3/,
    ],
    [
      "of 1e9 units",
      () =>
        sealSafetensors(
          tensorsOf(),
          manifest({ network: { ...decodeCheckpoint(sound()).network.shape, units: 1e9 } }),
        ),
      /tensor "tau" is F32 of shape \(12\); expected F32 of shape \(1000000000\)\.$/,
    ],
    [
      "of a format to come",
      () => sealSafetensors(tensorsOf(), manifest({ format: 2 })),
      /`format` is 2, expected one of 1/,
    ],
    [
      "of other software",
      () => sealSafetensors(tensorsOf(), {}),
      /no "tauscope" entry in the metadata; .*Use `tauscope import`/,
    ],
  ];

  it.each(damages)(
    "a checkpoint %s is refused by `inspect`, `evaluate` and `export` alike",
    async (_, make, message) => {
      writeFileSync(at("bad.safetensors"), make());
      for (const args of [
        ["inspect", "bad.safetensors"],
        ["evaluate", "bad.safetensors", "--n", "2"],
        ["export", "bad.safetensors", "--to", "npz"],
      ]) {
        const ended = await runCli(args, directory);
        expect(onlyMessage(ended)).toMatch(message);
        expect(ended.stderr).toMatch(/^tauscope: bad\.safetensors: /);
        expect(ended.code).toBe(1);
      }
    },
  );

  it.each([
    ["none", /^none: there is no such file or directory\.$/],
    ["run", /^run: it is a directory, expected a file\.$/],
    ["", /^"": there is no such file or directory\.$/],
    ["/dev/null", /^\/dev\/null: has 0 bytes/],
    ["/dev/zero", /^\/dev\/zero: it gives more than 1073741824 bytes; pass a file\.$/],
    ["run/manifest.json", /^run\/manifest\.json: it is no safetensors file/],
  ])("%j is no checkpoint: exit code 1", async (path, message) => {
    const ended = await runCli(["inspect", path], directory);
    expect(onlyMessage(ended)).toMatch(message);
    expect(ended.code).toBe(1);
  });

  it("a sound checkpoint is read under any name, and from a pipe", async () => {
    mkdirSync(at("ü b"));
    copyFileSync(at(file), at("ü b/it's"));
    const text = await succeed(["inspect", "ü b/it's"], directory);
    expect(text).toMatch(/^units +12$/m);
    const command = `cat '${at(file)}' | '${process.execPath}' '${cli}' inspect /dev/stdin`;
    expect(execFileSync("/bin/sh", ["-c", command], { encoding: "utf8" })).toBe(text);
  });
});
