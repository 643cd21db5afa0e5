// Training steps with tauscope in a page: `request` answers as serve.js does, and leaves its answer in `result`.

import { loadTraining, type Training } from "./tauscope.ts";

let training: Training | undefined;

async function answer(line: string): Promise<string> {
  const [request, ...rest] = line.split(" ");
  if (request === "load") {
    const [address, workers, ...sizes] = rest as [string, string, ...string[]];
    await training?.close();
    const bytes = await (await fetch(address)).arrayBuffer();
    const [H, B, T, K] = sizes.map(Number);
    training = await loadTraining(bytes, [H!, B!, T!, K!], Number(workers));
    return training.evaluate().join(" ");
  }
  const times: number[] = [];
  for (let i = 0; i < Number(rest[0]); i++) {
    const began = performance.now();
    await training!.step();
    times.push(performance.now() - began);
  }
  return times.join(" ");
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
