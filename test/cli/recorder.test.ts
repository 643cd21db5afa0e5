// Recording a run to its end, an interrupt or a full disk: nothing is lost. For kills see kill.test.ts.

import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeCheckpoint } from "../../src/training/checkpoint.ts";
import {
  type Ended,
  expectSameResults,
  flags,
  onlyMessage,
  onlyObject,
  processesWith,
  removeDirectory,
  runCli,
  startCli,
  succeed,
  temporaryDirectory,
} from "./run-cli.ts";

// some seconds in three epochs, so that most interrupts come within one
const calm = flags({ units: 24, batch: 8, updates: 12_000, testBatches: 2, epochs: 3, maxN: 5, seed: 4 });

let directory: string;
const at = (...names: string[]) => join(directory, ...names);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  directory = temporaryDirectory(true);
  await succeed(["train", "--out", "calm", ...calm], directory);
});

afterAll(() => removeDirectory(directory));

describe("Ctrl-C", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "%s within an epoch exits with 130, names the command to go on with, which gives the same files",
    async (signal) => {
      const out = `stopped by ${signal}`;
      const run = startCli(["train", "--out", out, ...calm], directory);
      await run.prints("epoch   1");
      await wait(100);
      run.kill(signal);
      const { code, stdout, stderr } = await run.ended;
      expect([code, stderr]).toEqual([130, ""]);
      const [, step, command] =
        /multi: .* in 1 epoch, interrupted at update (\d+); .*\n.*\nStopped\. Go on with: npx tauscope (.*)\n$/.exec(
          stdout,
        )!;
      expect(command).toBe(`resume '${out}'`);
      expect(Number(step)).toBeGreaterThan(12_000);
      const partial = at(out, "checkpoints", `step-${step}.partial.safetensors`);
      expect(decodeCheckpoint(readFileSync(partial)).training!.step).toBe(Number(step));
      await succeed(["resume", out], directory);
      expectSameResults(at(out), at("calm"));
    },
  );

  it("at 4 moments from start to end loses nothing: the resumed runs' files are the same", async () => {
    for (const ms of [0, 60, 150, 600]) {
      const out = `stopped-${ms}`;
      const run = startCli(["train", "--out", out, ...calm], directory);
      // before this the program has not begun
      while (ms > 0 && !existsSync(at(out))) await wait(2);
      await wait(ms);
      run.kill("SIGINT");
      const { code, signal } = await run.ended;
      expect([130, null]).toContain(code);
      if (code === null) expect(signal).toBe("SIGINT");
      if (existsSync(at(out))) await succeed(["resume", out], directory);
      else await succeed(["train", "--out", out, ...calm], directory);
      expectSameResults(at(out), at("calm"));
    }
  });

  it("with --json prints one object that says interrupted and how far it came", async () => {
    const run = startCli(["train", "--out", "json", ...calm, "--json"], directory);
    await run.prints("epoch   1");
    run.kill("SIGINT");
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    const { interrupted, epochs, step } = onlyObject(stdout);
    expect([interrupted, epochs]).toEqual([true, 1]);
    expect(step).toBeLessThan(24_000);
  });

  it("leaves no process behind, whether the run ends, fails, is interrupted or killed", async () => {
    const endings: Ended[] = [];
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      const run = startCli(["train", "--out", at(`orphan-${signal}`), ...calm], directory);
      await run.prints("epoch   1");
      expect(processesWith(at(`orphan-${signal}`))).toEqual([run.pid]);
      run.kill(signal);
      endings.push(await run.ended);
    }
    endings.push(await runCli(["resume", at("orphan-SIGINT")], directory));
    endings.push(await runCli(["train", "--out", at("orphan-fails"), "--units", "0"], directory));
    expect(endings.map(({ code }) => code)).toEqual([130, null, 0, 2]);
    expect(processesWith(at("orphan"))).toEqual([]);
  });
});

// what a full disk does is shown on one: a file system in memory, which only root may mount
const canMount = (() => {
  const path = temporaryDirectory(true);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=200k", "tmpfs", path], { stdio: "ignore" });
    execFileSync("umount", [path]);
    return true;
  } catch {
    return false;
  } finally {
    removeDirectory(path);
  }
})();

describe.skipIf(!canMount)("a full disk (skipped where a tmpfs cannot be mounted: that takes root)", () => {
  // some seconds of short epochs, so that the disk is full within them
  const busy = flags({ units: 24, batch: 8, updates: 300, testBatches: 2, epochs: 120, maxN: 40, seed: 3 });
  let disk: string;

  beforeAll(async () => {
    await succeed(["train", "--out", "busy", ...busy], directory);
    disk = temporaryDirectory(true);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=500k", "tmpfs", disk]);
  });

  afterAll(() => {
    execFileSync("umount", [disk]);
    removeDirectory(disk);
  });

  /** Leave only about this much space, by a file that is to be removed. */
  function fill(left: number): string {
    const filler = join(disk, "filler");
    writeFileSync(filler, "");
    const free = Number(
      execFileSync("df", ["--output=avail", "-B1", disk], { encoding: "utf8" }).split("\n")[1],
    );
    writeFileSync(filler, new Uint8Array(Math.max(0, free - left)));
    return filler;
  }

  it.each([70, 140, 240])(
    "with %i kB left stops with exit code 1 and the cause; what was written stays, and once there is space a resume gives the same files",
    async (kilobytes) => {
      const filler = fill(kilobytes * 1024);
      const out = join(disk, "run");
      const ended = await runCli(["train", "--out", out, ...busy], directory);
      expect(ended.code).toBe(1);
      expect(onlyMessage({ ...ended, stdout: "" })).toMatch(
        /run\/.*: no space is left on the disk; nothing that was/,
      );
      const done = ended.stdout.trim().split("\n").filter(Boolean).length;
      const names = readdirSync(join(out, "checkpoints"));
      expect(names.filter((name) => name.endsWith(".tmp"))).toEqual([]);
      expect(names).toHaveLength(Math.min(done, 2));
      for (const name of names) decodeCheckpoint(readFileSync(join(out, "checkpoints", name)), name);
      expect(names).toContain(`step-${300 * done}.safetensors`);

      // nothing gets lost by trying again on the full disk either
      expect((await runCli(["resume", out], directory)).code).toBe(1);
      for (const name of names) decodeCheckpoint(readFileSync(join(out, "checkpoints", name)), name);
      rmSync(filler);
      await succeed(["resume", out], directory);
      expectSameResults(out, at("busy"));
      rmSync(out, { recursive: true });
    },
  );

  it("that is full from the start is named, and after it was freed the same command succeeds", async () => {
    const filler = fill(0);
    const out = join(disk, "run");
    const ended = await runCli(["train", "--out", out, ...calm], directory);
    expect(onlyMessage(ended)).toMatch(/^\S+: no space is left on the disk/);
    expect(ended.code).toBe(1);
    rmSync(filler);
    await succeed(["train", "--out", out, ...calm], directory);
    expectSameResults(out, at("calm"));
    rmSync(out, { recursive: true });
  });

  it("that is read-only is named, with exit code 1, and nothing is lost", async () => {
    const out = join(disk, "run");
    await succeed(["train", "--out", out, ...calm], directory);
    execFileSync("mount", ["-o", "remount,ro", disk]);
    try {
      for (const args of [
        ["resume", out],
        ["train", "--out", join(disk, "other"), ...calm],
      ]) {
        const ended = await runCli(args, directory);
        expect(onlyMessage(ended)).toMatch(/: the file system is read-only\.$/);
        expect(ended.code).toBe(1);
      }
    } finally {
      execFileSync("mount", ["-o", "remount,rw", disk]);
    }
    expectSameResults(out, at("calm"));
  });
});

it.skipIf(process.getuid?.() === 0)(
  "a directory without permission is named, with exit code 1 (skipped for root, who may write anywhere)",
  async () => {
    mkdirSync(at("closed"));
    chmodSync(at("closed"), 0o500);
    const ended = await runCli(["train", "--out", "closed/run", ...calm], directory);
    expect(onlyMessage(ended)).toMatch(/^closed\/run: permission is denied\.$/);
    expect(ended.code).toBe(1);
  },
);
