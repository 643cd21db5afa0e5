// What a worker can be asked to do: functions of the library, with the arguments that they have there.

import { observeTrials, summarizeActivity } from "../analysis/network-activity.ts";
import { evaluateNetwork } from "../training/evaluation.ts";
import { trainNetwork } from "../training/train-network.ts";
import { fingerprint } from "./fingerprint.ts";
import { measure } from "./measurements.ts";
import { study } from "./studies.ts";

/** Each takes an options object last, with `signal` and `executor`, which the worker provides. */
export const workerFunctions = {
  trainNetwork,
  evaluateNetwork,
  fingerprint,
  measure,
  study,
  observeTrials,
  summarizeActivity,
};

export type WorkerFunctions = typeof workerFunctions;
