import { describe, expect, it } from "vitest";
import { networkTensors } from "../../src/cells/network.ts";
import { NumericError, ShapeError, StateError } from "../../src/core/errors.ts";
import { decodeCheckpoint } from "../../src/training/checkpoint.ts";
import type { TrainingSettings } from "../../src/training/settings.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { base, finish, trainToTheEnd } from "./short-runs.ts";

describe("results", () => {
  it("the same settings give the same bytes, whatever ran in between; 4 seeds give 4 others", async () => {
    const first = (await trainToTheEnd(base)).checkpointBytes();
    const others = [];
    for (const seed of [0, 12, 2 ** 32 + 11, Number.MAX_SAFE_INTEGER]) {
      const { network } = await trainToTheEnd({ ...base, seed });
      others.push(Buffer.from(network.parameters.buffer).toString("hex"));
    }
    expect((await trainToTheEnd(base)).checkpointBytes()).toEqual(first);
    const { parameters } = decodeCheckpoint(first).network;
    expect(new Set([...others, Buffer.from(parameters.slice().buffer).toString("hex")]).size).toBe(5);
  });

  it("two runs that take turns in one thread give the bytes that each gives by itself", async () => {
    const settings = [base, { ...base, seed: 1, curriculum: "single" as const }];
    const alone = [];
    for (const each of settings) alone.push((await trainToTheEnd(each)).checkpointBytes());
    const together = await Promise.all(settings.map((each) => trainToTheEnd(each)));
    expect(together.map((trainer) => trainer.checkpointBytes())).toEqual(alone);
  });

  it("a checkpoint object is checked as a file is: lengths beyond the heads, other bytes and NaN are refused", async () => {
    const checkpoint = (await trainToTheEnd(base)).checkpoint();
    const training = checkpoint.training!;
    const curriculum = { ...training.curriculum, N: [2, 3, 4, 5, 6, 7, 8, 9] };
    const longer = { ...checkpoint, training: { ...training, curriculum } };
    await expect(Trainer.resume(longer)).rejects.toThrow("`curriculum.N` is 2, 3, 4, 5, 6 …");
    const network = {
      ...checkpoint.network,
      parameters: checkpoint.network.parameters.slice().fill(Number.NaN),
    };
    await expect(Trainer.resume({ ...checkpoint, network })).rejects.toThrow('tensor "tau" is NaN');
    await expect(Trainer.resume(new ArrayBuffer(8) as never)).rejects.toThrow(ShapeError);
  });

  it("a record that is changed by who got it changes nothing", async () => {
    const trainer = await Trainer.start(base);
    for await (const record of trainer) {
      record.N.push(99);
      record.tau!.quantiles.length = 0;
      record.loss = -1;
    }
    expect(trainer.checkpointBytes()).toEqual((await trainToTheEnd(base)).checkpointBytes());
  });

  it("Adam at the smallest epsilon leaves parameters without a gradient as they are", async () => {
    const settings = {
      ...base,
      optimizer: "adam",
      activation: "relu",
      epsilon: 1e-30,
      learningRate: 0.001,
    } as const;
    const trainer = await trainToTheEnd(settings);
    expect(trainer.network.parameters.every(Number.isFinite)).toBe(true);
  });

  it("fixed time constants keep every bit through 12 updates, while all other tensors change", async () => {
    for (const optimizer of ["sgd", "adam"] as const) {
      const trainer = await Trainer.start({ ...base, trainTau: false, tauLow: 0.5, tauHigh: 3, optimizer });
      const before = networkTensors(trainer.network.shape, trainer.network.parameters);
      await finish(trainer);
      const after = networkTensors(trainer.network.shape, trainer.network.parameters);
      expect(after.get("tau")).toEqual(before.get("tau"));
      expect(new Set(after.get("tau")!.data).size).toBe(6);
      for (const name of ["input.weight", "recurrent.weight", "recurrent.bias", "readout.weight"] as const)
        expect(after.get(name)!.data).not.toEqual(before.get(name)!.data);
      expect(trainer.records.at(-1)!.tau).toEqual(trainer.initialTau);
    }
  });

  it("trained time constants change, and start uniform between tauLow and tauHigh", async () => {
    const trainer = await Trainer.start({ ...base, units: 400, tauLow: 2, tauHigh: 5 });
    const before = networkTensors(trainer.network.shape, trainer.network.parameters).get("tau")!.data;
    expect(Math.min(...before)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...before)).toBeLessThan(5);
    // of 400 draws the mean lies within 5 standard errors, 5 * 3 / sqrt(12 * 400)
    expect(Math.abs(before.reduce((sum, tau) => sum + tau, 0) / 400 - 3.5)).toBeLessThan(0.217);
    for await (const _ of trainer) break;
    expect(networkTensors(trainer.network.shape, trainer.network.parameters).get("tau")!.data).not.toEqual(
      before,
    );
  });

  it.each([
    ["multi", [[2], [2, 3], [2, 3, 4], [2, 3, 4, 5]]],
    ["single", [[2], [3], [4], [5]]],
    [
      "sliding",
      [
        [2, 3],
        [3, 4],
        [4, 5],
      ],
    ],
    ["none", [[2]]],
  ] as const)(
    "with every stage solved, curriculum %s goes through its stages and ends",
    async (curriculum, stages) => {
      const settings = { ...base, curriculum, window: 2, forget: 1, epochs: 100, solvedAt: 0 };
      const trainer = await Trainer.start(settings);
      const records = await finish(trainer);
      expect(records.map(({ N }) => N)).toEqual(stages);
      expect(records.every(({ solved }) => solved)).toBe(true);
      expect([trainer.solvedN, trainer.finished]).toEqual([stages.at(-1)!.at(-1), true]);
    },
  );

  it("with no stage solved, the stage stays and heads that are not active keep every bit", async () => {
    const trainer = await Trainer.start({ ...base, solvedAt: 1 });
    const heads = () =>
      networkTensors(trainer.network.shape, trainer.network.parameters).get("readout.weight")!.data;
    const before = heads();
    const records = await finish(trainer);
    expect(records.map(({ N, solved }) => [N, solved])).toEqual(Array(3).fill([[2], false]));
    expect([trainer.solvedN, trainer.finished]).toEqual([0, true]);
    expect(heads().subarray(12)).toEqual(before.subarray(12));
    expect(heads().subarray(0, 12)).not.toEqual(before.subarray(0, 12));
  });

  it("a learning rate that halves behind epochs with N ≥ 3 is that of runs continued by hand with 0.05, 0.05, 0.025, 0.0125", async () => {
    const settings = { ...base, epochs: 4, solvedAt: [0, 1], curriculum: "single" as const };
    const whole = await trainToTheEnd({ ...settings, learningRateDecay: 0.5, decayFromN: 3 });
    expect(whole.records.map(({ N }) => N)).toEqual([[2], [3], [3], [3]]);
    let trainer = await Trainer.start({ ...settings, epochs: 1 });
    for (const learningRate of [0.05, 0.05, 0.025, 0.0125]) {
      const { training, ...rest } = trainer.checkpoint();
      const epochs = training!.records.length + 1;
      const next = { ...training!, settings: { ...training!.settings, learningRate, epochs } };
      trainer = await Trainer.resume({ ...rest, training: next });
      await finish(trainer);
    }
    expect(trainer.records).toEqual(whole.records);
    expect(trainer.network).toEqual(whole.network);
  });

  it("a head is appended in the epoch after the one that was solved, and in no other", async () => {
    const records = (
      await trainToTheEnd({
        ...base,
        units: 24,
        updates: 400,
        testBatches: 20,
        epochs: 12,
        solvedAt: 0.98,
        maxN: 9,
      })
    ).records;
    const lengths = records.map(({ N }) => N.length);
    for (const [i, { solved, accuracy, N }] of records.entries()) {
      const values = N.map((n) => accuracy[n]!);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(solved).toBe(mean > 0.98 && values.at(-1)! > 0.98);
      if (i > 0) expect(lengths[i]! - lengths[i - 1]!).toBe(records[i - 1]!.solved ? 1 : 0);
    }
    // both happened
    expect(records.some(({ solved }) => solved)).toBe(true);
    expect(records.some(({ solved }) => !solved)).toBe(true);
  });

  it("an epoch's record counts updates, averages their losses, and reports one accuracy for each N", async () => {
    const losses: number[] = [];
    const trainer = await Trainer.start(base, { onProgress: ({ loss }) => losses.push(loss) });
    const records = await finish(trainer);
    expect(records.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 4],
      [2, 8],
      [3, 12],
    ]);
    expect(records.map(({ loss }) => loss)).toEqual([losses[3], losses[7], losses[11]]);
    for (const { N, accuracy } of records) {
      expect(Object.keys(accuracy).map(Number)).toEqual(N);
      // 3 batches of 8
      for (const value of Object.values(accuracy))
        expect(Number.isInteger(Math.round(value * 24 * 1e9) / 1e9)).toBe(true);
    }
  });
});

describe("errors", () => {
  it("divergence is a NumericError that names step and tensor; the state before the step is intact", async () => {
    let last: Uint8Array | undefined;
    let trainer!: Trainer;
    trainer = await Trainer.start(
      { ...base, units: 12, learningRate: 1e4, clipNorm: 10, updates: 500 },
      {
        onProgress: () => {
          last = trainer.checkpointBytes();
        },
      },
    );
    const error = await finish(trainer).catch((reason) => reason);
    expect(error).toBeInstanceOf(NumericError);
    const [, step] =
      /^training stopped at step (\d+): the (?:loss|gradient of [a-z.]+\[[\d, ]+\]) is -?(?:NaN|Infinity)\. /.exec(
        error.message,
      )!;
    expect(trainer.steps).toBe(Number(step) - 1);
    expect(trainer.checkpointBytes()).toEqual(last);
    // it can be read, and a resumed run stops at the same step with the same words
    const again = await Trainer.resume(last!);
    await expect(finish(again)).rejects.toThrow(error.message);
    expect(again.checkpointBytes()).toEqual(last);
  });

  it("at the largest learning rate, clip norm and initial values no state is ever written that cannot be read", async () => {
    const extremes: Partial<TrainingSettings>[] = [
      { learningRate: 1e6, clipNorm: 1e12 },
      { learningRate: 1e6, clipNorm: 1e12, optimizer: "adam" },
      { learningRate: 1e6, clipNorm: 1e12, momentum: 0.999999999 },
      { initialState: 1e30 },
      { tauLow: 1e30, tauHigh: 1e30, learningRate: 1e6, clipNorm: 1e12 },
      { tauLow: 1e-300, tauHigh: 1e30 },
    ];
    for (const extreme of extremes) {
      for (const cell of ["leaky", "leaky-outside"] as const) {
        const trainer = await Trainer.start({
          ...base,
          updates: 1,
          epochs: 30,
          solvedAt: 1,
          cell,
          ...extreme,
        });
        try {
          for await (const _ of trainer) decodeCheckpoint(trainer.checkpointBytes());
        } catch (error) {
          expect(error).toBeInstanceOf(NumericError);
        }
        decodeCheckpoint(trainer.checkpointBytes());
      }
    }
  });

  it.each([
    [
      { units: 40_000 },
      StateError,
      /^training 40000 units with 100 heads on 256 sequences of 405 steps needs 60131585280 bytes of memory; a WebAssembly memory holds at most 4294967296\./,
    ],
    [{ units: 1e9 }, StateError, /needs 36000063232002300000 bytes of memory/],
    [
      { units: 2 ** 31 - 1, batch: 2 ** 31 - 1, maxN: 1_000_000 },
      StateError,
      /needs 9\.22\d*e\+24 bytes of memory/,
    ],
    [{ units: 2 ** 31 }, ShapeError, /`units` is 2147483648, expected at most 2147483647/],
    [{ batch: 2 ** 31 - 1 }, StateError, /needs \d+ bytes of memory/],
    [{ maxN: 1_000_000, curriculum: "single" as const }, StateError, /needs \d+ bytes of memory/],
  ])("%j does not fit: one sentence, at once", async (settings, Class, message) => {
    const began = performance.now();
    const error = await Trainer.start(settings).catch((reason) => reason);
    expect(error).toBeInstanceOf(Class);
    expect(error.message).toMatch(message);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
