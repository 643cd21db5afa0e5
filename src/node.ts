// What needs a file system: run directories.

export { type CheckpointFile, RunDirectory, readWhole, writeWhole } from "./io/run-directory.ts";
