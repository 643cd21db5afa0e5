// An archive in memory, for tests: what is written, in order.

import type { Archive } from "../../src/experiments/laboratory.ts";

export interface MemoryArchive extends Archive {
  files: Map<string, Uint8Array>;
}

export function memoryArchive(): MemoryArchive {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    read: async (name) => files.get(name),
    write: async (name, content) => {
      files.set(name, content);
    },
  };
}
