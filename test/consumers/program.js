// The program of every consumer: the fingerprint on its own thread, and on two workers of a pool.

const alive = countWorkers();
const stray = collectStrayErrors();

/**
 * Run it and leave the result where the driver finds it: the hashes or the error, how many workers are
 * left, and errors that went astray.
 *
 * @param options  `core` goes to `setCore`, `workerUrl` to the pool; `poolOnly` leaves out the own thread.
 */
export async function run({ fingerprint, WorkerPool, setCore }, { core, workerUrl, poolOnly = false } = {}) {
  const result = { poolOnly };
  try {
    if (core) await setCore(core);
    if (!poolOnly) {
      const { all, engine } = await fingerprint();
      Object.assign(result, { alone: all, engine });
    }
    const pool = new WorkerPool({ workers: 2, ...(workerUrl && { workerUrl }) });
    // an error must have ended the workers by itself; only a pool in use is closed
    result.pool = (await pool.fingerprint({ workers: 2 })).all;
    await pool.close();
  } catch (error) {
    result.error = `${error.name}: ${error.message}`;
  }
  // what is thrown beside the answer comes a moment later
  await new Promise((resolve) => setTimeout(resolve, 20));
  Object.assign(result, { workersLeft: alive.size, stray });
  leave(JSON.stringify(result));
}

function leave(text) {
  if (globalThis.document) globalThis.result = text;
  else console.log(text);
}

// of promises and listeners that nobody handles; Node ends with them
function collectStrayErrors() {
  const errors = [];
  globalThis.addEventListener?.("unhandledrejection", ({ reason }) => errors.push(String(reason)));
  globalThis.addEventListener?.("error", ({ message }) => errors.push(message));
  return errors;
}

// of those made and not terminated; Node has no such constructor, but ends only when none is left
function countWorkers() {
  const workers = new Set();
  if (!globalThis.Worker) return workers;
  globalThis.Worker = class extends globalThis.Worker {
    constructor(...values) {
      super(...values);
      workers.add(this);
    }
    terminate() {
      workers.delete(this);
      super.terminate();
    }
  };
  return workers;
}
