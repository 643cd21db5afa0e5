// Entry of the worker that experiments run in; the build embeds it as text.

import { serve } from "../workers/serve.ts";
import { TrainingService } from "./training-service.ts";

serve(new TrainingService());
