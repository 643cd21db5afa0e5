// What a plan takes: the memory of a training step at the largest size that is promised.

import { gzipSync } from "fflate";
import { expect, test } from "vitest";
import { coreBytes } from "../../src/core/bytes.ts";
import { Core } from "../../src/core/core.ts";
import { type NetworkShape, Plan, parameterCount } from "../../src/core/plan.ts";
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

test("the core weighs at most 60 kB compressed", async () => {
  expect(gzipSync(await coreBytes()).length).toBeLessThanOrEqual(60_000);
});
