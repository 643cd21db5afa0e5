import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ShapeError, StateError } from "../../src/core/errors.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  sealSafetensors,
  type Tensor,
} from "../../src/io/safetensors.ts";

type Named = readonly [string, Tensor];

const tau: Named = ["tau", { shape: [3], data: Float32Array.of(1, -2.5, NaN) }];
const step: Named = ["step", { shape: [], data: BigInt64Array.of(-1n) }];

/** A file from its two parts, the header not padded. */
function fileOf(header: string | Uint8Array, data: ArrayLike<number> = []): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** The error that decoding throws; fails unless it is a StateError of one sentence that begins with the file's name. */
function refusal(bytes: Uint8Array, sealed = false): string {
  try {
    decodeSafetensors(bytes, "run/a.safetensors", { sealed });
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    expect(error.message).toMatch(/^run\/a\.safetensors: [^\n]*\.$/);
    return error.message.slice("run/a.safetensors: ".length);
  }
  throw new Error("accepted");
}

/** A one-tensor file whose fields are written over those of a sound one of 4 bytes. */
function refusalOf(fields: string): string {
  const sound = { dtype: '"F32"', shape: "[1]", data_offsets: "[0,4]" };
  const [key, ...value] = fields.split(":");
  const all = Object.entries({ ...sound, [key!]: value.join(":") });
  return refusal(fileOf(`{"a":{${all.map(([name, text]) => `"${name}":${text}`).join()}}}`, [0, 0, 0, 0]));
}

describe("values", () => {
  it("encodes a known file of 3 tensors and 1 metadata entry byte for byte, 8-byte elements first", () => {
    const header =
      '{"__metadata__":{"format":"pt"},' +
      '"step":{"dtype":"I64","shape":[],"data_offsets":[0,8]},' +
      '"10":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},' +
      '"2":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}';
    expect(header.length % 8).toBe(6);
    const data = [255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 128, 63, 0, 0, 32, 192, 7, 8, 9];
    const bytes = encodeSafetensors(
      [
        ["10", { shape: [1, 2], data: Float32Array.of(1, -2.5) }],
        ["2", { shape: [3], data: Uint8Array.of(7, 8, 9) }],
        step,
      ],
      { format: "pt" },
    );
    expect(bytes).toEqual(fileOf(`${header}  `, data));
  });

  it("reads the example in the reference's documentation: 16 zero bytes as the 2 x 2 tensor `test` of I32", () => {
    const file = `<${"\0".repeat(7)}{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}${"\0".repeat(16)}`;
    expect(decodeSafetensors(new TextEncoder().encode(file))).toEqual({
      tensors: new Map([["test", { shape: [2, 2], data: new Int32Array(4) }]]),
      metadata: {},
    });
  });

  it("encodes no tensors as the 16 bytes of an empty object", () => {
    expect(encodeSafetensors([])).toEqual(fileOf("{}      "));
  });

  it("seals at bytes 35 to 98 with the SHA-256 of the file whose 64 digits are zeros", () => {
    const bytes = Buffer.from(sealSafetensors([tau], { sha256: "old", 1: "one" }));
    const seal = bytes.toString("latin1", 35, 99);
    expect(bytes.toString("latin1", 8, 100)).toBe(`{"__metadata__":{"sha256":"${seal}"`);
    expect(decodeSafetensors(bytes).metadata).toEqual({ sha256: seal, 1: "one" });
    bytes.fill("0", 35, 99);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(seal);
  });

  const levina = fileURLToPath(
    new URL("../../../shared/data/levina/multi_N2_N5.safetensors", import.meta.url),
  );
  it.skipIf(!existsSync(levina))(
    "reads PyTorch's file of 205 tensors, where the mean of max(tau, 1) is 1.456142 (skipped without ../shared/data/levina)",
    () => {
      const { tensors } = decodeSafetensors(readFileSync(levina), levina);
      const taus = tensors.get("parameterlist.0")!;
      expect(tensors.size).toBe(1 + 4 + 2 * 100);
      expect(taus.shape).toEqual([500]);
      const sum = (taus.data as Float32Array).reduce((total, each) => total + Math.max(each, 1), 0);
      expect((sum / 500).toFixed(6)).toBe("1.456142");
    },
  );
});

describe("invariants", () => {
  const all: Named[] = [
    ["f64", { shape: [2, 1], data: Float64Array.of(Math.PI, -0) }],
    ["i64", { shape: [1], data: BigInt64Array.of(-(2n ** 63n)) }],
    ["u64", { shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) }],
    tau,
    ["none", { shape: [5, 0, 7], data: new Float32Array(0) }],
    ["i32", { shape: [1, 1, 1], data: Int32Array.of(-(2 ** 31)) }],
    ["u32", { shape: [1], data: Uint32Array.of(2 ** 32 - 1) }],
    ["i16", { shape: [3], data: Int16Array.of(-32768, 0, 32767) }],
    ["u16", { shape: [1], data: Uint16Array.of(65535) }],
    ["i8", { shape: [5], data: Int8Array.of(-128, -1, 0, 1, 127) }],
    ["u8", { shape: [], data: Uint8Array.of(255) }],
  ];

  it("returns all 10 types, 0 elements and single numbers as given, bit for bit and in order", () => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(all));
    expect([...tensors]).toEqual(all);
    expect(metadata).toEqual({});
  });

  it("keeps the bits of a NaN", () => {
    const data = new Float32Array(Uint32Array.of(0x7fc12345, 0xffa00001).buffer);
    const read = decodeSafetensors(encodeSafetensors([["a", { shape: [2], data }]])).tensors.get("a")!.data;
    expect([...new Uint32Array(read.buffer)]).toEqual([0x7fc12345, 0xffa00001]);
  });

  it("returns names of any kind: τ, 神経, a quote, a line break, the empty name, __proto__, constructor", () => {
    const names = ["τ", "神経🧠", 'a"\\b', "line\nbreak", "", "__proto__", "constructor", "1", "0"];
    const given = names.map((name, i): Named => [name, { shape: [1], data: Int32Array.of(i) }]);
    const metadata = Object.fromEntries(names.map((name) => [name, name]));
    const file = decodeSafetensors(sealSafetensors(given, metadata), "named", { sealed: true });
    expect([...file.tensors]).toEqual(given);
    const { sha256, ...rest } = file.metadata;
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.entries(rest)).toEqual(Object.entries(metadata));
    expect(Object.getPrototypeOf(file.metadata)).toBe(Object.prototype);
  });

  it("encodes what it decoded to the same bytes, sealed or not", () => {
    for (const encode of [encodeSafetensors, sealSafetensors]) {
      const bytes = encode(all, { note: "" });
      const { tensors, metadata } = decodeSafetensors(bytes);
      expect(encode(tensors, metadata)).toEqual(bytes);
    }
  });

  it("places the data of every type at a multiple of its element size", () => {
    const reversed = [...all].reverse();
    const bytes = encodeSafetensors(reversed);
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
    for (const [name, { data }] of reversed)
      expect((8 + headerLength + header[name].data_offsets[0]) % data.BYTES_PER_ELEMENT).toBe(0);
  });

  it("stores a view's part of a larger buffer, and reads a file at an odd offset of one into copies", () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const bytes = encodeSafetensors([["a", { shape: [2], data }]]);
    const pool = Buffer.alloc(bytes.length + 7, 0xaa);
    pool.set(bytes, 3);
    const read = decodeSafetensors(pool.subarray(3, 3 + bytes.length)).tensors.get("a")!.data;
    pool.fill(0);
    expect(read).toEqual(Float32Array.of(1, 2));
    expect(read.buffer.byteLength).toBe(8);
  });

  it("accepts any order of the header's entries and its 3 fields, and an odd header length", () => {
    const header =
      '{"b":{"data_offsets":[4,6],"shape":[2],"dtype":"U8"}, "a":{"shape":[1],"dtype":"I32","data_offsets":[0,4]},' +
      '"none":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}';
    expect([...decodeSafetensors(fileOf(header, [1, 0, 0, 0, 2, 3])).tensors]).toEqual([
      ["none", { shape: [0], data: new Uint8Array(0) }],
      ["a", { shape: [1], data: Int32Array.of(1) }],
      ["b", { shape: [2], data: Uint8Array.of(2, 3) }],
    ]);
  });
});

describe("damage", () => {
  const plain = encodeSafetensors([tau, step], { note: "x" });
  const sealed = sealSafetensors([tau, step], { note: "x" });

  it("refuses a file cut at any length, and one with 1 byte more, sealed or not", () => {
    for (const bytes of [plain, sealed]) {
      for (let length = 0; length < bytes.length; length++)
        expect(refusal(bytes.subarray(0, length))).toMatch(/damaged|not written completely/);
      expect(refusal(Uint8Array.of(...bytes, 0))).toMatch(/the tensors need 20 bytes but 21 follow/);
    }
  });

  it("refuses every one of the 255 other values of every byte of a sealed file", () => {
    const bytes = sealed.slice();
    for (let at = 0; at < bytes.length; at++) {
      for (let flip = 1; flip < 256; flip++) {
        bytes[at] = sealed[at]! ^ flip;
        refusal(bytes, true);
      }
      bytes[at] = sealed[at]!;
    }
    expect(decodeSafetensors(bytes, "restored", { sealed: true }).tensors.size).toBe(2);
  });

  it("names the checksum when a number changed, and its absence only if a sealed file is asked for", () => {
    const changed = sealed.slice();
    changed[changed.length - 1]! ^= 1;
    expect(refusal(changed)).toBe(
      "the checksum does not match; a byte was changed or the file was not written completely.",
    );
    expect(refusal(plain, true)).toMatch(/^has no checksum but one is expected; /);
    expect(decodeSafetensors(plain).tensors.size).toBe(2);
  });

  it("refuses a checksum that stands elsewhere than first, or is of another kind", () => {
    expect(refusal(fileOf(`{"__metadata__":{"a":"b","sha256":"${"0".repeat(64)}"}}`))).toMatch(/checksum/);
    expect(refusal(fileOf('{"__metadata__":{"sha256":""}}'))).toMatch(/checksum/);
  });
});

describe("hostile headers", () => {
  it("refuses lengths of 2^64 - 1, 100 000 001 and 1 more than the file has, before reading on", () => {
    const bytes = fileOf("{}");
    bytes.fill(255, 0, 8);
    expect(refusal(bytes)).toMatch(/has 18446744073709551615 bytes, at most 100000000 are allowed/);
    new DataView(bytes.buffer).setBigUint64(0, 100_000_001n, true);
    expect(refusal(bytes)).toMatch(/has 100000001 bytes, at most 100000000 are allowed/);
    new DataView(bytes.buffer).setBigUint64(0, 3n, true);
    expect(refusal(bytes)).toMatch(/should have 3 bytes but only 2 follow/);
  });

  it("refuses a header that is not a JSON object in UTF-8", () => {
    for (const header of ["", "[]", "null", '"a"', " {}", "\ufeff{}", "{}}", "{} x", '{"a"', "{'a':1}"])
      expect(refusal(fileOf(header))).toMatch(/^the header (is not JSON|does not begin with a brace);/);
    expect(refusal(fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x30, 0x7d)))).toMatch(/is not JSON/);
    expect(decodeSafetensors(fileOf("{}")).tensors.size).toBe(0);
  });

  it("refuses metadata that are not an object of strings", () => {
    for (const metadata of ["null", "[]", '"a"', '{"a":1}', '{"a":["b"]}'])
      expect(refusal(fileOf(`{"__metadata__":${metadata}}`))).toMatch(/expected an object of strings\.$/);
  });

  it("refuses a tensor that is not an object, and types without an array", () => {
    for (const info of ["null", "1", "[]", '"F32"'])
      expect(refusal(fileOf(`{"a":${info}}`))).toBe(
        `tensor "a" is ${info}; expected dtype, shape and data_offsets.`,
      );
    for (const dtype of ['"F16"', '"BF16"', '"BOOL"', '"f32"', '"constructor"', "null", '["F32"]'])
      expect(refusalOf(`dtype:${dtype}`)).toContain(
        `tensor "a" has dtype ${dtype}; expected F64, I64, U64, F32,`,
      );
    expect(refusal(fileOf('{"a":{}}'))).toContain('tensor "a" has dtype undefined;');
  });

  it("refuses shapes that are not lists of whole numbers from 0 to 2^53 - 1", () => {
    for (const shape of [
      "[-1]",
      "[-0]",
      "[0.5]",
      "[1e999]",
      "[9007199254740992]",
      "[null]",
      '["1"]',
      "1",
      "{}",
    ])
      expect(refusalOf(`shape:${shape}`)).toMatch(
        /^tensor "a" has shape .*; expected a list of non-negative/,
      );
  });

  it("refuses data_offsets that are not 2 such numbers", () => {
    for (const offsets of ["[]", "[0]", "[0,4,4]", "[-4,0]", "[0,4.5]", '["0","4"]', "null", "[-0,4]"])
      expect(refusalOf(`data_offsets:${offsets}`)).toMatch(/^tensor "a" has data_offsets .*; expected two/);
  });

  it("refuses a size other than shape times type: 0, 8 and -4 bytes for [1] of F32, products above 2^53", () => {
    expect(refusalOf("data_offsets:[0,0]")).toBe(
      'tensor "a" has 0 bytes but shape [1] of F32 needs 4; the file is damaged or was not written completely.',
    );
    expect(refusalOf("data_offsets:[0,8]")).toContain("has 8 bytes but shape [1] of F32 needs 4;");
    expect(refusalOf("data_offsets:[4,0]")).toContain("has -4 bytes but shape [1] of F32 needs 4;");
    expect(refusalOf("shape:[2147483648,2147483648,4]")).toContain("of F32 needs Infinity;");
    const empty = '{"a":{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}';
    expect(refusal(fileOf(empty))).toContain("of U8 needs Infinity;");
  });

  it("refuses overlaps, holes, a late first byte, a short end and trailing bytes", () => {
    const two = (first: string, second: string, size: number) =>
      refusal(
        fileOf(
          `{"a":{"dtype":"U8","shape":[4],"data_offsets":${first}},"b":{"dtype":"U8","shape":[4],"data_offsets":${second}}}`,
          new Uint8Array(size),
        ),
      );
    expect(two("[0,4]", "[3,7]", 7)).toMatch(/^tensor "b" begins at byte 3 of the data but 4 is expected/);
    expect(two("[0,4]", "[0,4]", 4)).toMatch(/^tensor "b" begins at byte 0 of the data but 4 is expected/);
    expect(two("[5,9]", "[0,4]", 9)).toMatch(/^tensor "a" begins at byte 5 of the data but 4 is expected/);
    expect(two("[1,5]", "[5,9]", 9)).toMatch(/^tensor "a" begins at byte 1 of the data but 0 is expected/);
    expect(two("[0,4]", "[4,8]", 7)).toMatch(/^the tensors need 8 bytes but 7 follow/);
    expect(two("[0,4]", "[4,8]", 9)).toMatch(/^the tensors need 8 bytes but 9 follow/);
  });

  it("refuses a name given twice, also when written with an escape, at all 3 levels", () => {
    const info = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}';
    expect(refusal(fileOf(`{"a":${info},"\\u0061":${info}}`))).toBe('the header has the name "a" twice.');
    expect(refusal(fileOf('{"__metadata__":{"a":"b","a" :"b"}}'))).toContain('the name "a" twice');
    expect(refusalOf('shape:[1],"shape":[1]')).toContain('the name "shape" twice');
    const metadata = { note: '"note":"note"', other: "note" };
    expect(decodeSafetensors(encodeSafetensors([], metadata)).metadata).toEqual(metadata);
  });

  it("refuses __proto__ that is no tensor, and leaves Object.prototype as it was", () => {
    expect(refusal(fileOf('{"__proto__":{"polluted":"yes"}}'))).toContain(
      'tensor "__proto__" has dtype undefined',
    );
    expect(refusal(fileOf('{"a":{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}}'))).toContain(
      "nested deeper",
    );
    expect(
      decodeSafetensors(fileOf('{"__metadata__":{"__proto__":"yes"}}')).metadata.polluted,
    ).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("refuses 1 000 000 nested lists or objects, open or closed, at the fourth level", () => {
    for (const [open, close] of [
      ["[", "]"],
      ['{"":', "}"],
    ] as const) {
      expect(refusal(fileOf(`{"a":${open.repeat(1e6)}`))).toMatch(/nested deeper/);
      expect(refusal(fileOf(`{"a":${open.repeat(1e6)}0${close.repeat(1e6)}}`))).toMatch(/nested deeper/);
    }
  });

  it("reads 200 000 quotes in linear time and quotes at most 80 characters of a name in errors", () => {
    for (const header of [`{"${'\\"'.repeat(2e5)}`, `{${'"'.repeat(2e5)}`])
      expect(refusal(fileOf(header))).toMatch(/is not JSON/);
    expect(refusal(fileOf(`{"${"a".repeat(1e6)}":0}`)).length).toBeLessThan(200);
  });
});

describe("errors of the encoder", () => {
  const encode = (name: string, shape: number[], data: unknown) => () =>
    encodeSafetensors([tau, [name, { shape, data: data as Float32Array }]]);

  it("refuses a shape that does not fit the data", () => {
    expect(encode("a", [2, 2], new Float32Array(3))).toThrow(
      new ShapeError('encodeSafetensors: tensor "a" has 3 elements, which do not fit its shape [2,2].'),
    );
    for (const shape of [[], [-1, -3], [1.5, 2], [NaN]])
      expect(encode("a", shape, new Float32Array(3))).toThrow(ShapeError);
  });

  it("refuses a name that is taken, an array of another type and metadata of another type", () => {
    expect(encode("tau", [0], new Float32Array(0))).toThrow(/tensor "tau" has a name that is taken/);
    expect(encode("__metadata__", [0], new Float32Array(0))).toThrow(/a name that is taken/);
    expect(encode("a", [0], new Uint8ClampedArray(0))).toThrow(/is of type Uint8ClampedArray; expected/);
    expect(encode("a", [0], [])).toThrow(/is of type undefined; expected/);
    expect(() => sealSafetensors([], { a: 1 as unknown as string })).toThrow(
      new ShapeError('sealSafetensors: `metadata` "a" is 1; expected a string.'),
    );
  });

  it('refuses metadata "sha256" outside sealSafetensors', () => {
    expect(() => encodeSafetensors([], { sha256: "" })).toThrow(ShapeError);
  });
});
