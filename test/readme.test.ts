// The README's example runs as written, and what it says of commands is true.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

const readme = readFileSync("README.md", "utf8");

test("the library example is at most ten lines and runs as written, solving N = 2", () => {
  const code = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
  expect(code.trim().split("\n").length).toBeLessThanOrEqual(10);
  mkdirSync("build/test", { recursive: true });
  writeFileSync("build/test/readme-example.mjs", code);
  const output = execFileSync(process.execPath, ["build/test/readme-example.mjs"], { encoding: "utf8" });
  const lines = output.trim().split("\n");
  expect(lines.filter((line) => line.startsWith("epoch "))).toHaveLength(15);
  const accuracy = /'2': ([\d.]+)/.exec(output);
  expect(Number(accuracy![1])).toBeGreaterThan(0.98);
});

test("every command in the README's table exists, with the flags that are shown", () => {
  const commands = [...readme.matchAll(/^\| `tauscope (\w+)([^`]*)`/gm)];
  expect(commands.length).toBeGreaterThanOrEqual(7);
  for (const [, command, rest] of commands) {
    const help = execFileSync(process.execPath, ["dist/cli.js", command!, "--help"], { encoding: "utf8" });
    for (const flag of rest!.match(/--[a-z-]+/g) ?? []) expect(help, `${command} ${flag}`).toContain(flag);
  }
});

test("every local link of the README leads to a file", () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path!);
  expect(links.length).toBeGreaterThan(5);
  for (const link of links) expect(() => readFileSync(link), link).not.toThrow();
});
