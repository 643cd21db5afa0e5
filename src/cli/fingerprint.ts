// tauscope fingerprint: a hash that is the same wherever the bits are the same.

import { Command } from "commander";
import { expectedFingerprint } from "../core/core.ts";
import { useFastCore } from "../experiments/fast-core.ts";
import { fingerprint } from "../experiments/fingerprint.ts";
import { fastOption } from "./fast-option.ts";
import { printResult } from "./output.ts";

export const fingerprintCommand = new Command("fingerprint")
  .description("Run a fixed program and hash its results: the same hash on two machines means the same bits.")
  .addOption(fastOption())
  .option("--json", "print one JSON object and nothing else")
  .action(async (options) => {
    const fast = options.fast === true && (await useFastCore());
    const result = await fingerprint();
    const { all, parts, core, version, engine } = result;
    const lines = Object.entries(parts).map(([name, hash]) => `${hash}  ${name}`);
    const instructions = options.fast ? [`256-bit instructions: ${fast ? "in use" : "not in use here"}`] : [];
    const same = all === expectedFingerprint;
    printResult(options.json, result, [
      ...lines,
      `${all}  all, ${same ? "as on every engine" : `but it is ${expectedFingerprint} on every other engine`}`,
      `tauscope ${version}, core ${core}, ${engine}`,
      ...instructions,
    ]);
    if (!same) process.exitCode = 1;
  });
