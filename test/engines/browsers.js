// Loads the page in a browser and waits for its result.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import puppeteer from "puppeteer-core";

const PATIENCE_MS = 240_000;

const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Debian's browsers: where each is, and how it is driven. */
export const browsers = {
  Chromium: {
    found: () => existsSync("/usr/bin/chromium"),
    load: (url) => drivePuppeteer(url, { executablePath: "/usr/bin/chromium", args: chromiumFlags }),
  },
  "Firefox ESR": {
    found: () => existsSync("/usr/bin/firefox-esr"),
    load: (url) => drivePuppeteer(url, { browser: "firefox", executablePath: "/usr/bin/firefox-esr" }),
  },
  WebKitGTK: {
    found: () => existsSync("/usr/bin/WebKitWebDriver") && existsSync("/usr/bin/xvfb-run"),
    load: driveWebKit,
  },
};

async function drivePuppeteer(url, options) {
  const browser = await puppeteer.launch({ headless: true, ...options });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction(() => globalThis.result, { timeout: PATIENCE_MS });
    return await page.evaluate(() => globalThis.result);
  } finally {
    await browser.close();
  }
}

// its driver speaks plain WebDriver, and wants a display
async function driveWebKit(url) {
  const port = 9500 + (process.pid % 400);
  const driver = spawn("xvfb-run", ["-a", "WebKitWebDriver", `--port=${port}`], {
    stdio: "ignore",
    detached: true,
  });
  const call = async (method, path, body) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  };
  try {
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
    await call("POST", `/session/${sessionId}/url`, { url });
    const script = { script: "return globalThis.result ?? null", args: [] };
    const result = await until(() => call("POST", `/session/${sessionId}/execute/sync`, script));
    await call("DELETE", `/session/${sessionId}`);
    return result;
  } finally {
    process.kill(-driver.pid);
  }
}

async function until(ask) {
  for (let waited = 0; waited < PATIENCE_MS; waited += 200) {
    const answer = await ask();
    if (answer) return answer;
    await sleep(200);
  }
  throw new Error(`no answer within ${PATIENCE_MS / 1000} s`);
}
