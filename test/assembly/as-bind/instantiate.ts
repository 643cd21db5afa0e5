// as-bind for modules of current AssemblyScript: typed arrays and scalars as arguments and results.
//
// Based on   as-bind 0.8.2, lib/converters.js, and AssemblyScript's std/assembly/typedarray.ts for the layout.
// Deviation  as-bind carries a loader that misreads the objects of AssemblyScript 0.20 and later; typed arrays are
//            converted here instead, by way of as-bind's own table of converters.

import { type Converter, converters, type Instance, instantiate } from "as-bind/dist/as-bind.esm.js";

// what every module compiled with `--exportRuntime` exports
interface Runtime {
  memory: WebAssembly.Memory;
  __new(bytes: number, id: number): number;
  __pin(pointer: number): number;
  __unpin(pointer: number): void;
}

type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

interface TypedArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): TypedArray;
}

// AssemblyScript's name of a class, and the host's
const classes: Record<string, TypedArrayClass> = {
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Int64Array: BigInt64Array,
  Uint64Array: BigUint64Array,
  Float32Array,
  Float64Array,
};

const BUFFER_ID = 1;

// a view is three words: the buffer that it keeps alive, the address of its first element, its bytes
const VIEW_BYTES = 12;

function typedArrayConverter(Class: TypedArrayClass): Converter {
  return {
    ascToJs(instance, view) {
      const { buffer } = runtimeOf(instance).memory;
      const [, start, bytes] = new Uint32Array(buffer, view, 3) as unknown as [number, number, number];
      return new Class(buffer, start, bytes / Class.BYTES_PER_ELEMENT).slice();
    },
    jsToAsc(instance, value, typeName) {
      const { memory, __new, __pin, __unpin } = runtimeOf(instance);
      const array = value as TypedArray;
      // pinned, since making the view may collect what nothing points to yet
      const data = __pin(__new(array.byteLength, BUFFER_ID));
      const view = __new(VIEW_BYTES, instance.getTypeId(typeName));
      new Uint32Array(memory.buffer, view, 3).set([data, data, array.byteLength]);
      new Uint8Array(memory.buffer, data, array.byteLength).set(bytesOf(array));
      __unpin(data);
      return view;
    },
  };
}

function runtimeOf(instance: Instance): Runtime {
  return instance.exports as unknown as Runtime;
}

function bytesOf({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

for (const [name, Class] of Object.entries(classes)) {
  converters.set(`~lib/typedarray/${name}`, typedArrayConverter(Class));
}

/** The exports of a compiled harness; arrays are copied on their way in and out. */
export async function bind<Exports>(bytes: BufferSource): Promise<Exports> {
  return (await instantiate(bytes, {})).exports as Exports;
}
