// The flag --workers of commands that train.

import { Option } from "commander";
import { SHARDS } from "../core/plan.ts";
import { wholeNumber } from "./numbers.ts";

/** How many workers share the batches of a network; it does not change the result. */
export function workersOption(): Option {
  return new Option(
    "--workers <count>",
    `workers that share the batches of a network, up to ${SHARDS}; the result does not depend on it`,
  )
    .argParser(wholeNumber("--workers", 1, SHARDS))
    .default(1);
}
