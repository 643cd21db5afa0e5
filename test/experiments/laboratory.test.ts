// Networks and measurements of experiments: made once, kept, and gone on with.

import { afterAll, describe, expect, test } from "vitest";
import { StateError } from "../../src/core/errors.ts";
import { Laboratory, type LaboratoryEvent } from "../../src/experiments/laboratory.ts";
import { WorkerPool } from "../../src/experiments/worker-pool.ts";
import { evaluateNetwork } from "../../src/training/evaluation.ts";
import type { TrainingSettings } from "../../src/training/settings.ts";
import { trainNetwork } from "../../src/training/train-network.ts";
import { type MemoryArchive, memoryArchive } from "./memory-archive.ts";

const pool = new WorkerPool({ workers: 2 });
afterAll(() => pool.close());

// every stage counts as solved
const settings: Partial<TrainingSettings> = {
  units: 12,
  batch: 8,
  updates: 10,
  testBatches: 2,
  epochs: 4,
  maxN: 9,
  solvedAt: 0,
};

function open(archive: MemoryArchive, signal?: AbortSignal) {
  const events: LaboratoryEvent[] = [];
  const laboratory = new Laboratory({ pool, archive, signal, onEvent: (event) => events.push(event) });
  return { laboratory, events, states: () => events.map(({ state }) => state) };
}

describe("networks", () => {
  test("a run's epochs are those of trainNetwork, and networkAt(N) is the network behind the epoch that solved N", async () => {
    const { laboratory } = open(memoryArchive());
    const run = await laboratory.train(settings);
    const alone = await trainNetwork(settings);
    expect(run.records).toEqual(alone.training!.records);
    expect(run.solvedN).toBe(5);
    expect(run.initialTau).toEqual(alone.training!.initialTau);
    // two epochs solve N = 3
    const two = await trainNetwork({ ...settings, epochs: 2 });
    const { network, purpose } = await run.networkAt(3);
    expect(network.parameters).toEqual(two.network.parameters);
    expect(purpose.N).toEqual([2, 3]);
  });

  test("the same settings are trained once, also when asked for at the same time, and found by the next laboratory", async () => {
    const archive = memoryArchive();
    const first = open(archive);
    const runs = await Promise.all([
      first.laboratory.train(settings),
      first.laboratory.train({ ...settings }),
    ]);
    expect(first.states().filter((state) => state === "begins")).toHaveLength(1);
    expect(runs[0]).toBe(runs[1]);
    const second = open(archive);
    const found = await second.laboratory.train(settings);
    expect(second.states()).toEqual(["found"]);
    expect(found.records).toEqual(runs[0]!.records);
    expect((await found.networkAt(4)).network).toEqual((await runs[0]!.networkAt(4)).network);
  });

  test("other settings are another run", async () => {
    const archive = memoryArchive();
    const { laboratory } = open(archive);
    await laboratory.train({ ...settings, epochs: 1 });
    await laboratory.train({ ...settings, epochs: 1, seed: 1 });
    const folders = new Set([...archive.files.keys()].map((name) => name.split("/")[1]));
    expect(folders.size).toBe(2);
  });

  test("a run that was stopped behind its second epoch goes on there, and leaves the files that it leaves uninterrupted", async () => {
    const archive = memoryArchive();
    const stopping = new AbortController();
    const laboratory = new Laboratory({
      pool,
      archive,
      signal: stopping.signal,
      onEvent: ({ detail }) => detail.startsWith("epoch 2") && stopping.abort(new Error("stopped")),
    });
    await expect(laboratory.train(settings)).rejects.toThrow("stopped");
    const again = open(archive);
    await again.laboratory.train(settings);
    expect(again.events[0]).toMatchObject({ state: "begins", detail: "again, from epoch 2" });
    const uninterrupted = memoryArchive();
    await open(uninterrupted).laboratory.train(settings);
    expect([...archive.files.keys()].sort()).toEqual([...uninterrupted.files.keys()].sort());
    for (const [name, content] of uninterrupted.files) {
      expect(Buffer.compare(archive.files.get(name)!, content), name).toBe(0);
    }
  });

  test("a run from a network begins with its parameters", async () => {
    const { laboratory } = open(memoryArchive());
    const before = await (await laboratory.train(settings)).networkAt(3);
    // steps too small to change any f32 weight but the smallest
    const still = { ...settings, seed: 7, epochs: 1, learningRate: 1e-30 };
    const run = await laboratory.train(still, before);
    const after = await run.networkAt(2);
    expect(after.network.parameters).toEqual(before.network.parameters);
    const fresh = await (await laboratory.train(still)).networkAt(2);
    expect(fresh.network.parameters).not.toEqual(before.network.parameters);
  });

  test("a network that is gone from the archive is an error that says what to do", async () => {
    const archive = memoryArchive();
    const run = await open(archive).laboratory.train(settings);
    for (const name of archive.files.keys()) if (name.endsWith("N-3.safetensors")) archive.files.delete(name);
    await expect(run.networkAt(3)).rejects.toThrow(StateError);
    await expect(run.networkAt(3)).rejects.toThrow(
      /^networks\/[0-9a-f]{32}\/N-3\.safetensors: it is not in the archive; remove networks\/[0-9a-f]{32} and run again\.$/,
    );
  });
});

describe("measurements", () => {
  test("the accuracy is that of evaluateNetwork; it is measured once, and found by the next laboratory", async () => {
    const archive = memoryArchive();
    const { laboratory } = open(archive);
    const network = await (await laboratory.train(settings)).networkAt(4);
    const options = { N: [2, 3, 4], batches: 3 };
    const measured = await laboratory.measure("accuracy", network, options);
    expect(measured).toEqual((await evaluateNetwork(network, options)).accuracy);
    const again = open(archive);
    expect(await again.laboratory.measure("accuracy", network, options)).toEqual(measured);
    expect(again.states()).toEqual(["found"]);
    await again.laboratory.measure("accuracy", network, { ...options, batches: 4 });
    expect(again.states()).toEqual(["found", "begins", "done"]);
  });
});
