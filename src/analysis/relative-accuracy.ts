// Accuracy after a network was changed, relative to what it was: 1 if nothing is lost, 0 at chance.
//
// Based on  Khajehabdollahi et al., ICLR 2024: (acc - 0.5) / (acc_baseline - 0.5) for two classes.

import { ShapeError } from "../core/errors.ts";
import { type Measurement, meanOverNetworks, meansByNetwork, type NetworkMean } from "./network-means.ts";

/**
 * Relative accuracy; below 0 for less than chance.
 *
 * @param chance  Accuracy of guessing (default 0.5: two classes).
 * @throws ShapeError if the baseline is not above chance: there is nothing to lose.
 */
export function relativeAccuracy(accuracy: number, baseline: number, chance = 0.5): number {
  if (!(baseline > chance)) {
    throw new ShapeError(
      `relativeAccuracy: \`baseline\` is ${baseline}, expected more than chance, ${chance}.`,
    );
  }
  return (accuracy - chance) / (baseline - chance);
}

/**
 * Accuracies of changed networks relative to each one's own baseline, then averaged over networks. Networks without a
 * baseline are refused.
 *
 * @throws ShapeError if a network has no baseline, or one at chance.
 */
export function relativeToBaseline(
  changed: Iterable<Measurement>,
  baseline: Iterable<Measurement>,
): NetworkMean {
  const baselines = meansByNetwork(baseline);
  const relative = [...meansByNetwork(changed)].map(([network, accuracy]): [string, number] => {
    const own = baselines.get(network);
    if (own === undefined) {
      throw new ShapeError(`relativeToBaseline: network ${network} has no baseline, expected one of it.`);
    }
    return [network, relativeAccuracy(accuracy, own)];
  });
  return meanOverNetworks(new Map(relative));
}
