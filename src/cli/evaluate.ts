// tauscope evaluate: accuracy of a network on memory lengths of its task.

import { Command } from "commander";
import { readWhole } from "../io/run-directory.ts";
import { decodeCheckpoint, type Purpose } from "../training/checkpoint.ts";
import { evaluateNetwork } from "../training/evaluation.ts";
import { fastOption } from "./fast-option.ts";
import { parseLengths } from "./lengths.ts";
import { mnistOption, readDigits } from "./mnist-option.ts";
import { wholeNumber, wholeNumbers } from "./numbers.ts";
import { printResult } from "./output.ts";

export const evaluate = new Command("evaluate")
  .description("Measure a network's accuracy on fresh sequences.")
  .argument("<checkpoint>", "checkpoint file")
  .requiredOption("--n <lengths>", "memory lengths, as in 5 or 2..11 or 2,4,8")
  .option(
    "--sequence-n <N>",
    "sequences are as long as in training up to this N: N + 2 to 4 N + 1 bits (default: the largest N asked for or last trained)",
    wholeNumber("--sequence-n", 2),
  )
  .option(
    "--steps-per-bit <list>",
    "continuous time: steps per bit, one for each batch in turn, as in 25 or 7,8,9,10 (default: as in training)",
    wholeNumbers("--steps-per-bit", 1),
  )
  .option("--batch <count>", "sequences per batch", wholeNumber("--batch", 1), 256)
  .option("--batches <count>", "batches", wholeNumber("--batches", 1), 50)
  .addOption(mnistOption())
  .option("--seed <seed>", "seed of the sequences", wholeNumber("--seed", 0), 0)
  .addOption(fastOption())
  .option("--json", 'print {"sequences", "accuracy": {"2": …}} and nothing else')
  .action(async (path: string, { n, json, mnist, fast: _, ...options }) => {
    const checkpoint = decodeCheckpoint(await readWhole(path), path);
    const digits = mnist === undefined ? {} : { digits: { test: await readDigits(mnist, "test") } };
    const result = await evaluateNetwork(checkpoint, { N: parseLengths(n), ...digits, ...options });
    const { task } = checkpoint.purpose;
    const rows = Object.entries(result.accuracy).map(([N, value]) => {
      const note = isUntrained(Number(N), checkpoint.purpose) ? "  its head was not trained" : "";
      return `${N.padStart(4)}  ${(value * 100).toFixed(2).padStart(6)} %${note}`;
    });
    printResult(json, result, [
      `Accuracy on ${task} over ${result.sequences} sequences`,
      "   N  accuracy",
      ...rows,
    ]);
  });

// a multi-head network keeps a head for every N to come
function isUntrained(N: number, { curriculum, N: trained }: Purpose): boolean {
  return curriculum === "multi" && trained.length > 0 && !trained.includes(N);
}
