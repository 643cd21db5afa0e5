// The reduced parity training over 12 seeds: how much further multi-head gets than single-head in 44 epochs.
//
// 128 units, batches of 64, 100 updates per epoch; everything else as in the paper. What PyTorch does with the same
// settings is measured by peers/reduced_training.py.

import { TrainingJob } from "../src/experiments/training-job.ts";
import { presets } from "../src/training/settings.ts";

const SEEDS = 12;
const EPOCHS = 44;

/** By seed: the epoch at which each curriculum solved each N, the largest of them, and multi-head's lead. */
export async function measure() {
  const seeds = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const [multi, single] = await Promise.all([train("multi", seed), train("single", seed)]);
    const lead = multi.solvedN - single.solvedN;
    console.log(
      `seed ${seed}: multi-head N = ${multi.solvedN}, single-head N = ${single.solvedN}, lead ${lead}`,
    );
    seeds.push({ seed, multi, single, lead });
  }
  return { settings: { ...presets.laptop, epochs: EPOCHS }, seeds };
}

async function train(curriculum: "multi" | "single", seed: number) {
  const job = await TrainingJob.prepare({
    settings: { ...presets.laptop, curriculum, seed, epochs: EPOCHS },
  });
  const solvedAt: Record<number, number> = {};
  try {
    await job.train(async ({ epoch, N, solved }) => {
      if (solved) solvedAt[N.at(-1)!] = epoch;
    });
  } finally {
    await job.close();
  }
  return { solvedN: Math.max(0, ...Object.keys(solvedAt).map(Number)), solvedAt };
}
