/** The page survives files made to do harm: each gives an error that says what happened, and the same worker opens the next. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { attacks } from "../lib/attacks.mjs";
import { choose, failureOf, launch, openPage } from "../lib/browser.mjs";
import { call, consumer } from "../lib/consumer.mjs";
import { counts, h5ad } from "../lib/h5ad.mjs";
import { serve } from "../lib/server.mjs";

const WRITER = fileURLToPath(new URL("../../tests/python/write_attacks.py", import.meta.url));

let browser, server, page, complaints, good;
before(async () => {
  const { dist } = await consumer();
  browser = await launch();
  server = await serve(dist);
  ({ page, complaints } = await openPage(browser, server.address));
  good = await h5ad({ matrix: counts(50, 4), genes: ["A", "B", "C", "D"], spatial: counts(50, 2) });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** Opens the chosen file and reads all that a page shows. */
const READ = `async () => {
  const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
  try {
    await window.consumer.spatial.autocorrelation(cells, { graph: { kind: "knn", k: 1 } });
  } finally {
    cells.dispose();
  }
}`;

/** What opening and measuring gives for each file, while a sound file opens after every one of them. */
async function survive(files) {
  const surprises = [];
  for (const [name, bytes, code] of files) {
    await choose(page, bytes);
    const failure = await failureOf(page, READ);
    if (failure === null ? code !== "" : failure.code !== code) surprises.push(`${name}: ${JSON.stringify(failure)} instead of ${code}`);
    if (failure !== null) assert.ok(failure.isResituError && /\.$/.test(failure.message) && failure.hint, JSON.stringify(failure));
    await choose(page, good);
    const nCells = await page.evaluate(async () => {
      const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
      const { nCells } = cells.summary;
      cells.dispose();
      return nCells;
    });
    assert.equal(nCells, 50, `a sound file after ${name}`);
  }
  assert.deepEqual(surprises, []);
}

test("bombs, lies and circles each give their error, and the worker opens a sound file after each", async () => {
  await survive(attacks(Buffer.from(good)));
});

test("so do those that only an HDF5 library can write", async (t) => {
  const python = process.env.RESITU_PYTHON;
  if (!python) return t.skip("RESITU_PYTHON is not set");
  const folder = await mkdtemp(join(tmpdir(), "resitu-attacks-"));
  try {
    const written = Object.entries(JSON.parse(await call(python, [WRITER, folder], ".")));
    // What is read in part is a matter of the native tests: without positions the statistics are refused anyway.
    const refused = written.filter(([name, { code }]) => code !== "" && name !== "codes_beyond");
    await survive(await Promise.all(refused.map(async ([name, { path, code }]) => [name, await readFile(path), code])));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("nothing of all this broke the policy or the page", () => {
  assert.deepEqual(complaints, []);
});
