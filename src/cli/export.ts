// tauscope export: a checkpoint's network for other programs.

import { Command, Option } from "commander";
import { networkTensors } from "../cells/network.ts";
import { encodeNpz } from "../io/npz.ts";
import { readWhole } from "../io/run-directory.ts";
import { encodeSafetensors } from "../io/safetensors.ts";
import { decodeCheckpoint } from "../training/checkpoint.ts";
import { printResult } from "./output.ts";
import { writeNew } from "./output-file.ts";

const encoders = { safetensors: encodeSafetensors, npz: encodeNpz };

export const exportNetwork = new Command("export")
  .description(
    "Write a checkpoint's network as plain tensors: tau (not clamped), input.weight, recurrent.weight, readout.weight, and biases.",
  )
  .argument("<checkpoint>", "checkpoint file")
  .addOption(
    new Option("--to <format>", "safetensors, or npz for NumPy")
      .choices(Object.keys(encoders))
      .makeOptionMandatory(),
  )
  .option(
    "--out <file>",
    "file to write (default: beside the checkpoint, NAME.export.npz or NAME.export.safetensors)",
  )
  .option("--force", "overwrite an existing file")
  .option("--json", "print the result as one JSON object")
  .action(async (path: string, options) => {
    const { network } = decodeCheckpoint(await readWhole(path), path);
    const format = options.to as keyof typeof encoders;
    const file = options.out ?? `${path.replace(/\.safetensors$/, "")}.export.${format}`;
    const tensors = networkTensors(network.shape, network.parameters);
    await writeNew(file, encoders[format](tensors), options.force);
    printResult(options.json, { file, tensors: [...tensors.keys()] }, [
      `${file}: ${[...tensors.keys()].join(", ")}`,
    ]);
  });
