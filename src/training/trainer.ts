// Training: epochs of updates on fresh batches, an evaluation after each, and a curriculum that moves on when its
// stage is solved.
//
// Based on  Khajehabdollahi et al., ICLR 2024, and its released code.

import { locateParameter, type Network, type NetworkShape } from "../cells/network.ts";
import { largestStepsPerBit, stepsPerBitAt } from "../cells/steps-per-bit.ts";
import { networkTau, type TauStatistics } from "../cells/tau.ts";
import { Core, type Key } from "../core/core.ts";
import type { DigitSet, DigitSets } from "../core/digits.ts";
import { NumericError, StateError } from "../core/errors.ts";
import { Pace } from "../core/pace.ts";
import { Plan } from "../core/plan.ts";
import {
  advanceCurriculum,
  type CurriculumState,
  curricula,
  isSolved,
  startCurriculum,
} from "../curricula/curriculum.ts";
import { tasks } from "../tasks/task.ts";
import { type BatchDraw, type Batches, type Executor, inThisThread, stepsOf } from "./batches.ts";
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  requireSameCore,
  writer,
} from "./checkpoint.ts";
import { hashDigits, placeDigits } from "./digits.ts";
import { Draw } from "./draw.ts";
import { measureAccuracy } from "./evaluation.ts";
import type { EpochRecord } from "./metrics.ts";
import { resolveSettings, type TrainingSettings } from "./settings.ts";

/** How far training has come, after an update. */
export interface Progress {
  /** The present epoch, from 1. */
  epoch: number;
  /** Updates done in this epoch, and in a whole one. */
  epochStep: number;
  updates: number;
  /** Updates done in all. */
  step: number;
  /** Memory lengths being trained. */
  N: readonly number[];
  /** Mean loss of this epoch so far. */
  loss: number;
}

export interface TrainerOptions {
  /** Stops the iteration behind the present update; `checkpoint()` then holds exactly that state. */
  signal?: AbortSignal;
  /** Called after every update. */
  onProgress?: (progress: Progress) => void;
  /** Images for the task "smnist": updates learn from the training set, evaluations take the test set. */
  digits?: DigitSets;
  /** Who computes the batches (default: this thread). */
  executor?: Executor;
}

export interface StartOptions extends TrainerOptions {
  /** Parameters to begin with, of a network of the settings' shape (default: drawn from the seed). */
  network?: Network;
}

export interface ResumeOptions extends TrainerOptions {
  /** Go on although another core made the checkpoint; the result may then differ in the last bits (default false). */
  allowOtherCore?: boolean;
  /** What the checkpoint is called in error messages. */
  where?: string;
}

/**
 * One training run: iterate over it to train, epoch by epoch.
 *
 * ```ts
 * const trainer = await Trainer.start({ units: 100 });
 * for await (const { epoch, N, accuracy } of trainer) console.log(epoch, N, accuracy);
 * ```
 */
export class Trainer implements AsyncIterable<EpochRecord> {
  readonly settings: TrainingSettings;
  /** Time constants before the first update; gated cells have none. */
  readonly initialTau: TauStatistics | undefined;
  /** All epochs so far. */
  readonly records: EpochRecord[];
  private readonly core: Core;
  private openPlan: Plan | undefined;
  private readonly batches: Batches;
  private readonly options: TrainerOptions;
  private readonly digits: string | undefined;
  private curriculum: CurriculumState;
  private step: number;
  private epochStep: number;
  private lossSum: number;

  private constructor(
    core: Core,
    plan: Plan,
    batches: Batches,
    checkpoint: Omit<NonNullable<Checkpoint["training"]>, "moments" | "updates">,
    options: TrainerOptions,
  ) {
    this.core = core;
    this.openPlan = plan;
    this.batches = batches;
    this.options = options;
    this.settings = Object.freeze(structuredClone(checkpoint.settings));
    for (const value of Object.values(this.settings)) Object.freeze(value);
    this.initialTau = checkpoint.initialTau;
    this.records = checkpoint.records;
    this.digits = checkpoint.digits;
    this.curriculum = checkpoint.curriculum;
    this.step = checkpoint.step;
    this.epochStep = checkpoint.epochStep;
    this.lossSum = checkpoint.lossSum;
  }

  /**
   * A new run.
   *
   * @param settings  Those that differ from the defaults (the paper's).
   * @throws ShapeError  if a setting is wrong, the message names it, or digits are missing or wrong.
   * @throws StateError  if the network does not fit into memory (the message names the bytes needed), or has another shape
   *                     than the settings ask for.
   */
  static async start(
    settings: Partial<TrainingSettings> = {},
    { network, ...options }: StartOptions = {},
  ): Promise<Trainer> {
    const resolved = resolveSettings(settings);
    const core = await Core.load();
    const plan = makePlan(core, resolved, options.digits);
    const key = core.key(resolved.seed, Draw.parameters);
    plan.initialize(key, resolved.tauLow, resolved.tauHigh);
    plan.initializeGates(key, resolved.initialGain);
    plan.setGateBiases(resolved.initialBias);
    if (network) {
      checkShape(network.shape, plan.shape, "network");
      plan.parameters.set(network.parameters);
    }
    const initialTau = networkTau(plan, largestStepsPerBit(resolved.stepsPerBit));
    const curriculum = startCurriculum(resolved);
    const state = {
      settings: resolved,
      step: 0,
      epochStep: 0,
      lossSum: 0,
      curriculum,
      initialTau,
      digits: plan.digits && hashDigits(options.digits!),
      records: [],
    };
    const { executor = inThisThread } = options;
    return new Trainer(core, plan, await executor(core, plan), state, options);
  }

  /**
   * A run that goes on from a checkpoint, and gives the same bytes as if it had never stopped.
   *
   * @throws StateError if the checkpoint is damaged, holds no training state, was made by another core, or trained on other
   *                    digits.
   * @throws ShapeError if it is neither bytes nor a checkpoint, or digits are missing or wrong.
   */
  static async resume(checkpoint: Uint8Array | Checkpoint, options: ResumeOptions = {}): Promise<Trainer> {
    const { allowOtherCore = false, where = "checkpoint", ...rest } = options;
    // an object goes the same way as a file, and is checked as one
    const bytes = checkpoint instanceof Uint8Array ? checkpoint : encodeCheckpoint(checkpoint);
    const { network, training, core: maker } = decodeCheckpoint(bytes, where);
    if (!training)
      throw new StateError(
        `${where}: it holds a network but no training state; only a run of \`train\` can be resumed.`,
      );
    const core = await Core.load();
    if (!allowOtherCore) requireSameCore(maker, `${where}: made`);
    const plan = makePlan(core, training.settings, rest.digits);
    checkDigits(training.digits, plan.digits && hashDigits(rest.digits!), where);
    checkShape(network.shape, plan.shape, where);
    plan.parameters.set(network.parameters);
    plan.optimizerMoments.set(training.moments);
    plan.optimizerUpdates.set(training.updates);
    const { executor = inThisThread } = rest;
    return new Trainer(core, plan, await executor(core, plan), training, rest);
  }

  /** Free the memory of the network, for the next one. To be called when the trainer is not needed any more; a program that trains a few networks need not. */
  close(): void {
    if (!this.openPlan) return;
    this.openPlan = undefined;
    this.core.release();
  }

  private get plan(): Plan {
    if (!this.openPlan) throw new StateError("Trainer: it has been closed.");
    return this.openPlan;
  }

  /** Whether nothing is left to do: the curriculum is finished, or all epochs are done. */
  get finished(): boolean {
    return this.curriculum.finished || this.records.length >= this.settings.epochs;
  }

  /** Updates done. */
  get steps(): number {
    return this.step;
  }

  /** The largest N solved so far; 0 if none. */
  get solvedN(): number {
    return this.curriculum.solvedN;
  }

  /** A copy of the network as it is now. */
  get network(): Network {
    return { shape: this.plan.shape, parameters: this.plan.parameters.slice() };
  }

  /** The whole state as it is now, to be resumed from. */
  checkpoint(): Checkpoint {
    const { settings, step, epochStep, lossSum, curriculum, initialTau, digits, records } = this;
    const { task, bits, labels, curriculum: kind, startN, maxN, initialState, stepsPerBit } = settings;
    const { N } = curriculum;
    return {
      ...writer,
      network: this.network,
      purpose: { task, bits, labels, curriculum: kind, startN, maxN, N: [...N], initialState, stepsPerBit },
      training: {
        settings,
        step,
        epochStep,
        lossSum,
        curriculum: structuredClone(curriculum),
        initialTau,
        digits,
        records: structuredClone(records),
        moments: this.plan.optimizerMoments.slice(),
        updates: this.plan.optimizerUpdates.slice(),
      },
    };
  }

  /** The whole state as the bytes of a safetensors file. */
  checkpointBytes(): Uint8Array {
    return encodeCheckpoint(this.checkpoint());
  }

  /**
   * Train, one epoch per turn, until `finished`.
   *
   * @throws the signal's reason when it is aborted.
   * @throws NumericError if a loss or gradient is not finite; names step and tensor. The state is that before the step.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<EpochRecord, void, void> {
    const pace = new Pace(this.options.signal);
    while (!this.finished) {
      this.plan.setLearningRate(learningRateBehind(this.records, this.settings));
      while (this.epochStep < this.settings.updates) await this.update(pace);
      yield await this.finishEpoch(pace);
    }
  }

  private async update(pace: Pace): Promise<void> {
    this.options.signal?.throwIfAborted();
    const { core, plan, settings, curriculum } = this;
    const [draw, next] = [this.trainingDraw(this.step), this.trainingDraw(this.step + 1)];
    if (!(await this.batches.computeGradient(draw, next))) throw this.numericError();
    plan.updateParameters(curriculum.N.length);
    this.lossSum += plan.loss;
    this.epochStep++;
    this.step++;
    const { epochStep, step } = this;
    const epoch = this.records.length + 1;
    const loss = this.lossSum / epochStep;
    this.options.onProgress?.({ epoch, epochStep, updates: settings.updates, step, N: curriculum.N, loss });
    await pace.after(3 * plan.forwardOperations(stepsOf(core, draw)));
  }

  // the batch of an update in the present stage
  private trainingDraw(step: number): BatchDraw {
    const { seed, stepsPerBit } = this.settings;
    const key = this.core.key(seed, Draw.training, step);
    return { ...this.stageDraw(key, "training"), stepsPerBit: stepsPerBitAt(stepsPerBit, step) };
  }

  // what all batches of the present stage have in common
  private stageDraw(key: Key, set: DigitSet): Omit<BatchDraw, "stepsPerBit"> {
    const { task, bits, initialState } = this.settings;
    const { N } = this.curriculum;
    return { task, N, bits, set, sequenceN: N.at(-1)!, initialState, key };
  }

  // why a step was refused
  private numericError(): NumericError {
    const { plan, step } = this;
    const index = plan.findNonFiniteGradient();
    const cause =
      index < 0
        ? `the loss is ${plan.loss}`
        : `the gradient of ${locateParameter(plan.shape, index)} is ${plan.gradient[index]}`;
    return this.stopped(cause, step + 1);
  }

  private stopped(cause: string, step = this.step): NumericError {
    return new NumericError(
      `training stopped at step ${step}: ${cause}. Try a smaller learningRate or clipNorm.`,
    );
  }

  // the evaluation is a pure function of parameters and key: if it is interrupted, it is simply done again
  private async finishEpoch(pace: Pace): Promise<EpochRecord> {
    const { core, plan, settings, step } = this;
    const { N } = this.curriculum;
    const heads = N.map((_, i) => i);
    const key = core.key(settings.seed, Draw.validation, step);
    const { stepsPerBit, testBatches: count } = settings;
    const request = { ...this.stageDraw(key, "test"), stepsPerBit, heads, count };
    const accuracy = await measureAccuracy(core, plan, this.batches, request, pace).catch((error) => {
      if (!(error instanceof NumericError)) throw error;
      throw this.stopped("an output of the network is NaN or infinite in the evaluation");
    });
    const record: EpochRecord = {
      epoch: this.records.length + 1,
      step,
      N: [...N],
      loss: this.lossSum / settings.updates,
      accuracy: Object.fromEntries(N.map((n, i) => [n, accuracy[i]!])),
      solved: isSolved(accuracy, N, settings),
      tau: networkTau(plan, largestStepsPerBit(stepsPerBit)),
    };
    this.records.push(record);
    this.curriculum = advanceCurriculum(settings, this.curriculum, accuracy);
    this.epochStep = 0;
    this.lossSum = 0;
    // whoever gets the record may do with it as they like
    return structuredClone(record);
  }
}

// the learning rate of the epoch that follows
function learningRateBehind(records: readonly EpochRecord[], settings: TrainingSettings): number {
  const { learningRate, learningRateDecay, decayFromN } = settings;
  const decays = records.filter(({ N }) => N.at(-1)! >= decayFromN);
  return decays.reduce((rate) => rate * learningRateDecay, learningRate);
}

function makePlan(core: Core, settings: TrainingSettings, digits: DigitSets | undefined): Plan {
  const { task, labels, curriculum, cell, activation, units, layers, batch } = settings;
  const { inputs, classes, lengths } = tasks[task];
  const heads = curricula[curriculum].heads(settings);
  const shape = { cell, activation, units, inputs, heads, classes, layers };
  const bits = lengths(curricula[curriculum].largest(settings)).longest;
  const steps = bits * largestStepsPerBit(settings.stepsPerBit);
  const plan = new Plan(core, shape, { batch, steps, labelRows: heads, labels }, settings);
  plan.digits = placeDigits(core, task, digits, ["training", "test"], "Trainer");
  return plan;
}

function checkDigits(trained: string | undefined, given: string | undefined, where: string): void {
  if (trained === given) return;
  throw new StateError(
    `${where}: it was trained on digits with SHA-256 ${trained?.slice(0, 12)}, those given have ${given?.slice(0, 12)}; a run keeps its data.`,
  );
}

function checkShape(got: NetworkShape, expected: NetworkShape, where: string): void {
  for (const field of Object.keys(expected) as (keyof NetworkShape)[]) {
    if (got[field] !== expected[field]) {
      throw new StateError(
        `${where}: the network's \`${field}\` is ${got[field]} but its settings ask for ${expected[field]}.`,
      );
    }
  }
}
