// What batches of a task can be: their bits, and the steps that have labels.

/** What the bits of an input are: 0 and 1, or -1 and 1 with probability 1/2. */
export const bitsNames = ["binary", "bipolar"] as const;
export type BitsName = (typeof bitsNames)[number];

/** Which steps of a sequence have labels: the last one, or every one from the N-th on. */
export const labelSteps = ["last", "every"] as const;
export type LabelSteps = (typeof labelSteps)[number];
