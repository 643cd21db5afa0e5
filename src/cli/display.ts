// What a person sees while networks train: a bar per run on a terminal, a line per epoch anywhere else.

import { MultiBar, type SingleBar } from "cli-progress";
import type { EpochRecord } from "../training/metrics.ts";
import type { Progress } from "../training/trainer.ts";

export class Display {
  private readonly bars: MultiBar | undefined;
  private readonly barOf = new Map<string, SingleBar>();
  private readonly stream: NodeJS.WriteStream;

  /** @param stream  Where to write: standard error if standard output is to hold a result only. */
  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
    if (stream.isTTY) {
      const format = "{label} epoch {epoch} [{bar}] {value}/{total} updates  N {N}  loss {loss}";
      this.bars = new MultiBar({
        stream,
        format,
        hideCursor: true,
        clearOnComplete: true,
        // the bars stay until the checkpoint is written
        gracefulExit: false,
        barCompleteChar: "━",
        barIncompleteChar: " ",
      });
    }
  }

  /** Print a line; above the bars if there are any. */
  line(text: string): void {
    if (this.bars && this.barOf.size > 0) this.bars.log(`${text}\n`);
    else this.stream.write(`${text}\n`);
  }

  /** A finished epoch. */
  epoch(label: string, { epoch, N, loss, accuracy, solved, tau }: EpochRecord): void {
    const newest = N.at(-1)!;
    const percent = ((accuracy[newest] ?? 0) * 100).toFixed(2);
    const meanTau = tau ? `mean tau ${tau.mean.toFixed(4)}  ` : "";
    const verdict = solved ? `solved N=${newest}` : "";
    this.line(
      `${label.padEnd(8)} epoch ${String(epoch).padStart(3)}  N ${range(N).padEnd(6)} loss ${loss.toFixed(4)}  accuracy of N=${newest} ${percent.padStart(6)} %  ${meanTau}${verdict}`.trimEnd(),
    );
  }

  /** Where a run is within its epoch. */
  progress(label: string, { epoch, epochStep, updates, N, loss }: Progress): void {
    if (!this.bars) return;
    const shown = {
      label: label.padEnd(8),
      epoch,
      N: range(N),
      loss: loss.toFixed(4),
    };
    const bar = this.barOf.get(label);
    if (bar) bar.update(epochStep, shown);
    else this.barOf.set(label, this.bars.create(updates, epochStep, shown));
  }

  /** Take the bars away. */
  close(): void {
    if (!this.bars || this.barOf.size === 0) return;
    // prints the lines that still wait for the bars to be drawn again
    this.bars.update();
    this.bars.stop();
    this.barOf.clear();
  }
}

// memory lengths as they are asked for on the command line
function range(N: readonly number[]): string {
  return N.length > 1 ? `${N[0]}..${N.at(-1)}` : `${N[0]}`;
}
