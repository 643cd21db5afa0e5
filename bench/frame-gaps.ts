// Gaps between the animation frames of a page, at rest and while it trains, in every browser that is installed.
//
// The page is the first of docs/embedding.md, with the library of the packed package, and other settings. A gap is the time
// from one callback of requestAnimationFrame to the next. A worker that only counts, without the library, shows what a busy
// core does to a page by itself.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

const ROUNDS = 3;
const PHASE_MS = 5000;
const LONG_MS = 100;

const laptop = { units: 128, batch: 64, updates: 100, epochs: 1000, maxN: 41 };

// very many short updates, the laptop preset on one worker and on all cores, and the paper's long updates
const trainings = {
  small: { settings: { units: 16, batch: 8, updates: 1000, epochs: 1000, maxN: 41 }, workers: 1 },
  laptop: { settings: laptop, workers: 1 },
  "laptop, all cores": { settings: laptop, workers: cpus().length },
  paper: { settings: { units: 500, batch: 256, updates: 600, epochs: 1000, maxN: 101 }, workers: 1 },
};

type Training = (typeof trainings)[keyof typeof trainings];

/** A page, and a browser, as test/engines/browsers.js has them. */
interface Page {
  version: string;
  evaluate(expression: string): Promise<unknown>;
  click(selector: string): Promise<void>;
  close(): Promise<void>;
}

interface Browser {
  found(): boolean;
  open(url: string): Promise<Page>;
}

/** Milliseconds between frames, and of tasks longer than 50 ms on the page's thread, where the browser tells of them. */
interface Frames {
  gaps: number[];
  longTasks: number[] | null;
}

/** Of every browser and training: median, 95th percentile and longest gap, and how many are longer than 100 ms. */
export async function measure() {
  const loadBefore = loadavg()[0]!.toFixed(1);
  // not everyone has installed what drives the browsers, and it is not to be bundled
  const load = (path: string) => import(pathToFileURL(path).href);
  const { browsers } = await load("test/engines/browsers.js");
  const { layPages } = await load("test/embedding/pages.js");
  const { serve } = await load("test/embedding/serve.js");
  const folder = mkdtempSync(join(tmpdir(), "tauscope-frames-"));
  layPages(folder);
  const server = await serve(folder);
  const address = `http://127.0.0.1:${server.address().port}/plain/measured.html`;
  const rows = [];
  for (const [name, browser] of Object.entries<Browser>(browsers)) {
    if (!browser.found()) continue;
    for (const [training, options] of Object.entries(trainings)) {
      writePage(join(folder, "plain"), options);
      const row = { browser: name, training, ...options, ...(await measureRounds(browser, address)) };
      console.log(describeRow(row));
      rows.push(row);
    }
  }
  server.close();
  rmSync(folder, { recursive: true });
  return { loadBefore: Number(loadBefore), rounds: ROUNDS, secondsPerPhase: PHASE_MS / 1000, rows };
}

// the published page, with its settings and workers replaced
function writePage(folder: string, { settings, workers }: Training): void {
  const page = readFileSync(join(folder, "index.html"), "utf8")
    .replace(/const settings = \{.*?\};/s, `const settings = ${JSON.stringify(settings)};`)
    .replace("{ workers: 1 }", `{ workers: ${workers} }`)
    .replace("signal,", `signal, workers: ${workers},`);
  writeFileSync(join(folder, "measured.html"), page);
}

async function measureRounds(browser: Browser, address: string) {
  const rounds = [];
  let version = "";
  for (let round = 0; round < ROUNDS; round++) {
    const page = await browser.open(address);
    version = page.version;
    rounds.push(await measureRound(page).finally(() => page.close()));
  }
  return {
    version,
    updates: rounds.reduce((sum, { updates }) => sum + updates, 0),
    rest: summarize(rounds.flatMap(({ rest }) => rest)),
    whileTraining: summarize(rounds.map(({ training }) => training)),
    whileCounting: summarize(rounds.map(({ counting }) => counting)),
  };
}

async function measureRound(page: Page) {
  await sleep(2000);
  const before = await record(page, "h1");

  const training = await record(page, "#button");
  const updates = Number(await page.evaluate(`document.querySelector("#progress").value`));
  await page.click("#button");
  await sleep(1000);
  const after = await record(page, "h1");

  const count = JSON.stringify("for (let i = 0; ; i++);");
  await page.evaluate(`void (globalThis.counter = new Worker(URL.createObjectURL(new Blob([${count}]))))`);
  const counting = await record(page, "h1");
  return { rest: [before, after], training, counting, updates };
}

// every phase begins with a click, for that too costs a page something; then the page is left alone
async function record(page: Page, clicked: string): Promise<Frames> {
  await page.evaluate(RECORD);
  await page.click(clicked);
  await sleep(PHASE_MS + 500);
  return (await page.evaluate("globalThis.recorded")) as Frames;
}

const RECORD = `
  void (() => {
    const tells = PerformanceObserver.supportedEntryTypes.includes("longtask");
    const { gaps, longTasks } = (globalThis.recorded = { gaps: [], longTasks: tells ? [] : null });
    const add = (list) => longTasks.push(...list.getEntries().map(({ duration }) => duration));
    const observer = new PerformanceObserver(add);
    if (tells) observer.observe({ type: "longtask" });
    const began = performance.now();
    let last = began;
    const frame = () => {
      const now = performance.now();
      gaps.push(now - last);
      last = now;
      if (now - began < ${PHASE_MS}) requestAnimationFrame(frame);
      else observer.disconnect();
    };
    requestAnimationFrame(frame);
  })()
`;

function summarize(frames: readonly Frames[]) {
  const gaps = frames.flatMap(({ gaps }) => gaps).sort((a, b) => a - b);
  const at = (share: number) => Number(gaps[Math.floor(share * (gaps.length - 1))]!.toFixed(1));
  const told = frames.every(({ longTasks }) => longTasks);
  return {
    framesPerSecond: Number((1000 / (gaps.reduce((sum, gap) => sum + gap) / gaps.length)).toFixed(1)),
    medianMs: at(0.5),
    percentile95Ms: at(0.95),
    longestMs: at(1),
    over100Ms: gaps.filter((gap) => gap > LONG_MS).length,
    tasksOver50Ms: told ? frames.flatMap(({ longTasks }) => longTasks).length : null,
  };
}

// a row of the table in README.md
function describeRow(
  row: { browser: string; training: string } & Awaited<ReturnType<typeof measureRounds>>,
): string {
  const phases = [row.rest, row.whileTraining, row.whileCounting];
  const fields = ["medianMs", "percentile95Ms", "longestMs", "over100Ms"] as const;
  const cells = fields.map((field) => phases.map((phase) => phase[field]).join(" · "));
  return `| ${[row.browser, row.training, row.updates, ...cells].join(" | ")} |`;
}
