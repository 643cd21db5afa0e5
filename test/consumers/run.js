// Packs the library, installs the tarball into an empty project, and lets every kind of consumer use it from there.
//
// `npm ci --prefix test/consumers` installs the tools, `npm ci --prefix test/engines` the runtimes; browsers are Debian's.
// What is not installed is named as not found and never counted as passed; with --all that is a failure.
// `npm run test:consumers -- --record` writes the sizes to bench/results/bundle-size.json; any other word runs only the
// consumers with that word in their name.

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { browsers } from "./browsers.js";
import { bundled } from "./bundlers.js";
import { expectRefusal, expectResult } from "./entry.js";
import { manifestChecks } from "./manifest.js";
import { loadPage, pages, refusedPages, writeSite } from "./pages.js";
import { install, missing, pack, tool } from "./project.js";
import { runtimeChecks } from "./runtimes.js";
import { serve } from "./server.js";
import { sizeCheck } from "./sizes.js";

const flags = process.argv.slice(2);
const word = flags.find((flag) => !flag.startsWith("--")) ?? "";
const counts = { passed: 0, failed: 0, skipped: 0 };

const folder = realpathSync(mkdtempSync(join(tmpdir(), "tauscope-consumers-")));
try {
  await checkAll();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

async function checkAll() {
  const { tarball, files } = await pack(folder);
  const project = join(folder, "project");
  const context = { tarball, files, project, site: join(folder, "site") };
  await judge("install", [], () => install(project, tarball), { always: true });
  if (counts.failed > 0) {
    console.log("nothing to run: the package is not installed");
    return;
  }
  for (const { name, needs = [], run } of [
    ...manifestChecks,
    ...runtimeChecks,
    sizeCheck(flags.includes("--record")),
  ]) {
    await judge(name, needs, () => run(context));
  }
  mkdirSync(context.site);
  writeSite(context);
  const servers = [await serve(context.site), await serve(context.site)];
  const [{ address }, { address: elsewhere }] = servers;
  for (const browser of Object.keys(browsers)) {
    await checkBrowser(browser, { ...context, address, elsewhere });
  }
  for (const { close } of servers) close();
}

async function checkBrowser(browser, context) {
  const checks = [
    ...Object.entries(pages).map(([name, page]) => ({
      name,
      run: async (context) => expectResult(await loadPage(name, page, context)),
    })),
    ...bundled
      .filter(({ name }) => browser === "Chromium" || name.startsWith("file://"))
      .map(({ name, needs, load }) => ({
        name,
        needs,
        run: async (context) => expectResult(await load(context)),
      })),
    ...Object.entries(refusedPages).map(([name, page]) => ({
      name: `refused: ${name}`,
      run: async (context) => expectRefusal(await loadPage(name, page, context), page.says),
    })),
  ]
    .map((check) => ({ ...check, name: `${check.name}, ${browser}` }))
    .filter(({ name }) => name.includes(word));
  const { needs: programs, open } = browsers[browser];
  const there = checks.length > 0 && missing([...programs, tool("puppeteer-core")]).length === 0;
  // a browser that does not start fails its checks, not the others
  const session = there ? await open().catch((error) => ({ load: () => Promise.reject(error) })) : undefined;
  for (const { name, needs = [], run } of checks) {
    await judge(name, [...programs, tool("puppeteer-core"), ...needs], () =>
      run({ ...context, load: session.load }),
    );
  }
  await session?.close?.();
}

async function judge(name, needs, run, { always = false } = {}) {
  if (!always && !name.includes(word)) return;
  const start = performance.now();
  let verdict = "passed";
  let detail;
  if (missing(needs).length > 0) {
    verdict = flags.includes("--all") ? "failed" : "skipped";
    detail = "not found";
  } else {
    try {
      detail = await run();
    } catch (error) {
      verdict = "failed";
      detail = error.message;
    }
  }
  counts[verdict]++;
  const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const most = verdict === "passed" ? 110 : 4000;
  const line = detail.length > most ? `${detail.slice(0, most)}…` : detail;
  console.log(`${verdict.padEnd(8)}${name.padEnd(62)}${seconds.padStart(6)}  ${line}`);
}
