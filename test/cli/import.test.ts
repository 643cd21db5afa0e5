import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { networkTensors } from "../../src/cells/network.ts";
import { encodeSafetensors, type Tensor } from "../../src/io/safetensors.ts";
import { decodeCheckpoint } from "../../src/training/checkpoint.ts";
import { onlyMessage, onlyObject, removeDirectory, runCli, succeed, temporaryDirectory } from "./run-cli.ts";

let directory: string;
const at = (name: string) => join(directory, name);
const kind = ["--from", "rnn_timescale", "--curriculum", "multi"];

/** A network of 3 units and 2 heads as the paper's authors save it: all values are different. */
function released(): Map<string, Tensor> {
  let value = 0;
  const tensor = (...shape: number[]): Tensor => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => ++value),
  });
  return new Map([
    ["parameterlist.0", tensor(3)],
    ["modulelist.0.weight", tensor(3, 1)],
    ["modulelist.0.bias", tensor(3)],
    ["modulelist.1.weight", tensor(3, 3)],
    ["modulelist.1.bias", tensor(3)],
    ["modulelist.2.weight", tensor(2, 3)],
    ["modulelist.2.bias", tensor(2)],
    ["modulelist.3.weight", tensor(2, 3)],
    ["modulelist.3.bias", tensor(2)],
  ]);
}

beforeAll(() => {
  directory = temporaryDirectory(true);
  writeFileSync(at("net.safetensors"), encodeSafetensors(released()));
});

afterAll(() => removeDirectory(directory));

describe("values", () => {
  it("puts every tensor in its place, and clears the diagonal of the recurrent weights", async () => {
    const args = ["import", "net.safetensors", ...kind, "--n", "2..3", "--out", "net.ckpt", "--json"];
    expect(onlyObject(await succeed(args, directory))).toEqual({
      checkpoint: "net.ckpt",
      units: 3,
      heads: 2,
    });
    const { network, purpose, training } = decodeCheckpoint(readFileSync(at("net.ckpt")));
    expect(training).toBeUndefined();
    expect(purpose).toMatchObject({
      task: "parity",
      N: [2, 3],
      curriculum: "multi",
      startN: 2,
      maxN: 3,
    });
    const tensors = networkTensors(network.shape, network.parameters);
    const values = Object.fromEntries([...tensors].map(([name, { data }]) => [name, [...data]]));
    expect(values).toEqual({
      tau: [1, 2, 3],
      "input.weight": [4, 5, 6],
      "input.bias": [7, 8, 9],
      "recurrent.weight": [0, 11, 12, 13, 0, 15, 16, 17, 0],
      "recurrent.bias": [19, 20, 21],
      "readout.weight": [22, 23, 24, 25, 26, 27, 30, 31, 32, 33, 34, 35],
      "readout.bias": [28, 29, 36, 37],
    });
  });

  it("a single-head network answers every N with head 0, a multi-head one only N = 2 and 3", async () => {
    for (const [curriculum, code] of [
      ["single", 0],
      ["multi", 2],
    ] as const) {
      const out = `${curriculum}.ckpt`;
      await succeed(
        ["import", "net.safetensors", "--from", "rnn_timescale", "--curriculum", curriculum, "--out", out],
        directory,
      );
      const ended = await runCli(["evaluate", out, "--n", "2..9", "--batches", "1"], directory);
      expect(ended.code).toBe(code);
    }
  });
});

describe("errors", () => {
  const change = (name: string, tensor?: Tensor) => {
    const tensors = released();
    if (tensor) tensors.set(name, tensor);
    else tensors.delete(name);
    return encodeSafetensors(tensors);
  };
  const f32 = (shape: number[], fill = 0): Tensor => ({
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(fill),
  });

  const files: [string, () => Uint8Array, RegExp][] = [
    ["of text", () => Buffer.from("these are not tensors"), /it is no safetensors file/],
    [
      "of other tensors",
      () => encodeSafetensors([["w", f32([2])]]),
      /tensor "parameterlist\.0" is missing; expected a network of rnn_timescale\.$/,
    ],
    ["without units", () => change("parameterlist.0", f32([0])), /tensor "parameterlist\.0" is empty/],
    [
      "without heads",
      () => encodeSafetensors([...released()].slice(0, 5)),
      /tensor "modulelist\.2\.weight" is missing\.$/,
    ],
    ["without a bias", () => change("modulelist.3.bias"), /tensor "modulelist\.3\.bias" is missing\.$/],
    [
      "with a wrong shape",
      () => change("modulelist.1.weight", f32([9])),
      /tensor "modulelist\.1\.weight" is F32 of shape \(9\); expected F32 of shape \(3, 3\)\.$/,
    ],
    [
      "with doubles",
      () => change("modulelist.0.bias", { shape: [3], data: new Float64Array(3) }),
      /tensor "modulelist\.0\.bias" is F64 of shape \(3\); expected F32/,
    ],
    [
      "with NaN",
      () => change("modulelist.2.bias", f32([2], NaN)),
      /tensor "modulelist\.2\.bias" is NaN at index 0; expected finite values\.$/,
    ],
  ];

  it.each(files)(
    "a file %s is refused by one sentence with exit code 1, and nothing is written",
    async (_, make, message) => {
      writeFileSync(at("bad"), make());
      const ended = await runCli(["import", "bad", ...kind, "--out", "bad.ckpt"], directory);
      expect(onlyMessage(ended)).toMatch(message);
      expect(ended.code).toBe(1);
      await expect(runCli(["inspect", "bad.ckpt"], directory)).resolves.toMatchObject({ code: 1 });
    },
  );

  it.each([
    [["--from", "pytorch", "--curriculum", "multi", "--out", "x"], /choices are rnn_timescale/],
    [["--from", "rnn_timescale", "--curriculum", "sliding", "--out", "x"], /choices are multi, single/],
    [["--curriculum", "multi", "--out", "x"], /required option '--from <source>'/],
    [["--from", "rnn_timescale", "--out", "x"], /required option '--curriculum <kind>'/],
    [kind, /required option '--out <checkpoint>'/],
    [[...kind, "--out", "x", "--n", "1"], /^--n: "1" is not a list/],
  ])("%j is an error of usage: exit code 2", async (args, message) => {
    const ended = await runCli(["import", "net.safetensors", ...args], directory);
    expect(onlyMessage(ended)).toMatch(message);
    expect(ended.code).toBe(2);
  });

  it("an existing checkpoint is kept unless --force", async () => {
    writeFileSync(at("kept"), "mine");
    const ended = await runCli(["import", "net.safetensors", ...kind, "--out", "kept"], directory);
    expect(onlyMessage(ended)).toBe("kept: the file exists; choose another name, or add --force.");
    expect(ended.code).toBe(1);
    expect(readFileSync(at("kept"), "utf8")).toBe("mine");
    await succeed(["import", "net.safetensors", ...kind, "--out", "kept", "--force"], directory);
  });
});
