// Drives a curriculum through evaluations.

import {
  advanceCurriculum,
  type CurriculumSettings,
  type CurriculumState,
  startCurriculum,
} from "../../src/curricula/curriculum.ts";

/** Settings with the paper's defaults for whatever is not given. */
export function settingsOf(
  given: Partial<CurriculumSettings> & Pick<CurriculumSettings, "curriculum">,
): CurriculumSettings {
  return {
    startN: 2,
    maxN: 101,
    window: 10,
    forget: 5,
    solvedAt: 0.98,
    solvedRule: "mean-and-newest",
    ...given,
  };
}

/** All states from the first to the one behind `solves` evaluations that solve every stage. */
export function statesOf(settings: CurriculumSettings, solves: number): CurriculumState[] {
  const states = [startCurriculum(settings)];
  for (let i = 0; i < solves; i++) states.push(solve(settings, states.at(-1)!));
  return states;
}

/** The state after an evaluation without a mistake. */
export function solve(settings: CurriculumSettings, state: CurriculumState): CurriculumState {
  return advanceCurriculum(
    settings,
    state,
    state.N.map(() => 1),
  );
}
