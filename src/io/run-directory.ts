// A run on disk (Node, Bun, Deno): what it was asked to do, what came out, and where to go on.
//
//   manifest.json                     settings as given and as resolved, versions, core hash, seed
//   metrics.ndjson                    one line per epoch
//   timing.ndjson                     wall-clock times, apart from the results, which do not depend on them
//   checkpoints/step-N.safetensors    the last two epochs
//   checkpoints/step-N.partial.…      a stop within an epoch; removed when the epoch is complete
//   report.html
//
// Every file but the two logs is written to a temporary file, synced and renamed, so that a crash leaves the old one or
// the new one. The logs are only appended to; a torn last line is dropped when the run goes on.

import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StateError } from "../core/errors.ts";

const KEPT_CHECKPOINTS = 2;
const CHECKPOINT = /^step-(\d+)(\.partial)?\.safetensors$/;

/** A checkpoint file of a run. */
export interface CheckpointFile {
  path: string;
  step: number;
  /** Whether it was written within an epoch. */
  partial: boolean;
}

export class RunDirectory {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Make a new directory with its manifest.
   *
   * @throws StateError if it exists and is not empty, or cannot be written.
   */
  static async create(path: string, manifest: object): Promise<RunDirectory> {
    const entries = await explain(path, readdir(path).catch(whereAbsent([])));
    if (entries.length > 0) {
      throw new StateError(
        `${path}: the directory exists and is not empty; choose another, or go on with \`tauscope resume ${path}\`.`,
      );
    }
    await explain(path, mkdir(join(path, "checkpoints"), { recursive: true }));
    const directory = new RunDirectory(path);
    await directory.write("manifest.json", `${JSON.stringify(manifest, null, 2)}\n`);
    return directory;
  }

  /** A directory that holds a run. */
  static async open(path: string): Promise<{ directory: RunDirectory; manifest: unknown }> {
    const file = join(path, "manifest.json");
    const text = await explain(file, readFile(file, "utf8"));
    try {
      return { directory: new RunDirectory(path), manifest: JSON.parse(text) };
    } catch {
      throw new StateError(`${file}: not valid JSON; expected the manifest of a run.`);
    }
  }

  /** The checkpoints, newest first. */
  async checkpoints(): Promise<CheckpointFile[]> {
    const folder = join(this.path, "checkpoints");
    const names = await explain(folder, readdir(folder).catch(whereAbsent([])));
    const files = names.flatMap((name) => {
      const match = CHECKPOINT.exec(name);
      return match
        ? [{ path: join(folder, name), step: Number(match[1]), partial: match[2] !== undefined }]
        : [];
    });
    return files.sort((a, b) => b.step - a.step || Number(a.partial) - Number(b.partial));
  }

  /** Write the checkpoint of a finished epoch; keep it and the one before. */
  async writeCheckpoint(step: number, bytes: Uint8Array): Promise<void> {
    await this.write(join("checkpoints", `step-${step}.safetensors`), bytes);
    const files = await this.checkpoints();
    const kept = files.filter(({ partial }) => !partial).slice(0, KEPT_CHECKPOINTS);
    await Promise.all(files.filter((file) => !kept.includes(file)).map(({ path }) => rm(path)));
  }

  /** Write a checkpoint within an epoch, and remove earlier ones of that kind. */
  async writePartialCheckpoint(step: number, bytes: Uint8Array): Promise<string> {
    const path = await this.write(join("checkpoints", `step-${step}.partial.safetensors`), bytes);
    const files = await this.checkpoints();
    const older = files.filter((file) => file.partial && file.step < step);
    await Promise.all(older.map((file) => rm(file.path)));
    return path;
  }

  /** Append a line to a log. */
  async append(log: "metrics" | "timing", record: object): Promise<void> {
    const path = join(this.path, `${log}.ndjson`);
    await explain(path, writeFile(path, `${JSON.stringify(record)}\n`, { flag: "a" }));
  }

  /** Replace the metrics by those of a checkpoint that the run goes on from, so that nothing behind it is left. */
  async restoreMetrics(records: readonly object[]): Promise<void> {
    await this.write("metrics.ndjson", records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  }

  /** Write a file of the run, all or nothing; returns its path. */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.path, name);
    await writeWhole(path, content);
    return path;
  }
}

/**
 * Write a file so that after a crash either the old or the new content is there.
 *
 * @throws StateError that names the file and the cause.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fileError(path, error);
  }
}

/** The content of a file. */
export function readWhole(path: string): Promise<Uint8Array> {
  return explain(path, readFile(path));
}

// makes a rename durable; not every system lets a folder be opened
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

const causes: Record<string, string> = {
  ENOSPC: "no space is left on the disk; nothing that was written before is lost. Free some space and resume",
  EDQUOT: "the disk quota is used up; nothing that was written before is lost. Free some space and resume",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EROFS: "the file system is read-only",
  ENOENT: "there is no such file or directory",
  ENOTDIR: "a part of the path is not a directory",
  EISDIR: "it is a directory, expected a file",
};

function fileError(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  return new StateError(`${path}: ${causes[code] ?? `the system answered ${code}`}.`, { cause: error });
}

function explain<T>(path: string, promise: Promise<T>): Promise<T> {
  return promise.catch((error) => {
    throw fileError(path, error);
  });
}

function whereAbsent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return value;
    throw error;
  };
}
