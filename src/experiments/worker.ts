// Entry of the worker that experiments run in; the build embeds it as text.

import { serve } from "../workers/serve.ts";
import { WorkerService } from "./worker-service.ts";

serve(new WorkerService());
