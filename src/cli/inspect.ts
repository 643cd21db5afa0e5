// tauscope inspect: what a checkpoint holds.

import { Command } from "commander";
import { weightStatistics } from "../analysis/weight-statistics.ts";
import { layerTensor, type Network, networkTensors } from "../cells/network.ts";
import { largestStepsPerBit } from "../cells/steps-per-bit.ts";
import { networkTau, type TauStatistics } from "../cells/tau.ts";
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
    ...describeWeights(network),
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

// of all layers together, and of each if there are several
function describeTau(network: Network, stepsPerBit: number) {
  const tau = networkTau(network, stepsPerBit);
  if (!tau) return undefined;
  const { layers, ...all } = tau;
  return { ...withoutQuantiles(all), layers: layers?.map(withoutQuantiles) };
}

function withoutQuantiles({ quantiles: _, ...rest }: TauStatistics) {
  return rest;
}

// W of every layer: "recurrent", "layer2.recurrent" …
function describeWeights({ shape, parameters }: Network) {
  const tensors = networkTensors(shape, parameters);
  const { units: H, layers = 1 } = shape;
  const weights = Array.from({ length: layers }, (_, l) => {
    const name = layerTensor(l, "recurrent.weight");
    const { data } = tensors.get(name)!;
    // gated cells have several matrices
    return [name.replace(".weight", ""), data.length === H * H ? weightStatistics(data, H) : undefined];
  });
  return Object.fromEntries(weights);
}

// "name  value" lines; nested values with dotted names
function table(facts: object): string[] {
  const rows = flatten("", facts);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

function flatten(prefix: string, value: unknown): [string, string][] {
  if (Array.isArray(value)) {
    if (typeof value[0] === "object")
      return value.flatMap((inner, i) => flatten(`${prefix}.${i + 1}`, inner));
    return [[prefix, value.length > 0 ? value.join(", ") : "unknown"]];
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => flatten(prefix ? `${prefix}.${key}` : key, inner));
  }
  if (value === undefined) return [[prefix, "none"]];
  const isFraction = typeof value === "number" && !Number.isInteger(value);
  return [[prefix, isFraction ? value.toFixed(6) : String(value)]];
}
