// The core's memory: one arena above the static data, handed out upwards and released back to a mark.
//
//   0 ........ __heap_base ........ mark ........ top ........ memory.size()
//   | static   | kept allocations  | released    | free
//
// Addresses are multiples of 64 bytes, one cache line. Memory is never given back to the engine, and what
// is handed out is not zeroed: whoever reads before writing clears it first.

const LINE: usize = 64;

let top: usize = (__heap_base + LINE - 1) & ~(LINE - 1);

/** The present top, to be handed to `arenaRelease` later. */
export function arenaMark(): usize {
  return top;
}

/** Release everything that was allocated since `mark`. */
export function arenaRelease(mark: usize): void {
  top = mark;
}

/** The address of `bytes` free bytes, or 0 if the engine refuses to grow the memory that far. */
export function arenaAllocate(bytes: usize): usize {
  const start = top;
  const end = (<u64>start + bytes + LINE - 1) & ~(<u64>LINE - 1);
  if (end > 0xffffffff) return 0;
  const available = (<u64>memory.size()) << 16;
  if (end > available) {
    const pages = (end - available + 0xffff) >> 16;
    if (memory.grow(<i32>pages) < 0) return 0;
  }
  top = <usize>end;
  return start;
}
