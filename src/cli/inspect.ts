// tauscope inspect: what a checkpoint holds.

import { Command } from "commander";
import { weightStatistics } from "../analysis/weight-statistics.ts";
import { type Network, networkTensors } from "../cells/network.ts";
import { largestStepsPerBit } from "../cells/steps-per-bit.ts";
import { networkTau } from "../cells/tau.ts";
import { readWhole } from "../io/run-directory.ts";
import { type Checkpoint, decodeCheckpoint } from "../training/checkpoint.ts";
import { printResult } from "./output.ts";

export const inspect = new Command("inspect")
  .description("Show what a checkpoint holds: shapes, time constants, weights, how far it was trained.")
  .argument("<checkpoint>", "checkpoint file")
  .option("--json", "print one JSON object and nothing else; tau is clamped at one step")
  .action(async (path: string, options) => {
    const facts = describe(decodeCheckpoint(await readWhole(path), path));
    printResult(options.json, facts, table(facts));
  });

function describe({ network, purpose, training, version, core }: Checkpoint) {
  const { shape, parameters } = network;
  const tensors = networkTensors(shape, parameters);
  const weight = tensors.get("recurrent.weight")!;
  const newest = training?.records.at(-1);
  return {
    ...shape,
    task: purpose.task,
    bits: purpose.bits,
    labels: purpose.labels,
    curriculum: purpose.curriculum,
    N: purpose.N,
    stepsPerBit: purpose.stepsPerBit,
    parameters: parameters.length,
    tau: describeTau(network, largestStepsPerBit(purpose.stepsPerBit)),
    // of one matrix; gated cells have several
    recurrent: weight.shape[0] === shape.units ? weightStatistics(weight.data, shape.units) : undefined,
    training: training && {
      epochs: training.records.length,
      step: training.step,
      solvedN: training.curriculum.solvedN,
      finished: training.curriculum.finished || training.records.length >= training.settings.epochs,
      loss: newest?.loss ?? null,
      optimizer: training.settings.optimizer,
      seed: training.settings.seed,
    },
    tensors: Object.fromEntries([...tensors].map(([name, tensor]) => [name, tensor.shape])),
    version,
    core,
  };
}

function describeTau(network: Network, stepsPerBit: number) {
  const tau = networkTau(network, stepsPerBit);
  if (!tau) return undefined;
  const { quantiles: _, ...rest } = tau;
  return rest;
}

// "name  value" lines; nested values with dotted names
function table(facts: object): string[] {
  const rows = flatten("", facts);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

function flatten(prefix: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) return [[prefix, value.length > 0 ? value.join(", ") : "unknown"]];
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => flatten(prefix ? `${prefix}.${key}` : key, inner));
  }
  if (value === undefined) return [[prefix, "none"]];
  const isFraction = typeof value === "number" && !Number.isInteger(value);
  return [[prefix, isFraction ? value.toFixed(6) : String(value)]];
}
