// Runs the fingerprint in every engine, on the main thread and in a worker, by itself and on 1, 2 and 5 workers, twice in
// a row, and compares each with test/golden/fingerprint.json; where the engine can, also with 256-bit instructions, with
// the whole core optimised before it runs.
//
// `npm ci --prefix test/engines` installs Node, Bun and Deno; browsers are Debian's. `npm run test:engines` runs them.
// Parts of names as arguments run only these engines (`npm run test:engines -- Firefox`).
// An engine that is not installed is named as not found and never counted as passed; with --all that is a failure.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { browsers } from "./browsers.js";
import { loadUndriven } from "./undriven-firefox.js";

const PATIENCE_MS = 240_000;
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

// every function goes through the pass that makes 256-bit instructions, not only those that run long
const EAGER = ["--no-liftoff", "--no-wasm-lazy-compilation"];
const fastRuntimes = ["Node 22", "Node 24", "Node 26"];

const flags = process.argv.slice(2);
const asked = flags.filter((flag) => flag !== "--all");
const counts = { passed: 0, failed: 0, skipped: 0 };
const { server, posted } = await serve();
for (const [name, [program, ...args]] of Object.entries(runtimes)) {
  const run = async (thread) => {
    const eager = thread === "fast" ? EAGER : [];
    const { stdout } = await promisify(execFile)(program, [
      ...eager,
      ...args,
      join(here, "program.js"),
      thread,
    ]);
    return stdout;
  };
  const threads = fastRuntimes.includes(name) ? ["main", "worker", "fast"] : ["main", "worker"];
  await compare(name, existsSync(program), run, threads);
}
for (const [name, { found, load }] of Object.entries(browsers)) {
  const page = `http://127.0.0.1:${server.address().port}/test/engines/page.html`;
  const open = name === "Firefox ESR" ? (url) => loadUndriven(url, posted()) : load;
  await compare(name, found(), (thread) => open(thread === "worker" ? `${page}?worker` : page));
}
server.close();
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

async function compare(name, found, run, threads = ["main", "worker"]) {
  if (asked.length > 0 && !asked.some((part) => name.includes(part))) return;
  for (const thread of threads) {
    if (!found) {
      report(flags.includes("--all") ? "failed" : "skipped", name, thread, "", "not found");
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

// the project's files, without any special header; what is posted there is a result
async function serve() {
  const types = { ".html": "text/html", ".js": "text/javascript" };
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      server.emit("posted", text(request));
      return response.writeHead(204).end();
    }
    const path = join(root, normalize(new URL(request.url, "http://localhost").pathname));
    if (!path.startsWith(root) || !existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" });
    createReadStream(path).pipe(response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const posted = async () => {
    const [body] = await once(server, "posted", { signal: AbortSignal.timeout(PATIENCE_MS) });
    return body;
  };
  return { server, posted };
}
