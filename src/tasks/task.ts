// What a task is: how long its sequences are, and how a batch of it is drawn. One file per task beside this one.

import type { BitsName } from "../core/batch-kinds.ts";
import type { Key } from "../core/core.ts";
import type { DigitSet } from "../core/digits.ts";
import type { Plan } from "../core/plan.ts";
import { delayedMatch } from "./delayed-match.ts";
import { parity } from "./parity.ts";
import { sequentialMnist } from "./sequential-mnist.ts";

/** What is asked for in a batch. */
export interface TaskBatch {
  /** Memory lengths, one label row each. */
  N: readonly number[];
  /** Sequences are as long as for this largest N; all of a batch have one length. */
  sequenceN: number;
  /** What bits are: 0 and 1, or -1 and 1. */
  bits: BitsName;
  /** Which digits are drawn. */
  set: DigitSet;
}

export interface Task {
  readonly inputs: number;
  readonly classes: number;
  /** Whether one sequence serves all N, which differ in their labels alone; else each N has sequences of its own. */
  readonly shared: boolean;
  /** Whether every step from the N-th on can have a label. */
  readonly everyStep: boolean;
  /** Whether it needs images of digits. */
  readonly digits: boolean;
  /**
   * Fewest and most steps of a sequence when N is the largest memory length asked for, and from one length to the next; a
   * batch has one length.
   */
  lengths(N: number): { shortest: number; longest: number; by: number };
  /** Draw a batch of `steps` steps into the plan. */
  draw(plan: Plan, key: Key, steps: number, batch: TaskBatch): void;
  /**
   * The label at a step of a stream of bits; `bit(n)` is the bit n steps before, and is asked for n < N only. None where inputs
   * are no bits.
   */
  label?(bit: (n: number) => number, N: number): number;
}

/** Tasks by name: N-parity, N-delayed match to sample, and sequential MNIST. */
export const tasks: Record<TaskName, Task> = { parity, dms: delayedMatch, smnist: sequentialMnist };

export const taskNames = ["parity", "dms", "smnist"] as const;
export type TaskName = (typeof taskNames)[number];
