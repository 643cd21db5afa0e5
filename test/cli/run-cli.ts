// Runs the built command line as a user does: as a program of its own, in a directory of its own.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";

/** The program; `npm test` builds it. */
export const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** What came of a program. */
export interface Ended {
  /** Exit code, or null if a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A program that runs. */
export interface Running {
  pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Write to its standard input. */
  type(text: string): void;
  /** Resolves when standard output or standard error contain `text`; rejects if the program ends before. */
  prints(text: string): Promise<void>;
  ended: Promise<Ended>;
}

/** Start any program. */
export function start(program: string, args: string[], cwd: string): Running {
  const child = spawn(program, args, { cwd, env: { ...process.env, TERM: "xterm", COLUMNS: "120" } });
  const ended: Ended = { code: null, signal: null, stdout: "", stderr: "" };
  const waiting: { text: string; resolve: () => void; reject: (error: Error) => void }[] = [];
  const hear = (stream: "stdout" | "stderr") => (chunk: string) => {
    ended[stream] += chunk;
    for (const { text, resolve } of waiting) if (ended[stream].includes(text)) resolve();
  };
  child.stdout.setEncoding("utf8").on("data", hear("stdout"));
  child.stderr.setEncoding("utf8").on("data", hear("stderr"));
  child.stdin.on("error", () => {});
  const end = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const { text, reject } of waiting)
        reject(new Error(`ended without printing "${text}":\n${ended.stdout}${ended.stderr}`));
      resolve(Object.assign(ended, { code, signal }));
    });
  });
  return {
    pid: child.pid!,
    kill: (signal) => void child.kill(signal),
    type: (text) => void child.stdin.write(text),
    prints: (text) =>
      new Promise((resolve, reject) => {
        if (ended.stdout.includes(text) || ended.stderr.includes(text)) resolve();
        else waiting.push({ text, resolve, reject });
      }),
    ended: end,
  };
}

/** Start the command line. */
export function startCli(args: string[], cwd: string): Running {
  return start(process.execPath, [cli, ...args], cwd);
}

/** Run the command line to its end. */
export function runCli(args: string[], cwd: string): Promise<Ended> {
  return startCli(args, cwd).ended;
}

/** Run the command line and insist that it succeeds; returns what it printed on standard output. */
export async function succeed(args: string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await runCli(args, cwd);
  expect(`${stderr}${code}`).toMatch(/0$/);
  return stdout;
}

/** The one JSON object that standard output must be, and nothing else. */
export function onlyObject(stdout: string): Record<string, unknown> {
  expect(stdout).toMatch(/^\{[^\n]*\}\n$/);
  return JSON.parse(stdout);
}

/**
 * The message of a run that failed: one sentence, beside which only commander's hints are allowed; no stack, and nothing
 * on standard output.
 */
export function onlyMessage({ stdout, stderr }: Pick<Ended, "stdout" | "stderr">): string {
  expect(stdout).toBe("");
  expect(stderr).not.toMatch(/^ +at /m);
  const lines = stderr.trimEnd().split("\n");
  const hint = /^\((--help shows what is expected|Did you mean [^)]*\?)\)$/;
  const messages = lines.filter((line) => !hint.test(line));
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatch(/^tauscope: \S/);
  expect(messages[0]!.length).toBeLessThan(800);
  return messages[0]!.slice("tauscope: ".length);
}

/** A directory that is removed when the present test, or hook, is over. */
export function temporaryDirectory(keep = false): string {
  const path = mkdtempSync(join(tmpdir(), "tauscope-"));
  if (!keep) onTestFinished(() => removeDirectory(path));
  return path;
}

export function removeDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Flags of a training that takes a moment: 20 updates per epoch, 4 epochs, N up to 5. */
export const tiny = flags({ units: 12, batch: 8, updates: 20, testBatches: 2, epochs: 4, maxN: 5, seed: 3 });

/** Settings as flags. */
export function flags(settings: Record<string, string | number>): string[] {
  return Object.entries(settings).flatMap(([field, value]) => [
    `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    String(value),
  ]);
}

/** Every file below a directory but the wall-clock times, as text, by its path. */
export function resultsIn(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter(
    (name) => statSync(join(directory, name)).isFile() && !name.endsWith("timing.ndjson"),
  );
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(directory, name), "latin1")]));
}

/** Insist that two directories hold the same results byte for byte; reports contain their own paths nowhere. */
export function expectSameResults(got: string, expected: string): void {
  const [a, b] = [resultsIn(got), resultsIn(expected)];
  expect(Object.keys(a)).toEqual(Object.keys(b));
  for (const name of Object.keys(b)) expect(a[name] === b[name], `${name} differs`).toBe(true);
}

/** Process ids on this machine whose command line contains `text`; none where there is no /proc. */
export function processesWith(text: string): number[] {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return ids.map(Number).filter((id) => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  });
}
