// The paper's main result in small: multi-head training reaches longer memory than single-head training.
//
// Based on   Khajehabdollahi et al., ICLR 2024, figure 4a.
// Deviation  128 units, batches of 64, 100 updates per epoch, 44 epochs; everything else as in the paper.
//
// Over seeds 0 … 11 (bench/results/reduced-training.json) multi-head leads by 2 or more lengths in eleven; in seed 3 it
// leads by 1. There it is the initial network that learns slowly: with the sequences of three other seeds it reaches
// N = 7 or 8 too, and other initial networks reach 10 and 11 with the sequences of seed 3. PyTorch spreads as much:
// N = 8 to 11 in six seeds (bench/results/reduced-training-pytorch.ndjson).

import { expect, test } from "vitest";
import { TrainingJob } from "../../src/experiments/training-job.ts";
import { presets } from "../../src/training/settings.ts";

const EPOCHS = 44;
const SEEDS = [0, 1, 2, 3];

// the largest N solved by the end of each epoch
async function train(curriculum: "multi" | "single", seed: number): Promise<number[]> {
  const job = await TrainingJob.prepare({
    settings: { ...presets.laptop, curriculum, seed, epochs: EPOCHS },
  });
  const reached: number[] = [];
  try {
    await job.train(async ({ N, solved }) => {
      reached.push(solved ? N.at(-1)! : (reached.at(-1) ?? 0));
    });
  } finally {
    await job.close();
  }
  return reached;
}

test("after 44 epochs multi-head leads single-head in each of 4 seeds, by at least 2 N in three of them", {
  timeout: 1_200_000,
}, async () => {
  const leads: number[] = [];
  for (const seed of SEEDS) {
    const [multi, single] = await Promise.all([train("multi", seed), train("single", seed)]);
    console.log(
      `seed ${seed}, N solved after each epoch\n  multi  ${multi.join(" ")}\n  single ${single.join(" ")}`,
    );
    expect([multi.length, single.length]).toEqual([EPOCHS, EPOCHS]);
    leads.push(multi.at(-1)! - single.at(-1)!);
  }
  expect(Math.min(...leads), `leads ${leads}`).toBeGreaterThanOrEqual(1);
  expect(leads.filter((lead) => lead >= 2).length, `leads ${leads}`).toBeGreaterThanOrEqual(3);
});
