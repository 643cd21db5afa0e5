// How many workers a machine has cores for.

// where an engine does not say
const ASSUMED = 4;

/** Cores that the engine says there are; those that a container allows, where the engine knows. */
export function countCores(): number {
  return globalThis.navigator?.hardwareConcurrency ?? countInNode() ?? ASSUMED;
}

// Node 20 has no navigator
function countInNode(): number | undefined {
  return globalThis.process?.getBuiltinModule?.("node:os").availableParallelism();
}
