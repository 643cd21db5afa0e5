// Settings: the paper's defaults, and what is said of a wrong one.

import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { presets, resolveSettings, type TrainingSettings } from "../../src/training/settings.ts";

// what a user may write, right or wrong
const resolve = (settings: unknown) => resolveSettings(settings as Partial<TrainingSettings>);
const messageOf = (settings: unknown): string => {
  try {
    resolve(settings);
  } catch (error) {
    expect(error).toBeInstanceOf(ShapeError);
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(settings)} was accepted`);
};

// Khajehabdollahi et al., ICLR 2024, and its released code
const paper: TrainingSettings = {
  task: "parity",
  bits: "binary",
  labels: "last",
  curriculum: "multi",
  startN: 2,
  maxN: 101,
  window: 10,
  forget: 5,
  solvedAt: 0.98,
  solvedRule: "mean-and-newest",
  cell: "leaky",
  activation: "leaky-relu",
  units: 500,
  layers: 1,
  tauLow: 1,
  tauHigh: 2,
  trainTau: true,
  stepsPerBit: [1],
  // drawn as in PyTorch
  initialGain: [],
  initialBias: [],
  initialState: 0.1,
  batch: 256,
  updates: 600,
  testBatches: 50,
  epochs: 1000,
  optimizer: "sgd",
  learningRate: 0.05,
  learningRateDecay: 1,
  decayFromN: 2,
  momentum: 0.1,
  // Adam's, which the paper leaves at PyTorch's defaults
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clipNorm: 2,
  seed: 0,
};

describe("values", () => {
  test("without settings are the paper's, all 35 of them", () => {
    expect(resolve({})).toEqual(paper);
    expect(resolve(presets.paper)).toEqual(paper);
    expect(Object.keys(paper)).toHaveLength(35);
  });

  test("given replace the defaults and nothing else", () => {
    expect(resolve({ units: 3, trainTau: false, task: "dms" })).toEqual({
      ...paper,
      units: 3,
      trainTau: false,
      task: "dms",
    });
    expect(resolve({ units: undefined })).toEqual(paper);
  });

  test("of the preset laptop are 128 units, batches of 64, 100 updates, 60 epochs, N up to 41", () => {
    const laptop = { units: 128, batch: 64, updates: 100, epochs: 60, maxN: 41 };
    expect(resolve(presets.laptop)).toEqual({ ...paper, ...laptop });
  });

  test("of the preset smnist are the thresholds and the falling learning rate of the source, one head, N up to 25", () => {
    const solvedAt = [0.4, 0.45, 0.5, 0.65, 0.7, 0.75, 0.85, 0.9];
    const kind = { task: "smnist", curriculum: "single", maxN: 25, solvedAt } as const;
    const rates = { momentum: 0.9, learningRateDecay: 0.8, decayFromN: 3 };
    expect(resolve(presets.smnist)).toEqual({ ...paper, ...kind, ...rates });
  });

  test("resolved once stay the same when resolved again, and the argument is not changed", () => {
    const given = Object.freeze({ units: 7, curriculum: "sliding" as const });
    const resolved = resolveSettings(given);
    expect(resolveSettings(resolved)).toEqual(resolved);
    expect(given).toEqual({ units: 7, curriculum: "sliding" });
  });

  test.each([
    { startN: 1_000_000, maxN: 1_000_000 },
    { units: 1, batch: 1, updates: 1, testBatches: 1, epochs: 1 },
    { solvedAt: 0 },
    { solvedAt: 1 },
    { solvedAt: [0.4] },
    { solvedAt: [0, 1, 0.5] },
    { learningRateDecay: 1e-9, decayFromN: 1_000_000 },
    { tauLow: 3, tauHigh: 3 },
    { tauLow: 0.5 },
    { initialState: 0 },
    { stepsPerBit: [1000, 1] },
    { cell: "gru", stepsPerBit: [1, 1] },
    { momentum: 0, beta1: 0, beta2: 0 },
    { seed: Number.MAX_SAFE_INTEGER },
    { curriculum: "sliding", window: 10, forget: 10, maxN: 11 },
    { curriculum: "sliding", window: 1, forget: 1, maxN: 2 },
    { curriculum: "none", startN: 200 },
    { layers: 100 },
    { cell: "leaky-outside", layers: 2 },
    // the window is of no concern to other curricula
    { window: 5, forget: 9, maxN: 3 },
  ])("%j, at the limit, are accepted", (settings) => {
    expect(resolve(settings)).toEqual({ ...paper, ...settings });
  });
});

const wrong: [keyof TrainingSettings, unknown[], string][] = [
  ["startN", [1, 0, -2, 1_000_001], "at "],
  ["maxN", [1, 1_000_001], "at "],
  ["window", [0, -1, 2 ** 31], "at "],
  ["forget", [0, -1, 2 ** 31], "at "],
  ["units", [0, -500, 2 ** 31], "at "],
  ["layers", [0, -1, 101], "at "],
  ["batch", [0, 2 ** 31], "at "],
  ["updates", [0, 2 ** 31], "at "],
  ["testBatches", [0, 2 ** 31], "at "],
  ["epochs", [0, 2 ** 31], "at "],
  ["solvedAt", [-0.01, 1.01, 98], "at "],
  ["learningRateDecay", [0, -0.8], "more than 0"],
  ["learningRateDecay", [1.1], "at most 1"],
  ["decayFromN", [1, 1_000_001], "at "],
  ["initialState", [-0.1], "at least 0"],
  ["initialState", [1e31], "at most 1e+30"],
  ["tauLow", [1e31], "at most 1e+30"],
  ["tauHigh", [1e31], "at most 1e+30"],
  ["learningRate", [1e7], "at most 1000000"],
  ["clipNorm", [1e13], "at most 1000000000000"],
  ["momentum", [-0.1, 1], ""],
  ["beta1", [-0.1, 1], ""],
  ["beta2", [-0.1, 1], ""],
  ["tauLow", [0, -1], "more than 0"],
  ["tauHigh", [0, -1], "more than 0"],
  ["learningRate", [0, -0.05], "more than 0"],
  ["epsilon", [0, -1e-8, 1e-31, 2], "at "],
  ["clipNorm", [0, -2], "more than 0"],
  ["seed", [-1, 2 ** 53], "at "],
  ["task", ["pairty", "", 0], "one of parity, dms, smnist"],
  ["bits", ["signed", 1], "one of binary, bipolar"],
  ["labels", ["all", true], "one of last, every"],
  ["curriculum", ["cumulative"], "one of multi, single, sliding, none"],
  ["cell", ["elman"], "one of leaky, leaky-outside, gru, lstm"],
  ["activation", ["leakyrelu"], "one of leaky-relu, relu, tanh, sigmoid"],
  ["optimizer", ["none"], "one of sgd, adam"],
  ["solvedRule", ["all"], "one of mean-and-newest, newest, every"],
  ["trainTau", [0, 1, "true", "no"], "true or false"],
  ["stepsPerBit", [7, "7,8", null], "a list"],
  ["initialGain", [2, "2,2", null], "a list"],
  ["initialBias", [0, null], "a list"],
];
const wholes = "startN maxN window forget units layers batch updates testBatches epochs seed".split(" ");
const numbers = Object.keys(paper).filter(
  (field) => typeof paper[field as keyof TrainingSettings] === "number",
);

describe("errors", () => {
  test.each(
    wrong.flatMap(([field, values, expected]) => values.map((value) => [field, value, expected] as const)),
  )(
    "%s = %j is refused: the message names field, value and what was expected, %s",
    (field, value, expected) => {
      const message = messageOf({ [field]: value });
      expect(
        message.startsWith(`settings: \`${field}\` is ${JSON.stringify(value)}, expected ${expected}`),
      ).toBe(true);
      expect(message).toMatch(/, expected [^;]+\.$/);
    },
  );

  test("every field is among those that are refused", () => {
    expect(new Set(wrong.map(([field]) => field))).toEqual(new Set(Object.keys(paper)));
    expect(numbers).toHaveLength(23);
  });

  test.each([
    [[], "`stepsPerBit` is a list of 0, expected at least 1"],
    [[7, 0], "`stepsPerBit.1` is 0, expected at least 1"],
    [[1001], "`stepsPerBit.0` is 1001, expected at most 1000"],
    [[2.5], "`stepsPerBit.0` is 2.5, expected a whole number"],
    [["7"], '`stepsPerBit.0` is "7", expected a finite number'],
    [[[7]], "`stepsPerBit.0` is a list of 1, expected a finite number"],
  ])("stepsPerBit = %j is refused: %s", (stepsPerBit, problem) => {
    expect(messageOf({ stepsPerBit })).toBe(`settings: ${problem}.`);
  });

  test.each([
    [{ initialGain: [-1] }, "`initialGain.0` is -1, expected at least 0"],
    [{ initialGain: [1e31] }, "`initialGain.0` is 1e+31, expected at most 1e+30"],
    [{ initialBias: [0, -1e31] }, "`initialBias.1` is -1e+31, expected at least -1e+30"],
    [{ initialBias: [Number.NaN] }, "`initialBias.0` is NaN, expected a finite number"],
  ])("%j is refused: %s", (settings, problem) => {
    expect(messageOf(settings)).toBe(`settings: ${problem}.`);
  });

  test.each(numbers)("%s: NaN, both infinities, strings, null, lists and objects are no numbers", (field) => {
    const shown: [unknown, string][] = [
      [Number.NaN, "NaN"],
      [Number.POSITIVE_INFINITY, "Infinity"],
      [Number.NEGATIVE_INFINITY, "-Infinity"],
      ["5", '"5"'],
      ["", '""'],
      [null, "null"],
      [true, "true"],
      ...(field === "solvedAt" ? [] : ([[[5], "a list of 1"]] as [unknown, string][])),
      [{}, "an object"],
    ];
    for (const [value, text] of shown) {
      expect(messageOf({ [field]: value })).toBe(
        `settings: \`${field}\` is ${text}, expected a finite number.`,
      );
    }
  });

  test.each(wholes)("%s: 2.5 is not a whole number", (field) => {
    expect(messageOf({ [field]: 2.5 })).toBe(`settings: \`${field}\` is 2.5, expected a whole number.`);
  });

  test.each([
    ["unit", "units"],
    ["learningrate", "learningRate"],
    ["MAXN", "maxN"],
    ["sead", "seed"],
    ["epohcs", "epochs"],
    ["optimiser", "optimizer"],
    ["solved_at", "solvedAt"],
    ["testBatch", "testBatches"],
  ])("the unknown key %s suggests %s", (key, meant) => {
    expect(messageOf({ [key]: 1 })).toBe(
      `settings: \`${key}\` is not a known field (did you mean \`${meant}\`?).`,
    );
  });

  test.each(["dropout", "N", "hidden", "constructor", "toString", "__proto__"])(
    "the unknown key %s suggests nothing",
    (key) => {
      const settings = JSON.parse(`{ "${key}": 1 }`);
      expect(messageOf(settings)).toBe(`settings: \`${key}\` is not a known field.`);
    },
  );

  test("of a list of thresholds, the first that is wrong is named; an empty list is refused", () => {
    expect(messageOf({ solvedAt: [0.4, 98, 2] })).toBe("settings: `solvedAt.1` is 98, expected at most 1.");
    expect(messageOf({ solvedAt: [] })).toBe("settings: `solvedAt` is a list of 0, expected at least 1.");
  });

  test("several faults are all told", () => {
    expect(messageOf({ units: 0, bach: 5, task: "x" })).toBe(
      'settings: `task` is "x", expected one of parity, dms, smnist; `units` is 0, expected at least 1; `bach` is not a known field (did you mean `batch`?).',
    );
  });

  test.each([
    [{ startN: 5, maxN: 4 }, "`maxN` is 4, expected at least 5, the largest N of the first stage"],
    [{ startN: 102 }, "`maxN` is 101, expected at least 102, the largest N of the first stage"],
    [{ curriculum: "single", startN: 9, maxN: 8 }, "`maxN` is 8, expected at least 9"],
    [{ curriculum: "sliding", maxN: 10 }, "`maxN` is 10, expected at least 11"],
    [{ curriculum: "sliding", window: 3, forget: 4 }, "`forget` is 4, expected at most `window`, 3"],
    [
      { task: "smnist" },
      "`curriculum` is multi, expected single or none for the task smnist, whose sequences are for one N each",
    ],
    [{ task: "smnist", curriculum: "sliding" }, "`curriculum` is sliding, expected single or none"],
    [
      { task: "smnist", curriculum: "single", labels: "every" },
      "`labels` is every, expected last for the task smnist",
    ],
    [
      { labels: "every", stepsPerBit: [2] },
      "`labels` is every, expected last where a bit lasts for several steps",
    ],
    [{ tauLow: 1.5, tauHigh: 1.25 }, "`tauHigh` is 1.25, expected at least `tauLow`, 1.5"],
    [
      { cell: "gru", stepsPerBit: [1, 7, 8] },
      "`stepsPerBit` is 7, expected 1 for a gru cell, which has no time constants.",
    ],
    [{ initialGain: [1, 2] }, "`initialGain` has 2 values, expected 1 for a leaky cell, or none"],
    [{ cell: "gru", initialGain: [2] }, "`initialGain` has 1 values, expected 3 for a gru cell, or none"],
    [
      { cell: "lstm", initialBias: [0, 1, 0] },
      "`initialBias` has 3 values, expected 4 for a lstm cell, or none",
    ],
    [{ tauLow: 2.5 }, "`tauHigh` is 2, expected at least `tauLow`, 2.5"],
    [{ cell: "gru", layers: 2 }, "`layers` is 2, expected 1, as cell gru has no layers above another"],
    [{ cell: "lstm", layers: 3 }, "`layers` is 3, expected 1, as cell lstm has no layers above another"],
  ])("%j are right one by one, but not together", (settings, problem) => {
    expect(messageOf(settings).startsWith(`settings: ${problem}`)).toBe(true);
  });

  test.each([null, 3, "units", []])("settings that are %j are no settings", (settings) => {
    expect(messageOf(settings)).toMatch(/^settings: the value is .*, expected an object\.$/);
  });

  test("the message begins with where the settings came from", () => {
    expect(() => resolveSettings({ units: 0 }, "run.json")).toThrow(
      new ShapeError("run.json: `units` is 0, expected at least 1."),
    );
  });
});
