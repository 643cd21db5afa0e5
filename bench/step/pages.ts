// Browsers that are compared: a page in each, asked by a program.

import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Contestant } from "./contestants.ts";

interface OpenPage {
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

interface Browser {
  found(): boolean;
  open(url: string): Promise<OpenPage>;
}

const SCRIPT = "build/bench/tauscope-page.js";

/** Open a page in every browser that is installed; it reads what it loads from `directory`. */
export async function startPages(
  directory: string,
): Promise<{ contestants: Contestant[]; missing: string[] }> {
  if (!existsSync("test/engines/node_modules/puppeteer-core")) {
    return { contestants: [], missing: ["browsers"] };
  }
  const { browsers } = (await import(pathToFileURL(resolve("test/engines/browsers.js")).href)) as {
    browsers: Record<string, Browser>;
  };
  const server = createServer(({ url }, response) => {
    const name = basename(url!);
    const files: Record<string, [string, () => string | Buffer]> = {
      "": ["text/html", () => '<!doctype html><meta charset="utf-8"><script src="/page.js"></script>'],
      "page.js": ["text/javascript", () => readFileSync(SCRIPT)],
      "problem.bin": ["application/octet-stream", () => readFileSync(join(directory, "problem.bin"))],
    };
    const [type, read] = files[name] ?? [];
    response.writeHead(read ? 200 : 404, { "content-type": type ?? "text/plain" });
    response.end(read?.());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  server.unref();
  const contestants: Contestant[] = [];
  const missing: string[] = [];
  for (const [name, browser] of Object.entries(browsers)) {
    if (!browser.found()) {
      missing.push(`tauscope, ${name}`);
      continue;
    }
    const page = await browser.open(address);
    contestants.push(...[1, 2].map((workers) => new Page(`tauscope, ${name}`, workers, page)));
  }
  return { contestants, missing };
}

class Page implements Contestant {
  readonly name: string;
  readonly workers: number;
  private readonly page: OpenPage;

  constructor(name: string, workers: number, page: OpenPage) {
    this.name = name;
    this.workers = workers;
    this.page = page;
  }

  async ask(request: string): Promise<number[]> {
    const [kind, cell, path, ...sizes] = request.split(" ");
    const asked = kind === "load" ? ["load", cell, `/${basename(path!)}`, ...sizes].join(" ") : request;
    const line = `${this.workers} ${asked}`;
    await this.page.evaluate(`request(${JSON.stringify(line)})`);
    for (;;) {
      const result = await this.page.evaluate("globalThis.result ?? null");
      if (typeof result === "string") {
        const numbers = result.split(" ").map(Number);
        if (numbers.some(Number.isNaN)) throw new Error(`${this.name}: answered "${result}" to "${line}".`);
        return numbers;
      }
      await sleep(50);
    }
  }

  async close(): Promise<void> {
    // the browser is one for both
    if (this.workers === 1) await this.page.close();
  }
}
