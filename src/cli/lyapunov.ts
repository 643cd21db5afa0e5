// tauscope lyapunov: the Lyapunov spectrum of a trained network under its task's input.

import { Command } from "commander";
import { measureTrainedSpectrum } from "../experiments/trained-spectrum.ts";
import { readWhole } from "../io/run-directory.ts";
import { decodeCheckpoint } from "../training/checkpoint.ts";
import { fastOption } from "./fast-option.ts";
import { wholeNumber } from "./numbers.ts";
import { printResult } from "./output.ts";

// exponents that people are shown
const SHOWN = 10;

export const lyapunovCommand = new Command("lyapunov")
  .description("Measure the Lyapunov spectrum of a network that random bits drive, as in its task.")
  .argument("<checkpoint>", "checkpoint file; see `import` for networks of other programs")
  .option("--count <count>", "exponents, from the largest (default: all)", wholeNumber("--count", 1))
  .option("--steps <count>", "time steps measured", wholeNumber("--steps", 1), 2000)
  .option("--transient <count>", "time steps before", wholeNumber("--transient", 0), 500)
  .option(
    "--interval <count>",
    "steps from one QR decomposition to the next",
    wholeNumber("--interval", 1),
    1,
  )
  .option("--no-input", "leave the network to itself")
  .option("--seed <seed>", "seed of bits and directions", wholeNumber("--seed", 0), 0)
  .addOption(fastOption())
  .option("--json", "print one JSON object and nothing else")
  .action(async (path: string, { json, input, fast: _, ...options }) => {
    const checkpoint = decodeCheckpoint(await readWhole(path), path);
    const spectrum = await measureTrainedSpectrum(checkpoint, { ...options, driven: input });
    const { exponents, errors, drift, converged, dimension, entropy, positiveFraction, sum, steps } =
      spectrum;
    const shown = Array.from(
      exponents.subarray(0, SHOWN),
      (value, i) =>
        `${String(i + 1).padStart(4)}  ${value.toFixed(5).padStart(9)} ± ${errors[i]!.toFixed(5)}`,
    );
    const result = {
      exponents: [...exponents],
      errors: [...errors],
      converged,
      dimension,
      entropy,
      positiveFraction,
      sum,
      steps,
    };
    printResult(json, result, [
      `Lyapunov exponents per time step over ${steps} steps, ± standard error`,
      ...shown,
      ...(exponents.length > SHOWN ? [`      … ${exponents.length} in all, ${sum.toFixed(4)} together`] : []),
      `positive: ${(100 * positiveFraction).toFixed(1)} % of all; entropy rate ${entropy.toFixed(5)} nats`,
      `Kaplan–Yorke dimension: ${dimension === undefined ? "beyond the exponents that were measured" : dimension.toFixed(3)}`,
      converged
        ? "converged: both halves of the time agree"
        : `not converged: the two halves of the time differ by up to ${largest(drift).toFixed(4)}; take more --steps`,
    ]);
  });

function largest(drift: Float64Array): number {
  return drift.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
