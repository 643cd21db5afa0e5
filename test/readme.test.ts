// The README's example runs as written, and what it says of commands is true.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";

const readme = readFileSync("README.md", "utf8");

const [inThisThread, inWorkers] = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);

// what an example prints
function run(name: string, code: string): string {
  mkdirSync("build/test", { recursive: true });
  writeFileSync(`build/test/${name}.mjs`, code);
  return execFileSync(process.execPath, [`build/test/${name}.mjs`], { encoding: "utf8" });
}

test("the library example is at most ten lines and runs as written, solving N = 2", () => {
  expect(inThisThread!.trim().split("\n").length).toBeLessThanOrEqual(10);
  const output = run("readme-example", inThisThread!);
  const lines = output.trim().split("\n");
  expect(lines.filter((line) => line.startsWith("epoch "))).toHaveLength(15);
  const accuracy = /'2': ([\d.]+)/.exec(output);
  expect(Number(accuracy![1])).toBeGreaterThan(0.98);
});

test("the example in workers runs as written: three networks, and five epochs of one that two share", () => {
  const output = run("readme-workers", inWorkers!);
  expect(output.match(/'2': [\d.]+/g)).toHaveLength(3);
  expect(
    output
      .trim()
      .split("\n")
      .slice(-5)
      .map((line) => Number.parseInt(line, 10)),
  ).toEqual([1, 2, 3, 4, 5]);
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
