// Checkpoints: a network, what its heads answer, and the whole state of its training, as one sealed safetensors file.
//
// The tensors are the network's (see `networkTensors`) and the optimiser's moments under the same names with a
// prefix; everything else is JSON in the file's metadata, under "tauscope". Random keys are functions of the seed
// and the step, so that these two are all there is to keep of them.

import * as z from "zod/mini";
import {
  activationNames,
  cellNames,
  type Network,
  type NetworkShape,
  networkTensors,
  packParameters,
  type TensorName,
  tensorShapes,
} from "../cells/network.ts";
import type { TauStatistics } from "../cells/tau.ts";
import { type BitsName, bitsNames, type LabelSteps, labelSteps } from "../core/batch-kinds.ts";
import { coreHash, version } from "../core/core.ts";
import { ShapeError, StateError } from "../core/errors.ts";
import { cellKind, findLayersConflict } from "../core/network-shape.ts";
import { optimizerNames } from "../core/plan.ts";
import { list, parse } from "../core/schema.ts";
import {
  type CurriculumName,
  type CurriculumState,
  curricula,
  curriculumNames,
} from "../curricula/curriculum.ts";
import { readF32 } from "../io/read-tensor.ts";
import { decodeSafetensors, sealSafetensors, type Tensor, type TensorFile } from "../io/safetensors.ts";
import { type TaskName, taskNames, tasks } from "../tasks/task.ts";
import { type EpochRecord, epochSchema, tauSchema } from "./metrics.ts";
import {
  findConflict,
  LARGEST_N,
  settingsSchema,
  stepsPerBitSchema,
  type TrainingSettings,
} from "./settings.ts";

/** What a network was trained on, as far as measuring it needs to know. */
export interface Purpose {
  task: TaskName;
  /** What the bits of its inputs are. */
  bits: BitsName;
  /** Which steps have labels. */
  labels: LabelSteps;
  curriculum: CurriculumName;
  /** First and largest N of the curriculum. */
  startN: number;
  maxN: number;
  /** Memory lengths that the heads serve: those of the present stage. */
  N: number[];
  /** Initial states are uniform on 0 … this. */
  initialState: number;
  /** Steps per bit, for one update each in turn; [1] in discrete time. */
  stepsPerBit: readonly number[];
}

/** State of training beside the parameters. */
export interface TrainingState {
  settings: TrainingSettings;
  /** Updates done. */
  step: number;
  /** Updates done in the present epoch. */
  epochStep: number;
  /** Sum of the losses of the present epoch's updates. */
  lossSum: number;
  curriculum: CurriculumState;
  /** Time constants before the first update; gated cells have none. */
  initialTau?: TauStatistics | undefined;
  /** SHA-256 of the digits it is trained on, if its task is "smnist". */
  digits?: string | undefined;
  /** All finished epochs. */
  records: EpochRecord[];
  /** Moments of the optimiser, each laid out as the parameters. */
  moments: Float32Array;
  /** Adam's update counts, of the cell and of each head. */
  updates: Int32Array;
}

export interface Checkpoint {
  network: Network;
  purpose: Purpose;
  /** Version of tauscope that wrote it. */
  version: string;
  /** SHA-256 of the core that made it; `resume` insists on it. */
  core: string;
  /** Absent from networks that were imported. */
  training?: TrainingState;
}

const FORMAT = 1;

const size = z.int().check(z.gte(1), z.lte(2 ** 31 - 1));
const memoryLength = z.int().check(z.gte(2), z.lte(LARGEST_N));

const purposeSchema = z.strictObject({
  task: z.enum(taskNames),
  bits: z._default(z.enum(bitsNames), "binary"),
  labels: z._default(z.enum(labelSteps), "last"),
  curriculum: z.enum(curriculumNames),
  startN: memoryLength,
  maxN: memoryLength,
  N: list(memoryLength),
  initialState: z.number().check(z.gte(0)),
  stepsPerBit: z._default(stepsPerBitSchema, [1]),
});

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.string(),
  core: z.string(),
  network: z.strictObject({
    cell: z.enum(cellNames),
    activation: z.enum(activationNames),
    units: size,
    inputs: size,
    heads: size,
    classes: size,
    layers: z._default(size, 1),
  }),
  purpose: purposeSchema,
  training: z.optional(
    z.strictObject({
      settings: settingsSchema,
      optimizer: z.enum(optimizerNames),
      step: z.int().check(z.gte(0)),
      epochStep: z.int().check(z.gte(0)),
      lossSum: z.number(),
      curriculum: z.strictObject({
        stage: z.int(),
        N: list(z.int(), 1),
        solvedN: z.int(),
        finished: z.boolean(),
      }),
      initialTau: z.optional(tauSchema),
      digits: z.optional(z.string()),
      records: list(epochSchema),
    }),
  ),
});

type TrainingManifest = NonNullable<z.infer<typeof manifestSchema>["training"]>;

// prefixes of the moments' tensors, by optimiser
const momentPrefixes = { sgd: ["momentum."], adam: ["adam.mean.", "adam.square."] } as const;
const UPDATES = "adam.updates";

/**
 * A checkpoint as the bytes of a safetensors file; the same checkpoint gives the same bytes.
 *
 * @throws ShapeError if it is no checkpoint, or its parameters do not fit its shape.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { network, purpose, training, version, core } = checkpoint;
  if (!network || !purpose) {
    throw new ShapeError("encodeCheckpoint: `network` and `purpose` are missing, expected a checkpoint.");
  }
  const { shape, parameters } = network;
  const tensors: [string, Tensor][] = [...networkTensors(shape, parameters)];
  const sizes = { ...shape, layers: shape.layers ?? 1 };
  const manifest: z.infer<typeof manifestSchema> = { format: FORMAT, version, core, network: sizes, purpose };
  if (training) {
    const { moments, updates, ...state } = training;
    const { optimizer } = state.settings;
    momentPrefixes[optimizer].forEach((prefix, i) => {
      const moment = moments.subarray(i * parameters.length, (i + 1) * parameters.length);
      for (const [name, tensor] of networkTensors(shape, moment)) tensors.push([prefix + name, tensor]);
    });
    if (optimizer === "adam") tensors.push([UPDATES, { shape: [updates.length], data: updates }]);
    manifest.training = { optimizer, ...state };
  }
  return sealSafetensors(tensors, { tauscope: JSON.stringify(manifest) });
}

/**
 * Read a checkpoint.
 *
 * @param where  What the bytes are, for error messages.
 * @throws StateError if anything is damaged, missing, of another shape, or not finite; the message names it.
 */
export function decodeCheckpoint(bytes: Uint8Array, where = "checkpoint"): Checkpoint {
  const file = decodeSafetensors(bytes, where);
  const { format: _, network: shape, training, ...rest } = readManifest(file, where);
  const conflict = findLayersConflict(shape);
  if (conflict) throw new StateError(`${where}: manifest: ${conflict}.`);
  const expected = tensorShapes(shape);
  const read = (prefix: string) => packParameters(shape, readTensors(file, prefix, expected, where));
  const checkpoint: Checkpoint = { ...rest, network: { shape, parameters: read("") } };
  if (!training) return checkpoint;
  const { optimizer, ...state } = training;
  checkState(training, shape, where);
  const moments = momentPrefixes[optimizer].map(read);
  const joined = new Float32Array(moments.length * checkpoint.network.parameters.length);
  for (const [i, moment] of moments.entries()) joined.set(moment, i * moment.length);
  const updates = optimizer === "adam" ? readUpdates(file, shape, where) : new Int32Array(shape.heads + 1);
  return { ...checkpoint, training: { ...state, moments: joined, updates } };
}

/** The version and core that a checkpoint written now carries. */
export const writer = { version, core: coreHash };

/**
 * Refuse what another core made, as the rest of it would not be exact.
 *
 * @param maker  SHA-256 of the core that made it.
 * @param what   What that is, and the verb, for the message.
 */
export function requireSameCore(maker: string, what: string): void {
  if (maker === coreHash) return;
  throw new StateError(
    `${what} by core ${maker.slice(0, 12)}, this one is ${coreHash.slice(0, 12)}; the result would not be exact. Use the same version of tauscope, or allow another core.`,
  );
}

function readManifest(file: TensorFile, where: string) {
  const text = file.metadata.tauscope;
  if (text === undefined) {
    throw new StateError(
      `${where}: no "tauscope" entry in the metadata; expected a checkpoint written by tauscope. Use \`tauscope import\` for other networks.`,
    );
  }
  if (file.metadata.sha256 === undefined)
    throw new StateError(
      `${where}: it has no checksum; the file is damaged or was changed by another program.`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StateError(`${where}: the "tauscope" entry in the metadata is not JSON.`);
  }
  return parse(manifestSchema, value, `${where}: manifest`, StateError);
}

// the f32 tensors with a prefix, checked for shape and for values that are not finite
function readTensors(
  file: TensorFile,
  prefix: string,
  expected: ReadonlyMap<TensorName, readonly number[]>,
  where: string,
): Map<TensorName, { data: Float32Array }> {
  const tensors = new Map<TensorName, { data: Float32Array }>();
  for (const [name, shape] of expected) {
    const data = readF32(file, prefix + name, shape, where);
    tensors.set(name, { data });
  }
  return tensors;
}

// the parts of a state must fit each other, or training would reach outside its arrays
function checkState(
  { optimizer, settings, epochStep, curriculum: { N }, initialTau, digits, records }: TrainingManifest,
  shape: NetworkShape,
  where: string,
): void {
  const { heads } = shape;
  const conflict = findConflict(settings);
  if (conflict) throw new StateError(`${where}: ${conflict}.`);
  if (optimizer !== settings.optimizer) {
    throw new StateError(
      `${where}: \`optimizer\` is ${optimizer}, expected that of the settings, ${settings.optimizer}.`,
    );
  }
  const largest = curricula[settings.curriculum].largest(settings);
  const rising = N.every((n, i) => n >= 2 && n <= largest && (i === 0 || n > N[i - 1]!));
  if (!rising || N.length > heads) {
    throw new StateError(
      `${where}: \`curriculum.N\` is ${N.slice(0, 5).join(", ")}${N.length > 5 ? " …" : ""}, expected at most ${heads} rising lengths from 2 to ${largest}.`,
    );
  }
  if ((digits !== undefined) !== tasks[settings.task].digits) {
    const wrong = digits === undefined ? "is missing, expected one" : "is there, expected none";
    throw new StateError(`${where}: \`training.digits\` ${wrong} for the task ${settings.task}.`);
  }
  checkTau(initialTau, "initialTau", shape, where);
  for (const [i, record] of records.entries()) checkTau(record.tau, `records.${i}.tau`, shape, where);
  if (epochStep > settings.updates) {
    throw new StateError(`${where}: \`epochStep\` is ${epochStep}, expected at most ${settings.updates}.`);
  }
}

// leaky cells have time constants, gated ones have none; several layers have those of each
function checkTau(
  tau: TauStatistics | undefined,
  field: string,
  { cell, layers = 1 }: NetworkShape,
  where: string,
): void {
  if ((tau !== undefined) !== cellKind(cell).tau) {
    const wrong = tau ? "is there, expected none" : "is missing, expected those";
    throw new StateError(`${where}: \`training.${field}\` ${wrong} of a ${cell} cell.`);
  }
  const got = tau?.layers?.length ?? 1;
  if (tau && got !== layers) {
    throw new StateError(`${where}: \`training.${field}\` is of ${got} layers, expected ${layers}.`);
  }
}

function readUpdates(file: TensorFile, { heads }: NetworkShape, where: string): Int32Array {
  const data = file.tensors.get(UPDATES)?.data;
  if (!(data instanceof Int32Array) || data.length !== heads + 1) {
    throw new StateError(`${where}: tensor "${UPDATES}" is missing or not I32 of shape (${heads + 1}).`);
  }
  return data;
}
