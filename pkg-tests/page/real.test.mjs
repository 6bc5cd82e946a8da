/** The page as it is shipped, with the real package and translator: an example from start to files, and not one request on the way. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { at, choose, launch, open, ready, serve } from "./browser.mjs";

const BUILT = at("../../www/dist-site/index.html");
const DATA = process.env.RESITU_DATA ?? at("../../../shared/data");
const SLOW = 240_000; // two busy cores; the work itself takes seconds

let browser;
let site;

before(async () => {
  assert.ok(existsSync(BUILT), "www/dist-site is not built: run scripts/build.sh first");
  site = await serve(at("../../www/vite.site.config.ts"));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

const checked = (page) => page.locator("#check .verdict.good, #check .verdict.doubt").waitFor({ timeout: SLOW });
const measured = (page) => page.locator("#genes tbody tr").first().waitFor({ timeout: SLOW });
const saved = async (page, name) => {
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: SLOW }), page.getByRole("button", { name }).click()]);
  return readFile(await download.path());
};

test("an example is translated, measured and saved without a request, offline", { timeout: 2 * SLOW }, async () => {
  const { page, context, faults, requests } = await open(browser, site.address);
  await ready(page, SLOW);
  const loaded = requests.length;
  await context.setOffline(true);

  await page.getByRole("button", { name: "Try an example" }).click();
  await checked(page);
  assert.match(await page.locator("#check .file").innerText(), /simulated/);
  await page.getByRole("button", { name: "Translate", exact: true }).click();
  await page.locator("#summary-title").waitFor({ timeout: SLOW });
  await measured(page);
  assert.match(await page.locator("#summary-title").innerText(), /^[\d,]+ cells re-situated$/);
  assert.ok((await page.locator("#composition .bars rect").count()) > 10);

  const h5ad = await saved(page, "Download .h5ad");
  assert.deepEqual([...h5ad.subarray(0, 8)], [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], "an HDF5 signature");
  const csv = (await saved(page, "Download .csv")).toString("utf8").trim().split("\n");
  const cells = Number((await page.locator("#summary-title").innerText()).replace(/\D/g, ""));
  assert.ok(csv.length - 1 >= cells, `${csv.length - 1} rows for ${cells} cells`);

  await page.locator("#genes tbody button").first().click();
  await page.locator(".ramp-title").waitFor();
  assert.deepEqual(requests.slice(loaded).filter((url) => !url.startsWith("blob:")), [], "no request after the page has loaded");
  assert.deepEqual(faults, []);
  await context.close();
});

test("something that is no HDF5 file is refused by the real reader, and the page goes on", { timeout: SLOW }, async () => {
  const { page, context, faults } = await open(browser, site.address);
  await choose(page, "notes.h5ad", Buffer.from("these are only words"));
  await page.locator("#failure code").waitFor({ timeout: SLOW });
  assert.match(await page.locator("#failure").innerText(), /io\.[a-z0-9-]+/);
  await page.getByRole("button", { name: "Try an example" }).click();
  await checked(page);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a real spatial file is measured in its own coordinates", { timeout: SLOW }, async (context_) => {
  const file = `${DATA}/st/osmfish_mouse_cortex.h5ad`;
  if (!existsSync(file)) {
    console.log("skipped: the page measures a real spatial file (no data)");
    return context_.skip("no data");
  }
  const { page, context, faults } = await open(browser, site.address);
  await page.setInputFiles("#file", file);
  await page.getByRole("button", { name: "Measure its own section" }).click({ timeout: SLOW });
  await measured(page);
  assert.match(await page.locator(".genes-status").innerText(), /^33 genes/);
  await page.locator("#neighbours .bars rect").first().waitFor({ timeout: SLOW });
  // Rorb marks layer 4 of the cortex: no gene of this panel is more patterned.
  assert.equal(await page.locator("#genes tbody tr:first-child th").innerText(), "Rorb");
  assert.deepEqual(faults, []);
  await context.close();
});
