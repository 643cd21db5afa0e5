import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  expectSameResults,
  flags,
  onlyMessage,
  onlyObject,
  removeDirectory,
  runCli,
  startCli,
  succeed,
  temporaryDirectory,
} from "./run-cli.ts";

// a few seconds for two networks
const pair = flags({ units: 16, batch: 8, updates: 4000, testBatches: 2, epochs: 12, maxN: 9, seed: 5 });
let directory: string;
const at = (...names: string[]) => join(directory, ...names);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  directory = temporaryDirectory(true);
  await succeed(["start", "--out", "pair", ...pair], directory);
});

afterAll(() => removeDirectory(directory));

describe("values", () => {
  it("makes a report and two runs, each the same as `train` makes it", async () => {
    expect(readdirSync(at("pair")).sort()).toEqual(["manifest.json", "multi", "report.html", "single"]);
    for (const curriculum of ["multi", "single"]) {
      await succeed(
        ["train", "--out", curriculum, "--preset", "laptop", ...pair, "--curriculum", curriculum],
        directory,
      );
      // the same settings were given in another order, and the pair has one report for both
      const manifests = ["pair/", ""].map((path) =>
        readFileSync(at(`${path}${curriculum}`, "manifest.json"), "utf8"),
      );
      expect(JSON.parse(manifests[0]!)).toEqual(JSON.parse(manifests[1]!));
      writeFileSync(at(curriculum, "manifest.json"), manifests[0]!);
      rmSync(at(curriculum, "report.html"));
      expectSameResults(at("pair", curriculum), at(curriculum));
    }
  });

  it("without a command and without --out takes the first free directory below runs/", async () => {
    const short = [
      "--units",
      "4",
      "--batch",
      "8",
      "--updates",
      "1",
      "--test-batches",
      "1",
      "--epochs",
      "1",
      "--max-n",
      "2",
    ];
    mkdirSync(at("runs", "side-by-side-1"), { recursive: true });
    const { directory: path, runs } = onlyObject(await succeed([...short, "--json"], directory));
    expect(path).toBe("runs/side-by-side-2");
    expect(runs).toMatchObject([{ label: "multi" }, { label: "single" }]);
  });

  it("Ctrl-C stops both runs with a checkpoint and exit code 130; resumed, both give the same files", async () => {
    const run = startCli(["start", "--out", "stopped", ...pair], directory);
    await run.prints("epoch   2");
    run.kill("SIGINT");
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    expect(stdout).toMatch(
      /multi: .*interrupted at update \d+; .*\nsingle: .*interrupted at update \d+; .*\nReport: /,
    );
    expect(stdout).toMatch(/\nStopped\. Go on with: npx tauscope resume stopped\n$/);
    await succeed(["resume", "stopped"], directory);
    expectSameResults(at("stopped"), at("pair"));
  });

  it("Ctrl-C at 6 moments while the networks are set up stops both, at once", async () => {
    for (const ms of [100, 140, 180, 220, 260, 300]) {
      const out = `early-${ms}`;
      // each of the two would take a minute
      const run = startCli(["start", "--out", out, ...pair, "--updates", "400000"], directory);
      await wait(ms);
      run.kill("SIGINT");
      const late = setTimeout(() => run.kill("SIGKILL"), 10_000);
      const { code, signal } = await run.ended;
      clearTimeout(late);
      expect([130, "SIGINT"]).toContain(code ?? signal);
    }
  });

  it("kill -9 at 4 moments, the first while the directories are made, and resume gives the same files", async () => {
    const run = startCli(["start", "--out", "killed", ...pair], directory);
    while (!existsSync(at("killed", "manifest.json"))) await wait(1);
    run.kill("SIGKILL");
    await run.ended;
    for (const [text, ms] of [
      ["epoch", 0],
      ["epoch", 130],
      ["epoch   4", 40],
    ] as const) {
      const next = startCli(["resume", "killed"], directory);
      await next.prints(text);
      await wait(ms);
      next.kill("SIGKILL");
      expect((await next.ended).signal).toBe("SIGKILL");
    }
    await succeed(["resume", "killed"], directory);
    expectSameResults(at("killed"), at("pair"));
  });

  it("goes on although a run, or both, had not been made when it was stopped", async () => {
    for (const runs of [["single"], ["multi", "single"]]) {
      await succeed(["start", "--out", "half", ...pair, "--epochs", "1"], directory);
      for (const run of runs) rmSync(at("half", run), { recursive: true });
      await succeed(["resume", "half"], directory);
      await succeed(["start", "--out", "whole", ...pair, "--epochs", "1"], directory);
      expectSameResults(at("half"), at("whole"));
      for (const name of ["half", "whole"]) rmSync(at(name), { recursive: true });
    }
  });

  it("a run of a pair can be resumed by itself", async () => {
    const text = await succeed(["resume", "pair/single"], directory);
    expect(text).toMatch(/^single: /);
    expect(readFileSync(at("pair", "single", "report.html"), "utf8")).toMatch(/single/);
    rmSync(at("pair", "single", "report.html"));
  });
});

describe("errors", () => {
  it("a curriculum is refused, as two are compared: as a flag and in the config file", async () => {
    writeFileSync(at("c.json"), '{"curriculum": "single"}');
    const flag = await runCli(["start", "--curriculum", "single"], directory);
    expect(onlyMessage(flag)).toMatch(/unknown option '--curriculum'/);
    const file = await runCli(["start", "--out", "x", "--config", "c.json"], directory);
    expect(onlyMessage(file)).toMatch(/^start: `curriculum` is single, expected none/);
    expect([flag.code, file.code]).toEqual([2, 2]);
  });

  it("when one of the runs cannot be written the other stops with a checkpoint, and the cause is named", async () => {
    const run = startCli(["start", "--out", "broken", ...pair], directory);
    await run.prints("epoch   1");
    // a directory is where a file should be
    rmSync(at("broken", "single", "metrics.ndjson"));
    mkdirSync(at("broken", "single", "metrics.ndjson"));
    const { code, stderr } = await run.ended;
    expect(code).toBe(1);
    expect(stderr).toBe("tauscope: broken/single/metrics.ndjson: it is a directory, expected a file.\n");
    rmSync(at("broken", "single", "metrics.ndjson"), { recursive: true });
    await succeed(["resume", "broken"], directory);
    expectSameResults(at("broken"), at("pair"));
  });
});
