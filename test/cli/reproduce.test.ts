import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  onlyMessage,
  onlyObject,
  removeDirectory,
  resultsIn,
  runCli,
  startCli,
  succeed,
  temporaryDirectory,
} from "./run-cli.ts";

const flags = ["--scale", "tiny", "--seeds", "2", "--workers", "2"];
const epochsToN = ["reproduce", "timescales/epochs-to-n", ...flags];
let directory: string;
let output: string;
const at = (...names: string[]) => join(directory, ...names);

beforeAll(async () => {
  directory = temporaryDirectory(true);
  output = await succeed([...epochsToN, "--out", "first"], directory);
});

afterAll(() => removeDirectory(directory));

describe("values", () => {
  it("says what was trained, the verdict of every statement, and where the report is", () => {
    expect(output).toMatch(/^timescales\/epochs-to-n: Epochs to each N$/m);
    expect(
      output.match(/^ {2}train parity, (?:multi|single), 48 units, seed [01]: N = \d in 16 epochs$/gm),
    ).toHaveLength(4);
    expect(output).toMatch(
      /^ {2}(?:reproduced|not reproduced|not enough evidence): Single-head networks need more epochs/m,
    );
    expect(output).toMatch(/^Report: first\/report\.html$/m);
    // no bar, no colour: it is not a terminal
    expect(output).not.toContain("\x1b");
  });

  it("leaves report, results, figures, and the networks by the hash of their settings", () => {
    expect(readdirSync(at("first")).sort()).toEqual([
      "manifest.json",
      "networks",
      "report.html",
      "timescales",
    ]);
    expect(readdirSync(at("first", "timescales")).sort()).toEqual(["epochs-to-n-1.svg", "epochs-to-n.json"]);
    const networks = readdirSync(at("first", "networks"));
    expect(networks).toHaveLength(4);
    for (const name of networks) expect(name).toMatch(/^[0-9a-f]{32}$/);
    const report = readFileSync(at("first", "report.html"), "utf8");
    expect(report).toContain("Epochs to each N");
    expect(report).toContain('width="85mm"');
  });

  it("with --json prints the result alone, the same as in the file", async () => {
    const { code, stdout } = await runCli([...epochsToN, "--out", "first", "--json"], directory);
    expect(code).toBe(0);
    const { results } = onlyObject(stdout) as { results: object[] };
    expect(results).toEqual([
      JSON.parse(readFileSync(at("first", "timescales", "epochs-to-n.json"), "utf8")),
    ]);
  });

  it("trains nothing that is in the directory already", async () => {
    const again = await succeed([...epochsToN, "--out", "first"], directory);
    expect(again).not.toContain("train parity");
    // another claim about the same networks
    const tau = await succeed(["reproduce", "timescales/tau", ...flags, "--out", "first"], directory);
    expect(tau).not.toContain("train parity");
  });

  it("lists the claims, one line each or as JSON", async () => {
    const list = await succeed(["reproduce", "--list"], directory);
    const { length } = list.trimEnd().split("\n");
    expect(length).toBeGreaterThan(15);
    expect(list).toMatch(/^timescales\/forgetting +\S/m);
    expect(JSON.parse(await succeed(["reproduce", "--list", "--json"], directory))).toHaveLength(length);
  });
});

describe("invariants", () => {
  it("interrupted and started again, it gives the files that it gives uninterrupted, with one worker too", async () => {
    const args = [
      "reproduce",
      "timescales/epochs-to-n",
      "--scale",
      "tiny",
      "--seeds",
      "2",
      "--workers",
      "1",
      "--out",
      "second",
    ];
    const running = startCli(args, directory);
    await running.prints("train parity");
    running.kill("SIGINT");
    const { code, stdout } = await running.ended;
    expect(code).toBe(130);
    expect(stdout).toContain("Stopped. The same command goes on.");
    expect(existsSync(at("second", "lock"))).toBe(false);
    await succeed(args, directory);
    rmSync(at("first", "timescales", "tau.json"), { force: true });
    const [first, second] = [resultsIn(at("first")), resultsIn(at("second"))];
    for (const name of Object.keys(second)) {
      // the report says how many workers there were, and how long it took
      if (name !== "report.html") expect(second[name] === first[name], name).toBe(true);
    }
  });
});

describe("errors", () => {
  it.each([
    [
      ["reproduce"],
      2,
      /^reproduce: no claim is named; expected some of those of `tauscope reproduce --list`, or timescales or gating for all of theirs\.$/,
    ],
    [
      ["reproduce", "timescales/tao"],
      2,
      /^findClaims: there is no claim "timescales\/tao", expected timescales\/epochs-to-n, /,
    ],
    [["reproduce", "timescales", "--seeds", "0"], 2, /^--seeds: "0" is not a whole number from 1 to 1000\.$/],
    [["reproduce", "timescales", "--workers", "none"], 2, /^--workers: "none" is not a whole number/],
  ])("%j ends with code %i and one sentence", async (args, code, message) => {
    const ended = await runCli(args, directory);
    expect(ended.code).toBe(code);
    expect(onlyMessage(ended)).toMatch(message);
  });

  it("a directory that holds a training run is left alone", async () => {
    await succeed(
      [
        "train",
        "--out",
        "run",
        "--units",
        "8",
        "--batch",
        "8",
        "--updates",
        "2",
        "--epochs",
        "1",
        "--max-n",
        "3",
      ],
      directory,
    );
    const before = resultsIn(at("run"));
    const ended = await runCli([...epochsToN, "--out", "run"], directory);
    expect(ended.code).toBe(1);
    expect(onlyMessage(ended)).toBe(
      "run: it holds a training run, expected a directory of `tauscope reproduce`.",
    );
    expect(resultsIn(at("run"))).toEqual(before);
  });
});
