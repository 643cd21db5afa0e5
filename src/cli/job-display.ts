// What a person sees of the jobs of experiments: a line when one is done; on a terminal also what is being done now.

import type { LaboratoryEvent } from "../experiments/laboratory.ts";

export class JobDisplay {
  private readonly stream: NodeJS.WriteStream;
  private readonly running = new Map<string, string>();
  private status = "";

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
  }

  /** Print a line; above the status if there is one. */
  line(text: string): void {
    const { status } = this;
    this.show("");
    this.stream.write(`${text}\n`);
    this.show(status);
  }

  /** Something that a laboratory does. */
  event({ job, state, detail }: LaboratoryEvent): void {
    if (state === "goes on") this.running.set(job, detail);
    else this.running.delete(job);
    if (state === "done") this.line(`  ${job}${detail ? `: ${detail}` : ""}`);
    this.show([...this.running].map(([name, how]) => `${name}: ${how}`).join(" | "));
  }

  /** Take the status away. */
  close(): void {
    this.show("");
  }

  // one line, cut to the terminal's width
  private show(status: string): void {
    if (!this.stream.isTTY) return;
    const cut = status.slice(0, Math.max(0, (this.stream.columns ?? 80) - 1));
    if (cut === this.status) return;
    this.status = cut;
    this.stream.write(`\r\x1b[K${cut}`);
  }
}
