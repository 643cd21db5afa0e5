// Networks of rectified units with tau = 1 whose answers are right by construction.
//
//   delay line:  u_0 ← x,  u_i ← u_(i-1)                      u_i holds the bit i steps before the last
//   DMS:         a ← [x - u_(N-2)]+,  b ← [u_(N-2) - x]+      a + b = 1 if the bits differ, 0 if they match
//   parity:      r_k ← [x + u_0 + … + u_(N-2) - k]+            r_0 - 2 r_1 + 2 r_2 - … is 0, 1, 0, 1 … for 0, 1, 2, 3 … ones
//
// All values are small whole numbers, which f32 holds exactly.

import {
  type Network,
  type NetworkShape,
  networkTensors,
  packParameters,
  type TensorName,
} from "../../src/cells/network.ts";
import type { CurriculumName } from "../../src/curricula/curriculum.ts";
import type { TaskName } from "../../src/tasks/task.ts";
import type { Purpose } from "../../src/training/checkpoint.ts";

/** A network, and what it is for. */
export interface Made {
  network: Network;
  purpose: Purpose;
}

/** What a network with heads for `N` is for; initial states are drawn as in the paper. */
export function purposeOf(task: TaskName, curriculum: CurriculumName, N: number[]): Purpose {
  return {
    task,
    bits: "binary",
    labels: "last",
    curriculum,
    startN: N[0]!,
    maxN: N.at(-1)!,
    N,
    initialState: 0.1,
    stepsPerBit: [1],
  };
}

/** A network that solves the task for every N, with a head for each. */
export function makeSolver(task: TaskName, N: number[]): Made {
  const delays = Math.max(...N) - 1;
  const counters = N.map((n) => (task === "dms" ? 2 : n));
  const units = delays + counters.reduce((sum, count) => sum + count, 0);
  const shape: NetworkShape = {
    cell: "leaky",
    activation: "relu",
    units,
    inputs: 1,
    heads: N.length,
    classes: 2,
  };
  const inputWeight = new Float32Array(units);
  const inputBias = new Float32Array(units);
  const recurrent = new Float32Array(units * units);
  const readout = new Float32Array(N.length * 2 * units);
  const readoutBias = new Float32Array(N.length * 2);
  inputWeight[0] = 1;
  for (let i = 1; i < delays; i++) recurrent[i * units + i - 1] = 1;
  let unit = delays;
  for (const [head, n] of N.entries()) {
    // class 0 answers "differ" or "even"; the other logit is the threshold, or the other way round
    const sum = task === "dms" ? 0 : 1;
    readoutBias[head * 2 + 1 - sum] = 0.5;
    for (let k = 0; k < counters[head]!; k++, unit++) {
      const sign = task === "dms" && k === 1 ? -1 : 1;
      inputWeight[unit] = sign;
      if (task === "dms") recurrent[unit * units + n - 2] = -sign;
      else {
        inputBias[unit] = -k;
        for (let i = 0; i <= n - 2; i++) recurrent[unit * units + i] = 1;
      }
      const weight = task === "dms" || k === 0 ? 1 : k % 2 === 1 ? -2 : 2;
      readout[(head * 2 + sum) * units + unit] = weight;
    }
  }
  const tensors: Record<TensorName, Float32Array> = {
    tau: new Float32Array(units).fill(1),
    "input.weight": inputWeight,
    "input.bias": inputBias,
    "recurrent.weight": recurrent,
    "recurrent.bias": new Float32Array(units),
    "readout.weight": readout,
    "readout.bias": readoutBias,
  };
  const named = Object.entries(tensors).map(([name, data]) => [name as TensorName, { data }] as const);
  return {
    network: { shape, parameters: packParameters(shape, new Map(named)) },
    purpose: purposeOf(task, N.length === 1 ? "single" : "multi", N),
  };
}

/** The network for bits -1 and 1: every bit is halved, and 1/2 is added. */
export function forBipolarBits({ network, purpose }: Made): Made {
  const tensors = networkTensors(network.shape, network.parameters);
  const weight = tensors.get("input.weight")!.data;
  const bias = tensors.get("input.bias")!.data;
  weight.forEach((value, i) => {
    weight[i] = value / 2;
    bias[i]! += value / 2;
  });
  const parameters = packParameters(network.shape, tensors);
  return { network: { ...network, parameters }, purpose: { ...purpose, bits: "bipolar" } };
}

/** A network that gives one answer whatever it sees. */
export function makeConstant(task: TaskName, answer: 0 | 1): Made {
  const { network, purpose } = makeSolver(task, [2]);
  const parameters = network.parameters.slice();
  const { units } = network.shape;
  // both rows of the head's weights, then its biases
  parameters.fill(0, parameters.length - 2 * (units + 1));
  parameters[parameters.length - 2 + answer] = 1;
  return { network: { ...network, parameters }, purpose };
}
