// The flag --fast of commands that compute.

import { Option } from "commander";

/** Whether 256-bit instructions are tried, see `useFastCore`; the command line does so before any command runs. */
export function fastOption(): Option {
  return new Option(
    "--fast",
    "use 256-bit instructions where that gives the same bits: Node 24 or later on x86-64, up to 1.7 times as fast after a check of two seconds",
  );
}
