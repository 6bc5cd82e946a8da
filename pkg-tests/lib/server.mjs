/** Serves a folder under the content security policy that resitu promises to work with, and remembers every request. */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'";

/** The same with no connection at all: for the worker, which never needs one. */
export const SEALED = POLICY.replace("connect-src 'self'", "connect-src 'none'");

/** Serves `folder`; `policyOf(path)` may give a path another policy. Answers `{ address, requests, close }`. */
export async function serve(folder, policyOf = () => POLICY) {
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    // Browsers ask for it unasked; a 404 would look like a complaint of the page.
    if (path === "/favicon.ico") return void response.writeHead(204).end();
    requests.push(path);
    const file = join(folder, normalize(path === "/" ? "/index.html" : path));
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) return void response.writeHead(404).end();
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-length": found.size,
      "content-security-policy": policyOf(path) ?? POLICY,
      "cache-control": "no-store",
    });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
  return { address: `http://127.0.0.1:${server.address().port}/`, requests, close };
}
