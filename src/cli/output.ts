// Results on standard output, for people or, with --json, as one object for machines.

/** Print a result: `lines` for people, or `value` as JSON. */
export function printResult(json: boolean | undefined, value: object, lines: string[]): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : lines.map((line) => `${line}\n`).join(""));
}
