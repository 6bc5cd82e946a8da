/** One truth: the command line, wasm on the CPU and wasm on WebGPU give the same numbers for the same cells. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import h5wasm from "h5wasm/node";
import { launch, openPage } from "../lib/browser.mjs";
import { consumer } from "../lib/consumer.mjs";
import { native, MODEL } from "../lib/native.mjs";
import { serve } from "../lib/server.mjs";

const CELLS = 12;

/**
 * f32 keeps seven digits. Hidden states are of order 1 after LayerNorm, and sums of a few hundred products in another
 * order, through three layers, move the sixth digit. Seen: 6e-6.
 */
const HIDDEN_TOLERANCE = 1e-4;
/** Expected counts and shares, relative where they are above 0.01: softmax multiplies the error of its logits. Seen: 4e-6. */
const VALUE_TOLERANCE = 1e-4;
/** f64 sums of f32 values that themselves differ by rounding. Seen: 5e-6. */
const MORAN_TOLERANCE = 1e-4;

let browser, server, page, folder, file;
const seen = {};
before(async () => {
  const { dist } = await consumer();
  browser = await launch({ webgpu: true });
  server = await serve(dist);
  ({ page } = await openPage(browser, server.address));
  folder = await mkdtemp(join(tmpdir(), "resitu-truth-"));
  file = join(folder, "cells.h5ad");
  const bytes = await page.evaluate(
    async (cells) => Array.from(new Uint8Array(await (await window.consumer.simulateExample({ cells, seed: 11 })).arrayBuffer())),
    CELLS,
  );
  await writeFile(file, Uint8Array.from(bytes));
  await page.locator("#file").setInputFiles(file);
  seen.cpu = await inBrowser("cpu");
  seen.hasGpu = await page.evaluate(async () => (await navigator.gpu?.requestAdapter().catch(() => null)) != null);
  if (seen.hasGpu) seen.webgpu = await inBrowser("webgpu");
});
after(async () => {
  await browser?.close();
  await server?.close();
  if (folder) await rm(folder, { recursive: true });
});

/** Everything there is to compare, from the built consumer. */
function inBrowser(device) {
  return page.evaluate(async (device) => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    const translator = await window.consumer.loadTranslator(window.consumer.breast, { device });
    const { tokens, hidden, width } = await translator.embed(cells, { count: 64 });
    const result = await translator.translate(cells);
    const rows = await window.consumer.spatial.autocorrelation(result, { graph: { kind: "knn", k: 3 } });
    const plain = (array) => Array.from(array);
    return {
      tokens: tokens.map(plain),
      hidden: plain(hidden),
      width,
      expression: plain(result.expression.data),
      composition: plain(result.composition.data),
      positions: plain(result.positions),
      niche: plain(result.niche),
      moran: rows.map(({ moranI }) => moranI),
      geary: rows.map(({ gearyC }) => gearyC),
    };
  }, device);
}

test("the command line simulates the very bytes of cells that the browser does", async (t) => {
  const other = join(folder, "native.h5ad");
  if ((await native(t, "simulate", "--cells", String(CELLS), "--seed", "11", "--output", other)) === null) return;
  const [a, b] = [await values(file), await values(other)];
  assert.deepEqual(a, b);
});

test("tokens are identical, and hidden states agree, natively and in wasm", async (t) => {
  const printed = await native(t, "tokenize", file, "--model", MODEL);
  if (printed === null) return;
  const { tokens, hidden, width } = JSON.parse(printed);
  assert.deepEqual(seen.cpu.tokens, tokens);
  assert.equal(seen.cpu.width, width);
  within(t, "hidden states", seen.cpu.hidden, hidden, HIDDEN_TOLERANCE, absolute);
});

test("translated values agree natively and in wasm", async (t) => {
  const out = join(folder, "native.translated.h5ad");
  if ((await native(t, "translate", file, "--model", MODEL, "--output", out)) === null) return;
  const { X, spatial, composition } = await values(out);
  within(t, "expected counts", seen.cpu.expression, X, VALUE_TOLERANCE);
  within(t, "composition", seen.cpu.composition, composition, VALUE_TOLERANCE);
  assert.deepEqual(seen.cpu.positions, spatial);

  // Moran and Geary of that file, on the same graph.
  const metrics = join(folder, "metrics.json");
  await native(t, "metrics", out, "--graph", "knn:3", "--output", metrics);
  const { genes } = JSON.parse(await readFile(metrics, "utf8"));
  within(t, "Moran's I", seen.cpu.moran, genes.map(({ moran }) => moran.value), MORAN_TOLERANCE, absolute);
  within(t, "Geary's C", seen.cpu.geary, genes.map(({ geary }) => geary.value), MORAN_TOLERANCE, absolute);
});

test("WebGPU agrees with the CPU: tokens, hidden states, translated values, Moran's I", (t) => {
  if (!seen.hasGpu) return t.skip("this Chromium offers no WebGPU adapter");
  const { cpu, webgpu } = seen;
  assert.deepEqual(webgpu.tokens, cpu.tokens);
  within(t, "hidden states", webgpu.hidden, cpu.hidden, HIDDEN_TOLERANCE, absolute);
  within(t, "expected counts", webgpu.expression, cpu.expression, VALUE_TOLERANCE);
  within(t, "composition", webgpu.composition, cpu.composition, VALUE_TOLERANCE);
  assert.deepEqual(webgpu.niche, cpu.niche);
  assert.deepEqual(webgpu.positions, cpu.positions);
  within(t, "Moran's I", webgpu.moran, cpu.moran, MORAN_TOLERANCE, absolute);
});

function absolute(a, b) {
  return Math.abs(a - b);
}

function relative(a, b) {
  return Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b), 0.01);
}

/** Asserts that two lists of numbers agree, NaN (null in JSON) with NaN, and says by how much they differ at most. */
function within(t, what, found, expected, tolerance, distance = relative) {
  assert.equal(found.length, expected.length, what);
  let most = 0;
  for (let i = 0; i < found.length; i++) {
    const [a, b] = [found[i] ?? NaN, expected[i] ?? NaN];
    assert.equal(Number.isNaN(a), Number.isNaN(b), `${what} ${i}: ${a} against ${b}`);
    if (!Number.isNaN(a)) most = Math.max(most, distance(a, b));
  }
  t.diagnostic(`${what}: differ by at most ${most.toExponential(1)}`);
  assert.ok(most <= tolerance, `${what} differ by ${most}`);
}

/** The numbers of an h5ad file, read with the C library. */
async function values(path) {
  await h5wasm.ready;
  const file = new h5wasm.File(path, "r");
  const read = (name) => Array.from(file.get(name)?.value ?? [], Number);
  const x = file.get("X");
  const found =
    x.type === "Group"
      ? { data: read("X/data"), indices: read("X/indices"), indptr: read("X/indptr") }
      : { X: read("X"), spatial: read("obsm/spatial"), composition: read("obsm/resitu_composition") };
  file.close();
  return found;
}
