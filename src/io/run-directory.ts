// A run on disk (Node, Bun, Deno): what it was asked to do, what came out, and where to go on.
//
//   manifest.json                     settings as given and as resolved, versions, core hash, seed
//   metrics.ndjson                    one line per epoch
//   timing.ndjson                     wall-clock times, apart from the results, which do not depend on them
//   checkpoints/step-N.safetensors    the last two epochs
//   checkpoints/step-N.partial.…      a stop within an epoch; removed when the epoch is complete
//   report.html
//   lock                              the process that is training it now
//
// Every file but the two logs is written to a temporary file, synced and renamed, so that a crash leaves the old one or
// the new one. The logs are only appended to; a torn last line is dropped when the run goes on. So is what a crash left
// of temporary files, and of checkpoints that were about to be removed.

import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ShapeError, StateError } from "../core/errors.ts";

const KEPT_CHECKPOINTS = 2;
const CHECKPOINT = /^step-(\d+)(\.partial)?\.safetensors$/;
const LARGEST_STREAM = 2 ** 30;
const TEMPORARY = /\.\d+\.tmp$/;

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
   * @throws ShapeError if the path is empty.
   * @throws StateError if it exists and is not empty, or cannot be written.
   */
  static async create(path: string, manifest: object): Promise<RunDirectory> {
    if (path === "") throw new ShapeError("RunDirectory: `path` is empty, expected that of a directory.");
    const entries = await explain(path, readdir(path).catch(whereCode<string[]>("ENOENT", [])));
    if (entries.some((name) => !TEMPORARY.test(name))) {
      const resume = entries.includes("manifest.json") ? `, or go on with \`tauscope resume ${path}\`` : "";
      throw new StateError(`${path}: the directory exists and is not empty; choose another${resume}.`);
    }
    await explain(path, makeFolder(path));
    const directory = new RunDirectory(path);
    await directory.write("manifest.json", `${JSON.stringify(manifest, null, 2)}\n`);
    return directory;
  }

  /** A directory that holds a run. */
  static async open(path: string): Promise<{ directory: RunDirectory; manifest: unknown }> {
    if (path === "") throw new ShapeError("RunDirectory: `path` is empty, expected that of a directory.");
    const file = join(path, "manifest.json");
    if (!existsSync(file))
      throw new StateError(`${path}: there is no run here, expected a directory with a manifest.json.`);
    const text = new TextDecoder().decode(await readWhole(file));
    try {
      return { directory: new RunDirectory(path), manifest: JSON.parse(text) };
    } catch {
      throw new StateError(`${file}: not valid JSON; expected the manifest of a run.`);
    }
  }

  /** The checkpoints, newest first. */
  async checkpoints(): Promise<CheckpointFile[]> {
    const folder = join(this.path, "checkpoints");
    const names = await explain(folder, readdir(folder).catch(whereCode<string[]>("ENOENT", [])));
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
    await this.removeOldCheckpoints();
  }

  /** Write a checkpoint within an epoch, and remove earlier ones of that kind. */
  async writePartialCheckpoint(step: number, bytes: Uint8Array): Promise<string> {
    const path = await this.write(join("checkpoints", `step-${step}.partial.safetensors`), bytes);
    await this.removeOldCheckpoints();
    return path;
  }

  /** Append a line to a log. */
  async append(log: "metrics" | "timing", record: object): Promise<void> {
    const path = join(this.path, `${log}.ndjson`);
    await explain(path, writeFile(path, `${JSON.stringify(record)}\n`, { flag: "a" }));
  }

  /**
   * Make ready for a run that begins, or goes on from the checkpoint of `step`: its metrics become those of the
   * checkpoint, so that nothing behind it is left, damaged checkpoints neither, and what a crash left over is removed.
   */
  async prepare(records: readonly object[], step = 0): Promise<void> {
    const folder = join(this.path, "checkpoints");
    await explain(folder, mkdir(folder, { recursive: true }));
    for (const path of [this.path, folder]) {
      const left = (await explain(path, readdir(path))).filter((name) => TEMPORARY.test(name));
      for (const name of left) await remove(join(path, name));
    }
    for (const file of await this.checkpoints()) if (file.step > step) await remove(file.path);
    await this.removeOldCheckpoints();
    await this.write("metrics.ndjson", records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  }

  /**
   * Claim the run for this process, so that no other writes into it meanwhile. A claim of a process that is gone is void.
   *
   * @returns what gives the claim back.
   * @throws StateError if another process has it.
   */
  async claim(): Promise<() => Promise<void>> {
    const path = join(this.path, "lock");
    const write = () => writeFile(path, `${process.pid}\n`, { flag: "wx" });
    const taken = await explain(
      path,
      write().then(() => false, whereCode("EEXIST", true)),
    );
    if (taken) {
      const pid = Number(new TextDecoder().decode(await readWhole(path)));
      if (pid === process.pid ? held.has(path) : isRunning(pid)) {
        throw new StateError(
          `${this.path}: process ${pid} is training this run; wait for it, or stop it. If it is not, remove ${path}.`,
        );
      }
      await remove(path);
      await explain(path, write());
    }
    held.add(path);
    return async () => {
      held.delete(path);
      await remove(path);
    };
  }

  /** Write a file of the run, all or nothing, and the folders it is in; returns its path. */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.path, name);
    if (name.includes("/")) await explain(path, makeFolder(dirname(path)));
    await writeWhole(path, content);
    return path;
  }

  // keeps the newest epochs, and of what was written within an epoch the newest, while it is ahead of them
  private async removeOldCheckpoints(): Promise<void> {
    const files = await this.checkpoints();
    const whole = files.filter(({ partial }) => !partial).slice(0, KEPT_CHECKPOINTS);
    const kept = files[0]?.partial ? [files[0], ...whole] : whole;
    for (const file of files) if (!kept.includes(file)) await remove(file.path);
  }
}

/**
 * Write a file so that after a crash either the old or the new content is there. What is no regular file, such as
 * /dev/stdout or a pipe, is written to and not replaced.
 *
 * @throws StateError that names the file and the cause.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const old = await stat(path).catch(() => undefined);
  if (old && !old.isFile() && !old.isDirectory()) return explain(path, writeFile(path, content));
  const temporary = `${path}.${process.pid}.tmp`;
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

/**
 * The content of a file.
 *
 * @throws StateError that names the file and the cause; also if it is a pipe or a device that has no end.
 */
export function readWhole(path: string): Promise<Uint8Array> {
  return explain(path, read(path));
}

async function read(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const info = await file.stat();
    if (info.isFile() || info.isDirectory()) return await file.readFile();
    // what is no regular file does not tell its size
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LARGEST_STREAM)
        throw new StateError(`${path}: it gives more than ${LARGEST_STREAM} bytes; pass a file.`);
    }
    return Buffer.concat(chunks);
  } finally {
    await file.close();
  }
}

// claims of this process; a file with its number but not among them is of an earlier process
const held = new Set<string>();

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // it runs, but belongs to somebody else
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
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
  ENAMETOOLONG: "the name is too long",
  ERR_FS_FILE_TOO_LARGE: "the file is larger than 2 GiB",
};

function fileError(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  const name = path === "" ? '""' : path;
  return new StateError(`${name}: ${causes[code] ?? `the system answered ${code}`}.`, { cause: error });
}

function explain<T>(path: string, promise: Promise<T>): Promise<T> {
  return promise.catch((error) => {
    throw fileError(path, error);
  });
}

// one folder after the other: `recursive` never ends in places where no folder can be made, such as /proc
async function makeFolder(path: string): Promise<void> {
  const make = () => mkdir(path).catch(whereCode("EEXIST", undefined));
  if (dirname(path) === path) return;
  await make().catch(async (error) => {
    if (error.code !== "ENOENT") throw error;
    await makeFolder(dirname(path));
    await make();
  });
}

function remove(path: string): Promise<void> {
  return explain(path, rm(path, { force: true }));
}

// `value` in place of an error with this code
function whereCode<T>(code: string, value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && "code" in error && error.code === code) return value;
    throw error;
  };
}
