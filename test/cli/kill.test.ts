// A run that is killed as by `kill -9` and resumed has the files of one that was never stopped, byte for byte.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Core } from "../../src/core/core.ts";
import { decodeSafetensors, sealSafetensors } from "../../src/io/safetensors.ts";
import {
  cli,
  expectSameResults,
  flags,
  removeDirectory,
  resultsIn,
  start,
  startCli,
  succeed,
  temporaryDirectory,
} from "./run-cli.ts";

const KILLS = 20;
const UPDATES = 1200;
const EPOCHS = 5;
const STEPS = UPDATES * EPOCHS;

// half a second each; most epochs of either go on to the next stage, and between them they have all state there is
const size = { units: 40, batch: 16, updates: UPDATES, epochs: EPOCHS, testBatches: 2, maxN: 8, seed: 3 };
const runs = {
  multi: flags({ ...size, momentum: 0.9 }),
  sliding: flags({
    ...size,
    task: "dms",
    curriculum: "sliding",
    window: 2,
    forget: 1,
    cell: "leaky-outside",
    activation: "tanh",
    optimizer: "adam",
    learningRate: 0.002,
  }),
};
type RunName = keyof typeof runs;

// `sliding` writes checkpoints within its epochs, as a run of hours does; `multi` is over before the first would be due
const query = { multi: "", sliding: "&partialMs=10" };

// the rule for the steps: kill i comes at an update drawn evenly from 1 … 6000 under key (20, i); the runs take turns
const core = await Core.load();
const kills = Array.from({ length: KILLS }, (_, i): [run: RunName, step: number, i: number] => [
  i % 2 === 0 ? "multi" : "sliding",
  core.drawInteger(core.key(KILLS, i), 1, STEPS),
  i,
]);

let directory: string;
const at = (...names: string[]) => join(directory, ...names);

beforeAll(async () => {
  directory = temporaryDirectory(true);
  for (const [name, settings] of Object.entries(runs)) {
    await succeed(["train", "--out", name, ...settings], directory);
  }
});

afterAll(() => removeDirectory(directory));

/** Train in a process that is killed behind update `step`. */
async function killAt(step: number, run: RunName, out: string): Promise<void> {
  const preload = new URL(`killed-at-step.js?updates=${step}${query[run]}`, import.meta.url);
  const args = ["--import", preload.href, cli, "train", "--out", out, ...runs[run]];
  expect((await start(process.execPath, args, directory).ended).signal).toBe("SIGKILL");
}

/** One hash of all files of a run but the wall-clock times. */
function fingerprintOf(run: string): string {
  const hash = createHash("sha256");
  for (const [name, text] of Object.entries(resultsIn(at(run)))) {
    hash.update(`${name}\0${text.length}\0`).update(text, "latin1");
  }
  return hash.digest("hex");
}

/** The newest checkpoint of a run: its name, and its step; 0 if there is none. */
function newestCheckpoint(run: string): { name: string; step: number } {
  const names = readdirSync(at(run, "checkpoints")).filter((name) => name.endsWith(".safetensors"));
  const files = names.map((name) => ({ name, step: Number(/\d+/.exec(name)) }));
  return files.sort((a, b) => b.step - a.step)[0] ?? { name: "", step: 0 };
}

describe(`${KILLS} runs, each killed at a drawn step of ${STEPS}`, () => {
  // what each was resumed from
  const beginnings = new Map<number, string>();

  it(`the steps are ${KILLS} different ones, in all ${EPOCHS} epochs`, () => {
    const steps = kills.map(([, step]) => step);
    expect(new Set(steps).size).toBe(KILLS);
    expect(new Set(steps.map((step) => Math.ceil(step / UPDATES))).size).toBe(EPOCHS);
  });

  it.each(kills)(
    "%s, killed at step %i and resumed, has the fingerprint of the run never stopped",
    async (run, step, i) => {
      const out = `killed-${i}`;
      await killAt(step, run, out);
      // the epochs before the kill are there, and nothing behind it is
      const done = Math.floor((step - 1) / UPDATES);
      expect(readFileSync(at(out, "metrics.ndjson"), "utf8").split("\n")).toHaveLength(done + 1);
      const newest = newestCheckpoint(out);
      expect(newest.step).toBeGreaterThanOrEqual(UPDATES * done);
      expect(newest.step).toBeLessThan(step);
      beginnings.set(i, newest.name);

      await succeed(["resume", out], directory);
      expectSameResults(at(out), at(run));
      expect(fingerprintOf(out)).toBe(fingerprintOf(run));
    },
  );

  it("some began again, some went on from the end of an epoch, and some from within one", () => {
    const names = [...beginnings.values()];
    expect(names).toHaveLength(KILLS);
    expect(names).toContain("");
    expect(names.some((name) => /-\d+\.safetensors$/.test(name))).toBe(true);
    expect(names.some((name) => name.endsWith(".partial.safetensors"))).toBe(true);
  });

  it("had one byte of one momentum been another, so would the fingerprint", async () => {
    await killAt(3000, "multi", "changed");
    const path = at("changed", "checkpoints", newestCheckpoint("changed").name);
    const { tensors, metadata } = decodeSafetensors(readFileSync(path));
    const { buffer, byteOffset } = tensors.get("momentum.recurrent.weight")!.data;
    // the first bit of a mantissa: the last is rounded away in the next updates
    new Uint8Array(buffer, byteOffset)[6]! ^= 0x40;
    writeFileSync(path, sealSafetensors(tensors, metadata));
    await succeed(["resume", "changed"], directory);
    expect(fingerprintOf("changed")).not.toBe(fingerprintOf("multi"));
  });
});

describe("at odd moments", () => {
  // some seconds of short epochs, so that a checkpoint is being written much of the time
  const busy = flags({ units: 24, batch: 8, updates: 300, testBatches: 2, epochs: 120, maxN: 40, seed: 3 });

  /** Let a command finish an epoch, and kill it some time later so that it cannot do anything more. */
  async function killLater(ms: number, args: string[]): Promise<void> {
    const run = startCli(args, directory);
    await run.prints("epoch");
    await new Promise((resolve) => setTimeout(resolve, ms));
    run.kill("SIGKILL");
    expect((await run.ended).signal).toBe("SIGKILL");
  }

  it("after 6 kills and resumes all files but the times equal those of a run never stopped", async () => {
    await succeed(["train", "--out", "busy", ...busy], directory);
    await killLater(41, ["train", "--out", "killed", ...busy]);
    let last = 0;
    for (const ms of [7, 98, 0, 23, 64]) {
      await killLater(ms, ["resume", "killed"]);
      const { step } = newestCheckpoint("killed");
      expect(step).toBeGreaterThan(last);
      last = step;
    }
    expect(last).toBeLessThan(36_000);
    await succeed(["resume", "killed"], directory);
    expectSameResults(at("killed"), at("busy"));
  });
});
