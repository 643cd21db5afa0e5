// The studies of experiments on random networks: plain data in and out, which an archive can keep. Each runs in a worker.

import { fixedPoints } from "./studies/fixed-points.ts";
import { lyapunov } from "./studies/lyapunov.ts";
import { spectrum } from "./studies/spectrum.ts";
import { trajectory } from "./studies/trajectory.ts";

/** What a study is given beside its options. */
export interface StudyRun {
  signal?: AbortSignal;
  /** A state that `onState` was given before: the study goes on from there. */
  resume?: Uint8Array;
  /** Takes the state of a long study from time to time. */
  onState?: (state: Uint8Array) => unknown;
}

/** The studies by name. */
export const studies = { fixedPoints, lyapunov, spectrum, trajectory };

export type StudyName = keyof typeof studies;
export type StudyOptions<K extends StudyName> = Omit<Parameters<(typeof studies)[K]>[0], keyof StudyRun>;
export type StudyResult<K extends StudyName> = Awaited<ReturnType<(typeof studies)[K]>>;

/** Run the study `name`, as a worker is asked to. */
export function study<K extends StudyName>(
  name: K,
  options: StudyOptions<K> & StudyRun,
): Promise<StudyResult<K>> {
  return (studies[name] as (options: object) => Promise<StudyResult<K>>)(options);
}
