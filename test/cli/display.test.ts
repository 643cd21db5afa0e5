import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  cli,
  expectSameResults,
  flags,
  runCli,
  start,
  succeed,
  temporaryDirectory,
  tiny,
} from "./run-cli.ts";

// a second of training, so that the bars are drawn
const second = flags({ units: 24, batch: 8, updates: 15_000, testBatches: 2, epochs: 2, maxN: 5, seed: 4 });
const ESCAPE = "\u001b";

const canFake = (() => {
  try {
    execFileSync("script", ["-qec", "true", "/dev/null"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Start the command line in a terminal of its own, which util-linux's `script` fakes. */
function startInTerminal(args: string[], directory: string) {
  const command = [process.execPath, cli, ...args].map((word) => `'${word}'`).join(" ");
  return start("script", ["-qec", command, "/dev/null"], directory);
}

/** What stays on a terminal: lines that were not overwritten. */
const visible = (output: string) =>
  output.split("\n").map((line) =>
    line
      .trimEnd()
      .split(`${ESCAPE}[1G`)
      .at(-1)!
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
      .replace(/\u001b\[[\d;?]*[A-Za-z]/g, ""),
  );

describe("a pipe", () => {
  it("gets plain lines: one for each of 4 epochs, then the summary, and no control characters", async () => {
    const { stdout, stderr } = await runCli(["train", "--out", "run", ...tiny], temporaryDirectory());
    expect(stderr).toBe("");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
    const lines = stdout.split("\n");
    for (const [i, line] of lines.slice(0, 4).entries()) {
      expect(line).toMatch(
        new RegExp(
          `^multi    epoch   ${i + 1}  N 2      loss \\d\\.\\d{4}  accuracy of N=2 +[\\d.]+ %  mean tau 1\\.\\d{4}$`,
        ),
      );
    }
    expect(lines.slice(4)).toEqual([
      expect.stringMatching(/^multi: solved no N in 4 epochs; mean τ 1\.\d{3} bits\.$/),
      "Report: run/report.html",
      "",
    ]);
  });

  it("gets the epochs that the metrics have, number by number", async () => {
    const directory = temporaryDirectory();
    const stdout = await succeed(["train", "--out", "run", ...second], directory);
    const records = readFileSync(join(directory, "run", "metrics.ndjson"), "utf8")
      .trim()
      .split("\n");
    for (const record of records.map((line) => JSON.parse(line))) {
      const newest = record.N.at(-1);
      expect(stdout).toContain(
        `loss ${record.loss.toFixed(4)}  accuracy of N=${newest} ${(100 * record.accuracy[newest]).toFixed(2).padStart(6)} %  mean tau ${record.tau.mean.toFixed(4)}`,
      );
      expect(stdout.includes(`solved N=${newest}`)).toBe(record.solved);
    }
  });
});

describe.skipIf(!canFake)("a terminal (skipped without util-linux's `script`)", () => {
  it("shows a bar for the epoch, hides the cursor meanwhile, and keeps a line for every epoch", async () => {
    const directory = temporaryDirectory();
    const { code, stdout } = await startInTerminal(["train", "--out", "run", ...second], directory).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/multi {4}epoch [12] \[━* *\] \d+\/15000 updates {2}N 2(\.\.3)? {2}loss 0\.\d{4}/);
    expect(stdout.indexOf(`${ESCAPE}[?25l`)).toBeGreaterThanOrEqual(0);
    expect(stdout.lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(stdout.lastIndexOf(`${ESCAPE}[?25l`));
    const lines = visible(stdout);
    expect(lines.filter((line) => /^multi {4}epoch {3}\d {2}N /.test(line))).toHaveLength(2);
    expect(lines.some((line) => line.startsWith("multi: solved N = "))).toBe(true);
  });

  it("keeps the line of every epoch of a run that is over before a bar is drawn", async () => {
    const { stdout } = await startInTerminal(["train", "--out", "run", ...tiny], temporaryDirectory()).ended;
    expect(visible(stdout).filter((line) => /^multi {4}epoch {3}[1-4] {2}N /.test(line))).toHaveLength(4);
  });

  it("Ctrl-C there says that it stops and how to go on, and gives the cursor back; the resumed run is the same", async () => {
    const directory = temporaryDirectory();
    const run = startInTerminal(["train", "--out", "run", ...second], directory);
    await run.prints("updates");
    run.type("\u0003");
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    const lines = visible(stdout);
    expect(lines.some((line) => line.includes("Stopping, and writing a checkpoint (Ctrl-C again"))).toBe(
      true,
    );
    expect(lines).toContain("Stopped. Go on with: npx tauscope resume run");
    expect(stdout.lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(stdout.lastIndexOf(`${ESCAPE}[?25l`));
    await succeed(["resume", "run"], directory);
    await succeed(["train", "--out", "whole", ...second], directory);
    expectSameResults(join(directory, "run"), join(directory, "whole"));
  });

  it("shows one bar for each of two networks side by side", async () => {
    const { stdout } = await startInTerminal(["start", "--out", "run", ...second], temporaryDirectory())
      .ended;
    for (const label of ["multi", "single"]) {
      expect(stdout).toMatch(new RegExp(`${label} +epoch \\d \\[━* *\\] \\d+/15000 updates`));
      const lines = visible(stdout).filter((line) => new RegExp(`^${label} +epoch +\\d {2}N `).test(line));
      expect(lines).toHaveLength(2);
    }
    expect(visible(stdout)[0]).toBe("Training multi and single networks side by side into run …");
  });
});
