// What random draws are for: the first part of every key under a run's seed, so that no two purposes share a stream.

export const Draw = {
  /** Initial parameters. */
  parameters: 0,
  /** Batches of training, by step. */
  training: 1,
  /** Batches of the evaluations within training, by step. */
  validation: 2,
  /** Batches of an evaluation by itself. */
  evaluation: 3,
  // 4, 6 and 7 are for analysis: driven-activity.ts, perturbation.ts, timescale-bias.ts
  // 10 and 11 are for dynamics: random-dynamics.ts in cells, initial-state.ts in analysis
  /** Streams of bits that are answered at every step. */
  stream: 5,
} as const;
