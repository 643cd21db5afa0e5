import { describe, expect, it } from "vitest";
import { tensorShapes } from "../../src/cells/network.ts";
import { coreHash, version } from "../../src/core/core.ts";
import { decodeSafetensors, encodeSafetensors, type Tensor } from "../../src/io/safetensors.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/training/checkpoint.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { adam, changed, type Manifest, refusal, sgd, withManifest } from "./damaged-checkpoint.ts";

describe("values", () => {
  it("holds the 7 tensors and as many moments: 14 for SGD, 22 for Adam, with its counts", () => {
    const names = [...tensorShapes({ ...decodeCheckpoint(sgd).network.shape }).keys()];
    const prefixed = (...prefixes: string[]) =>
      prefixes.flatMap((prefix) => names.map((name) => prefix + name));
    expect([...decodeSafetensors(sgd).tensors.keys()]).toEqual(prefixed("", "momentum."));
    const ofAdam = decodeSafetensors(adam).tensors;
    expect([...ofAdam.keys()]).toEqual([...prefixed("", "adam.mean.", "adam.square."), "adam.updates"]);
    expect(ofAdam.get("adam.updates")).toEqual({ shape: [4], data: Int32Array.of(8, 8, 0, 0) });
  });

  it("says where training stood: 2 epochs and 2 updates, 8 in all", () => {
    const { training, purpose, ...rest } = decodeCheckpoint(sgd);
    expect(rest).toMatchObject({
      version,
      core: coreHash,
      network: { shape: { units: 5, heads: 3, classes: 2 } },
    });
    expect(purpose).toMatchObject({ task: "parity", N: [2], initialState: 0.1 });
    expect(training).toMatchObject({ step: 8, epochStep: 2, curriculum: { stage: 0, N: [2], solvedN: 0 } });
    expect(training!.records.map(({ step }) => step)).toEqual([3, 6]);
    expect(training!.lossSum).toBeGreaterThan(0.5);
    expect(training!.moments.some((value) => value !== 0)).toBe(true);
  });
});

describe("invariants", () => {
  it.each([
    ["SGD", sgd],
    ["Adam", adam],
  ])("decoding and encoding again gives the same bytes: %s", (_, bytes) => {
    expect(encodeCheckpoint(decodeCheckpoint(bytes))).toEqual(bytes);
  });

  it("decoding and encoding a network without training gives the same bytes", () => {
    const { training: _, ...rest } = decodeCheckpoint(sgd);
    const bytes = encodeCheckpoint(rest);
    expect(decodeCheckpoint(bytes)).toEqual(rest);
    expect(encodeCheckpoint(decodeCheckpoint(bytes))).toEqual(bytes);
  });

  it("parameters of every bit pattern that is finite come back bit for bit", () => {
    const checkpoint = decodeCheckpoint(sgd);
    const special = [-0, 1e-45, -1e-45, 1.17549435e-38, 3.4028234663852886e38, -3.4028234663852886e38, 1 / 3];
    checkpoint.network.parameters.set(special);
    checkpoint.training!.moments.set(special, 10);
    checkpoint.training!.lossSum = 0.1 + 0.2;
    const back = decodeCheckpoint(encodeCheckpoint(checkpoint));
    expect(Buffer.from(back.network.parameters.buffer)).toEqual(
      Buffer.from(checkpoint.network.parameters.buffer),
    );
    expect(Buffer.from(back.training!.moments.buffer)).toEqual(
      Buffer.from(checkpoint.training!.moments.buffer),
    );
    expect(back.training!.lossSum).toBe(0.30000000000000004);
  });

  it("what is decoded are copies: changing the bytes afterwards changes nothing", () => {
    const bytes = sgd.slice();
    const before = decodeCheckpoint(bytes);
    const parameters = before.network.parameters.slice();
    bytes.fill(255);
    expect(before.network.parameters).toEqual(parameters);
  });
});

describe("layers", () => {
  const stack = async (layers: number) => {
    const trainer = await Trainer.start({
      units: 5,
      layers,
      batch: 8,
      updates: 2,
      testBatches: 1,
      epochs: 1,
      maxN: 3,
    });
    for await (const _ of trainer);
    return trainer.checkpointBytes();
  };

  it("a checkpoint of two layers holds the second one's tensors and moments, statistics of each, and gives its bytes back", async () => {
    const bytes = await stack(2);
    const { shape, data } = decodeSafetensors(bytes).tensors.get("layer2.input.weight")!;
    expect([shape, data.length]).toEqual([[5, 5], 25]);
    expect(decodeSafetensors(bytes).tensors.has("momentum.layer2.tau")).toBe(true);
    const checkpoint = decodeCheckpoint(bytes);
    expect(checkpoint.network.shape.layers).toBe(2);
    const { initialTau, records } = checkpoint.training!;
    for (const tau of [initialTau!, records[0]!.tau!]) {
      expect(tau.layers).toHaveLength(2);
      expect((tau.layers![0]!.mean + tau.layers![1]!.mean) / 2).toBeCloseTo(tau.mean, 12);
    }
    expect(encodeCheckpoint(checkpoint)).toEqual(bytes);
  });

  it("a file from before there were layers is a network of one, and is resumed as such", async () => {
    const bytes = changed(sgd, {
      manifest: (manifest) => {
        delete manifest.network.layers;
        delete manifest.training.settings.layers;
      },
    });
    expect(decodeSafetensors(bytes).metadata.tauscope).not.toContain("layers");
    expect(decodeCheckpoint(bytes)).toEqual(decodeCheckpoint(sgd));
    expect((await Trainer.resume(bytes)).checkpointBytes()).toEqual(sgd);
  });

  it("too many layers, layers of gated cells, and statistics of another number of layers are refused", async () => {
    const bytes = await stack(2);
    const refused = (change: (manifest: Manifest) => unknown) =>
      refusal(changed(bytes, { manifest: change }));
    expect(refused((m) => void Object.assign(m.network, { layers: 101 }))).toBe(
      "manifest: `layers` is 101, expected a whole number from 1 to 100.",
    );
    expect(refused((m) => void Object.assign(m.network, { cell: "gru" }))).toBe(
      "manifest: `layers` is 2, expected 1, as cell gru has no layers above another.",
    );
    expect(refused((m) => void Object.assign(m.network, { layers: 3 }))).toBe(
      'tensor "layer3.tau" is missing.',
    );
    expect(refused((m) => void delete m.training.initialTau.layers)).toBe(
      "`training.initialTau` is of 1 layers, expected 2.",
    );
    expect(refused((m) => void m.training.records[0].tau.layers.push(m.training.initialTau.layers[0]))).toBe(
      "`training.records.0.tau` is of 3 layers, expected 2.",
    );
  });
});

describe("damage", () => {
  it("a file cut off at any of its lengths is refused", () => {
    for (let length = 0; length < sgd.length; length++) refusal(sgd.subarray(0, length));
  });

  it("a file with any one of its bytes changed in its lowest or highest bit is refused", () => {
    const bytes = sgd.slice();
    for (let i = 0; i < bytes.length; i++) {
      for (const bit of [1, 128]) {
        bytes[i]! ^= bit;
        refusal(bytes);
        bytes[i]! ^= bit;
      }
    }
    expect(bytes).toEqual(sgd);
  });

  const every = [
    ...[...decodeSafetensors(sgd).tensors.keys()].map((name) => [name, sgd] as const),
    ...[...decodeSafetensors(adam).tensors.keys()].map((name) => [name, adam] as const),
  ];

  it("each of 14 and 22 tensors, if missing, is named", () => {
    expect(every).toHaveLength(36);
    for (const [name, bytes] of every) {
      const message = refusal(changed(bytes, { tensors: (tensors) => tensors.delete(name) }));
      expect(message).toContain(`tensor "${name}" is missing`);
    }
  });

  it("each of them, if of another shape or type, is named with the shape expected", () => {
    for (const [name, bytes] of every) {
      const { shape, data } = decodeSafetensors(bytes).tensors.get(name)!;
      const others: Tensor[] = [
        { shape: [data.length + 1], data: new Float32Array(data.length + 1) },
        { shape: [1, ...shape], data: new Float32Array(data.length) },
        { shape, data: new Float64Array(data.length) },
      ];
      for (const other of others) {
        const message = refusal(changed(bytes, { tensors: (tensors) => tensors.set(name, other) }));
        expect(message).toContain(`tensor "${name}" is`);
        expect(message).toContain(`of shape (${shape.join(", ")})`);
      }
    }
  });

  it("NaN, Infinity and -Infinity in the last place of each tensor are named with the index", () => {
    for (const [name, bytes] of every.filter(([name]) => name !== "adam.updates")) {
      for (const value of [Number.NaN, Infinity, -Infinity]) {
        const damage = (tensors: Map<string, Tensor>) => {
          const { shape, data } = tensors.get(name)!;
          const worse = Float32Array.from(data as Float32Array);
          worse[worse.length - 1] = value;
          tensors.set(name, { shape, data: worse });
        };
        const { length } = decodeSafetensors(bytes).tensors.get(name)!.data;
        expect(refusal(changed(bytes, { tensors: damage }))).toBe(
          `tensor "${name}" is ${value} at index ${length - 1}; expected finite values.`,
        );
      }
    }
  });

  it("a file without a manifest is told from one without a checksum", () => {
    const { tensors, metadata } = decodeSafetensors(sgd);
    expect(refusal(encodeSafetensors(tensors))).toMatch(
      /^no "tauscope" entry in the metadata; .*`tauscope import`/,
    );
    expect(refusal(encodeSafetensors(tensors, { tauscope: metadata.tauscope! }))).toMatch(
      /^it has no checksum/,
    );
  });
});

describe("checkpoints that can be read but not resumed", () => {
  it("a network whose tensors have other sizes than its settings ask for is not resumed", async () => {
    const other = withManifest((manifest) => void Object.assign(manifest.training.settings, { units: 6 }));
    await expect(Trainer.resume(other, { where: "run/x" })).rejects.toThrow(
      "run/x: the network's `units` is 5 but its settings ask for 6.",
    );
  });

  it("a checkpoint of another core is resumed only if allowed, and can be read in any case", async () => {
    const other = withManifest((manifest) => Object.assign(manifest, { core: "0".repeat(64) }));
    expect(decodeCheckpoint(other).network).toEqual(decodeCheckpoint(sgd).network);
    await expect(Trainer.resume(other, { where: "run/x" })).rejects.toThrow(
      `run/x: made by core 000000000000, this one is ${coreHash.slice(0, 12)}; the result would not be exact.`,
    );
    const trainer = await Trainer.resume(other, { allowOtherCore: true });
    expect(trainer.steps).toBe(8);
  });

  it("a network without training is not resumed", async () => {
    const { training: _, ...rest } = decodeCheckpoint(sgd);
    await expect(Trainer.resume(encodeCheckpoint(rest), { where: "run/x" })).rejects.toThrow(
      "run/x: it holds a network but no training state",
    );
  });
});
