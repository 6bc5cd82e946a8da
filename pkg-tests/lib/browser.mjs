/** Chromium, with WebGPU (software, where there is no other) or without. */

import { chromium } from "playwright-core";

const QUIET = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** `RESITU_CHROMIUM` names the browser; the default is where Debian puts it. */
export function launch({ webgpu = false } = {}) {
  const executablePath = process.env.RESITU_CHROMIUM ?? "/usr/bin/chromium";
  const gpu = webgpu ? ["--enable-unsafe-webgpu"] : ["--disable-features=WebGPU,WebGPUService"];
  return chromium.launch({ executablePath, args: [...QUIET, ...gpu] });
}

/** A page on `address` with the consumer ready. Collects every request and every policy violation of page and workers. */
export async function openPage(browser, address) {
  const context = await browser.newContext({ acceptDownloads: true });
  const page = await context.newPage();
  const requests = [];
  const complaints = [];
  context.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(address);
  await page.waitForFunction(() => "consumer" in window);
  return { context, page, requests, complaints };
}

/** Chooses a local file in the page, as a person would; the page reads it from disk. `file`: bytes or a path. */
export async function choose(page, file) {
  const local = typeof file === "string" ? file : { name: "chosen.h5ad", mimeType: "application/x-hdf5", buffer: Buffer.from(file) };
  await page.locator("#file").setInputFiles(local);
}

/**
 * What a rejected promise of the package says, or null: `{ code, message, hint, isResituError }`. The work is sent as one
 * expression, because the page's policy forbids it to make functions from text.
 */
export function failureOf(page, work, argument = null) {
  return page.evaluate(`(async () => {
    try {
      await (${work})(${JSON.stringify(argument)});
      return null;
    } catch (error) {
      const { code, message, hint } = error;
      return { code, message, hint, isResituError: error instanceof window.consumer.ResituError };
    }
  })()`);
}
