// Runs the pages of docs/embedding.md in every browser as a reader does, and compares what they show with what Node computes.
//
// `npm ci --prefix test/engines` installs what drives the browsers, which are Debian's. `npm run test:embedding` runs them.
// A browser that is not installed is named as not found and never counted as passed; with --all that is a failure.

import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { browsers } from "../engines/browsers.js";
import { checkDocument } from "./document.js";
import { experiments } from "./experiments.js";
import { layPages } from "./pages.js";
import { meetError, runExperiment } from "./reader.js";
import { serve } from "./serve.js";

const counts = { passed: 0, failed: 0, skipped: 0 };
const folder = mkdtempSync(join(tmpdir(), "tauscope-pages-"));
const { library, settings, policy } = layPages(folder);
const { trainNetwork } = await import(pathToFileURL(library));

const server = await serve(folder);
// the strict page's policy once more, as a header of everything that it loads
const strictServer = await serve(folder, { "content-security-policy": policy });
const plain = `http://127.0.0.1:${server.address().port}/plain/index.html`;
const oneFile = pathToFileURL(join(folder, "one-file", "experiment.html")).href;
const strict = `http://127.0.0.1:${server.address().port}/strict/index.html`;
const header = `http://127.0.0.1:${strictServer.address().port}/strict/index.html`;

for (const [name, experiment] of Object.entries(experiments)) {
  experiment.expected = await experiment.expect(trainNetwork, settings[name]);
}
const statuses = Object.values(experiments).map(({ expected }) => expected.status);
for (const { claim, problem, detail } of checkDocument(folder, statuses)) {
  report(problem ? "failed" : "passed", "document", claim, "", problem || detail);
}
const all = ["stops", "numbers", "console"];
await inBrowsers("plain", all, plain, (page) => runExperiment(page, experiments.plain));
await inBrowsers("one-file", all, oneFile, (page) => runExperiment(page, experiments["one-file"]));
await inBrowsers("strict", all, strict, (page) => runExperiment(page, experiments.strict));
await inBrowsers("header", all, header, (page) => runExperiment(page, experiments.strict));

const setSeed = `void (document.querySelector("#seed").value = -1)`;
await inBrowsers("plain", ["bad seed"], plain, (page) =>
  meetError(page, { claim: "bad seed", prepare: setSeed, message: /`seed` is -1/ }),
);
const plainFile = pathToFileURL(join(folder, "plain", "index.html")).href;
await inBrowsers("plain", ["no server"], plainFile, (page) =>
  meetError(page, { claim: "no server", message: /module|Cross-origin script load denied/ }),
);
rmSync(join(folder, "plain", "tauscope"), { recursive: true });
await inBrowsers("plain", ["no library"], plain, (page) =>
  meetError(page, { claim: "no library", message: /module/ }),
);
const strictFile = (name) => join(folder, "strict", "tauscope", name);
renameSync(strictFile("core.wasm"), strictFile("away.wasm"));
await inBrowsers("strict", ["no core"], strict, (page) =>
  meetError(page, { claim: "no core", message: /core\.wasm cannot be read/ }),
);
renameSync(strictFile("away.wasm"), strictFile("core.wasm"));
rmSync(strictFile("worker.js"));
await inBrowsers("strict", ["no worker"], strict, (page) =>
  meetError(page, { claim: "no worker", message: /worker\.js could not be loaded/ }),
);

server.close();
strictServer.close();
rmSync(folder, { recursive: true });
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

// opens a page in one browser after another; a claim that is not come to has failed
async function inBrowsers(name, claims, url, check) {
  for (const [browser, { found, open }] of Object.entries(browsers)) {
    const left = new Set(claims);
    const tell = (verdict, claim, detail) => {
      left.delete(claim);
      report(verdict, name, claim, browser, detail);
    };
    if (!found()) {
      for (const claim of left)
        tell(process.argv.includes("--all") ? "failed" : "skipped", claim, "not found");
      continue;
    }
    let page;
    try {
      page = await open(url);
      for await (const { claim, problem, detail } of check(page)) {
        tell(problem ? "failed" : "passed", claim, problem || detail);
      }
    } catch (error) {
      for (const claim of left) tell("failed", claim, error.message);
    } finally {
      await page?.close().catch(() => {});
    }
  }
}

function report(verdict, name, claim, browser, detail) {
  counts[verdict]++;
  console.log(`${verdict.padEnd(8)}${name.padEnd(10)}${claim.padEnd(12)}${browser.padEnd(13)}${detail}`);
}
