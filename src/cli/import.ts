// tauscope import: a network from elsewhere as a checkpoint.

import { Command, Option } from "commander";
import { ShapeError } from "../core/errors.ts";
import { decodeRnnTimescale } from "../io/rnn-timescale.ts";
import { readWhole } from "../io/run-directory.ts";
import { encodeCheckpoint, type Purpose, writer } from "../training/checkpoint.ts";
import { resolveSettings } from "../training/settings.ts";
import { parseLengths } from "./lengths.ts";
import { printResult } from "./output.ts";
import { writeNew } from "./output-file.ts";

export const importNetwork = new Command("import")
  .description("Make a checkpoint of a network that was trained elsewhere.")
  .argument("<file>", "safetensors file")
  .addOption(
    new Option("--from <source>", "rnn_timescale: networks released with the timescale paper")
      .choices(["rnn_timescale"])
      .makeOptionMandatory(),
  )
  .addOption(
    new Option("--curriculum <kind>", "multi: head k answers N = k + 2; single: head 0 answers")
      .choices(["multi", "single"])
      .makeOptionMandatory(),
  )
  .option(
    "--n <lengths>",
    "memory lengths it was trained on last, if known, as in 2..5; sets the length of test sequences",
  )
  .requiredOption("--out <checkpoint>", "checkpoint file to write")
  .option("--force", "overwrite an existing file")
  .option("--json", "print the result as one JSON object")
  .action(async (path: string, options) => {
    const network = decodeRnnTimescale(await readWhole(path), path);
    const startN = 2;
    const N = options.n === undefined ? [] : parseLengths(options.n);
    const { units, heads } = network.shape;
    const multi = options.curriculum === "multi";
    if (multi && N.some((n) => n >= startN + heads)) {
      throw new ShapeError(
        `--n: "${options.n}" goes beyond the heads of ${path}, expected at most N = ${startN + heads - 1}.`,
      );
    }
    const purpose: Purpose = {
      task: "parity",
      bits: "binary",
      labels: "last",
      curriculum: options.curriculum,
      startN,
      maxN: Math.max(startN + heads - 1, ...N),
      N,
      initialState: resolveSettings().initialState,
      stepsPerBit: [1],
    };
    await writeNew(options.out, encodeCheckpoint({ ...writer, network, purpose }), options.force);
    const reading = multi ? `head k answers N = k + ${startN}` : "head 0 answers";
    printResult(options.json, { checkpoint: options.out, units, heads }, [
      `${options.out}: ${units} units, ${heads} heads; ${reading}`,
    ]);
  });
