// Ctrl-C: the first asks a command to stop in good order, the second ends it at once.

/** Exit code of a program that was interrupted. */
export const INTERRUPTED = 130;

interface Output {
  line(text: string): void;
  close(): void;
}

/** Call `stop` at the first interrupt, having said what happens, and leave at once at the second; returns how to take that back. */
export function onInterrupt(display: Output, doing: string, stop: () => unknown): () => void {
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) {
      display.close();
      process.exit(INTERRUPTED);
    }
    interrupted = true;
    display.line(`Stopping${doing} (Ctrl-C again to leave at once) …`);
    stop();
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return () => {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  };
}
