// The program of a worker that serves `Service`, as text.

import { buildSync } from "esbuild";
import { Pool, type PoolOptions } from "../../src/workers/pool.ts";
import type { Service } from "./service.ts";

const { outputFiles } = buildSync({
  entryPoints: ["test/workers/service.ts"],
  bundle: true,
  format: "iife",
  target: "es2022",
  write: false,
});

export const source = outputFiles[0]!.text;

/** A pool of workers that serve `Service`. */
export function makePool(size: number, changes: Partial<PoolOptions<Service>> = {}): Pool<Service> {
  return new Pool<Service>({
    size,
    script: { source },
    open: (remote) => remote.open(),
    cancel: (remote) => remote.cancel(),
    ...changes,
  });
}
