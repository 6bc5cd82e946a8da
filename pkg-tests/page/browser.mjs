/** Serves a built page as a careful host would, and opens it in Chromium while watching what it must never do. */

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const www = new URL("../../www/", import.meta.url);
const require = createRequire(new URL("package.json", www));

const vite = await import(require.resolve("vite").replace(/index\.cjs$/, "node/index.js"));

export const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Builds with the stand-in for the package; `dist` of the folder `fixture`. */
export async function buildFixture() {
  await vite.build({ configFile: at("./fixture/vite.config.mts"), logLevel: "error" });
}

/** Serves what a configuration built. Returns the address and a way to stop. */
export async function serve(configFile) {
  const server = await vite.preview({ configFile, logLevel: "error", preview: { host: "127.0.0.1", port: 0 } });
  const { port } = server.httpServer.address();
  return { address: `http://127.0.0.1:${port}/`, stop: () => server.close() };
}

/** Without WebGPU unless asked for: the software adapter is slow, and both devices are tested with the package. */
export function launch({ webgpu = false } = {}) {
  return chromium.launch({
    executablePath: process.env.RESITU_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", ...(webgpu ? ["--enable-unsafe-webgpu"] : []), "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/**
 * Opens the page. `faults` collects what must stay empty: policy violations, uncaught errors, and requests to other hosts.
 * `requests` collects every request, for tests to cut at the moment from which on there must be none.
 */
export async function open(browser, address, { width = 1280, height = 900, dark = false, touch = false } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
    hasTouch: touch,
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const faults = [];
  const requests = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (/content security policy|refused to/i.test(message.text())) faults.push(`policy: ${message.text()}`);
  });
  page.on("request", (request) => {
    requests.push(request.url());
    if (!request.url().startsWith(address) && !request.url().startsWith("blob:")) faults.push(`request: ${request.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(address);
  return { page, context, faults, requests };
}

export const ready = (page, timeout = 60_000) => page.locator("#ready.yes").waitFor({ timeout });

/** A file whose name tells the stand-in what to answer. */
export const choose = (page, name, bytes = Buffer.from("stand-in")) =>
  page.setInputFiles("#file", { name, mimeType: "application/octet-stream", buffer: bytes });

/** How many pixels the page is wider than its window. */
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
