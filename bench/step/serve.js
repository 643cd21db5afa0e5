// What the programs that take training steps have in common: the batch they load, and the requests they answer.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/**
 * Answer requests from stdin, each a line, with a line each:
 *
 *     load CELL PATH H B T K  →  loss and norm of the gradient of the file's batch, before clipping; nothing is updated
 *     step N                  →  milliseconds of each of N training steps on that batch
 *
 * @param load  Takes the file's bytes, [H, B, T, K] and the cell, and returns `{ evaluate, step, close }`: `evaluate` gives loss and
 *              norm; `step` is done when every parameter is updated and the loss has been read.
 */
export async function serve(load) {
  let network;
  for await (const line of createInterface({ input: process.stdin })) {
    const [request, ...rest] = line.split(" ");
    if (request === "load") {
      const [cell] = rest.splice(0, 1);
      const sizes = rest.splice(-4).map(Number);
      await network?.close();
      const { buffer, byteOffset, byteLength } = readFileSync(rest.join(" "));
      network = await load(buffer.slice(byteOffset, byteOffset + byteLength), sizes, cell);
      console.log((await network.evaluate()).join(" "));
    } else if (request === "step") {
      const times = [];
      for (let i = 0; i < Number(rest[0]); i++) {
        const began = performance.now();
        await network.step();
        times.push(performance.now() - began);
      }
      console.log(times.join(" "));
    } else {
      throw new Error(`serve: "${request}" is not a request; expected load or step.`);
    }
  }
}

/** A leaky network, a batch and the states it starts from, as they lie in a file, but for the heads: theirs are joined. */
export function readProblem(bytes, [H, B, T, K]) {
  let at = 0;
  const read = (length, Values = Float32Array) => {
    const values = new Values(bytes.slice(at, at + 4 * length));
    at += 4 * length;
    return values;
  };

  const parameters = {
    tau: read(H),
    inputWeight: read(H),
    inputBias: read(H),
    recurrentWeight: read(H * H), // (H, H)
    recurrentBias: read(H),
    readoutWeight: new Float32Array(2 * K * H), // (2K, H)
    readoutBias: new Float32Array(2 * K),
  };
  for (let k = 0; k < K; k++) {
    parameters.readoutWeight.set(read(2 * H), 2 * k * H);
    parameters.readoutBias.set(read(2), 2 * k);
  }
  const inputs = Array.from({ length: T }, () => read(B));
  const labels = read(K * B, Int32Array);
  const initialState = read(B * H); // (B, H)

  const targets = new Float32Array(B * K * 2); // (B, K, 2), 1 at the right class
  for (let k = 0; k < K; k++) {
    for (let b = 0; b < B; b++) targets[2 * (b * K + k) + labels[k * B + b]] = 1;
  }
  return { H, B, K, parameters, inputs, targets, initialState };
}
