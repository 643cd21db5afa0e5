// tauscope phase: the phase diagram of networks with gates, from theory.

import { join } from "node:path";
import { Command, Option } from "commander";
import { coreHash, version } from "../core/core.ts";
import { ShapeError } from "../core/errors.ts";
import { phaseChart } from "../experiments/phase-chart.ts";
import { RunDirectory } from "../io/run-directory.ts";
import { drawChart } from "../report/chart.ts";
import { computePhaseDiagram, type PhaseDiagram, type PhaseDiagramOptions } from "../theory/phase-diagram.ts";
import { printResult } from "./output.ts";

interface Options extends Omit<PhaseDiagramOptions, "gains" | "values"> {
  gains?: number[];
  values?: number[];
  out?: string;
  json?: boolean;
}

export const phase = new Command("phase")
  .description(
    "Compute the phase diagram of large random networks with gates: quiescence, fixed points, chaos, integrator.",
  )
  .option(
    "--gains <list>",
    "gains g, as in 1,1.5,2 or 1:4:31 (31 of them from 1 to 4)",
    parseNumbers("--gains"),
  )
  .addOption(
    new Option("--axis <name>", "the other axis: gain or bias of the output gate")
      .choices(["outputGain", "outputBias"])
      .default("outputGain"),
  )
  .option("--values <list>", "its values, likewise", parseNumbers("--values"))
  .option(
    "--output-gain <gain>",
    "gain α_r of the output gate while its bias is the axis",
    parseOne("--output-gain"),
  )
  .option(
    "--output-bias <bias>",
    "bias β_r of the output gate while its gain is the axis",
    parseOne("--output-bias"),
  )
  .option("--update-switch", "update gates are switches (α_z → ∞), not still")
  .option("--open-fraction <share>", "share of these switches that is open", parseOne("--open-fraction"))
  .option("--out <dir>", "directory for the diagram as data and figure; must not exist, or be empty")
  .option("--json", "print one JSON object and nothing else")
  .action(async ({ out, json, ...options }: Options) => {
    const diagram = await computePhaseDiagram(options);
    const figure = out === undefined ? undefined : await writeDiagram(out, diagram, options);
    printResult(json, figure ? { ...diagram, figure } : diagram, [
      ...describe(diagram),
      ...(figure ? [`Figure: ${figure}`] : []),
    ]);
  });

async function writeDiagram(out: string, diagram: PhaseDiagram, options: object): Promise<string> {
  const manifest = { kind: "phase diagram", format: 1, tauscope: version, core: coreHash, ...options };
  const directory = await RunDirectory.create(out, manifest);
  await directory.write("phase.json", `${JSON.stringify(diagram)}\n`);
  await directory.write("phase.svg", `${drawChart(phaseChart(diagram))}\n`);
  return join(out, "phase.svg");
}

function describe({ axis, values, lines, error }: PhaseDiagram): string[] {
  const number = (value: number | undefined) => (value === undefined ? "–" : value.toFixed(4)).padStart(14);
  const rows = values.map((value, row) =>
    [value, lines.zero[row], lines.fixedPoints[row], lines.chaos[row], lines.integrator[row]]
      .map(number)
      .join(""),
  );
  const heads = [axis === "outputGain" ? "α_r" : "β_r", "zero", "fixed points", "chaos", "integrator"];
  return [
    "Gains g at which zero loses its stability, fixed points appear, chaos appears, an integrator ends",
    heads.map((head) => head.padStart(14)).join(""),
    ...rows,
    `errors at most ${error.toExponential(0)}`,
  ];
}

// a list, or first:last:count
function parseNumbers(name: string) {
  return (text: string): number[] => {
    const range = text.split(":").map(Number);
    const [first, last, count] = range as [number, number, number];
    if (range.length === 3 && range.every(Number.isFinite) && Number.isInteger(count) && count >= 2)
      return Array.from({ length: count }, (_, i) => first + ((last - first) * i) / (count - 1));
    if (!text.includes(":")) return text.split(",").map(parseOne(name));
    throw new ShapeError(`${name}: "${text}" is no list of numbers, as in 1,1.5,2 or 1:4:31.`);
  };
}

function parseOne(name: string) {
  return (text: string): number => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isFinite(value)) return value;
    throw new ShapeError(`${name}: "${text}" is not a number.`);
  };
}
