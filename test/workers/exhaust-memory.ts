// A program whose workers run out of memory, and which goes on.

import { makePool } from "./service-script.ts";

const pool = makePool(1);
await pool
  .run(([worker]) => worker!.wait(worker!.remote.exhaust()))
  .catch((error) => console.log(error.message));
console.log(await pool.run(([worker]) => worker!.wait(worker!.remote.count())));
await pool.close();
