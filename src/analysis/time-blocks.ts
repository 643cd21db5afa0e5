// Sums over consecutive blocks of time, few of them however long the time is: when all are full, neighbours become one.
//
// Which blocks there are, and the order of every sum, follow from the steps so far alone, not from the pieces they come in.

/** Most blocks; behind that many, pairs are merged. */
const MOST = 64;

/** Blocks at least, that an error is estimated from, once there are as many. */
const GROUPS = 16;

/** Sums over blocks of time, as plain data. */
export interface TimeBlocks {
  /** Sums of a block. */
  readonly width: number;
  /** Steps of a full block. */
  length: number;
  /** Full blocks, one behind the other, (n, width). */
  full: Float64Array;
  /** Sums of the block that is not full, and its steps. */
  open: Float64Array;
  openSteps: number;
}

/** No block yet; the first ones have `length` steps. */
export function startBlocks(width: number, length: number): TimeBlocks {
  return { width, length, full: new Float64Array(0), open: new Float64Array(width), openSteps: 0 };
}

/** Steps until the open block is full. */
export function stepsLeft({ length, openSteps }: TimeBlocks): number {
  return length - openSteps;
}

/** Set the sums of the open block, `steps` steps on; it must not become longer than a block. */
export function continueBlock(blocks: TimeBlocks, sums: Float64Array, steps: number): void {
  blocks.open.set(sums);
  blocks.openSteps += steps;
  if (blocks.openSteps < blocks.length) return;
  const { width, full } = blocks;
  const longer = new Float64Array(full.length + width);
  longer.set(full);
  longer.set(blocks.open, full.length);
  blocks.full = longer.length === MOST * width ? mergePairs(longer, width) : longer;
  if (longer.length === MOST * width) blocks.length *= 2;
  blocks.open = new Float64Array(width);
  blocks.openSteps = 0;
}

function mergePairs(full: Float64Array, width: number): Float64Array {
  const merged = new Float64Array(full.length / 2);
  return merged.map((_, i) => {
    const first = 2 * width * Math.floor(i / width) + (i % width);
    return full[first]! + full[first + width]!;
  });
}

/** Steps in all blocks. */
export function stepsOf({ full, width, length, openSteps }: TimeBlocks): number {
  return (full.length / width) * length + openSteps;
}

/** The mean per step of sum i over blocks `low` … `high` - 1, and the open one if asked for. */
export function blockMean(blocks: TimeBlocks, i: number, low: number, high: number, open = false): number {
  const { full, width, length } = blocks;
  let sum = 0;
  for (let block = low; block < high; block++) sum += full[block * width + i]!;
  const steps = (high - low) * length + (open ? blocks.openSteps : 0);
  return (open ? sum + blocks.open[i]! : sum) / steps;
}

/** Full blocks. */
export function blockCount({ full, width }: TimeBlocks): number {
  return full.length / width;
}

/**
 * The standard error of a mean per step, from the scatter of at least 16 groups of blocks if there are as many; NaN of fewer than two
 * blocks, 0 of what is infinite.
 */
export function blockError(blocks: TimeBlocks, i: number): number {
  const n = blockCount(blocks);
  const size = Math.max(1, Math.floor(n / GROUPS));
  const groups = Math.floor(n / size);
  if (groups < 2) return NaN;
  const means = Array.from({ length: groups }, (_, g) => blockMean(blocks, i, g * size, (g + 1) * size));
  const mean = means.reduce((sum, value) => sum + value, 0) / groups;
  if (!Number.isFinite(mean)) return 0;
  const squares = means.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return Math.sqrt(squares / (groups - 1) / groups);
}
