// tauscope measure: every analysis of one network.

import { basename, join } from "node:path";
import { Command } from "commander";
import { coreHash, version } from "../core/core.ts";
import { type NetworkProfile, profileCharts, profileNetwork } from "../experiments/network-profile.ts";
import { summarize } from "../experiments/verdict.ts";
import { WorkerPool } from "../experiments/worker-pool.ts";
import { RunDirectory, readWhole } from "../io/run-directory.ts";
import { drawChart } from "../report/chart.ts";
import { profileReport } from "../report/profile-report.ts";
import { decodeCheckpoint } from "../training/checkpoint.ts";
import { fastOption } from "./fast-option.ts";
import { INTERRUPTED, onInterrupt } from "./interrupt.ts";
import { JobDisplay } from "./job-display.ts";
import { wholeNumber } from "./numbers.ts";
import { printResult } from "./output.ts";
import { poolOption } from "./pool-option.ts";

export const measure = new Command("measure")
  .description(
    "Measure a network: timescales, dimensionality, weights, accuracy, ablation, perturbation; with figures.",
  )
  .argument("<checkpoint>", "checkpoint file; see `import` for networks of other programs")
  .option("--out <dir>", "directory for the report and its figures; must not exist, or be empty")
  .option(
    "--n <N>",
    "memory length of ablation and perturbation (default: the largest that was solved, as far as that is known)",
    wholeNumber("--n", 2),
  )
  .option(
    "--steps <count>",
    "steps simulated for timescales and dimensionality",
    wholeNumber("--steps", 201),
    100_500,
  )
  .option("--trials <count>", "trials of that simulation", wholeNumber("--trials", 1), 10)
  .option("--draws <count>", "perturbations drawn for each size", wholeNumber("--draws", 1), 10)
  .addOption(poolOption())
  .addOption(fastOption())
  .option("--json", "print the result as one JSON object; progress goes to standard error")
  .action(async (path: string, { n, out, json, workers, fast: _, ...options }) => {
    const checkpoint = decodeCheckpoint(await readWhole(path), path);
    // a stage that is not solved yet says little
    const N = n ?? checkpoint.training?.curriculum.solvedN;
    const directory =
      out === undefined ? undefined : await RunDirectory.create(out, manifestOf(path, options));
    const display = new JobDisplay(json ? process.stderr : process.stdout);
    const stopping = new AbortController();
    const removeHandlers = onInterrupt(display, "", () => stopping.abort());
    const pool = new WorkerPool({ workers });
    try {
      const profile = await profileNetwork(pool, checkpoint, {
        ...options,
        ...(N ? { N } : {}),
        signal: stopping.signal,
        onMeasured: (what) => display.line(`measured ${what}`),
      });
      const report = directory && (await writeReport(directory, path, profile));
      printResult(json, { ...profile, ...(report ? { report } : {}) }, [
        ...describe(profile),
        ...(report ? [`Report: ${report}`] : []),
      ]);
    } catch (error) {
      if (!stopping.signal.aborted) throw error;
      process.exitCode = INTERRUPTED;
    } finally {
      removeHandlers();
      display.close();
      await pool.close();
    }
  });

function manifestOf(path: string, options: object): object {
  return { kind: "measurement", format: 1, tauscope: version, core: coreHash, checkpoint: path, ...options };
}

async function writeReport(directory: RunDirectory, path: string, profile: NetworkProfile): Promise<string> {
  const charts = profileCharts(profile);
  for (const [i, chart] of charts.entries()) {
    await directory.write(join("figures", `${i + 1}.svg`), `${drawChart(chart)}\n`);
  }
  await directory.write("profile.json", `${JSON.stringify(profile)}\n`);
  const page = profileReport({
    title: basename(path),
    results: results(profile),
    charts,
    reproduce: [`npx tauscope measure ${path} --out again`],
    facts: { tauscope: version, core: coreHash },
  });
  return directory.write("report.html", page);
}

function describe(profile: NetworkProfile): string[] {
  const rows = Object.entries(results(profile));
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

// the results in few words, by name
function results(profile: NetworkProfile): Record<string, string> {
  const { N, stepsPerBit, tau, weights, activity, accuracy, ablation } = profile;
  const { slow, failed, components, participationRatio } = activity;
  const percent = (values: readonly number[]) => (100 * summarize(values).mean).toFixed(2);
  const spread =
    slow && `mean ${slow.mean.toFixed(2)}, median ${slow.median.toFixed(2)}, SD ${slow.sd.toFixed(2)}`;
  return {
    ...(stepsPerBit > 1 ? { "steps per bit": String(stepsPerBit) } : {}),
    ...(tau ? { "τ (bits)": `mean ${tau.mean.toFixed(4)}, SD ${tau.sd.toFixed(4)}` } : {}),
    "τ_net above 1 step": slow ? `${spread}, ${slow.units} units` : "no unit",
    "units without τ_net": String(failed),
    "components for 90 % of the variance": components.toFixed(1),
    "participation ratio": participationRatio.toFixed(2),
    ...(weights
      ? {
          "mean recurrent weight": weights.mean.toFixed(6),
          "norms of the recurrent weights": `Frobenius ${weights.frobeniusNorm.toFixed(3)}, spectral ${weights.spectralNorm.toFixed(3)}`,
        }
      : {}),
    "accuracy (%)": Object.entries(accuracy)
      .map(([length, value]) => `N = ${length}: ${(100 * value).toFixed(2)}`)
      .join(", "),
    ...(ablation
      ? {
          [`accuracy on a stream, N = ${N} (%)`]: `${percent([ablation.baseline])}; without a unit of short τ ${percent(ablation.shortest)}, of long τ ${percent(ablation.longest)}`,
        }
      : {}),
  };
}
