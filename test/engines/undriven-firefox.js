// Opens a page in Firefox without driving it; the page sends its result to the server that it came from.
//
// Under remote control (WebDriver BiDi) Firefox ESR now and then stops for good where a worker starts a worker, in any
// program: about once in fifty such workers. Left alone it has not done so in a thousand.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What `posted`, a promise of what the page will send, resolves to. */
export async function loadUndriven(url, posted) {
  const profile = await mkdtemp(join(tmpdir(), "tauscope-firefox-"));
  const options = ["--headless", "--no-remote", "--profile", profile];
  const firefox = spawn("/usr/bin/firefox-esr", [...options, url], { stdio: "ignore", detached: true });
  const ended = once(firefox, "exit");
  try {
    return await posted;
  } finally {
    process.kill(-firefox.pid);
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}
