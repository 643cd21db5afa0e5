// What is measured of a network is measured on inputs of the kind it was trained on.

import { expect, test } from "vitest";
import { measureNetworkActivity } from "../../src/analysis/network-activity.ts";
import { parameterCount } from "../../src/cells/network.ts";
import { measure } from "../../src/experiments/measurements.ts";
import { drawFrom, values } from "../assembly/values.ts";
import { purposeOf } from "../training/hand-made-network.ts";

const options = { steps: 600, trials: 2 };

test.each([
  ["binary bits", {}, {}],
  ["bits -1 and 1", { bits: "bipolar" }, { bits: "bipolar" }],
  ["steps per bit, the largest of several", { stepsPerBit: [2, 4, 3] }, { stepsPerBit: 4 }],
] as const)("the activity of a network trained on %s", async (_, trained, drive) => {
  const shape = {
    cell: "leaky-outside",
    activation: "tanh",
    units: 7,
    inputs: 1,
    heads: 1,
    classes: 2,
  } as const;
  const network = { shape, parameters: values(drawFrom(3), parameterCount(shape), -0.9, 0.9) };
  const purpose = { ...purposeOf("parity", "single", [2]), ...trained };
  const { dimensionality, timescales } = await measureNetworkActivity(network, { ...options, ...drive });
  const found = await measure("activity", { network, purpose }, options);
  expect(found.participationRatio).toBe(dimensionality.participationRatio);
  expect(found.taus).toEqual(timescales.fits.map((fit) => (fit.ok ? fit.tau : null)));
});
