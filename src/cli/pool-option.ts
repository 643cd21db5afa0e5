// The flag --workers of commands that have many things to do at once.

import { Option } from "commander";
import { countCores } from "../workers/cores.ts";
import { wholeNumber } from "./numbers.ts";

/** How many workers do them; it does not change the result. */
export function poolOption(): Option {
  return new Option(
    "--workers <count>",
    "what is trained or measured at once; the result does not depend on it",
  )
    .argParser(wholeNumber("--workers", 1, 1024))
    .default(countCores(), "one for each core");
}
