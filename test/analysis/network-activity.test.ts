// Timescales and dimensionality from one simulation: the numbers of the single measurements, however trials are split.

import { describe, expect, test } from "vitest";
import { measureDimensionality } from "../../src/analysis/dimensionality.ts";
import {
  measureNetworkActivity,
  type NetworkActivityOptions,
  observeTrials,
  summarizeActivity,
} from "../../src/analysis/network-activity.ts";
import { measureNetworkTimescales } from "../../src/analysis/network-timescales.ts";
import { cellNames, type Network, parameterCount } from "../../src/cells/network.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { drawFrom, values } from "../assembly/values.ts";

const options = { steps: 700, trials: 5, burnIn: 100, seed: 3, maxLag: 40 };

function networkOf(cell: (typeof cellNames)[number], layers = 1, units = 7): Network {
  const shape = { cell, activation: "tanh", units, layers, inputs: 1, heads: 1, classes: 2 } as const;
  return { shape, parameters: values(drawFrom(units), parameterCount(shape), -0.9, 0.9) };
}

describe.each([...cellNames.map((cell) => [cell, 1] as const), ["leaky", 3] as const])(
  "%s, layers: %d",
  (cell, layers) => {
    const network = networkOf(cell, layers);

    test("both are those of the single measurements, bit for bit", async () => {
      const { timescales, dimensionality } = await measureNetworkActivity(network, options);
      expect(timescales).toEqual(await measureNetworkTimescales(network, options));
      expect(dimensionality).toEqual(await measureDimensionality(network, options));
    });

    test.each([[[0, 5]], [[0, 1, 5]], [[0, 2, 3, 4, 5]]])(
      "trials from %j on are observed apart with the same bits",
      async (bounds) => {
        const parts = [];
        for (let i = 1; i < bounds.length; i++) {
          parts.push(await observeTrials(network, { low: bounds[i - 1]!, high: bounds[i]! }, options));
        }
        expect(await summarizeActivity(network, parts, options)).toEqual(
          await measureNetworkActivity(network, options),
        );
      },
    );
  },
);

test("of an lstm's cell states, trials are observed apart with the same bits too, which are not those of h", async () => {
  const network = networkOf("lstm");
  const ofCells = { ...options, states: "cell" } as const;
  const whole = await measureNetworkActivity(network, ofCells);
  const parts = [
    await observeTrials(network, { low: 0, high: 3 }, ofCells),
    await observeTrials(network, { low: 3, high: 5 }, ofCells),
  ];
  expect(await summarizeActivity(network, parts, ofCells)).toEqual(whole);
  const hidden = await measureNetworkActivity(network, options);
  expect(whole.timescales.autocovariances).not.toEqual(hidden.timescales.autocovariances);
});

test.each<[NetworkActivityOptions, string]>([
  [
    { states: "cell" },
    "measureNetworkActivity: a leaky network has no cell states, expected an lstm network.",
  ],
  [{ states: "c" as "cell" }, 'measureNetworkActivity: `states` is "c", expected "hidden" or "cell".'],
  [{ fraction: 2 }, "measureNetworkActivity: `fraction` is 2"],
  [{ fitLag: 3 }, "measureNetworkActivity: `fitLag` is 3"],
  [{ steps: 200 }, "measureNetworkActivity: `steps` is 200, expected more than `maxLag`"],
  [{ seed: -1 }, "measureNetworkActivity: `seed` is -1"],
])("%o is refused before anything is simulated", async (wrong, message) => {
  let simulated = false;
  const onProgress = () => {
    simulated = true;
  };
  const run = measureNetworkActivity(networkOf("leaky"), { ...wrong, onProgress });
  await expect(run).rejects.toThrow(ShapeError);
  await expect(run).rejects.toThrow(message);
  expect(simulated).toBe(false);
});
