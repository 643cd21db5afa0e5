// The four networks that the authors of the timescale paper released, imported and measured from the command line.
//
// Based on  Khajehabdollahi et al., ICLR 2024; public repository LevinaLab/rnn_timescale_public, as safetensors beside
//           this checkout (science/timescales.md sections 2 and 7).

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeCheckpoint } from "../src/training/checkpoint.ts";
import { evaluateNetwork } from "../src/training/evaluation.ts";
import { onlyObject, removeDirectory, succeed, temporaryDirectory } from "./cli/run-cli.ts";

const source = fileURLToPath(new URL("../../shared/data/levina/", import.meta.url));

/**
 * Share of right answers on n-parity of a network that computes N-parity: the bits that one of them counts and the
 * other does not are |n - N| draws of a coin of unknown bias, and their parity is even with this probability.
 */
function expected(n: number, N: number): number {
  const difference = Math.abs(n - N);
  return difference % 2 === 0 ? 1 / 2 + 1 / (2 * (difference + 1)) : 1 / 2;
}

describe.skipIf(!existsSync(source))("released networks (skipped without ../shared/data/levina)", () => {
  let directory: string;

  beforeAll(() => {
    directory = temporaryDirectory(true);
  });

  afterAll(() => removeDirectory(directory));

  /** Import a network; returns the name of its checkpoint. */
  async function importNetwork(name: string, curriculum: string, lengths: string): Promise<string> {
    const args = [join(source, `${name}.safetensors`), "--from", "rnn_timescale", "--curriculum", curriculum];
    const result = await succeed(["import", ...args, "--n", lengths, "--out", name, "--json"], directory);
    expect(onlyObject(result)).toEqual({ checkpoint: name, units: 500, heads: 100 });
    return name;
  }

  async function meanTau(name: string): Promise<string> {
    const { tau } = onlyObject(await succeed(["inspect", name, "--json"], directory));
    return (tau as { mean: number }).mean.toFixed(6);
  }

  /**
   * Accuracy on N = 2 … 11 over batches of 256 sequences: as long as those that the network was trained on last for N
   * up to `trained`, as long as training up to 11 would make them for the others.
   */
  async function scores(name: string, trained: number, batches: number): Promise<[number, number][]> {
    const checkpoint = decodeCheckpoint(readFileSync(join(directory, name)), name);
    const measure = async (first: number, last: number) => {
      const N = Array.from({ length: last - first + 1 }, (_, i) => first + i);
      const options = { N, sequenceN: last, batches };
      const { sequences, accuracy } = await evaluateNetwork(checkpoint, options);
      expect(sequences).toBe(256 * batches);
      return Object.entries(accuracy).map(([n, score]): [number, number] => [Number(n), score]);
    };
    const all = [...(await measure(2, trained)), ...(await measure(trained + 1, 11))];
    console.log(`${name}: ${all.map(([n, score]) => `${n}: ${score.toFixed(4)}`).join(", ")}`);
    return all;
  }

  it.each([
    ["multi_N2_N5", "1.456142", 5],
    ["multi_N2_N8", "1.414380", 8],
  ])(
    "%s: mean tau %s, at least 0.999 on each of N = 2..%i over 12800 sequences; its untrained heads guess, 0.35 to 0.65",
    async (file, tau, largest) => {
      const name = await importNetwork(file, "multi", `2..${largest}`);
      expect(await meanTau(name)).toBe(tau);
      for (const [n, score] of await scores(name, largest, 50)) {
        if (n <= largest) expect(score, `N = ${n}`).toBeGreaterThanOrEqual(0.999);
        else expect(Math.abs(score - 0.5), `N = ${n}`).toBeLessThanOrEqual(0.15);
      }
    },
  );

  it.each([
    ["single_N5", "1.472480", 5],
    ["single_N8", "1.452492", 8],
  ])(
    "%s: mean tau %s, at least 0.975 on its N = %i over 51200 sequences, and elsewhere what N-parity scores there within 0.02",
    async (file, tau, own) => {
      const name = await importNetwork(file, "single", String(own));
      expect(await meanTau(name)).toBe(tau);
      // 51200 sequences: the standard error of a score of 0.5 is 0.0022
      for (const [n, score] of await scores(name, own, 200)) {
        if (n === own) expect(score, `N = ${n}`).toBeGreaterThanOrEqual(0.975);
        else expect(Math.abs(score - expected(n, own)), `N = ${n}: ${score}`).toBeLessThanOrEqual(0.02);
      }
    },
  );

  it("`evaluate` prints for multi_N2_N5 an accuracy of 1 on N = 2..5 over 12800 sequences, as the library does", async () => {
    const name = "multi_N2_N5";
    const { sequences, accuracy } = onlyObject(
      await succeed(["evaluate", name, "--n", "2..5", "--json"], directory),
    );
    expect(sequences).toBe(12_800);
    for (const score of Object.values(accuracy as object)) expect(score).toBeGreaterThanOrEqual(0.999);
  });
});
