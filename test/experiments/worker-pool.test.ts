// The library's functions in workers: the same bits, errors and callbacks as in this thread.

import { afterAll, describe, expect, test } from "vitest";
import { measureNetworkActivity } from "../../src/analysis/network-activity.ts";
import { NumericError, ShapeError, StateError } from "../../src/core/errors.ts";
import { WorkerPool } from "../../src/experiments/worker-pool.ts";
import { type Checkpoint, encodeCheckpoint } from "../../src/training/checkpoint.ts";
import { evaluateNetwork } from "../../src/training/evaluation.ts";
import type { TrainingSettings } from "../../src/training/settings.ts";
import { trainNetwork } from "../../src/training/train-network.ts";
import { base, digitsBase, smallDigits } from "../training/short-runs.ts";

const pool = new WorkerPool({ workers: 9 });
afterAll(() => pool.close());

const long = { ...base, units: 32, batch: 32, updates: 1000, epochs: 1000, solvedAt: 1 };

const runs: [string, Partial<TrainingSettings>][] = [
  ["leaky, a head for each N", base],
  ["one sequence per batch", { ...base, batch: 1 }],
  ["7 sequences per batch", { ...base, batch: 7 }],
  ["70 sequences, 37 units", { ...base, batch: 70, units: 37 }],
  ["one unit", { ...base, units: 1 }],
  [
    "leaky-outside, Adam, sliding heads",
    {
      ...base,
      cell: "leaky-outside",
      optimizer: "adam",
      learningRate: 0.01,
      curriculum: "sliding",
      maxN: 12,
    },
  ],
  [
    "leaky-outside, 3, 1 and 2 steps per bit in turn",
    { ...base, cell: "leaky-outside", stepsPerBit: [3, 1, 2] },
  ],
  ["3 layers", { ...base, layers: 3 }],
  [
    "2 layers of leaky-outside, 37 units, 21 sequences",
    { ...base, cell: "leaky-outside", layers: 2, units: 37, batch: 21 },
  ],
  ["gru, 37 units", { ...base, cell: "gru", units: 37 }],
  ["lstm, Adam", { ...base, cell: "lstm", optimizer: "adam", learningRate: 0.01 }],
  ["sequential MNIST", digitsBase],
  ["labels at every step", { ...base, labels: "every" }],
  ["labels at every step, leaky-outside", { ...base, labels: "every", cell: "leaky-outside", batch: 13 }],
  ["labels at every step, gru, delayed match", { ...base, labels: "every", cell: "gru", task: "dms" }],
  [
    "delayed match, tanh, one head, fixed time constants",
    { ...base, task: "dms", activation: "tanh", curriculum: "single", trainTau: false },
  ],
];

describe("the same bits", () => {
  test.each(runs)("%s: 1 to 9 workers leave the bytes that this thread leaves", async (_, settings) => {
    const digits = smallDigits;
    const alone = encodeCheckpoint(await trainNetwork(settings, { digits }));
    for (let workers = 1; workers <= 9; workers++) {
      const shared = await pool.trainNetwork(settings, { workers, digits });
      expect(Buffer.compare(encodeCheckpoint(shared), alone), `${workers} workers`).toBe(0);
    }
  });

  test("an evaluation on digits gives the same accuracies on 1, 2 and 5 workers", async () => {
    const network = await trainNetwork(digitsBase, { digits: smallDigits });
    const options = { N: [2, 4, 7], batch: 13, batches: 3, digits: { test: smallDigits.test } };
    const alone = await evaluateNetwork(network, options);
    for (const workers of [1, 2, 5]) {
      expect(await pool.evaluateNetwork(network, { ...options, workers })).toEqual(alone);
    }
  });

  test("20 runs at once: each leaves its own bytes, and the results are in the order of the jobs", async () => {
    const settings = Array.from({ length: 20 }, (_, seed) => ({ ...base, seed }));
    const trained = await Promise.all(settings.map((each) => pool.trainNetwork(each)));
    for (const [i, each] of settings.entries()) {
      expect(
        Buffer.compare(encodeCheckpoint(trained[i]!), encodeCheckpoint(await trainNetwork(each))),
        `seed ${i}`,
      ).toBe(0);
    }
  });

  test("accuracies on 1, 2 and 5 workers are those of this thread", async () => {
    const checkpoint = await trainNetwork(base);
    const options = { N: [2, 3], batch: 21, batches: 7, seed: 3 };
    const alone = await evaluateNetwork(checkpoint, options);
    for (const workers of [1, 2, 5]) {
      expect(await pool.evaluateNetwork(checkpoint, { ...options, workers })).toEqual(alone);
    }
  });

  test("timescales and dimensionality on 1, 2 and 5 workers are those of this thread", async () => {
    const { network } = await trainNetwork(base);
    const options = { steps: 400, trials: 3, burnIn: 50, maxLag: 40 };
    const alone = await measureNetworkActivity(network, options);
    for (const workers of [1, 2, 5]) {
      expect(await pool.measureNetworkActivity(network, { ...options, workers })).toEqual(alone);
    }
    await expect(pool.measureNetworkActivity(network, { trials: 0.5 })).rejects.toThrow("`trials` is 0.5");
    await expect(pool.measureNetworkActivity(network, { trials: Number.NaN })).rejects.toThrow(
      "`trials` is NaN",
    );
  });

  test("a run that goes on from a checkpoint, an object or bytes, ends as if it had never stopped", async () => {
    const whole = encodeCheckpoint(await trainNetwork({ ...base, epochs: 2 }));
    const checkpoints: Checkpoint[] = [];
    await pool.trainNetwork(
      { ...base, epochs: 2 },
      { onCheckpoint: (checkpoint) => checkpoints.push(checkpoint) },
    );
    expect(checkpoints).toHaveLength(2);
    for (const start of [checkpoints[0]!, encodeCheckpoint(checkpoints[0]!)]) {
      expect(Buffer.compare(encodeCheckpoint(await pool.trainNetwork(start, { workers: 2 })), whole)).toBe(0);
    }
  });
});

describe("callbacks", () => {
  test("every epoch comes, in order, and is waited for; progress comes while it goes on", async () => {
    const events: string[] = [];
    const { training } = await pool.trainNetwork(base, {
      onEpoch: async ({ epoch }) => {
        events.push(`begin ${epoch}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        events.push(`end ${epoch}`);
      },
      onProgress: ({ epoch, step }) => {
        events.push("progress");
        expect(Math.ceil(step / base.updates)).toBe(epoch);
      },
    });
    expect(events.filter((event) => event !== "progress")).toEqual(
      training!.records.flatMap(({ epoch }) => [`begin ${epoch}`, `end ${epoch}`]),
    );
    expect(events).toContain("progress");
  });

  test.each(["onEpoch", "onProgress"])(
    "an error that %s throws ends the run, and is the error that is got",
    async (name) => {
      const error = new Error("the page is gone");
      const fail = () => {
        throw error;
      };
      await expect(pool.trainNetwork(long, { [name]: fail, updates: 1 } as object)).rejects.toBe(error);
    },
  );

  test("none is called after a run has been cancelled", async () => {
    const abort = new AbortController();
    let after = 0;
    const run = pool.trainNetwork(long, {
      signal: abort.signal,
      onProgress: () => {
        if (abort.signal.aborted) after++;
        abort.abort(new Error("enough"));
      },
    });
    await expect(run).rejects.toThrow("enough");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(after).toBe(0);
  });
});

describe("errors", () => {
  test("keep their class and sentence on the way from a worker", async () => {
    await expect(pool.trainNetwork({ units: 0 })).rejects.toThrow(ShapeError);
    await expect(pool.trainNetwork({ units: 0 })).rejects.toThrow("`units`");
    const wild = { ...base, units: 12, learningRate: 1e4, clipNorm: 10, updates: 500, solvedAt: 1 };
    await expect(pool.trainNetwork(wild, { workers: 2 })).rejects.toThrow(NumericError);
    await expect(pool.trainNetwork(wild, { workers: 2 })).rejects.toThrow(/^training stopped at step \d+: /);
  });

  test("a network beyond the memory names the bytes, on one worker and on three", async () => {
    for (const workers of [1, 3]) {
      const run = pool.trainNetwork({ units: 40_000 }, { workers });
      await expect(run).rejects.toThrow(StateError);
      await expect(run).rejects.toThrow(
        /training 40000 units .* needs \d{10,} bytes of memory; a WebAssembly memory holds at most 4294967296/,
      );
    }
  });

  test("an array whose buffer was transferred away is refused with the cause, and a setting that is no data", async () => {
    const checkpoint = await trainNetwork(base);
    structuredClone(checkpoint.network.parameters.buffer, {
      transfer: [checkpoint.network.parameters.buffer],
    });
    const run = pool.evaluateNetwork(checkpoint, { N: [2] });
    await expect(run).rejects.toThrow(StateError);
    await expect(run).rejects.toThrow(
      /^evaluateNetwork: its arguments cannot be sent to a worker: .*detached.*\. Pass plain data/,
    );
    await expect(pool.trainNetwork({ units: Symbol("5") } as never)).rejects.toThrow(
      "trainNetwork: its arguments cannot be sent",
    );
  });

  test("a run of more than a millisecond is over a timeout of one", async () => {
    await expect(pool.trainNetwork(long, { timeout: 1 })).rejects.toThrow(
      "Pool: a job has taken longer than its timeout of 1 ms.",
    );
  });

  test("workers that are no number are refused", async () => {
    await expect(pool.trainNetwork(base, { workers: Number.NaN })).rejects.toThrow(ShapeError);
    await expect(pool.trainNetwork(base, { workers: 0 })).rejects.toThrow("`workers` of a job is 0");
    expect(() => new WorkerPool({ workers: 0 })).toThrow(ShapeError);
  });

  test("a worker script that is not there is named", async () => {
    const other = new WorkerPool({ workers: 1, workerUrl: new URL("nowhere.js", import.meta.url) });
    await expect(other.fingerprint()).rejects.toThrow(/nowhere\.js/);
    expect(other.workers).toBe(0);
  });
});

test("by default a pool is as large as the machine has cores", () => {
  expect(new WorkerPool().size).toBeGreaterThan(0);
  expect(Number.isInteger(new WorkerPool().size)).toBe(true);
});

test("what a pool did last does not show in what it does next: cancelled, shared, failed, and then the same bytes", async () => {
  const small = new WorkerPool({ workers: 2 });
  const alone = encodeCheckpoint(await trainNetwork(base));
  const same = async () =>
    expect(Buffer.compare(encodeCheckpoint(await small.trainNetwork(base, { workers: 2 })), alone)).toBe(0);
  await small.trainNetwork(long, { workers: 2, signal: AbortSignal.timeout(150) }).catch(() => {});
  await same();
  await small.trainNetwork({ ...long, batch: 3 }, { signal: AbortSignal.timeout(50) }).catch(() => {});
  await small.trainNetwork({ units: 0 }).catch(() => {});
  await same();
  expect(small.workers).toBe(2);
  await small.close();
});
