// Images of digits in the core's memory, put there once; batches of sequential MNIST are drawn from them.

import type { Core } from "./core.ts";
import { ShapeError } from "./errors.ts";

const PIXELS = 28 * 28;
const CLASSES = 10;

/** Images of handwritten digits. */
export interface Digits {
  /** Grey values from 0 to 255, (n, 28, 28). */
  images: Uint8Array;
  /** The digits that they show, 0 … 9 (n). */
  labels: Uint8Array;
}

/** Digits to learn from, and others to be judged by. */
export interface DigitSets {
  training: Digits;
  test: Digits;
}

export type DigitSet = keyof DigitSets;

/** Digits in the memory of one core. */
export class PlacedDigits {
  /** Where they came from. */
  readonly sets: Partial<DigitSets>;
  private readonly addresses = new Map<DigitSet, number>();

  /**
   * @throws ShapeError if a set is empty, or its images and labels do not fit each other.
   * @throws StateError if the memory cannot hold them; the message names the bytes needed.
   */
  constructor(core: Core, sets: Partial<DigitSets>) {
    this.sets = sets;
    for (const [set, digits] of Object.entries(sets) as [DigitSet, Digits][]) {
      checkDigits(set, digits);
      const { images, labels } = digits;
      const address = core.allocate(images.length + labels.length, `${labels.length} images`);
      core.u8(address, images.length).set(images);
      core.u8(address + images.length, labels.length).set(labels);
      this.addresses.set(set, address);
    }
  }

  /** Where the images and labels of a set begin, and how many there are. */
  locate(set: DigitSet): { images: number; labels: number; count: number } {
    const images = this.addresses.get(set)!;
    const { length: count } = this.sets[set]!.labels;
    return { images, labels: images + count * PIXELS, count };
  }
}

function checkDigits(set: DigitSet, { images, labels }: Digits): void {
  const expectBytes = (field: string, value: unknown) => {
    if (value instanceof Uint8Array) return;
    throw new ShapeError(`digits: \`${set}.${field}\` is ${typeof value}, expected a Uint8Array.`);
  };
  expectBytes("images", images);
  expectBytes("labels", labels);
  if (labels.length === 0)
    throw new ShapeError(`digits: \`${set}.labels\` is empty, expected at least one label.`);
  if (images.length !== labels.length * PIXELS) {
    throw new ShapeError(
      `digits: \`${set}.images\` has ${images.length} bytes, expected ${labels.length * PIXELS}: 28 × 28 for each of ${labels.length} labels.`,
    );
  }
  const wrong = labels.findIndex((label) => label >= CLASSES);
  if (wrong >= 0)
    throw new ShapeError(
      `digits: \`${set}.labels\` is ${labels[wrong]} at index ${wrong}, expected 0 to ${CLASSES - 1}.`,
    );
}
