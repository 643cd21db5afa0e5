// A static server; the first part of a path names the headers that come with the rest of it.

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const types = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

const policy = (...directives) => ({
  "content-security-policy": ["default-src 'none'", ...directives].join("; "),
});
const own = "connect-src 'self'";

/** Headers by name. */
const sites = {
  plain: {},
  cors: { "access-control-allow-origin": "*" },
  strict: policy("script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'", own),
  "no-wasm": policy("script-src 'self'", "worker-src 'self' blob:", own),
  "no-blob": policy("script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'", own),
  "no-worker": policy("script-src 'self' 'wasm-unsafe-eval'", "worker-src 'none'", own),
  "no-connect": policy("script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'"),
  // what is missing is answered with a page, as hosts of single-page applications do
  fallback: {},
};

/** Serve a folder; resolves to its address and a function that ends it. */
export function serve(folder) {
  const server = createServer((request, response) => {
    const [, site, ...rest] = normalize(new URL(request.url, "http://localhost").pathname).split("/");
    const wanted = join(folder, ...rest);
    const exists = statSync(wanted, { throwIfNoEntry: false })?.isFile();
    if (!(site in sites) || !(exists || site === "fallback")) return response.writeHead(404).end();
    const file = exists ? wanted : join(folder, "page.html");
    const type = types[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { ...sites[site], "content-type": type });
    createReadStream(file).pipe(response);
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = `http://127.0.0.1:${server.address().port}`;
      resolve({ address, close: () => server.close() });
    }),
  );
}
