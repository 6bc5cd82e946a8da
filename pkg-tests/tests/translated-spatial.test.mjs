/** Niches, cells that are left out, and intervals of translated cells in a browser: the numbers of the command line. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { choose, failureOf, launch, openPage } from "../lib/browser.mjs";
import { consumer } from "../lib/consumer.mjs";
import { h5ad } from "../lib/h5ad.mjs";
import { MODEL, native } from "../lib/native.mjs";
import { serve } from "../lib/server.mjs";

let browser, server, page, complaints, folder;
before(async () => {
  const { dist } = await consumer();
  browser = await launch();
  server = await serve(dist);
  ({ page, complaints } = await openPage(browser, server.address));
  folder = await mkdtemp(join(tmpdir(), "resitu-translated-"));
});
after(async () => {
  await browser?.close();
  await server?.close();
  if (folder) await rm(folder, { recursive: true });
});

const N = 300;
const random = (() => {
  let state = 11;
  return () => (state = (state * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32;
})();
const SPATIAL = Array.from({ length: N }, () => [400 * random(), 300 * random()]);
const KIND = SPATIAL.map(([x]) => (random() < 0.2 ? "everywhere" : x < 200 ? "left" : "right"));
const MATRIX = KIND.map((kind) => [kind === "left" ? 4 : 0, random(), 2]);
/** Without a position and values, as an empty cell of a translation; and without values alone. */
const EMPTY = 17;
const SILENT = 90;
const spoilt = () =>
  h5ad({
    matrix: MATRIX.map((row, at) => (at === EMPTY || at === SILENT ? [NaN, NaN, NaN] : row)),
    genes: ["LEFT", "NOISE", "SAME"],
    obs: { kind: KIND },
    spatial: SPATIAL.map((place, at) => (at === EMPTY ? [NaN, NaN] : place)),
  });

/** Runs one statistic in the page; typed arrays come back as lists, NaN as null. */
const measure = (name, ...args) =>
  page.evaluate(
    async ([name, args]) => {
      const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
      const found = await window.consumer.spatial[name](cells, ...args);
      cells.dispose();
      return JSON.parse(JSON.stringify(found, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value)));
    },
    [name, args],
  );

/** NaN is null on both sides. */
function same(found, expected, what) {
  assert.equal(found.length, expected.length, what);
  found.forEach((value, at) => {
    const other = expected[at];
    assert.ok(value === other || Math.abs(value - other) <= 1e-12 * Math.max(1, Math.abs(other)), `${what} ${at}: ${value} against ${other}`);
  });
}

const nativeJson = async (t, ...args) => {
  const out = join(folder, "metrics.json");
  return (await native(t, "metrics", ...args, "--output", out)) === null ? null : JSON.parse(await readFile(out, "utf8"));
};

test("cells without position or values are left out, and everything else has its numbers", async (t) => {
  const file = await spoilt();
  const path = join(folder, "spoilt.h5ad");
  await writeFile(path, file);
  await choose(page, file);
  const rows = await measure("autocorrelation");
  assert.ok(rows[0].moranI > 0.3 && Number.isFinite(rows[1].moranI) && rows[2].moranI === null, JSON.stringify(rows));
  const { moran, getisOrd, quadrant } = await measure("local", "LEFT", { permutations: 0 });
  for (const cell of [EMPTY, SILENT]) assert.deepEqual([moran.value[cell], getisOrd.z[cell], quadrant[cell]], [null, null, 0]);
  const niches = await measure("niches", "kind", { count: 3, seed: 4 });
  assert.equal(niches.codes[EMPTY], -1);
  assert.ok(niches.codes[SILENT] >= 0, "it has a place, and so a niche");
  const flags = ["--autocorr", "--local", "LEFT", "--permutations", "0", "--niches", "kind", "--niche-count", "3", "--seed", "4"];
  const expected = await nativeJson(t, path, ...flags);
  if (expected === null) return;
  same(rows.map(({ moranI }) => moranI), expected.genes.map(({ moran }) => moran.value), "I");
  same(moran.value, expected.local.genes[0].moran.value, "local I");
  assert.deepEqual(niches.codes, expected.niches.codes);
  assert.deepEqual(niches.columns, expected.niches.labels);
  same(niches.means, expected.niches.composition.flat(), "composition");
  same([niches.silhouette, ...niches.stability], [expected.niches.silhouette, ...expected.niches.stability], "silhouette and stability");
});

test("profiles and niches need no labels: the mean expression of the neighbours", async () => {
  await choose(page, await spoilt());
  const graph = { kind: "radius", radius: 30 };
  const { columns, data, nRows } = await measure("profiles", { genes: ["NOISE", "LEFT"] }, { graph });
  assert.deepEqual([columns, nRows, data.length], [["NOISE", "LEFT"], N, 2 * N]);
  const near = (cell) => SPATIAL.flatMap(([x, y], at) => (at !== cell && at !== EMPTY && at !== SILENT && Math.hypot(x - SPATIAL[cell][0], y - SPATIAL[cell][1]) <= 30 ? [at] : []));
  for (const cell of [0, 1, 2, 250]) {
    const around = near(cell);
    const mean = (gene) => around.reduce((sum, at) => sum + Math.fround(MATRIX[at][gene]), 0) / around.length;
    if (around.length > 0) assert.ok(Math.abs(data[2 * cell] - mean(1)) < 1e-6 && Math.abs(data[2 * cell + 1] - mean(0)) < 1e-6, `cell ${cell}`);
  }
  assert.equal(data[2 * EMPTY], null);
  const { codes, sizes, means } = await measure("niches", { genes: ["LEFT"] }, { graph, count: 2, raw: true });
  assert.equal(sizes.reduce((sum, size) => sum + size), codes.filter((code) => code >= 0).length);
  const high = means[0] > means[1] ? 0 : 1;
  const left = codes.filter((_, at) => KIND[at] === "left" && SPATIAL[at][0] < 160);
  assert.ok(left.filter((code) => code === high).length > 0.9 * left.length, "the left half is a niche");
});

test("intervals of a translation are those of its saved file, and of the command line", async (t) => {
  const found = await page.evaluate(async () => {
    const { openCells, loadTranslator, simulateExample, breast, spatial } = window.consumer;
    const cells = await openCells(await simulateExample({ cells: 150, seed: 2 }));
    const translator = await loadTranslator(breast, { device: "cpu" });
    const result = await translator.translate(cells);
    const blob = await result.toBlob("h5ad");
    const saved = await openCells(blob);
    const draws = { draws: 20, seed: 3, nullFrom: translator };
    const graph = { kind: "knn", k: 5 };
    const stages = new Set();
    const all = async (source, column) => ({
      genes: (await spatial.autocorrelation(source, { ...draws, onProgress: ({ stage }) => stages.add(stage) })).slice(0, 8),
      local: await spatial.local(source, result.expression.columns[0], { ...draws, permutations: 0 }),
      pairs: await spatial.bivariate(source, [result.expression.columns.slice(0, 2)], draws),
      composition: await spatial.composition(source, column, { ...draws, graph }),
      enrichment: await spatial.enrichment(source, column, { ...draws, graph, permutations: 10 }),
      centrality: await spatial.centrality(source, column, { ...draws, graph }),
      coOccurrence: await spatial.coOccurrence(source, column, draws),
      ripley: await spatial.ripley(source, column, { ...draws, simulations: 0 }),
      niches: await spatial.niches(source, column, { ...draws, graph, count: 3 }),
      ligrec: await spatial.ligrec(source, column, `ligand,receptor\n${result.expression.columns.slice(0, 2)}\n`, { ...draws, graph, between: "neighbours", permutations: 10 }),
    });
    const plain = (value) => JSON.parse(JSON.stringify(value, (_, one) => (ArrayBuffer.isView(one) ? Array.from(one) : one)));
    const likely = await result.likelyPositions();
    return {
      direct: plain(await all(result, "state")),
      again: plain(await all(saved, "resitu_state")),
      likely: [likely.length, cells.summary.likelyPositions, saved.summary.likelyPositions],
      stages: [...stages],
      bytes: Array.from(new Uint8Array(await blob.arrayBuffer())),
    };
  });
  assert.deepEqual(found.likely, [150 * 64, false, true]);
  assert.ok(found.stages.includes("draws of the positions"), String(found.stages));
  assert.deepEqual(found.direct.genes, found.again.genes);
  for (const name of ["local", "pairs", "composition", "enrichment", "centrality", "coOccurrence", "ripley", "niches", "ligrec"]) {
    assert.deepEqual(found.direct[name], found.again[name], name);
  }
  const { genes, niches, ripley, centrality } = found.direct;
  for (const { moranInterval: { low, mean, high, undefined: missing, null: byLabels } } of genes) {
    assert.ok(low < mean && mean < high && missing === 0 && Number.isFinite(byLabels.mean) && byLabels.mean !== mean);
  }
  assert.equal(niches.intervals.stays.mean.length, 150);
  assert.ok(ripley.curves.every(({ value, interval }) => interval.low.length === value.length));
  assert.ok(centrality.intervals.assortativity.low < centrality.intervals.assortativity.high);

  const path = join(folder, "translated.h5ad");
  await writeFile(path, Uint8Array.from(found.bytes));
  const drawn = ["--draws", "20", "--seed", "3", "--null-from", MODEL];
  const rowsOf = async (...flags) => (await nativeJson(t, path, ...flags, ...drawn))?.draws.statistics;
  const [first, second] = [await rowsOf("--autocorr"), await rowsOf("--graph", "knn:5", "--enrichment", "resitu_state", "--niches", "resitu_state", "--niche-count", "3")];
  if (!first || !second) return;
  const column = (rows, statistic, name) => rows.filter((row) => row.statistic === statistic).map((row) => row[name]);
  for (const name of ["mean", "low", "high"]) {
    same(genes.map(({ moranInterval }) => moranInterval[name]), column(first, "moranI", name).slice(0, 8), `I ${name}`);
    same(genes.map(({ moranInterval }) => moranInterval.null[name]), column(first, "moranI", `null_${name}`).slice(0, 8), `null I ${name}`);
    same(found.direct.enrichment.intervals.z[name], column(second, "enrichment_zscore", name), `z ${name}`);
    same(niches.intervals.shares[name], column(second, "niche_share", name), `niche ${name}`);
    same(niches.intervals.stays[name], column(second, "niche_stays", name), `stays ${name}`);
  }
});

test("an abort ends draws, and what cannot be drawn is said", async () => {
  await choose(page, await spoilt());
  const cell = (options) => `async () => window.consumer.spatial.enrichment(await window.consumer.openCells(document.querySelector("#file").files[0]), "kind", ${options})`;
  assert.equal((await failureOf(page, cell("{ draws: 20 }"))).code, "spatial.no-likely-positions");
  assert.equal((await failureOf(page, cell("{ draws: 1 }"))).code, "options.invalid");
  const ligrec = cell("{ draws: 20 }").replace("enrichment", "ligrec").replace('"kind",', '"kind", "ligand,receptor\\nLEFT,NOISE\\n",');
  assert.equal((await failureOf(page, ligrec)).code, "options.invalid");
  const code = await page.evaluate(async () => {
    const { openCells, loadTranslator, simulateExample, breast, spatial } = window.consumer;
    const translator = await loadTranslator(breast, { device: "cpu" });
    const result = await translator.translate(await openCells(await simulateExample({ cells: 60, seed: 2 })));
    const stop = new AbortController();
    const long = spatial.autocorrelation(result, { draws: 10_000, signal: stop.signal, onProgress: ({ stage }) => stage.startsWith("draws") && stop.abort() });
    const stopped = await long.then(() => "finished", (error) => error.code);
    const [next] = await spatial.autocorrelation(result, { draws: 5 });
    return [stopped, Number.isFinite(next.moranInterval.mean)];
  });
  assert.deepEqual(code, ["job.cancelled", true]);
});

test("nothing of all this broke the policy or the page", () => assert.deepEqual(complaints, []));
