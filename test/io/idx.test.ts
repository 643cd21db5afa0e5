// IDX files: those of MNIST as they are described, plain and compressed, and what is said of others.

import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { StateError } from "../../src/core/errors.ts";
import { decodeDigits, decodeIdx } from "../../src/io/idx.ts";

/** An IDX file of bytes: 0, 0, 8, dimensions, sizes in big-endian order, values. */
function idx(shape: number[], values: number[]): Uint8Array<ArrayBuffer> {
  const sizes = shape.flatMap((size) => [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]);
  return Uint8Array.from([0, 0, 8, shape.length, ...sizes, ...values]);
}

const count = (n: number, first = 0) => Array.from({ length: n }, (_, i) => (first + i) % 256);
const images = idx([2, 28, 28], count(1568, 5));
const labels = idx([2], [7, 3]);

describe("values", () => {
  test.each([
    ["as it is", (bytes: Uint8Array) => bytes],
    ["compressed by gzip", (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes))],
    ["in the middle of a buffer", (bytes: Uint8Array) => Uint8Array.of(9, ...bytes, 9).subarray(1, -1)],
  ])("a file of 2 × 3 × 4 bytes, %s, has its shape and its values", async (_, pack) => {
    const file = await decodeIdx(pack(idx([2, 3, 4], count(24))));
    expect(file).toEqual({ shape: [2, 3, 4], data: Uint8Array.from(count(24)) });
  });

  test("sizes above 255 are read in big-endian order", async () => {
    expect((await decodeIdx(idx([300, 1], count(300)))).shape).toEqual([300, 1]);
  });

  test("two images of 28 × 28 and two labels are digits, one file compressed or both", async () => {
    const expected = { images: Uint8Array.from(count(1568, 5)), labels: Uint8Array.of(7, 3) };
    expect(await decodeDigits(images, labels)).toEqual(expected);
    expect(await decodeDigits(gzipSync(images), labels)).toEqual(expected);
    expect(await decodeDigits(gzipSync(images), gzipSync(labels))).toEqual(expected);
  });
});

describe("errors", () => {
  test.each([
    [
      "nothing",
      new Uint8Array(0),
      "it begins with nothing, expected 00 00 08 and the number of dimensions: an IDX file of bytes.",
    ],
    ["text", new TextEncoder().encode("<html>"), "it begins with 3c 68 74 6d, expected"],
    ["floats", Uint8Array.of(0, 0, 13, 1, 0, 0, 0, 0), "it begins with 00 00 0d 01, expected"],
    ["no dimension", Uint8Array.of(0, 0, 8, 0), "it begins with 00 00 08 00, expected"],
    [
      "half a header",
      labels.subarray(0, 7),
      "it has 7 bytes, expected at least 8, for its header; the file is damaged.",
    ],
    ["a value too few", images.subarray(0, -1), "it has 1583 bytes, expected 1584; the file is damaged."],
    ["a value too many", Uint8Array.of(...labels, 1), "it has 11 bytes, expected 10; the file is damaged."],
    [
      "half of what is compressed",
      gzipSync(images).subarray(0, 60),
      "it cannot be decompressed; the file is damaged.",
    ],
    [
      "a bit of what is compressed flipped",
      flipped(gzipSync(images)),
      "it cannot be decompressed; the file is damaged.",
    ],
  ])("a file with %s is refused: %s", async (_, bytes, message) => {
    await expect(decodeIdx(bytes, "train.idx")).rejects.toThrow(StateError);
    await expect(decodeIdx(bytes, "train.idx")).rejects.toThrow(`train.idx: ${message}`);
  });

  test.each([
    [idx([2, 28, 27], count(1512)), labels, "a: its shape is (2, 28, 27), expected (n, 28, 28)."],
    [labels, labels, "a: its shape is (2), expected (n, 28, 28)."],
    [images, images, "b: its shape is (2, 28, 28), expected (n)."],
    [images, idx([3], [1, 2, 3]), "b: it has 3 labels, expected 2, one for each image of a."],
  ])("images and labels that do not fit are refused", async (first, second, message) => {
    await expect(decodeDigits(first, second, ["a", "b"])).rejects.toThrow(new StateError(message));
  });
});

// the checksum at its end no longer fits
function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length - 8]! ^= 1;
  return copy;
}
