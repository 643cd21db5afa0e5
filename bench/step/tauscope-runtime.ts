// Training steps with tauscope in Node, Bun or Deno, on request, see serve.js: `tauscope-runtime.mjs WORKERS [fast]`.

import { useFastCore } from "../../src/experiments/fast-core.ts";
import { serve } from "./serve.js";
import { loadTraining } from "./tauscope.ts";

const [workers, fast] = process.argv.slice(2);
if (fast && !(await useFastCore())) throw new Error("256-bit instructions are not in use");
await serve((bytes, sizes, cell) => loadTraining(bytes, sizes, cell, Number(workers)));
process.exit();
