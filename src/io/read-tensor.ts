// Reads one tensor of a file and checks that it is what is expected.

import { StateError } from "../core/errors.ts";
import { dtypeOf, type TensorFile } from "./safetensors.ts";

/**
 * The values of one f32 tensor of a file.
 *
 * @param where  What the file is called in errors.
 * @throws StateError if it is missing, of another type or shape, or holds a value that is not finite.
 */
export function readF32(
  file: TensorFile,
  name: string,
  shape: readonly number[],
  where: string,
): Float32Array {
  const tensor = file.tensors.get(name);
  if (!tensor) throw new StateError(`${where}: tensor "${name}" is missing.`);
  if (!(tensor.data instanceof Float32Array) || tensor.shape.join() !== shape.join()) {
    throw new StateError(
      `${where}: tensor "${name}" is ${dtypeOf(tensor.data)} of shape (${tensor.shape.join(", ")}); expected F32 of shape (${shape.join(", ")}).`,
    );
  }
  const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new StateError(
      `${where}: tensor "${name}" is ${tensor.data[bad]} at index ${bad}; expected finite values.`,
    );
  return tensor.data;
}
