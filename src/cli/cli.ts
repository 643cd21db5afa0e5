// The command line.

import { Command, CommanderError } from "commander";
import { version } from "../core/core.ts";
import { NumericError, ShapeError, StateError } from "../core/errors.ts";
import { useFastCore } from "../experiments/fast-core.ts";
import { evaluate } from "./evaluate.ts";
import { exportNetwork } from "./export.ts";
import { fingerprintCommand } from "./fingerprint.ts";
import { importNetwork } from "./import.ts";
import { inspect } from "./inspect.ts";
import { lyapunovCommand } from "./lyapunov.ts";
import { measure } from "./measure.ts";
import { phase } from "./phase.ts";
import { reproduce } from "./reproduce.ts";
import { resume } from "./resume.ts";
import { start } from "./start.ts";
import { train } from "./train.ts";

const USAGE = 2;
const FAILURE = 1;

const program = new Command("tauscope")
  .description("Train recurrent networks through curricula, and measure them.")
  .version(version)
  .addHelpText(
    "after",
    "\nWithout a command, `start` runs. `tauscope <command> --help` shows a command's flags.",
  );
for (const command of [
  start,
  train,
  resume,
  evaluate,
  inspect,
  measure,
  lyapunovCommand,
  phase,
  importNetwork,
  exportNetwork,
  reproduce,
  fingerprintCommand,
])
  program.addCommand(command);
program.hook("preAction", async (_, command) => {
  if (command.opts().fast) await useFastCore();
});
for (const command of [program, ...program.commands]) {
  command
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, "tauscope: ")) });
  command.showHelpAfterError("(--help shows what is expected)");
}

// whoever reads the output may leave, and a disk may be full: what is in files is safe either way
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (stream === process.stdout && error.code !== "EPIPE")
      process.stderr.write(`tauscope: standard output cannot be written: ${error.message}.\n`);
    process.exit(FAILURE);
  });
}

try {
  await program.parseAsync(withCommand(process.argv.slice(2)), { from: "user" });
} catch (error) {
  process.exitCode = report(error);
}

// the arguments, with `start` before them if no command is named
function withCommand(args: string[]): string[] {
  const [first = ""] = args;
  const isFlag = first === "" || first.startsWith("-");
  const isGlobal = ["-h", "--help", "-V", "--version"].includes(first);
  return isFlag && !isGlobal ? ["start", ...args] : args;
}

// one sentence on standard error, and the exit code
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  const known = error instanceof ShapeError || error instanceof StateError || error instanceof NumericError;
  const message = known
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`tauscope: ${message}\n`);
  return error instanceof ShapeError ? USAGE : FAILURE;
}
