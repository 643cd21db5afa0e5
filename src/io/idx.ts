// IDX files, in which MNIST is distributed: a header with the sizes, and the values behind it; as it is, or compressed.
//
// Based on   LeCun, Cortes, Burges, "The MNIST database of handwritten digits" (its description of the format); gzip by the
//            engine's own DecompressionStream.
// Deviation  unsigned bytes only, which images and labels are.

import type { Digits } from "../core/digits.ts";
import { StateError } from "../core/errors.ts";

const UNSIGNED_BYTES = 8;

/** An array of bytes in C order. */
export interface IdxArray {
  shape: number[];
  data: Uint8Array;
}

/**
 * Read an IDX file, plain or gzip-compressed.
 *
 * @param where  What the file is called in errors.
 * @throws StateError if it is damaged, of another kind, or shorter or longer than its header says.
 */
export async function decodeIdx(bytes: Uint8Array, where = "IDX file"): Promise<IdxArray> {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const plain = isGzip ? await decompress(bytes, where) : bytes;
  const [zero, zeroToo, type, dimensions = 0] = plain;
  if (zero !== 0 || zeroToo !== 0 || type !== UNSIGNED_BYTES || dimensions === 0) {
    const got = Array.from(plain.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new StateError(
      `${where}: it begins with ${got || "nothing"}, expected 00 00 08 and the number of dimensions: an IDX file of bytes.`,
    );
  }
  const begin = 4 + 4 * dimensions;
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const header = Math.min(dimensions, Math.floor((plain.length - 4) / 4));
  const shape = Array.from({ length: header }, (_, i) => view.getUint32(4 + 4 * i));
  const expected = begin + shape.reduce((product, size) => product * size, 1);
  if (header < dimensions || plain.length !== expected) {
    const wanted = header < dimensions ? `at least ${begin}, for its header` : expected;
    throw new StateError(`${where}: it has ${plain.length} bytes, expected ${wanted}; the file is damaged.`);
  }
  return { shape, data: plain.slice(begin) };
}

/**
 * Read two IDX files as digits: images (n, 28, 28) and their labels (n).
 *
 * @param where  What the files are called in errors, first that of the images.
 * @throws StateError if a file is damaged, has another shape, or they do not have the same count.
 */
export async function decodeDigits(
  images: Uint8Array,
  labels: Uint8Array,
  where: readonly [string, string] = ["images", "labels"],
): Promise<Digits> {
  const [pictures, names] = await Promise.all([decodeIdx(images, where[0]), decodeIdx(labels, where[1])]);
  checkShape(pictures, ["n", 28, 28], where[0]);
  checkShape(names, ["n"], where[1]);
  if (pictures.shape[0] !== names.shape[0]) {
    throw new StateError(
      `${where[1]}: it has ${names.shape[0]} labels, expected ${pictures.shape[0]}, one for each image of ${where[0]}.`,
    );
  }
  return { images: pictures.data, labels: names.data };
}

function checkShape({ shape }: IdxArray, expected: (number | "n")[], where: string): void {
  const fits =
    shape.length === expected.length && expected.every((size, i) => size === "n" || size === shape[i]);
  if (fits) return;
  throw new StateError(`${where}: its shape is (${shape.join(", ")}), expected (${expected.join(", ")}).`);
}

async function decompress(bytes: Uint8Array, where: string): Promise<Uint8Array> {
  try {
    const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
      .stream()
      .pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw new StateError(`${where}: it cannot be decompressed; the file is damaged.`, { cause });
  }
}
