// NumPy's .npz: a zip file, not compressed, of one .npy file (version 1.0, little-endian, C order) per array.
//
// Based on   NumPy, numpy/lib/format.py ("Format Version 1.0") and numpy.savez.

import { zipSync } from "fflate";
import { ShapeError } from "../core/errors.ts";
import { listTensors, type Tensor } from "./safetensors.ts";

/**
 * Encode named arrays as a file for numpy.load. The same arguments give the same bytes.
 *
 * @param tensors  Names and arrays, stored in the order given.
 * @returns        The bytes of the .npz file.
 * @throws ShapeError  if a shape does not fit its data, a name is taken, or all is more than a zip file holds.
 */
export function encodeNpz(tensors: Iterable<readonly [string, Tensor]>): Uint8Array<ArrayBuffer> {
  const list = listTensors(tensors, "encodeNpz");
  const files = Object.fromEntries(list.map(([name, tensor]) => [`${name}.npy`, encodeNpy(tensor)]));
  // the first moment a zip file knows; without a time zone it is local time, which is what a zip file records.
  const zip = zipSync(files, { level: 0, mtime: "1980-01-01T00:00:00" });
  if (list.length > 0xffff || zip.length > 0xffff_ffff)
    throw new ShapeError(
      `encodeNpz: ${list.length} tensors make ${zip.length} bytes; expected at most 65535 tensors and 4 GiB. Use encodeSafetensors.`,
    );
  return zip;
}

function encodeNpy({ shape, data }: Tensor): Uint8Array {
  // as a Python tuple: (), (3,), (2, 3).
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  // the type is written as in "<f4", with the first letter of Float, Int or Uint.
  const kind = data[Symbol.toStringTag].replace("Big", "").charAt(0).toLowerCase();
  const size = data.BYTES_PER_ELEMENT;
  const header = `{'descr': '${size === 1 ? "|" : "<"}${kind}${size}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // 10 bytes stand before the header and a newline after it; the data begin at a multiple of 64.
  const dataBegin = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(dataBegin + data.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
  new DataView(bytes.buffer).setUint16(8, dataBegin - 10, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(dataBegin - 11)}\n`), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), dataBegin);
  return bytes;
}
