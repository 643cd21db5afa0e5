// The browsers that Debian has: each is started once, loads page after page, and says what a page left in `result`.

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 60_000;

const chromium = {
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};
const firefox = {
  browser: "firefox",
  executablePath: "/usr/bin/firefox-esr",
  // as for readers; the driver would else open it
  extraPrefsFirefox: { "security.fileuri.strict_origin_policy": true },
};

/** What each needs, and how it is opened: `load(url)` resolves to the result of a page. */
export const browsers = {
  Chromium: { needs: [chromium.executablePath], open: () => openPuppeteer(chromium) },
  "Firefox ESR": { needs: [firefox.executablePath], open: () => openPuppeteer(firefox) },
  WebKitGTK: { needs: ["/usr/bin/WebKitWebDriver", "/usr/bin/xvfb-run"], open: openWebKit },
};

async function openPuppeteer(options) {
  const { default: puppeteer } = await import("puppeteer-core");
  const browser = await puppeteer.launch({ headless: true, ...options });
  const load = async (url) => {
    const page = await browser.newPage();
    try {
      await page.goto(url);
      // not waitForFunction, which a strict Content-Security-Policy forbids
      return await until(() => page.evaluate(() => globalThis.result));
    } finally {
      await page.close();
    }
  };
  return { load, close: () => browser.close() };
}

// its driver speaks plain WebDriver, and wants a display
async function openWebKit() {
  const port = await freePort();
  const driver = spawn("xvfb-run", ["-a", "WebKitWebDriver", `--port=${port}`], {
    stdio: "ignore",
    detached: true,
  });
  const close = () => process.kill(-driver.pid);
  try {
    const call = webDriver(`http://127.0.0.1:${port}`);
    await until(() =>
      call("GET", "/status").then(
        () => true,
        () => false,
      ),
    );
    const options = {
      binary: "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
      args: ["--automation"],
    };
    const alwaysMatch = { browserName: "MiniBrowser", "webkitgtk:browserOptions": options };
    const { sessionId } = await call("POST", "/session", { capabilities: { alwaysMatch } });
    const script = { script: "return globalThis.result ?? null", args: [] };
    const load = async (url) => {
      await call("POST", `/session/${sessionId}/url`, { url });
      return until(() => call("POST", `/session/${sessionId}/execute/sync`, script));
    };
    return { load, close: () => call("DELETE", `/session/${sessionId}`).finally(close) };
  } catch (error) {
    close();
    throw error;
  }
}

function webDriver(address) {
  return async (method, path, body) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(address + path, { method, headers, body: JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  };
}

function freePort() {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    }),
  );
}

async function until(ask) {
  for (let waited = 0; waited < PATIENCE_MS; waited += 100) {
    const answer = await ask();
    if (answer) return answer;
    await sleep(100);
  }
  throw new Error(`no answer within ${PATIENCE_MS / 1000} s`);
}
