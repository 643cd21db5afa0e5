// Curricula: which memory lengths N are trained at once, and what comes when they are solved. One file per kind.
//
// A curriculum is a state machine: its state is plain data, accuracies go in, the next state comes out.

import { multiHead } from "./multi-head.ts";
import { none } from "./none.ts";
import { single } from "./single.ts";
import { sliding } from "./sliding.ts";

/**
 * When a stage is solved: if the mean over its N and the newest N exceed the threshold (as in the source), if the
 * newest does, or if every one does.
 */
export const solvedRules = ["mean-and-newest", "newest", "every"] as const;
export type SolvedRule = (typeof solvedRules)[number];

/** Settings of a curriculum. */
export interface CurriculumSettings {
  curriculum: CurriculumName;
  /** First N, or with "none" the only one. */
  startN: number;
  /** Largest N; the curriculum is finished once it is solved. */
  maxN: number;
  /** "sliding": lengths trained at once. */
  window: number;
  /** "sliding": lengths dropped, and as many added, when the window is solved. */
  forget: number;
  /** Accuracy that must be exceeded; a list has one for N = 2, 3, … and its last for all larger N. */
  solvedAt: number | readonly number[];
  /** Which accuracies must exceed it. */
  solvedRule: SolvedRule;
}

/** The lengths that a curriculum goes through. */
export type LengthRange = Pick<CurriculumSettings, "startN" | "maxN">;

/** One kind of curriculum: its stages. */
export interface Stages {
  /** Lengths of the first stage, in rising order; head i serves the i-th. */
  first(settings: CurriculumSettings): number[];
  /** Lengths of the stage after `N`; undefined if that was the last. */
  next(N: readonly number[], settings: CurriculumSettings): number[] | undefined;
  /** The largest N of all stages. */
  largest(settings: CurriculumSettings): number;
  /** Read-out heads needed. */
  heads(settings: CurriculumSettings): number;
  /** The head that answers `N` in a network whose present stage is `stage`; undefined if there is none. */
  headOf(N: number, stage: readonly number[], range: LengthRange): number | undefined;
}

export const curricula = { multi: multiHead, single, sliding, none } as const satisfies Record<
  string,
  Stages
>;

export type CurriculumName = keyof typeof curricula;
export const curriculumNames = Object.keys(curricula) as [CurriculumName, ...CurriculumName[]];

/** Where a curriculum stands. */
export interface CurriculumState {
  /** Stages completed so far. */
  stage: number;
  /** Memory lengths trained now, in rising order; head i serves the i-th. */
  N: number[];
  /** The largest N solved so far; 0 if none. */
  solvedN: number;
  finished: boolean;
}

/** The state before training. */
export function startCurriculum(settings: CurriculumSettings): CurriculumState {
  return { stage: 0, N: curricula[settings.curriculum].first(settings), solvedN: 0, finished: false };
}

/** The accuracy that N must exceed. */
export function thresholdOf(N: number, solvedAt: CurriculumSettings["solvedAt"]): number {
  return typeof solvedAt === "number" ? solvedAt : solvedAt[Math.min(N - 2, solvedAt.length - 1)]!;
}

/**
 * Whether a stage is solved. The mean over its lengths is held against the threshold of the newest.
 *
 * @param accuracy  One per length of the stage, newest last.
 * @param N         The lengths.
 */
export function isSolved(
  accuracy: readonly number[],
  N: readonly number[],
  { solvedAt, solvedRule }: Pick<CurriculumSettings, "solvedAt" | "solvedRule">,
): boolean {
  if (solvedRule === "every") return accuracy.every((value, i) => value > thresholdOf(N[i]!, solvedAt));
  const threshold = thresholdOf(N.at(-1)!, solvedAt);
  const mean = accuracy.reduce((sum, value) => sum + value, 0) / accuracy.length;
  return accuracy.at(-1)! > threshold && (solvedRule === "newest" || mean > threshold);
}

/** The state after an evaluation: the same if the stage is not solved, otherwise the next stage's. */
export function advanceCurriculum(
  settings: CurriculumSettings,
  state: CurriculumState,
  accuracy: readonly number[],
): CurriculumState {
  if (state.finished || !isSolved(accuracy, state.N, settings)) return state;
  const solvedN = state.N.at(-1)!;
  const next = curricula[settings.curriculum].next(state.N, settings);
  return { stage: state.stage + 1, N: next ?? state.N, solvedN, finished: next === undefined };
}
