// Calls to a worker that ends.

import { expect, test } from "vitest";
import { workerSource } from "../../build/worker.js";
import { StateError } from "../../src/core/errors.ts";
import { spawn } from "../../src/workers/spawn.ts";

test("a call that is open when the worker ends is rejected, and so is every later one", async () => {
  const worker = await spawn({ source: workerSource });
  const never = new Promise(() => {});
  const open = worker.wait(never).catch((error: Error) => error) as Promise<Error>;
  await worker.terminate();
  expect(await open).toBeInstanceOf(StateError);
  expect((await open).message).toBe("worker: it failed, it was terminated.");
  await expect(worker.wait(never)).rejects.toThrow("it was terminated");
});

test("a worker whose program fails rejects the first call with the cause", async () => {
  const worker = await spawn({ source: 'throw new Error("no program");' });
  await expect(worker.wait(new Promise(() => {}))).rejects.toThrow("worker: it failed, no program.");
});
