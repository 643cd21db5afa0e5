// A program that uses a pool and never closes it.

import { makePool } from "./service-script.ts";

console.log(await makePool(2).run(([worker]) => worker!.wait(worker!.remote.wait(1))));
