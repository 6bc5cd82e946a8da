/** The whole way in a browser: the README's lines on a simulated file, watched by a listener on the network. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { choose, failureOf, launch, openPage } from "../lib/browser.mjs";
import { consumer } from "../lib/consumer.mjs";
import { counts, h5ad } from "../lib/h5ad.mjs";
import { python } from "../lib/python.mjs";
import { SEALED, serve } from "../lib/server.mjs";

let browser, server, page, complaints;
before(async () => {
  const { dist } = await consumer();
  browser = await launch();
  server = await serve(dist);
  ({ page, complaints } = await openPage(browser, server.address));
});
after(async () => {
  await browser?.close();
  await server?.close();
});

/** Puts a simulated file into the page's file input, as if it lay on the disk. */
async function chooseSimulated(page, cells, seed = 1) {
  const bytes = await page.evaluate(
    async (options) => Array.from(new Uint8Array(await (await window.consumer.simulateExample(options)).arrayBuffer())),
    { cells, seed },
  );
  await choose(page, Uint8Array.from(bytes));
}

test("the README's lines translate a local file, and the h5ad they give opens in scanpy", async (t) => {
  await chooseSimulated(page, 120);
  const { report, result, table, bytes } = await page.evaluate(async () => {
    const { report, result, table, download } = await window.consumer.translateFile(document.querySelector("#file").files[0]);
    const { nCells, niche, positions, confidence, provenance, expression, composition, emptyCells } = result;
    const rowSums = Array.from({ length: nCells }, (_, i) =>
      composition.data.slice(i * composition.columns.length, (i + 1) * composition.columns.length).reduce((a, b) => a + b, 0),
    );
    const shown = { nCells, niche: [...niche], positions: [...positions], confidence: [...confidence], provenance, emptyCells, rowSums };
    shown.panel = expression.columns;
    return { report, result: shown, table, bytes: Array.from(new Uint8Array(await download.arrayBuffer())) };
  });
  assert.equal(report.cells, 120);
  assert.ok(report.genes.matched > 300 && report.estimatedSeconds > 0 && report.estimatedBytes > 0, JSON.stringify(report));
  assert.equal(result.nCells, 120);
  assert.equal(result.positions.length, 240);
  assert.ok(result.positions.every(Number.isFinite) && result.confidence.every((value) => value >= 0 && value <= 1));
  assert.ok(result.rowSums.every((sum) => Math.abs(sum - 1) < 1e-4));
  assert.deepEqual(table.map(({ gene }) => gene), result.panel);
  assert.match(result.provenance.translator, /^[0-9a-f]{64}$/);

  const folder = await mkdtemp(join(tmpdir(), "resitu-h5ad-"));
  const path = join(folder, "translated.h5ad");
  await writeFile(path, Uint8Array.from(bytes));
  const seen = await python(t, `
import json, sys, anndata
a = anndata.read_h5ad(sys.argv[1])
print(json.dumps({"shape": a.shape, "obsm": {k: list(v.shape) for k, v in a.obsm.items()}, "obs": list(a.obs.columns), "uns": list(a.uns)}))
`, path);
  await rm(folder, { recursive: true });
  if (seen === null) return;
  assert.deepEqual(seen.shape, [120, result.panel.length]);
  assert.deepEqual(seen.obsm.spatial, [120, 2]);
});

test("a result is saved as a zip of both files and the methods, to a file of the browser and to a stream alike", async (t) => {
  await chooseSimulated(page, 60);
  const found = await page.evaluate(async () => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    const translator = await window.consumer.loadTranslator(window.consumer.breast, { device: "cpu" });
    const result = await translator.translate(cells);
    const seen = [];
    const blob = await result.toBlob("zip", { onProgress: ({ done, total }) => seen.push([done, total]) });
    // The browser's private file system gives the same handles as its dialogue, without a person.
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle("saved.zip", { create: true });
    await result.save(handle, "zip");
    const saved = await handle.getFile();
    const parts = [];
    await result.save(new WritableStream({ write: (part) => void parts.push(part) }), "zip");
    const abort = new AbortController();
    abort.abort();
    const stopped = await result.save(handle, "zip", { signal: abort.signal }).then(() => null, (error) => error.code);
    const wrong = await result.save({}, "zip").then(() => null, (error) => error.code);
    const bytes = async (blob) => Array.from(new Uint8Array(await blob.arrayBuffer()));
    const h5ad = await bytes(await result.toBlob("h5ad"));
    return {
      zip: await bytes(blob), type: blob.type, saved: await bytes(saved), streamed: await bytes(new Blob(parts)), h5ad,
      last: seen.at(-1), stopped, wrong, kept: (await handle.getFile()).size,
    };
  });
  assert.equal(found.type, "application/zip");
  assert.deepEqual(found.last, [120, 120], "each cell twice");
  assert.deepEqual(found.saved, found.zip);
  assert.deepEqual(found.streamed, found.zip);
  assert.deepEqual([found.stopped, found.wrong], ["job.cancelled", "options.invalid"]);
  assert.equal(found.kept, found.zip.length, "what stood there stays");
  const folder = await mkdtemp(join(tmpdir(), "resitu-"));
  const path = join(folder, "saved.zip");
  await writeFile(path, Uint8Array.from(found.zip));
  const seen = await python(t, `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    print(json.dumps({"names": z.namelist(), "h5ad": len(z.read("cells.h5ad")), "lines": z.read("cells.csv").count(b"\\n"), "methods": z.read("methods.md").decode()[:9]}))
`, path);
  await rm(folder, { recursive: true });
  if (seen === null) return;
  assert.deepEqual(seen, { names: ["cells.h5ad", "cells.csv", "methods.md"], h5ad: found.h5ad.length, lines: 61, methods: "# Methods" });
});

test("after loading, not one request leaves the page while a file is opened, translated and saved", async () => {
  const watched = await openPage(browser, server.address);
  await chooseSimulated(watched.page, 60);
  await watched.page.evaluate(async () => {
    window.translator = await window.consumer.loadTranslator(window.consumer.breast);
  });
  // From here on three things would notice: the browser's own list, the server's, and a context that is offline.
  const before = [watched.requests.length, server.requests.length];
  await watched.context.setOffline(true);
  await watched.page.evaluate(async () => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    await window.translator.check(cells);
    const result = await window.translator.translate(cells);
    await window.consumer.spatial.autocorrelation(result);
    await result.toBlob("h5ad");
    await result.toBlob("csv");
  });
  assert.deepEqual([watched.requests.length, server.requests.length], before);
  assert.deepEqual(watched.complaints, []);
  await watched.context.close();
});

test("it works with no connection allowed: the worker from its start, the page after loading", async () => {
  const { dist } = await consumer();
  const sealed = await serve(dist, (path) => (path.includes("worker") ? SEALED : undefined));
  const other = await openPage(browser, sealed.address);
  await chooseSimulated(other.page, 40);
  const count = await other.page.evaluate(async () => {
    const translator = await window.consumer.loadTranslator(window.consumer.breast, { device: "cpu" });
    const policy = document.createElement("meta");
    policy.httpEquiv = "Content-Security-Policy";
    policy.content = "connect-src 'none'";
    document.head.append(policy);
    const refused = await fetch("/index.html").then(() => false, () => true);
    if (!refused) throw new Error("the policy does not hold, so this test shows nothing");
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    return (await translator.translate(cells)).nCells;
  });
  assert.equal(count, 40);
  // The one violation is the fetch that the test itself made.
  assert.ok(other.complaints.every((text) => text.includes("index.html")), other.complaints.join("\n"));
  await other.context.close();
  await sealed.close();
});

test("results arrive while the work goes on, with progress that never falls", async () => {
  await chooseSimulated(page, 150);
  const { rows, progress, wholes } = await page.evaluate(async () => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    const translator = await window.consumer.loadTranslator(window.consumer.breast, { device: "cpu" });
    const rows = [];
    const progress = [];
    const result = await translator.translate(cells, {
      onProgress: ({ done }) => progress.push(done),
      onPartial: (part) => {
        part.rows.forEach((row, i) => rows.push([row, part.niche[i], part.positions[2 * i], part.confidence[i]]));
      },
    });
    const wholes = rows.map(([cell]) => [cell, result.niche[cell], result.positions[2 * cell], result.confidence[cell]]);
    return { rows, progress, wholes };
  });
  assert.equal(new Set(rows.map(([cell]) => cell)).size, 150, "every cell arrives once");
  assert.deepEqual(rows, wholes);
  assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
});

test("an aborted translation rejects with job.cancelled, and the same worker then translates", async () => {
  await chooseSimulated(page, 200);
  const [code, count] = await page.evaluate(async () => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    const translator = await window.consumer.loadTranslator(window.consumer.breast, { device: "cpu" });
    const controller = new AbortController();
    const code = await translator
      .translate(cells, { signal: controller.signal, onProgress: () => controller.abort() })
      .catch((error) => error.code);
    return [code, (await translator.translate(cells)).nCells];
  });
  assert.deepEqual([code, count], ["job.cancelled", 200]);
});

test("the same file, translator, seed and device give the same numbers", async () => {
  await chooseSimulated(page, 50);
  const [first, second] = await page.evaluate(async () => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    const translator = await window.consumer.loadTranslator(window.consumer.breast, { device: "cpu" });
    const once = async () => [...(await translator.translate(cells, { seed: 3 })).expression.data];
    return [await once(), await once()];
  });
  assert.deepEqual(first, second);
});

const translateChosen = `async () => {
  const cells = await window.consumer.openCells(document.querySelector('#file').files[0]);
  const translator = await window.consumer.loadTranslator(window.consumer.breast, { device: "cpu" });
  await translator.check(cells);
  await translator.translate(cells);
}`;

const HUMAN = ["EPCAM", "KRT8", "CD3E", "CD3D", "LUM", "LYZ", "CD68", "VWF", "PECAM1", "MS4A1", "ESR1", "ERBB2", "GATA3", "PTPRC", "MKI67"];
const mouse = (symbol) => symbol[0] + symbol.slice(1).toLowerCase();
const logged = (rows) => rows.map((row) => row.map((x) => Math.log1p((1e4 * x) / row.reduce((a, b) => a + b, 1e-9))));

const UNSUITABLE = [
  ["genes that the translator does not know", "genes.no-overlap", { matrix: counts(20, 15), genes: HUMAN.map((_, i) => `unknown${i}`) }],
  ["genes of the mouse", "genes.wrong-species", { matrix: counts(20, 15), genes: HUMAN.map(mouse) }],
  ["values that were normalised", "translate.not-counts", { matrix: logged(counts(20, 15)), genes: HUMAN }],
];
for (const [what, code, contents] of UNSUITABLE) {
  test(`a file with ${what} is refused with ${code}`, async () => {
    await choose(page, await h5ad(contents));
    const failure = await failureOf(page, translateChosen);
    assert.equal(failure?.code, code);
    assert.ok(failure.isResituError && failure.message.endsWith(".") && failure.hint.length > 10, JSON.stringify(failure));
  });
}

test("mouse genes are translated as their human orthologs, on request", async () => {
  await choose(page, await h5ad({ matrix: counts(20, 15), genes: HUMAN.map(mouse) }));
  const { summary, report, genesMatched } = await page.evaluate(async () => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    const translator = await window.consumer.loadTranslator(window.consumer.breast, { device: "cpu" });
    const summary = await cells.useOrthologs("human");
    const report = await translator.check(cells);
    const { provenance } = await translator.translate(cells);
    return { summary, report, genesMatched: provenance.genesMatched };
  });
  assert.ok(summary.notes.some((note) => note.includes("one-to-one orthologs")), JSON.stringify(summary.notes));
  assert.match(report.genes.column, /^orthologs of /);
  // LYZ has two orthologs in the mouse, and Ensembl gives CD68 none.
  assert.deepEqual(report.genes.firstUnknown, ["Lyz", "Cd68"]);
  assert.equal(report.genes.matched, 13, JSON.stringify(report.genes));
  assert.equal(genesMatched, 13);
});

test("a broken bundle is refused, whatever is broken", async () => {
  const load = (breakIt) => `async () => {
    const bytes = new Uint8Array(await (await fetch(window.consumer.breast)).arrayBuffer());
    await window.consumer.loadTranslator((${breakIt})(bytes), { device: "cpu" });
  }`;
  const breakages = {
    "random bytes": "(bytes) => bytes.map((_, i) => (i * 7919) % 251)",
    "cut in half": "(bytes) => bytes.slice(0, bytes.length / 2)",
    "one byte changed in the middle": "(bytes) => ((bytes[bytes.length >> 1] ^= 255), bytes)",
    empty: "() => new Uint8Array()",
  };
  for (const [what, breakIt] of Object.entries(breakages)) {
    const failure = await failureOf(page, load(breakIt));
    assert.match(failure?.code ?? "nothing", /^bundle\./, what);
  }
});

test("nothing of all this broke the policy or the page", () => {
  assert.deepEqual(complaints, []);
});
