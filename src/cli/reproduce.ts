// tauscope reproduce: test the claims of papers, and report the verdicts.

import { existsSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { coreHash, version } from "../core/core.ts";
import { ShapeError, StateError } from "../core/errors.ts";
import { type Claim, type ClaimResult, type ScaleName, scaleNames, testClaim } from "../experiments/claim.ts";
import { claims, findClaims } from "../experiments/claims.ts";
import { type Archive, Laboratory } from "../experiments/laboratory.ts";
import { WorkerPool } from "../experiments/worker-pool.ts";
import { RunDirectory, readWhole } from "../io/run-directory.ts";
import { drawChart } from "../report/chart.ts";
import { reproductionReport } from "../report/reproduction-report.ts";
import { fastOption } from "./fast-option.ts";
import { INTERRUPTED, onInterrupt } from "./interrupt.ts";
import { JobDisplay } from "./job-display.ts";
import { mnistOption, readDigitSets } from "./mnist-option.ts";
import { wholeNumber } from "./numbers.ts";
import { printResult } from "./output.ts";
import { poolOption } from "./pool-option.ts";

interface Options {
  list?: boolean;
  scale: ScaleName;
  seeds: number;
  out?: string;
  workers: number;
  mnist?: string;
  fast?: boolean;
  json?: boolean;
}

export const reproduce = new Command("reproduce")
  .description("Test claims of papers: train, measure, and say of each whether it is reproduced.")
  .argument("[claims...]", "as in timescales/forgetting; timescales or gating for all of theirs")
  .option("--list", "list the claims")
  .addOption(
    new Option(
      "--scale <name>",
      "tiny: a try, in seconds; laptop: minutes for each claim; paper: as published",
    )
      .choices([...scaleNames])
      .default("laptop"),
  )
  .option(
    "--seeds <count>",
    "networks of each kind, with seeds 0, 1, 2 …",
    wholeNumber("--seeds", 1, 1000),
    4,
  )
  .option(
    "--out <dir>",
    "directory for networks, results and report; what it holds already is not computed again (default: runs/reproduce-SCALE)",
  )
  .addOption(poolOption())
  .addOption(mnistOption())
  .addOption(fastOption())
  .option("--json", "print the result as one JSON object; progress goes to standard error")
  .action(async (names: string[], options: Options) => {
    if (options.list) return list(options.json);
    if (names.length === 0) {
      throw new ShapeError(
        "reproduce: no claim is named; expected some of those of `tauscope reproduce --list`, or timescales or gating for all of theirs.",
      );
    }
    await run(findClaims(names), names, options);
  });

function list(json?: boolean): void {
  const listed = claims.map(({ name, title, statement, source }) => ({ name, title, statement, source }));
  const width = Math.max(...claims.map(({ name }) => name.length));
  printResult(
    json,
    listed,
    claims.map(({ name, statement }) => `${name.padEnd(width)}  ${statement}`),
  );
}

async function run(chosen: readonly Claim[], names: readonly string[], options: Options): Promise<void> {
  const { scale, seeds, workers, json, out = join("runs", `reproduce-${scale}`) } = options;
  const { digits } = await readDigitSets(options.mnist);
  const display = new JobDisplay(json ? process.stderr : process.stdout);
  const directory = await openDirectory(out);
  const release = await directory.claim();
  const stopping = new AbortController();
  const removeHandlers = onInterrupt(display, "", () => stopping.abort());
  const pool = new WorkerPool({ workers });
  const laboratory = new Laboratory({
    pool,
    archive: archiveIn(directory),
    digits,
    signal: stopping.signal,
    onEvent: (event) => display.event(event),
  });
  const trial = { scale, seeds: Array.from({ length: seeds }, (_, i) => i) };
  const results: ClaimResult[] = [];
  const minutes: Record<string, string> = {};
  try {
    for (const claim of chosen) {
      display.line(`${claim.name}: ${claim.title}`);
      const began = performance.now();
      const result = await testClaim(claim, laboratory, trial);
      minutes[claim.name] = ((performance.now() - began) / 60_000).toFixed(1);
      results.push(result);
      await writeResult(directory, result);
      for (const line of describeResult(result)) display.line(line);
    }
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    display.line("Stopped. The same command goes on.");
    process.exitCode = INTERRUPTED;
  } finally {
    removeHandlers();
    display.close();
    await pool.close();
    await release();
  }
  const flags = `--scale ${scale} --seeds ${seeds}`;
  const report = await directory.write(
    "report.html",
    reproductionReport({
      title: `Claims tested at ${scale} scale`,
      results,
      reproduce: [`npx tauscope reproduce ${names.join(" ")} ${flags}`],
      facts: describeMachine(workers, minutes),
    }),
  );
  printResult(json, { directory: directory.path, results, report }, [`Report: ${report}`]);
}

async function openDirectory(path: string): Promise<RunDirectory> {
  if (!existsSync(join(path, "manifest.json"))) {
    return RunDirectory.create(path, { kind: "reproduction", format: 1, tauscope: version });
  }
  const { directory, manifest } = await RunDirectory.open(path);
  if ((manifest as { kind?: unknown } | null)?.kind === "reproduction") return directory;
  throw new StateError(`${path}: it holds a training run, expected a directory of \`tauscope reproduce\`.`);
}

// a missing file is made; a damaged one is an error of its reader, which names it
function archiveIn(directory: RunDirectory): Archive {
  return {
    read: async (name) => {
      const path = join(directory.path, name);
      return existsSync(path) ? readWhole(path) : undefined;
    },
    write: (name, content) => directory.write(name, content),
  };
}

async function writeResult(directory: RunDirectory, result: ClaimResult): Promise<void> {
  await directory.write(`${result.name}.json`, `${JSON.stringify(result, null, 2)}\n`);
  for (const [i, chart] of result.charts.entries()) {
    await directory.write(`${result.name}-${i + 1}.svg`, `${drawChart(chart)}\n`);
  }
}

function describeResult({ verdict, checks, notes }: ClaimResult): string[] {
  const lines = checks.map((check) => `  ${check.verdict}: ${check.statement} ${check.found}.`);
  return [...lines, ...notes.map((note) => `  ${note}`), `  => ${verdict}`];
}

function describeMachine(workers: number, minutes: Record<string, string>): Record<string, string> {
  const times = Object.entries(minutes).map(([name, time]) => `${name} ${time}`);
  return {
    tauscope: version,
    core: coreHash,
    engine: `Node ${process.version}`,
    machine: `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    workers: String(workers),
    "minutes, without what was found in the directory": times.join(", "),
  };
}
