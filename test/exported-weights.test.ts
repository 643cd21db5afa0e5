// Weights that were trained here give the same outputs in PyTorch: test/golden/exported_weights.py exports and runs them there.

import { expect, test } from "vitest";
import { simulateNetwork } from "../src/analysis/simulation.ts";
import { type CellName, networkTensors } from "../src/cells/network.ts";
import { trainNetwork } from "../src/training/train-network.ts";
import golden from "./golden/exported-weights.json" with { type: "json" };

test.each(golden.cases)(
  "$cell: outputs at every step are PyTorch's with the exported weights, within 1e-6",
  async ({ cell, outputs }) => {
    const settings = { ...golden.settings, cell: cell as CellName, optimizer: "adam" } as const;
    const { network } = await trainNetwork(settings);
    const steps = golden.bits.length;
    const input = (inputs: Float32Array, first: number) => {
      inputs.set(golden.bits.slice(first, first + inputs.length));
    };
    const tensors = networkTensors(network.shape, network.parameters);
    const weight = tensors.get("readout.weight")!;
    const bias = tensors.get("readout.bias")!.data;
    const { units } = network.shape;
    const got: number[] = [];
    for await (const { states } of simulateNetwork(network, { steps, input })) {
      for (let t = 0; t < steps; t++) {
        for (const [row, offset] of bias.entries()) {
          const own = weight.data.subarray(row * units, (row + 1) * units);
          got.push(own.reduce((sum, w, i) => sum + w * states[t * units + i]!, offset));
        }
      }
    }
    expect(got).toHaveLength(outputs.length);
    const largest = outputs.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i]!)), 0);
    expect(largest).toBeLessThan(1e-6);
    // they are no constants
    expect(Math.max(...outputs) - Math.min(...outputs)).toBeGreaterThan(0.1);
  },
);
