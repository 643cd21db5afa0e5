import { describe, expect, test } from "vitest";
import {
  findSolves,
  flattenSettings,
  meanAccuracy,
  newestAccuracy,
  newestN,
  solvedThresholds,
  unitCount,
} from "../../src/report/reported-run.ts";
import { evenTau, sampleRun } from "./sample-run.ts";

const record = {
  epoch: 1,
  step: 100,
  N: [2, 3, 4],
  loss: 1,
  accuracy: { 2: 1, 3: 0.9, 4: 0.5 },
  solved: false,
  tau: evenTau(1.5, 0.4),
};

describe("records", () => {
  test("N = 2, 3, 4 solved at epochs 3, 7, 8 are found there, with their updates", () => {
    const solves = findSolves(sampleRun("a", [3, 7, 8], 10).records);
    expect(solves.map(({ N, epoch, step }) => [N, epoch, step])).toEqual([
      [2, 3, 300],
      [3, 7, 700],
      [4, 8, 800],
    ]);
  });

  test("an N solved again counts once, at its first epoch", () => {
    const again = [5, 6].map((epoch) => ({ ...record, epoch, solved: true }));
    expect(findSolves(again).map(({ N, epoch }) => [N, epoch])).toEqual([[4, 5]]);
  });

  test("the newest of N = 2, 3, 4 has 0.5, their mean is 0.8", () => {
    expect(newestAccuracy(record)).toBe(0.5);
    expect(meanAccuracy(record)).toBeCloseTo(0.8, 12);
  });

  test("accuracies that were not measured are no numbers", () => {
    expect(newestAccuracy({ ...record, accuracy: {} })).toBeUndefined();
    expect(meanAccuracy({ ...record, N: [] })).toBeUndefined();
  });
});

describe("settings", () => {
  const run = (settings: Record<string, unknown>) => ({ label: "a", settings, records: [] });

  test("nested settings get dotted names; lists are joined", () => {
    const flat = flattenSettings({ a: 1, b: { c: { d: true }, e: [2, 3] }, f: null, g: undefined, h: {} });
    expect([...flat]).toEqual([
      ["a", "1"],
      ["b.c.d", "true"],
      ["b.e", "2, 3"],
      ["f", "none"],
      ["h", "{}"],
    ]);
  });

  test("the threshold is settings.solvedAt, and 0.98 where that is absent or no fraction", () => {
    const thresholds = [{ solvedAt: 0.9 }, {}, { solvedAt: "high" }, { solvedAt: 98 }].map((settings) =>
      solvedThresholds(run(settings)),
    );
    expect(thresholds).toEqual([[0.9], [0.98], [0.98], [0.98]]);
  });

  test("the thresholds of a list are those of the N that were newest", () => {
    const records = sampleRun("a", [1, 2, 3], 5).records;
    expect(records.map(newestN)).toEqual([2, 3, 4, 5, 5]);
    const thresholds = [[0.4], [0.4, 0.5, 0.5, 0.8, 0.9], [0.4, 2], []].map((solvedAt) =>
      solvedThresholds({ ...run({ solvedAt }), records }),
    );
    expect(thresholds).toEqual([[0.4], [0.4, 0.5, 0.8], [0.98], [0.98]]);
  });

  test("the number of units is settings.units, and unknown without it", () => {
    expect([{ units: 128 }, {}].map((settings) => unitCount(run(settings)))).toEqual([128, undefined]);
  });
});
