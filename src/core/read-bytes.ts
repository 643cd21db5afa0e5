// The bytes behind a URL, in any runtime.

import { StateError } from "./errors.ts";

/**
 * Fetch or read `url`.
 *
 * @throws StateError if that fails; the message names the URL, the cause as far as it can be known, and what to do.
 */
export async function readBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  // Node's fetch reads no files
  if (url.protocol === "file:" && "process" in globalThis) return readFromDisk(url);
  // engines do not say why a request failed
  const response = await fetch(url).catch((cause) => {
    throw unreadable(
      url,
      cause,
      "Is there a server? A page's Content-Security-Policy must allow it in connect-src, and a server of another origin must send Access-Control-Allow-Origin",
    );
  });
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  throw unreadable(url, new Error(`the server answered ${response.status} ${response.statusText}`));
}

async function readFromDisk(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  // not imported: bundlers for the browser would look for the module
  const { readFile } = process.getBuiltinModule("node:fs/promises");
  try {
    return new Uint8Array(await readFile(url));
  } catch (cause) {
    throw unreadable(url, cause as Error);
  }
}

function unreadable(
  url: URL,
  cause: Error,
  remedy = "Put core.wasm of this version there, or pass another place to setCore",
): StateError {
  const reason = cause.message.replace(/[.\s]+$/, "");
  return new StateError(`Core: ${url} cannot be read: ${reason}. ${remedy}.`, { cause });
}
