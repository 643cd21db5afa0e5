// A network and its workspace in the core's memory, and the calls that draw batches, train and evaluate there.

import type { BitsName, LabelSteps } from "./batch-kinds.ts";
import type { Core, Key } from "./core.ts";
import type { DigitSet, PlacedDigits } from "./digits.ts";
import { ShapeError, StateError } from "./errors.ts";
import {
  activationNames,
  allUnits,
  cellKind,
  cellNames,
  checkName,
  findLayersConflict,
  type NetworkShape,
  parameterCount,
} from "./network-shape.ts";

/** Optimisers, in the order of the core's numbers for them, which begin behind 0, no training, and 1, gradients only. */
export const optimizerNames = ["sgd", "adam"] as const;
const GRADIENTS_ONLY = 1;
const momentCounts = { sgd: 1, adam: 2 };
export type OptimizerName = (typeof optimizerNames)[number];

/** Shards `low` … `high` - 1 of a batch. */
export interface Shards {
  low: number;
  high: number;
}

/** Shards of a batch, whatever the number of workers: the core's SHARDS. */
export const SHARDS = 8;

/** Sizes of the batches that a plan has room for. */
export interface BatchShape {
  /** Sequences per batch B. */
  batch: number;
  /** Most steps per sequence T. */
  steps: number;
  /** Most label rows per batch L. */
  labelRows: number;
  /** Which steps have labels (default "last"). */
  labels?: LabelSteps;
}

export interface OptimizerSettings {
  optimizer: OptimizerName;
  trainTau: boolean;
  learningRate: number;
  momentum: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  clipNorm: number;
}

// the core counts in 32 bits, and knows cells and activations by number
function checkSizes({ cell, activation, layers = 1, labels: _, ...sizes }: NetworkShape & BatchShape): void {
  checkName("cell", cell, cellNames);
  checkName("activation", activation, activationNames);
  const conflict = findLayersConflict({ cell, layers });
  if (conflict) throw new ShapeError(`Plan: ${conflict}.`);
  for (const [field, size] of Object.entries(sizes)) {
    if (!(Number.isInteger(size) && size >= 1 && size < 2 ** 31)) {
      throw new ShapeError(
        `Plan: \`${field}\` is ${size}, expected a whole number from 1 to ${2 ** 31 - 1}.`,
      );
    }
  }
}

/** One network in the core's memory. Views of its memory are valid until the core allocates again. */
export class Plan {
  readonly shape: NetworkShape;
  readonly batchShape: BatchShape;
  /** Whether it computes gradients, or only evaluates. */
  readonly trains: boolean;
  /** Images that `drawSequentialDigits` draws from. */
  digits: PlacedDigits | undefined;
  private readonly core: Core;
  private readonly address: number;
  private readonly moments: number;
  // floats of the states recorded last
  private recorded = 0;

  /**
   * Allocate everything the network will need, once.
   *
   * @param optimizer  Leave it out for a plan that only evaluates: it keeps no history and takes far less memory.
   *                   "elsewhere": the plan computes gradients of shards and has no gradient and no optimiser of its own.
   *                   "recording": the plan runs on and on, `steps` steps at a time at most, and records its states;
   *                   "recording-cells": an lstm's cell states and forget gates too.
   * @throws ShapeError if a size is not a whole number from 1 to 2^31 - 1.
   * @throws StateError if the memory cannot hold it; the message names the bytes needed.
   */
  constructor(
    core: Core,
    shape: NetworkShape,
    batch: BatchShape,
    optimizer?: OptimizerSettings | "elsewhere" | "recording" | "recording-cells",
  ) {
    const records = optimizer === "recording" || optimizer === "recording-cells";
    this.core = core;
    this.shape = shape;
    this.batchShape = batch;
    this.moments = typeof optimizer === "object" ? momentCounts[optimizer.optimizer] : 0;
    this.trains = optimizer !== undefined && !records;
    checkSizes({ ...shape, ...batch });
    const { exports } = core;
    this.address = exports.createPlan(shape.layers ?? 1);
    if (this.address === 0) throw new StateError("Plan: the memory of this core is full. Load another core.");
    exports.setSizes(
      this.address,
      cellNames.indexOf(shape.cell),
      activationNames.indexOf(shape.activation),
      shape.units,
      shape.inputs,
      shape.heads,
      shape.classes,
      batch.batch,
      batch.steps,
      batch.labelRows,
    );
    if (batch.labels === "every") exports.setEveryStep(this.address);
    if (records) {
      exports.setRecording(this.address, optimizer === "recording-cells");
    } else if (optimizer === "elsewhere") {
      exports.setOptimizer(this.address, GRADIENTS_ONLY, false, 0, 0, 0, 0, 0, 0);
    } else if (optimizer) {
      exports.setOptimizer(
        this.address,
        GRADIENTS_ONLY + 1 + optimizerNames.indexOf(optimizer.optimizer),
        optimizer.trainTau,
        optimizer.learningRate,
        optimizer.momentum,
        optimizer.beta1,
        optimizer.beta2,
        optimizer.epsilon,
        optimizer.clipNorm,
      );
    }
    const bytes = exports.layOutPlan(this.address, 0);
    const layers = shape.layers && shape.layers > 1 ? `${shape.layers} layers of ` : "";
    const purpose = `${records ? "simulating" : optimizer ? "training" : "evaluating"} ${layers}${shape.units} units with ${shape.heads} heads on ${batch.batch} sequences of ${batch.steps} steps`;
    exports.layOutPlan(this.address, core.allocate(bytes, purpose));
  }

  /** All parameters, one tensor behind the other. */
  get parameters(): Float32Array {
    return this.core.f32(this.core.exports.parametersOf(this.address), parameterCount(this.shape));
  }

  /** Gradient of the last step, before clipping, laid out as the parameters. */
  get gradient(): Float32Array {
    return this.core.f32(this.core.exports.gradientOf(this.address), parameterCount(this.shape));
  }

  /** The optimiser's moments, each laid out as the parameters: one of momentum for SGD, two for Adam. */
  get optimizerMoments(): Float32Array {
    const count = this.moments * parameterCount(this.shape);
    return this.core.f32(this.core.exports.momentsOf(this.address), count);
  }

  /** Adam's update counts: of the cell, then of each head. */
  get optimizerUpdates(): Int32Array {
    return this.core.i32(this.core.exports.updatesOf(this.address), this.shape.heads + 1);
  }

  /** Inputs of the batch, (T, B, I). */
  get inputs(): Float32Array {
    const { batch, steps } = this.batchShape;
    return this.core.f32(this.core.exports.inputsOf(this.address), steps * batch * this.shape.inputs);
  }

  /** Labels of the batch, (L, B), each in 0 … C - 1; at every step, (L, T, B) with T that of the batch. */
  get labels(): Int32Array {
    const { batch, steps, labelRows, labels } = this.batchShape;
    const count = labelRows * batch * (labels === "every" ? steps : 1);
    return this.core.i32(this.core.exports.labelsOf(this.address), count);
  }

  /** Labels of one sequence of `steps` steps for N. */
  labelCount(steps: number, N: number): number {
    return this.batchShape.labels === "every" ? steps - N + 1 : 1;
  }

  /** States before the first step, (B, layers H), one layer beside the other. */
  get initialState(): Float32Array {
    return this.core.f32(
      this.core.exports.initialStateOf(this.address),
      this.batchShape.batch * allUnits(this.shape),
    );
  }

  /** Steps per bit k, 1 unless it is set: time constants are max(τ k, 1) steps. To be set before a batch is computed. */
  set stepsPerBit(k: number) {
    this.core.exports.setStepsPerBit(this.address, k);
  }

  /** Loss of the last training step, summed over heads. */
  get loss(): number {
    return this.core.exports.lossOf(this.address);
  }

  /** Norm of the last gradient, before clipping. */
  get gradientNorm(): number {
    return this.core.exports.gradientNormOf(this.address);
  }

  /** Floating-point operations, about, of a batch forward through `steps` steps; a training step takes three times as many. */
  forwardOperations(steps: number): number {
    const { cell, units, layers = 1 } = this.shape;
    // layers above the first have as many inputs as units
    const matrices = 2 * layers - 1;
    return 2 * cellKind(cell).gates * matrices * units * units * this.batchShape.batch * steps;
  }

  /** Change the learning rate of the updates to come. */
  setLearningRate(rate: number): void {
    this.core.exports.setLearningRate(this.address, rate);
  }

  /** Draw all parameters; τ, where there is one, uniform on [tauLow, tauHigh) in every layer. */
  initialize(key: Key, tauLow: number, tauHigh: number): void {
    this.core.exports.initializeParameters(this.address, key, tauLow, tauHigh);
  }

  /** Draw the recurrent weights of each gate anew: normal, with standard deviation gain / √H. */
  initializeGates(key: Key, gains: readonly number[]): void {
    for (const [gate, gain] of gains.entries())
      this.core.exports.initializeGate(this.address, key, gate, gain);
  }

  /** Set the bias of each gate, of all its units: beside the recurrent weights; that of the inputs becomes 0. */
  setGateBiases(biases: readonly number[]): void {
    for (const [gate, bias] of biases.entries()) this.core.exports.setGateBias(this.address, gate, bias);
  }

  /** Draw h_0 for every sequence and layer, uniform on [0, scale). */
  drawState(key: Key, scale: number): void {
    this.core.exports.drawState(this.address, key, scale);
  }

  /** Draw a batch of N-parity with one label row for each N. */
  drawParity(key: Key, steps: number, N: readonly number[], bits: BitsName = "binary"): void {
    this.setLengths(N);
    this.core.exports.drawParityBatch(this.address, key, steps, N.length, bits === "bipolar");
  }

  /** Draw a batch of N-delayed match to sample with one label row for each N. */
  drawDelayedMatch(key: Key, steps: number, N: readonly number[], bits: BitsName = "binary"): void {
    this.setLengths(N);
    this.core.exports.drawDelayedMatchBatch(this.address, key, steps, N.length, bits === "bipolar");
  }

  /** Draw a batch of images of `digits`, resized to `side` × `side` pixels, one step each, among blank rows. */
  drawSequentialDigits(key: Key, steps: number, side: number, set: DigitSet): void {
    const { images, labels, count } = this.digits!.locate(set);
    this.core.exports.drawSequentialDigitsBatch(this.address, key, steps, side, images, labels, count);
  }

  /** Draw inputs of `steps` steps: bits, each sequence with its own probability, which is a draw of `biasKey`. */
  drawBiasedBits(key: Key, biasKey: Key, steps: number): void {
    this.core.exports.drawBiasedBits(this.address, key, biasKey, steps);
  }

  /** Draw inputs of `steps` steps: bits that are 1 with one probability. */
  drawBits(key: Key, probability: number, bits: BitsName, steps: number): void {
    this.core.exports.drawBits(this.address, key, probability, bits === "bipolar" ? -1 : 0, steps);
  }

  /** Hold each of the inputs of `count` steps for `k` steps: they become those of `count` × `k` steps. */
  holdInputs(count: number, k: number): void {
    this.core.exports.holdInputs(this.address, count, k);
  }

  /**
   * One training step on the batch: heads 0 … active - 1 learn label rows 0 … active - 1.
   *
   * @returns false, with no parameter changed, if the loss or the gradient is NaN or infinite.
   */
  trainStep(steps: number, active: number): boolean {
    const finite = this.computeGradient(steps, active);
    if (finite) this.updateParameters(active);
    return finite;
  }

  /** Loss and gradient of the batch; returns whether both are finite. */
  computeGradient(steps: number, active: number): boolean {
    return this.core.exports.computeGradient(this.address, steps, active) === 1;
  }

  /** Change the parameters by the gradient. */
  updateParameters(active: number): void {
    this.core.exports.updateParameters(this.address, active);
  }

  /** Index of the first entry of the gradient that is NaN or infinite, or -1. */
  findNonFiniteGradient(): number {
    const { exports } = this.core;
    return exports.findNonFinite(exports.gradientOf(this.address), parameterCount(this.shape));
  }

  /**
   * Right answers per label row on the batch; head `heads[l]` answers row l.
   *
   * @param shards  Count only in these.
   * @returns undefined if an output of the network is NaN or infinite.
   */
  countCorrect(
    steps: number,
    heads: readonly number[],
    shards = { low: 0, high: SHARDS },
  ): Int32Array | undefined {
    const { exports } = this.core;
    this.core.i32(exports.headsOf(this.address), heads.length).set(heads);
    const finite = exports.evaluateShards(this.address, shards.low, shards.high, steps, heads.length);
    return finite ? this.core.i32(exports.correctOf(this.address), heads.length) : undefined;
  }

  /** Make ready for `record`, after the parameters have changed. */
  prepareRecording(): void {
    this.core.exports.prepareRecording(this.address);
  }

  /**
   * Run on through `steps` steps of `inputs` from `initialState`, which becomes the last state; the states, (T, B, layers H).
   *
   * @param low, high  Run sequences `low` … `high` - 1 only: B is then their number.
   */
  record(steps: number, low = 0, high = this.batchShape.batch): Float32Array {
    const { exports } = this.core;
    exports.recordSteps(this.address, low, high, steps);
    this.recorded = steps * (high - low) * allUnits(this.shape);
    return this.core.f32(exports.statesOf(this.address), this.recorded);
  }

  /** Cell states behind each step of the last `record`, (T, B, H), where they are recorded. */
  get cellStates(): Float32Array {
    return this.core.f32(this.core.exports.cellStatesOf(this.address), this.recorded);
  }

  /** Forget gates at each step of the last `record`, (T, B, H), where they are recorded. */
  get forgetGates(): Float32Array {
    return this.core.f32(this.core.exports.forgetGatesOf(this.address), this.recorded);
  }

  // Where several instances share a batch, each computes the gradients of some shards, and one sums them as a binary
  // tree: `prepareGradient`, `computeShards` for each aligned subtree, `slot` to read and write sums, `addSlots`,
  // `finishGradient`.

  /** Parameters of all layers and of the first `active` heads. */
  activeParameters(active: number): Float32Array {
    const { units, classes, heads } = this.shape;
    return this.parameters.subarray(0, parameterCount(this.shape) - (heads - active) * classes * (units + 1));
  }

  /** Make ready for `computeShards`, after the parameters have changed. */
  prepareGradient(): void {
    this.core.exports.prepareGradient(this.address);
  }

  /** Loss and gradient of an aligned subtree of shards into slot `level`. Overwrites the slots behind it. */
  computeShards({ low, high }: Shards, steps: number, active: number, level: number): void {
    this.core.exports.computeShards(this.address, low, high, steps, active, level);
  }

  /** The sum in slot `level`, as bytes. */
  slot(level: number, active: number): Uint8Array {
    const { exports } = this.core;
    const start = (exports.slotsOf(this.address) >>> 0) + level * exports.slotBytesOf(this.address);
    return this.core.u8(start, exports.usedSlotBytesOf(this.address, active));
  }

  /** Add slot `level` + 1 to slot `level`. */
  addSlots(level: number, active: number): void {
    this.core.exports.addSlots(this.address, level, active);
  }

  /** From the sum of all shards in slot 0 to loss and gradient; returns whether both are finite. */
  finishGradient(active: number): boolean {
    return this.core.exports.finishShards(this.address, active) === 1;
  }

  /** Memory length of each label row; drawing a batch sets them. */
  setLengths(N: readonly number[]): void {
    this.core.i32(this.core.exports.lengthsOf(this.address), N.length).set(N);
  }
}
