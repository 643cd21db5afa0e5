// The fingerprint twice in a row on this thread, and twice on 1, 2 and 5 workers that it starts.

import { fingerprint, WorkerPool } from "../../dist/index.js";

/** Results by where they were made; an error as its text. */
export async function fingerprints() {
  const results = {};
  await twice(results, "by itself", fingerprint);
  for (const workers of [1, 2, 5]) {
    const pool = new WorkerPool({ workers });
    await twice(results, `${workers} worker${workers > 1 ? "s" : ""}`, () => pool.fingerprint({ workers }));
    await pool.close();
  }
  return results;
}

async function twice(results, name, run) {
  for (const turn of ["", ", again"]) {
    results[name + turn] = await run().catch((error) => ({ error: String(error) }));
  }
}
