// Opens pages in browsers, as a program drives them: clicks, questions, and what the console complains of.

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

// puppeteer lets pages of file:// read other files, which Firefox does not
const firefoxPrefs = { "security.fileuri.strict_origin_policy": true };

/**
 * Debian's browsers. Of each: whether it is `found`; `open(url)`, which starts it with a page; `load(url)`, which waits
 * until a page has set `globalThis.result`, and returns that.
 *
 * An open page has the browser's `version`, `evaluate(expression)`, whose value is plain data, `click(selector)`,
 * `complaints()`, the errors and warnings so far, and `close()`.
 */
export const browsers = {
  Chromium: drive(
    () => existsSync("/usr/bin/chromium"),
    (url) => openPuppeteer(url, { executablePath: "/usr/bin/chromium", args: chromiumFlags }),
  ),
  "Firefox ESR": drive(
    () => existsSync("/usr/bin/firefox-esr"),
    (url) =>
      openPuppeteer(url, {
        browser: "firefox",
        executablePath: "/usr/bin/firefox-esr",
        extraPrefsFirefox: firefoxPrefs,
      }),
  ),
  WebKitGTK: drive(
    () => existsSync("/usr/bin/WebKitWebDriver") && existsSync("/usr/bin/xvfb-run"),
    openWebKit,
  ),
};

function drive(found, open) {
  const load = async (url) => {
    const page = await open(url);
    try {
      return await until(() => page.evaluate("globalThis.result ?? null"));
    } finally {
      await page.close();
    }
  };
  return { found, open, load };
}

async function openPuppeteer(url, options) {
  const browser = await puppeteer.launch({ headless: true, ...options });
  try {
    const page = await browser.newPage();
    const complaints = [];
    page.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(url);
    return {
      version: await browser.version(),
      evaluate: (expression) => page.evaluate(expression),
      click: (selector) => page.click(selector),
      complaints: async () => complaints,
      close: () => browser.close(),
    };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

// its driver speaks plain WebDriver, and wants a display
async function openWebKit(url) {
  const port = 9500 + (process.pid % 400);
  const driver = spawn("xvfb-run", ["-a", "WebKitWebDriver", `--port=${port}`], {
    stdio: "ignore",
    detached: true,
  });
  const call = (method, path, body) => callDriver(port, method, path, body);
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
    const { sessionId, capabilities } = await call("POST", "/session", { capabilities: { alwaysMatch } });
    const session = `/session/${sessionId}`;
    await call("POST", `${session}/url`, { url });
    const run = (script) => call("POST", `${session}/execute/sync`, { script, args: [] });
    await run(LISTEN);
    return {
      version: `WebKitGTK/${capabilities.browserVersion}`,
      evaluate: (expression) => run(`return (${expression})`),
      click: async (selector) => {
        const found = await call("POST", `${session}/element`, { using: "css selector", value: selector });
        await call("POST", `${session}/element/${Object.values(found)[0]}/click`, {});
      },
      complaints: () => run("return globalThis.complaints"),
      close: () => call("DELETE", session).finally(() => process.kill(-driver.pid)),
    };
  } catch (error) {
    process.kill(-driver.pid);
    throw error;
  }
}

// the driver does not tell what is on the console: the page collects it from here on
const LISTEN = `
  const complaints = (globalThis.complaints = []);
  for (const level of ["error", "warn"]) console[level] = (...values) => void complaints.push(values.join(" "));
  const hear = (type, tell) => addEventListener(type, (event) => complaints.push(tell(event)), true);
  hear("error", ({ message, target }) => message ?? "not loaded: " + (target.src ?? target.href));
  hear("unhandledrejection", ({ reason }) => String(reason));
  hear("securitypolicyviolation", ({ violatedDirective, blockedURI }) => violatedDirective + ": " + blockedURI);
`;

async function callDriver(port, method, path, body) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
  return value;
}

/** The first answer that is not empty, asked for every 200 ms. */
export async function until(ask) {
  for (let waited = 0; waited < PATIENCE_MS; waited += 200) {
    const answer = await ask();
    if (answer) return answer;
    await sleep(200);
  }
  throw new Error(`no answer within ${PATIENCE_MS / 1000} s`);
}
