// What a plan takes: the memory of a training step at the largest size that is promised.

import { gzipSync } from "fflate";
import { expect, test } from "vitest";
import { coreBytes } from "../../src/core/bytes.ts";
import { Core } from "../../src/core/core.ts";
import { type CellName, cellNames, type NetworkShape, parameterCount } from "../../src/core/network-shape.ts";
import { Plan } from "../../src/core/plan.ts";
import { resolveSettings } from "../../src/training/settings.ts";

const MB = 1e6;
const shape: NetworkShape = {
  cell: "leaky",
  activation: "leaky-relu",
  units: 500,
  inputs: 1,
  heads: 4,
  classes: 2,
};
const batch = { batch: 256, steps: 200, labelRows: 4 };

// what an instance of the core that has nothing else takes from the system
async function memoryOf(optimizer: ConstructorParameters<typeof Plan>[3]): Promise<number> {
  const module = await WebAssembly.compile(await coreBytes());
  const core = await Core.load({ module, tallTiles: false });
  new Plan(core, shape, batch, optimizer);
  return core.exports.memory.buffer.byteLength;
}

test("a step of 500 units on 256 sequences of 200 steps takes at most 36 MB beyond the parameters, on two workers 50 MB", async () => {
  const parameters = 4 * parameterCount(shape);
  const leader = (await memoryOf(resolveSettings())) - parameters;
  const helper = (await memoryOf("elsewhere")) - parameters;
  // the parameters on their way there, and a sum of shards on its way back
  const travelling = 2 * parameters;
  expect(leader).toBeLessThanOrEqual(36 * MB);
  expect(leader + helper + travelling).toBeLessThanOrEqual(50 * MB);
});

test("a second layer of 500 units makes two more matrices: three times the operations", async () => {
  const core = await Core.load();
  const sizes = { batch: 1, steps: 1, labelRows: 1 };
  const [one, two] = [1, 2].map((layers) => new Plan(core, { ...shape, layers }, sizes).forwardOperations(5));
  expect(two).toBe(3 * one!);
  core.release();
});

test.each<[CellName, number]>([
  ...cellNames.map((cell): [CellName, number] => [cell, 1]),
  ["leaky", 2],
  ["leaky-outside", 3],
])("%s, %i layers: no call writes behind the bytes that a plan asks for", async (cell, layers) => {
  const core = await Core.load();
  for (const units of [1, 4, 5, 12, 13, 16, 17]) {
    for (const [inputs, sequences] of [
      [1, 1],
      [3, 17],
      [16, 9],
    ] as const) {
      const network: NetworkShape = { ...shape, cell, units, layers, inputs, classes: 3 };
      const sizes = { batch: sequences, steps: 7, labelRows: 2 };
      const plans = [resolveSettings({ optimizer: "adam" }), undefined, "recording" as const].map(
        (optimizer) => {
          const plan = new Plan(core, network, sizes, optimizer);
          const behind = core.allocate(4096, "what must not change");
          return { plan, optimizer, behind };
        },
      );
      for (const { behind } of plans) core.u8(behind, 4096).fill(0xa5);
      for (const { plan, optimizer } of plans) {
        plan.initialize(core.key(units), 1, 2);
        plan.inputs.fill(0.5);
        if (optimizer === "recording") {
          plan.prepareRecording();
          plan.record(7);
        } else {
          if (optimizer) plan.trainStep(7, 2);
          plan.countCorrect(7, [0, 1]);
        }
      }
      for (const { behind } of plans) expect(core.u8(behind, 4096).every((byte) => byte === 0xa5)).toBe(true);
    }
  }
});

test("the core weighs at most 60 kB compressed", async () => {
  expect(gzipSync(await coreBytes()).length).toBeLessThanOrEqual(60_000);
});
