// Relative accuracy, and means with the network as the unit of replication.

import { expect, test } from "vitest";
import { meanOverNetworks, meansByNetwork } from "../../src/analysis/network-means.ts";
import { relativeAccuracy, relativeToBaseline } from "../../src/analysis/relative-accuracy.ts";
import { ShapeError } from "../../src/core/errors.ts";

test("is 1 at the baseline, 0 at chance, negative below, and above 1 where it got better", () => {
  expect([0.9, 0.5, 0.4, 0.95].map((accuracy) => relativeAccuracy(accuracy, 0.9).toFixed(12))).toEqual(
    [1, 0, -0.25, 1.125].map((value) => value.toFixed(12)),
  );
  expect(relativeAccuracy(0.55, 0.6, 0.1)).toBeCloseTo(0.9, 12);
});

test("a network counts once however often it was measured", () => {
  const means = meansByNetwork([
    { network: "a", value: 1 },
    { network: "b", value: 4 },
    { network: "a", value: 3 },
    { network: "a", value: 2 },
  ]);
  expect([...means]).toEqual([
    ["a", 2],
    ["b", 4],
  ]);
  const { mean, sd, networks } = meanOverNetworks(means);
  expect([mean, networks]).toEqual([3, 2]);
  expect(sd).toBeCloseTo(Math.SQRT2, 15);
  expect(meanOverNetworks(new Map([["a", 2]])).sd).toBeNaN();
});

test("each network is compared with its own baseline", () => {
  const baseline = [
    { network: "a", value: 1 },
    { network: "b", value: 0.75 },
  ];
  const changed = [
    { network: "a", value: 0.75 },
    { network: "b", value: 0.75 },
  ];
  expect(relativeToBaseline(changed, baseline)).toMatchObject({ mean: 0.75, networks: 2 });
  expect(() => relativeToBaseline(changed, baseline.slice(1))).toThrow("network a has no baseline");
});

test.each([0.5, 0.3, Number.NaN])("a baseline of %d is refused", (baseline) => {
  expect(() => relativeAccuracy(0.5, baseline)).toThrow(ShapeError);
  expect(() => relativeAccuracy(0.5, baseline)).toThrow(
    `\`baseline\` is ${baseline}, expected more than chance, 0.5`,
  );
});

test("no network at all is refused", () => {
  expect(() => meanOverNetworks(new Map())).toThrow("there is no network");
});
