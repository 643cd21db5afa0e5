// What a task is: how long its sequences are, and how a batch of it is drawn. One file per task beside this one.

import type { Key } from "../core/core.ts";
import type { BitsName, Plan } from "../core/plan.ts";
import { delayedMatch } from "./delayed-match.ts";
import { parity } from "./parity.ts";

/** What is asked for in a batch. */
export interface TaskBatch {
  /** Memory lengths, one label row each. */
  N: readonly number[];
  /** What bits are: 0 and 1, or -1 and 1. */
  bits: BitsName;
}

export interface Task {
  readonly inputs: number;
  readonly classes: number;
  /** Fewest and most steps of a sequence when N is the largest memory length asked for; a batch has one length. */
  lengths(N: number): { shortest: number; longest: number };
  /** Draw a batch of `steps` steps into the plan. */
  draw(plan: Plan, key: Key, steps: number, batch: TaskBatch): void;
  /** The label at a step of a stream of bits; `bit(n)` is the bit n steps before, and is asked for n < N only. */
  label(bit: (n: number) => number, N: number): number;
}

/** Tasks by name: N-parity, and N-delayed match to sample. */
export const tasks = { parity, dms: delayedMatch } as const satisfies Record<string, Task>;

export type TaskName = keyof typeof tasks;
export const taskNames = Object.keys(tasks) as [TaskName, ...TaskName[]];
