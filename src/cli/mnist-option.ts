// The flag --mnist of commands that train or evaluate on digits.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Option } from "commander";
import type { DigitSet, DigitSets, Digits } from "../core/digits.ts";
import { StateError } from "../core/errors.ts";
import { decodeDigits } from "../io/idx.ts";
import { readWhole } from "../io/run-directory.ts";

const prefixes: Record<DigitSet, string> = { training: "train", test: "t10k" };

/** Where the digits of the task smnist are. */
export function mnistOption(): Option {
  return new Option(
    "--mnist <dir>",
    "sequential MNIST: directory with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, or these with .gz",
  );
}

/** Both sets of digits in a directory, as an option; none if there is no directory. */
export async function readDigitSets(directory: string | undefined): Promise<{ digits?: DigitSets }> {
  if (directory === undefined) return {};
  const [training, test] = await Promise.all([
    readDigits(directory, "training"),
    readDigits(directory, "test"),
  ]);
  return { digits: { training, test } };
}

/** One set of digits in a directory. */
export async function readDigits(directory: string, set: DigitSet): Promise<Digits> {
  const images = findFile(directory, `${prefixes[set]}-images-idx3-ubyte`);
  const labels = findFile(directory, `${prefixes[set]}-labels-idx1-ubyte`);
  return decodeDigits(await readWhole(images), await readWhole(labels), [images, labels]);
}

function findFile(directory: string, name: string): string {
  const path = [name, `${name}.gz`].map((file) => join(directory, file)).find((file) => existsSync(file));
  if (path !== undefined) return path;
  throw new StateError(
    `${directory}: neither ${name} nor ${name}.gz is there, expected the four files of MNIST.`,
  );
}
