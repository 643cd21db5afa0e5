// Reads networks released with the timescale paper.
//
// Based on  the public repository LevinaLab/rnn_timescale_public: a PyTorch state dict, saved as safetensors.
//
//   parameterlist.0              τ (H), not clamped
//   modulelist.0.weight, .bias   w_in (H, 1), b_in (H)
//   modulelist.1.weight, .bias   W (H, H), row = receiving unit, its diagonal to be ignored; b_W (H)
//   modulelist.{2+k}.…           V_k (2, H), c_k (2)

import { type Network, type NetworkShape, packParameters, type TensorName } from "../cells/network.ts";
import { StateError } from "../core/errors.ts";
import { readF32 } from "./read-tensor.ts";
import { decodeSafetensors } from "./safetensors.ts";

/**
 * The network in a released file: cell "leaky", leaky rectifier, one input, K heads of two classes.
 *
 * @param where  What the file is called in errors.
 * @throws StateError if the file is damaged, or a tensor is missing, of another shape, or not finite.
 */
export function decodeRnnTimescale(bytes: Uint8Array, where: string): Network {
  const file = decodeSafetensors(bytes, where);
  const tau = file.tensors.get("parameterlist.0");
  if (!tau)
    throw new StateError(
      `${where}: tensor "parameterlist.0" is missing; expected a network of rnn_timescale.`,
    );
  const units = tau.data.length;
  if (units === 0)
    throw new StateError(`${where}: tensor "parameterlist.0" is empty; expected at least one unit.`);
  let heads = 0;
  while (file.tensors.has(`modulelist.${heads + 2}.weight`)) heads++;
  const inputs = 1;
  const classes = 2;
  const layers = 1;
  const shape: NetworkShape = {
    cell: "leaky",
    activation: "leaky-relu",
    units,
    inputs,
    heads,
    classes,
    layers,
  };
  const read = (name: string, ...dimensions: number[]) => readF32(file, name, dimensions, where);
  if (heads === 0) read("modulelist.2.weight", classes, units);

  const recurrent = read("modulelist.1.weight", units, units);
  for (let i = 0; i < units; i++) recurrent[i * (units + 1)] = 0;
  const weight = new Float32Array(heads * classes * units);
  const bias = new Float32Array(heads * classes);
  for (let k = 0; k < heads; k++) {
    weight.set(read(`modulelist.${k + 2}.weight`, classes, units), k * classes * units);
    bias.set(read(`modulelist.${k + 2}.bias`, classes), k * classes);
  }
  const tensors: [TensorName, Float32Array][] = [
    ["tau", read("parameterlist.0", units)],
    ["input.weight", read("modulelist.0.weight", units, inputs)],
    ["input.bias", read("modulelist.0.bias", units)],
    ["recurrent.weight", recurrent],
    ["recurrent.bias", read("modulelist.1.bias", units)],
    ["readout.weight", weight],
    ["readout.bias", bias],
  ];
  return {
    shape,
    parameters: packParameters(shape, new Map(tensors.map(([name, data]) => [name, { data }]))),
  };
}
