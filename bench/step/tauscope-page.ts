// Training steps with tauscope in a page, on one worker and on two: `request` takes the number of workers and a request as in
// serve.js, and leaves its answer in `result`. Clocks of pages are coarse, so the answer to `step N` is the mean of all.

import type { CellName } from "../../src/core/network-shape.ts";
import { loadTraining, type Training } from "./tauscope.ts";

// by their numbers of workers
const trainings = new Map<number, Training>();

async function answer(line: string): Promise<string> {
  const [workers, request, ...rest] = line.split(" ") as [string, string, ...string[]];
  const training = trainings.get(Number(workers));
  if (request === "load") {
    const [cell, address, ...sizes] = rest as [CellName, string, ...string[]];
    await training?.close();
    const bytes = await (await fetch(address)).arrayBuffer();
    const [H, B, T, K] = sizes.map(Number);
    const loaded = await loadTraining(bytes, [H!, B!, T!, K!], cell, Number(workers));
    trainings.set(Number(workers), loaded);
    return loaded.evaluate().join(" ");
  }
  const count = Number(rest[0]);
  const began = performance.now();
  for (let i = 0; i < count; i++) await training!.step();
  return String((performance.now() - began) / count);
}

Object.assign(globalThis, {
  request: (line: string) => {
    Object.assign(globalThis, { result: null });
    answer(line).then(
      (result) => Object.assign(globalThis, { result }),
      (error) => Object.assign(globalThis, { result: `failed ${error}` }),
    );
  },
});
