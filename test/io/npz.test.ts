import { describe, expect, it } from "vitest";
import { ShapeError } from "../../src/core/errors.ts";
import { encodeNpz } from "../../src/io/npz.ts";
import type { Tensor, TensorData } from "../../src/io/safetensors.ts";

interface ZipEntry {
  name: string;
  content: Uint8Array;
  utf8: boolean;
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

/** CRC-32 as zip has it, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Read a zip file by its central directory, checking every field that must be as numpy.savez has it. */
function readZip(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u16 = (at: number) => view.getUint16(at, true);
  const u32 = (at: number) => view.getUint32(at, true);
  const end = bytes.length - 22;
  expect(u32(end)).toBe(0x06054b50);
  let at = u32(end + 16);
  expect(at + u32(end + 12)).toBe(end);
  const entries = Array.from({ length: u16(end + 10) }, () => {
    expect(u32(at)).toBe(0x02014b50);
    const local = u32(at + 42);
    expect(u32(local)).toBe(0x04034b50);
    // method 0 (stored), time 00:00:00, date 1980-01-01, in both headers.
    expect([u16(at + 10), u16(at + 12), u16(at + 14)]).toEqual([0, 0, 0x21]);
    expect([u16(local + 8), u16(local + 10), u16(local + 12)]).toEqual([0, 0, 0x21]);
    const [crc, size, nameLength] = [u32(at + 16), u32(at + 24), u16(at + 28)];
    expect([u32(at + 20), u32(local + 14), u32(local + 18), u32(local + 22)]).toEqual([
      size,
      crc,
      size,
      size,
    ]);
    const name = bytes.subarray(local + 30, local + 30 + nameLength);
    const begin = local + 30 + u16(local + 26) + u16(local + 28);
    const content = bytes.slice(begin, begin + size);
    expect(crc32(content)).toBe(crc);
    const utf8 = (u16(local + 6) & 0x800) !== 0;
    at += 46 + nameLength + u16(at + 30) + u16(at + 32);
    return { name: new TextDecoder().decode(name), content, utf8 };
  });
  expect(at).toBe(end);
  return entries;
}

/** Read a .npy file: its description as it stands, and its data. */
function readNpy(bytes: Uint8Array) {
  expect(latin1(bytes.subarray(0, 8))).toBe("\x93NUMPY\x01\x00");
  const begin = 10 + new DataView(bytes.buffer).getUint16(8, true);
  expect(begin % 64).toBe(0);
  const header = latin1(bytes.subarray(10, begin));
  expect(header).toMatch(/} *\n$/);
  return { header: header.trimEnd(), data: bytes.slice(begin) };
}

const only = (tensor: Tensor) => readNpy(readZip(encodeNpz([["a", tensor]]))[0]!.content);

describe("values", () => {
  it("writes [1, 2.5] as the 136 bytes that numpy 1.24 saves", () => {
    const [entry] = readZip(encodeNpz([["a", { shape: [2], data: Float32Array.of(1, 2.5) }]]));
    expect(entry!.name).toBe("a.npy");
    expect(latin1(entry!.content)).toBe(
      "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }" +
        `${" ".repeat(60)}\n\x00\x00\x80\x3f\x00\x00\x20\x40`,
    );
  });

  it.each([
    ["<f8", Float64Array.of(Math.PI)],
    ["<i8", BigInt64Array.of(-(2n ** 63n))],
    ["<u8", BigUint64Array.of(2n ** 64n - 1n)],
    ["<f4", Float32Array.of(NaN)],
    ["<i4", Int32Array.of(-(2 ** 31))],
    ["<u4", Uint32Array.of(2 ** 32 - 1)],
    ["<i2", Int16Array.of(-(2 ** 15))],
    ["<u2", Uint16Array.of(2 ** 16 - 1)],
    ["|i1", Int8Array.of(-128)],
    ["|u1", Uint8Array.of(255)],
  ] as [string, TensorData][])("writes %s with its bytes as they lie in memory", (descriptor, data) => {
    const read = only({ shape: [1], data });
    expect(read.header).toContain(`'descr': '${descriptor}'`);
    expect(read.data).toEqual(new Uint8Array(data.buffer));
  });

  it.each([
    [[], "()", 1],
    [[3], "(3,)", 3],
    [[2, 3], "(2, 3)", 6],
    [[5, 0, 7], "(5, 0, 7)", 0],
    [Array(30).fill(1), `(${Array(30).fill(1).join(", ")})`, 1],
  ] as [number[], string, number][])("writes the shape %j as the tuple %s", (shape, tuple, count) => {
    const read = only({ shape, data: new Uint8Array(count) });
    expect(read.header).toContain(`'shape': ${tuple}, }`);
    expect(read.data.length).toBe(count);
  });
});

describe("invariants", () => {
  it("keeps the order given and marks names beyond ASCII as UTF-8", () => {
    const names = ["2", "1", "τ", "layer/0.weight", "__proto__", ""];
    const data = new Uint8Array(0);
    const entries = readZip(encodeNpz(names.map((name) => [name, { shape: [0], data }])));
    expect(entries.map(({ name }) => name)).toEqual(names.map((name) => `${name}.npy`));
    expect(entries.map(({ utf8 }) => utf8)).toEqual([false, false, true, false, false, false]);
  });

  it("writes no tensors as the 22 bytes of an empty zip file", () => {
    expect(encodeNpz([]).length).toBe(22);
    expect(readZip(encodeNpz([]))).toEqual([]);
  });

  it("stores only a view's part of a larger buffer", () => {
    const data = Float32Array.of(9, 1, 9).subarray(1, 2);
    expect(only({ shape: [1], data }).data).toEqual(Uint8Array.of(0, 0, 0x80, 0x3f));
  });
});

describe("errors", () => {
  it("refuses a name that is taken, a shape that does not fit and more than 65535 tensors", () => {
    const one: Tensor = { shape: [1], data: new Uint8Array(1) };
    expect(() =>
      encodeNpz([
        ["a", one],
        ["a", one],
      ]),
    ).toThrow(new ShapeError('encodeNpz: tensor "a" has a name that is taken; expected another.'));
    expect(() => encodeNpz([["a", { ...one, shape: [2] }]])).toThrow(ShapeError);
    const many = Array.from({ length: 65536 }, (_, i): [string, Tensor] => [`${i}`, one]);
    expect(() => encodeNpz(many)).toThrow(/65536 tensors make .* expected at most 65535 tensors and 4 GiB/);
  });
});
