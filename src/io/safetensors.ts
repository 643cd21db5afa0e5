// The safetensors file format: named arrays in one file, here with an optional checksum over every byte of it.
//
// Based on   Hugging Face, safetensors, README.md ("Format") and safetensors/src/tensor.rs (its limits and refusals).
// Deviation  a name given twice, -0 and fields of a wrong type are refused; F16, BF16, BOOL and the 8-bit floats
//            too, as JavaScript has no array for them.
// Deviation  the seal: metadata "sha256", the first thing in the header (bytes 35 to 98), is the SHA-256 of the
//            whole file with these 64 hex digits replaced by zeros.
//
// Numbers are copied as they lie in memory: like WebAssembly, the format is little-endian, and so are the engines.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { ShapeError, StateError } from "../core/errors.ts";

export type TensorData =
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** An array in C order (the last index runs fastest); the shape [] is one number. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface TensorFile {
  /** In the order in which their data stand in the file. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface DecodeOptions {
  /** Refuse a file without a checksum (default false: verify it where there is one). */
  readonly sealed?: boolean;
}

interface ArrayType {
  new (length: number): TensorData;
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
}

interface Entry {
  readonly name: string;
  readonly array: ArrayType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

type Fail = (problem: string) => never;

const ARRAYS: ReadonlyMap<unknown, ArrayType> = new Map<string, ArrayType>([
  ["F64", Float64Array],
  ["I64", BigInt64Array],
  ["U64", BigUint64Array],
  ["F32", Float32Array],
  ["I32", Int32Array],
  ["U32", Uint32Array],
  ["I16", Int16Array],
  ["U16", Uint16Array],
  ["I8", Int8Array],
  ["U8", Uint8Array],
]);
const DTYPES = new Map([...ARRAYS].map(([dtype, array]) => [array.name, dtype]));

// the limit of the reference implementation.
const MAX_HEADER = 100_000_000;
const SEAL_BEGIN = 8 + '{"__metadata__":{"sha256":"'.length;
const SEAL_ZEROS = "0".repeat(64);
const DAMAGED = "the file is damaged or was not written completely.";

/**
 * Encode named arrays as a safetensors file. The same arguments give the same bytes.
 *
 * @param tensors   Names and arrays, stored in the order given, but larger elements first (8, 4, 2, 1 bytes), so
 *                  that all data are aligned without gaps.
 * @param metadata  Strings stored in the header (default none).
 * @returns         The bytes of the file.
 * @throws ShapeError  if a shape does not fit its data, a name is taken, or `metadata` has a "sha256".
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [string, Tensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  if (Object.hasOwn(metadata, "sha256"))
    throw new ShapeError(
      'encodeSafetensors: `metadata` has the key "sha256", which is reserved for the checksum. Use sealSafetensors.',
    );
  return encode("encodeSafetensors", tensors, Object.entries(metadata));
}

/**
 * Encode named arrays as a safetensors file with a checksum, by which decodeSafetensors detects any changed byte.
 *
 * @param tensors   As for encodeSafetensors.
 * @param metadata  Strings stored in the header (default none); a "sha256" among them is replaced.
 * @returns         The bytes of the file.
 * @throws ShapeError  if a shape does not fit its data or a name is taken.
 */
export function sealSafetensors(
  tensors: Iterable<readonly [string, Tensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const others = Object.entries(metadata).filter(([key]) => key !== "sha256");
  const bytes = encode("sealSafetensors", tensors, [["sha256", SEAL_ZEROS], ...others]);
  bytes.set(new TextEncoder().encode(checksum(bytes)), SEAL_BEGIN);
  return bytes;
}

/**
 * Decode a safetensors file from a source that need not be trusted.
 *
 * @param bytes    The whole file. The arrays returned are copies.
 * @param what     The file's name in errors (default "safetensors").
 * @param options  `sealed: true` refuses a file without a checksum. Pass it wherever the file was written by
 *                 sealSafetensors: else damage to the very word "sha256" goes unnoticed.
 * @returns        Arrays and metadata. NaN and infinities are returned as they stand.
 * @throws StateError  if the file is not exactly what the format allows, or its checksum does not match.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  what = "safetensors",
  { sealed = false }: DecodeOptions = {},
): TensorFile {
  const fail: Fail = (problem) => {
    throw new StateError(`${what}: ${problem}`);
  };
  const dataBegin = readHeaderEnd(bytes, fail);
  const { __metadata__: metadata = {}, ...infos } = parseHeader(bytes.subarray(8, dataBegin), fail);
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === "string"))
    return fail(`__metadata__ is ${show(metadata)}; expected an object of strings.`);

  const data = bytes.subarray(dataBegin);
  const entries = Object.entries(infos).map(([name, info]) => readEntry(name, info, fail));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkLayout(entries, data.length, fail);

  const seal = metadata.sha256;
  if (sealed && seal === undefined) fail(`has no checksum but one is expected; ${DAMAGED}`);
  if (seal !== undefined && seal !== checksum(bytes))
    fail("the checksum does not match; a byte was changed or the file was not written completely.");

  // only now is anything allocated: the entries tile the data, so the copies together are as large as these.
  const tensors = new Map(entries.map((entry) => [entry.name, copyTensor(entry, data)]));
  return { tensors, metadata: metadata as Record<string, string> };
}

/** What the format calls the type of an array, as in F32. */
export function dtypeOf(data: TensorData): string {
  return String(DTYPES.get(data[Symbol.toStringTag]));
}

/**
 * List named arrays for an encoder after checking them.
 *
 * @param tensors  Names and arrays.
 * @param caller   The function named in errors.
 * @returns        The same, in the order given.
 * @throws ShapeError  if a shape does not fit its data, an array is of another type, or a name is taken.
 */
export function listTensors(
  tensors: Iterable<readonly [string, Tensor]>,
  caller: string,
): (readonly [string, Tensor])[] {
  const names = new Set(["__metadata__"]);
  return Array.from(tensors, (item) => {
    const [name, { shape, data }] = item;
    const tensor = `${caller}: tensor ${show(name)}`;
    if (names.has(name)) throw new ShapeError(`${tensor} has a name that is taken; expected another.`);
    names.add(name);
    const type = data[Symbol.toStringTag];
    if (!DTYPES.has(type)) throw new ShapeError(`${tensor} is of type ${type}; expected ${listOf(DTYPES)}.`);
    if (!isSizes(shape) || countElements(shape) !== data.length)
      throw new ShapeError(
        `${tensor} has ${data.length} elements, which do not fit its shape ${show(shape)}.`,
      );
    return item;
  });
}

function encode(
  caller: string,
  tensors: Iterable<readonly [string, Tensor]>,
  metadata: readonly (readonly [string, string])[],
): Uint8Array<ArrayBuffer> {
  const odd = metadata.find(([, value]) => typeof value !== "string");
  if (odd)
    throw new ShapeError(`${caller}: \`metadata\` ${show(odd[0])} is ${show(odd[1])}; expected a string.`);
  const list = listTensors(tensors, caller);
  list.sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);

  // written field by field: an object would move names such as "1" to the front.
  const field = (name: string, value: unknown) => `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  const fields = metadata.length ? [`"__metadata__":{${metadata.map((pair) => field(...pair)).join()}}`] : [];
  let size = 0;
  for (const [name, { shape, data }] of list) {
    const begin = size;
    size += data.byteLength;
    const dtype = DTYPES.get(data[Symbol.toStringTag]);
    fields.push(field(name, { dtype, shape, data_offsets: [begin, size] }));
  }

  const header = new TextEncoder().encode(`{${fields.join()}}`);
  const dataBegin = 8 + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(dataBegin + size).fill(0x20, 8, dataBegin);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataBegin - 8), true);
  bytes.set(header, 8);
  let at = dataBegin;
  for (const [, { data }] of list) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function readHeaderEnd(bytes: Uint8Array, fail: Fail): number {
  if (bytes.length < 8) fail(`has ${bytes.length} bytes but its header's length alone takes 8; ${DAMAGED}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER)
    fail(
      `it is no safetensors file, or damaged: by its first bytes the header has ${length} bytes, at most ${MAX_HEADER} are allowed.`,
    );
  if (length > bytes.length - 8)
    fail(`the header should have ${length} bytes but only ${bytes.length - 8} follow; ${DAMAGED}`);
  return 8 + Number(length);
}

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.startsWith("{")) fail(`the header does not begin with a brace; ${DAMAGED}`);
    checkNames(text, fail);
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof StateError) throw error;
    return fail(`the header is not JSON; ${DAMAGED}`);
  }
}

// JSON.parse keeps the last of two equal names and builds any depth in memory. Strings and brackets are enough to
// find both beforehand; what is not JSON at all is left to JSON.parse. (The last "? takes an open string in one go:
// else each quote in it would be tried anew.)
function checkNames(text: string, fail: Fail): void {
  const scopes: Set<string>[] = [];
  for (const [token, string, colon] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*"?)(\s*:)?|[{}[\]]/g)) {
    if (token === "}" || token === "]") scopes.pop();
    else if (token === "{" || token === "[") {
      if (scopes.push(new Set()) > 3)
        fail("the header is nested deeper than a list in an object in an object.");
    } else if (colon) {
      const name: string = JSON.parse(string!);
      if (scopes.at(-1)?.has(name)) fail(`the header has the name ${show(name)} twice.`);
      scopes.at(-1)?.add(name);
    }
  }
}

function readEntry(name: string, info: unknown, fail: Fail): Entry {
  const tensor = `tensor ${show(name)}`;
  if (!isObject(info)) return fail(`${tensor} is ${show(info)}; expected dtype, shape and data_offsets.`);
  const { dtype, shape, data_offsets: offsets } = info;
  const array = ARRAYS.get(dtype);
  if (!array)
    return fail(`${tensor} has dtype ${show(dtype)}; expected ${listOf(ARRAYS)} (save others as F32).`);
  if (!isSizes(shape))
    return fail(`${tensor} has shape ${show(shape)}; expected a list of non-negative integers.`);
  if (!isSizes(offsets) || offsets.length !== 2)
    return fail(`${tensor} has data_offsets ${show(offsets)}; expected two non-negative integers.`);
  const [begin, end] = offsets as [number, number];
  const size = countElements(shape) * array.BYTES_PER_ELEMENT;
  if (end - begin !== size)
    fail(`${tensor} has ${end - begin} bytes but shape ${show(shape)} of ${dtype} needs ${size}; ${DAMAGED}`);
  return { name, array, shape, begin, end };
}

function checkLayout(entries: readonly Entry[], size: number, fail: Fail): void {
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at)
      fail(
        `tensor ${show(name)} begins at byte ${begin} of the data but ${at} is expected; tensors must not overlap or leave holes.`,
      );
    at = end;
  }
  if (at !== size) fail(`the tensors need ${at} bytes but ${size} follow the header; ${DAMAGED}`);
}

function copyTensor({ array, shape, begin, end }: Entry, bytes: Uint8Array): Tensor {
  const data = new array((end - begin) / array.BYTES_PER_ELEMENT);
  new Uint8Array(data.buffer).set(bytes.subarray(begin, end));
  return { shape, data };
}

function checksum(bytes: Uint8Array): string {
  const hash = sha256.create().update(bytes.subarray(0, SEAL_BEGIN));
  hash.update(new TextEncoder().encode(SEAL_ZEROS)).update(bytes.subarray(SEAL_BEGIN + SEAL_ZEROS.length));
  return bytesToHex(hash.digest());
}

// once above 2^53 it stays infinite, also when a later size is 0.
function countElements(shape: readonly number[]): number {
  return shape.reduce((count, size) => (Number.isSafeInteger(count * size) ? count * size : Infinity), 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// 1 / size tells -0 from 0.
function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && 1 / size > 0);
}

function listOf(names: ReadonlyMap<unknown, unknown>): string {
  return [...names.keys()].join(", ");
}

// what a header says may be of any length; an error is one sentence.
function show(value: unknown): string {
  const text = String(JSON.stringify(value));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
