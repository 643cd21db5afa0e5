// Runs the fingerprint in every engine, on the main thread and in a worker, by itself and on 1, 2 and 5 workers, twice in
// a row, and compares each with test/golden/fingerprint.json.
//
// `npm ci --prefix test/engines` installs Node, Bun and Deno; browsers are Debian's. `npm run test:engines` runs them.
// An engine that is not installed is named as not found and never counted as passed; with --all that is a failure.

import { execFile } from "node:child_process";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { browsers } from "./browsers.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "..", "..");
const golden = JSON.parse(readFileSync(join(root, "test/golden/fingerprint.json"), "utf8"));
const binary = (...path) => join(here, "node_modules", ...path);

const runtimes = {
  "Node (this one)": [process.execPath],
  "Node 22": [binary("node22/bin/node")],
  "Node 24": [binary("node24/bin/node")],
  "Node 26": [binary("node26/bin/node")],
  Bun: [binary("@oven/bun-linux-x64/bin/bun")],
  Deno: [binary("@deno/linux-x64-glibc/deno"), "run", "-A"],
};

const counts = { passed: 0, failed: 0, skipped: 0 };
const server = await serve();
for (const [name, [program, ...args]] of Object.entries(runtimes)) {
  const run = async (thread) => {
    const { stdout } = await promisify(execFile)(program, [...args, join(here, "program.js"), thread]);
    return stdout;
  };
  await compare(name, existsSync(program), run);
}
for (const [name, { found, load }] of Object.entries(browsers)) {
  const page = `http://127.0.0.1:${server.address().port}/test/engines/page.html`;
  await compare(name, found(), (thread) => load(thread === "worker" ? `${page}?worker` : page));
}
server.close();
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

async function compare(name, found, run) {
  for (const thread of ["main", "worker"]) {
    if (!found) {
      report(process.argv.includes("--all") ? "failed" : "skipped", name, thread, "", "not found");
      continue;
    }
    try {
      const results = JSON.parse(await run(thread));
      if (results.error) throw new Error(results.error);
      for (const [where, result] of Object.entries(results)) {
        const { verdict, detail } = judge(result);
        report(verdict, name, thread, where, detail);
      }
    } catch (error) {
      report("failed", name, thread, "", error.message);
    }
  }
}

function judge({ error, all, parts, engine }) {
  if (error) return { verdict: "failed", detail: error };
  if (all === golden.all) return { verdict: "passed", detail: `${all.slice(0, 16)}  ${engine}` };
  const differing = Object.keys(golden.parts).filter((part) => parts[part] !== golden.parts[part]);
  return { verdict: "failed", detail: `${engine}: other bits in ${differing.join("; ")}` };
}

function report(verdict, name, thread, where, detail) {
  counts[verdict]++;
  console.log(`${verdict.padEnd(8)}${name.padEnd(17)}${thread.padEnd(8)}${where.padEnd(18)}${detail}`);
}

// the project's files, without any special header
function serve() {
  const types = { ".html": "text/html", ".js": "text/javascript" };
  const files = createServer((request, response) => {
    const path = join(root, normalize(new URL(request.url, "http://localhost").pathname));
    if (!path.startsWith(root) || !existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" });
    createReadStream(path).pipe(response);
  });
  return new Promise((resolve) => files.listen(0, "127.0.0.1", () => resolve(files)));
}
