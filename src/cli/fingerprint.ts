// tauscope fingerprint: a hash that is the same wherever the bits are the same.

import { Command } from "commander";
import { fingerprint } from "../experiments/fingerprint.ts";
import { printResult } from "./output.ts";

export const fingerprintCommand = new Command("fingerprint")
  .description("Run a fixed program and hash its results: the same hash on two machines means the same bits.")
  .option("--json", "print one JSON object and nothing else")
  .action(async (options) => {
    const result = await fingerprint();
    const { all, parts, core, version, engine } = result;
    const lines = Object.entries(parts).map(([name, hash]) => `${hash}  ${name}`);
    printResult(options.json, result, [
      ...lines,
      `${all}  all`,
      `tauscope ${version}, core ${core}, ${engine}`,
    ]);
  });
