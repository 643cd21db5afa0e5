// What a task is: how long its sequences are, and how a batch of it is drawn. One file per task beside this one.

import type { Key } from "../core/core.ts";
import type { Plan } from "../core/plan.ts";
import { delayedMatch } from "./delayed-match.ts";
import { parity } from "./parity.ts";

export interface Task {
  readonly inputs: number;
  readonly classes: number;
  /** Fewest and most steps of a sequence when N is the largest memory length asked for; a batch has one length. */
  lengths(N: number): { shortest: number; longest: number };
  /** Draw a batch of `steps` steps into the plan, with one label row for each of `N`. */
  draw(plan: Plan, key: Key, steps: number, N: readonly number[]): void;
}

/** Tasks by name: N-parity, and N-delayed match to sample. */
export const tasks = { parity, dms: delayedMatch } as const satisfies Record<string, Task>;

export type TaskName = keyof typeof tasks;
export const taskNames = Object.keys(tasks) as [TaskName, ...TaskName[]];
