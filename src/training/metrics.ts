// What is recorded of every epoch.

import * as z from "zod/mini";
import { QUANTILES, type TauStatistics } from "../cells/tau.ts";
import { dictionary, list } from "../core/schema.ts";

/** One epoch of training. */
export interface EpochRecord {
  /** 1 for the first epoch. */
  epoch: number;
  /** Updates done so far. */
  step: number;
  /** Memory lengths trained in this epoch, in rising order. */
  N: number[];
  /** Training loss, mean over the epoch's updates, summed over heads. */
  loss: number;
  /** Accuracy of each N on fresh sequences at the end of the epoch. */
  accuracy: Record<string, number>;
  /** Whether N was solved at the end of this epoch, so that the next epoch trains the next stage. */
  solved: boolean;
  /** Time constants at the end of the epoch; gated cells have none. */
  tau?: TauStatistics | undefined;
}

// far beyond what f32 holds, and so that sums and differences of such numbers are finite
const finite = z.number().check(z.gte(-1e100), z.lte(1e100));

const statistics = {
  mean: finite,
  sd: finite,
  min: finite,
  max: finite,
  quantiles: list(finite, QUANTILES + 1),
};

/** @internal */
export const tauSchema = z.strictObject({
  ...statistics,
  layers: z.optional(list(z.strictObject(statistics), 2)),
}) satisfies z.ZodMiniType<TauStatistics>;

/** @internal */
export const epochSchema = z.strictObject({
  epoch: z.int(),
  step: z.int(),
  N: list(z.int(), 1),
  loss: finite,
  accuracy: dictionary(finite),
  solved: z.boolean(),
  tau: z.optional(tauSchema),
}) satisfies z.ZodMiniType<EpochRecord>;
