// Training steps with tauscope, on one worker or several: what every runtime and page runs.

import * as Comlink from "comlink";
import { compiledCore } from "../../src/core/compile.ts";
import { Core } from "../../src/core/core.ts";
import type { CellName } from "../../src/core/network-shape.ts";
import { Plan } from "../../src/core/plan.ts";
import { leadShards } from "../../src/experiments/shards.ts";
import { workerScript } from "../../src/experiments/worker-script.ts";
import type { WorkerService } from "../../src/experiments/worker-service.ts";
import { tasks } from "../../src/tasks/task.ts";
import { type BatchDraw, stepsOf } from "../../src/training/batches.ts";
import { resolveSettings } from "../../src/training/settings.ts";
import { spawn } from "../../src/workers/spawn.ts";

// batches that training steps take in turn
const DRAWS = 16;

/** A network that trains. */
export interface Training {
  /** Loss and norm of the gradient of the file's batch. */
  evaluate(): [number, number];
  /** One training step on a batch of as many steps, which is drawn for it. */
  step(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Load a network and a batch from the bytes of a file, see serve.js. Training steps draw batches of N-parity as the trainer
 * does, of `steps` steps each.
 */
export async function loadTraining(
  bytes: ArrayBuffer,
  [units, batch, steps, heads]: readonly [number, number, number, number],
  cell: CellName,
  workers: number,
): Promise<Training> {
  const core = await Core.load();
  // the smallest N whose sequences can have so many steps, of which keys below are then chosen
  const N = Array.from({ length: heads }, (_, i) => i + 2);
  const sequenceN = Math.max(N.at(-1)!, Math.ceil((steps - 1) / 4));
  const { longest } = tasks.parity.lengths(sequenceN);
  const shape = {
    cell,
    activation: "leaky-relu",
    units,
    inputs: 1,
    heads,
    classes: 2,
  } as const;
  const plan = new Plan(core, shape, { batch, steps: longest, labelRows: heads }, resolveSettings());
  const helpers = await Promise.all(Array.from({ length: workers - 1 }, startHelper));
  const { executor, close } = leadShards(helpers.map(({ port }) => port));
  const batches = await executor(core, plan);
  let at = 0;
  const read = <T extends Float32Array | Int32Array>(target: T): void => {
    const Values = target.constructor as new (buffer: ArrayBuffer, at: number, length: number) => T;
    target.set(new Values(bytes, at, target.length));
    at += target.byteLength;
  };
  read(plan.parameters);
  read(plan.inputs.subarray(0, steps * batch));
  read(plan.labels);
  read(plan.initialState);

  // keys whose batches have as many steps are looked for beforehand: a trainer takes batches as they come
  const draws: BatchDraw[] = [];
  for (let tried = 0; draws.length < DRAWS; tried++) {
    const kind = { task: "parity", bits: "binary", set: "training" } as const;
    const draw = { ...kind, N, sequenceN, stepsPerBit: 1, initialState: 0.1, key: core.key(0, tried) };
    if (stepsOf(core, draw) === steps) draws.push(draw);
  }
  let taken = 0;
  return {
    evaluate: () => {
      plan.computeGradient(steps, heads);
      return [plan.loss, plan.gradientNorm];
    },
    step: async () => {
      const draw = draws[taken++ % DRAWS]!;
      await batches.computeGradient(draw, draws[taken % DRAWS]!);
      plan.updateParameters(heads);
    },
    close: async () => {
      close();
      await Promise.all(helpers.map(({ terminate }) => terminate()));
      core.release();
    },
  };
}

async function startHelper(): Promise<{ port: MessagePort; terminate(): Promise<void> }> {
  const worker = await spawn<WorkerService>(workerScript);
  await worker.wait(worker.remote.open(await compiledCore()));
  const { port1, port2 } = new MessageChannel();
  worker.remote.serveShards(Comlink.transfer(port2, [port2])).catch(() => {});
  return { port: port1, terminate: () => worker.terminate() };
}
