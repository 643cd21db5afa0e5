// How much longer a network's first training step takes than its second, in a process that has just started: the engine
// compiles the core meanwhile. Median of some processes, for every Node that is installed.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { build } from "esbuild";
import { median, round } from "./statistics/median.ts";

const PROCESSES = 7;
const shapes = ["500 256 20", "256 128 50", "128 64 50", "64 64 50"];
const engines = {
  [`Node ${process.versions.node}`]: process.execPath,
  "Node 22": "test/engines/node_modules/node22/bin/node",
  "Node 24": "test/engines/node_modules/node24/bin/node",
  "Node 26": "test/engines/node_modules/node26/bin/node",
};

const program = `
  import { Core } from "./src/core/core.ts";
  import { Plan } from "./src/core/plan.ts";
  import { resolveSettings } from "./src/training/settings.ts";
  const [units, batch, steps] = process.argv.slice(2).map(Number);
  const core = await Core.load();
  const shape = { cell: "leaky", activation: "leaky-relu", units, inputs: 1, heads: 4, classes: 2 };
  const plan = new Plan(core, shape, { batch, steps, labelRows: 4 }, resolveSettings());
  plan.initialize(core.key(0), 1, 2);
  plan.drawParity(core.key(1), steps, [2, 3, 4, 5]);
  const times = [0, 0].map(() => {
    const began = performance.now();
    plan.trainStep(steps, 4);
    return performance.now() - began;
  });
  console.log(JSON.stringify(times));
`;

export async function measure() {
  const outfile = "build/bench/first-step-program.mjs";
  await build({
    stdin: { contents: program, resolveDir: process.cwd(), loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile,
  });
  const rows = [];
  for (const [engine, command] of Object.entries(engines).filter(([, path]) => existsSync(path))) {
    for (const shape of shapes) {
      const runs: [number, number][] = Array.from({ length: PROCESSES }, () =>
        JSON.parse(execFileSync(command, [outfile, ...shape.split(" ")], { encoding: "utf8" })),
      );
      const [first, second] = [0, 1].map((i) => median(runs.map((run) => run[i]!)));
      const row = {
        engine,
        shape,
        firstMs: round(first!, 2),
        secondMs: round(second!, 2),
        differenceMs: round(first! - second!, 2),
      };
      console.log(JSON.stringify(row));
      rows.push(row);
    }
  }
  return { rows };
}
