/** Statistics of labels and distances in a browser: the numbers of the command line, known answers, and cancelling. */

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { choose, launch, openPage } from "../lib/browser.mjs";
import { consumer } from "../lib/consumer.mjs";
import { h5ad } from "../lib/h5ad.mjs";
import { native } from "../lib/native.mjs";
import { serve } from "../lib/server.mjs";

let browser, server, page, complaints, folder;
before(async () => {
  const { dist } = await consumer();
  browser = await launch();
  server = await serve(dist);
  ({ page, complaints } = await openPage(browser, server.address));
  folder = await mkdtemp(join(tmpdir(), "resitu-spatial-"));
});
after(async () => {
  await browser?.close();
  await server?.close();
  if (folder) await rm(folder, { recursive: true });
});

/** Three kinds of cells, the first two in patches, the third everywhere; two sections side by side. */
const N = 600;
const random = (() => {
  let state = 7;
  return () => (state = (state * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32;
})();
const SPATIAL = Array.from({ length: N }, () => [400 * random(), 300 * random()]);
const KIND = SPATIAL.map(([x, y]) => (random() < 0.3 ? "everywhere" : Math.floor(x / 80) % 2 === Math.floor(y / 80) % 2 ? "patch a" : "patch b"));
const SECTION = SPATIAL.map(([x]) => (x < 200 ? "left" : "right"));
const GENES = ["CXCL12", "CXCR4", "ACTB"];
const MATRIX = KIND.map((kind) => [kind === "patch a" ? 4 : 0, kind === "patch b" ? 3 : 1, 2]);
const cells = () => h5ad({ matrix: MATRIX, genes: GENES, obs: { kind: KIND, section: SECTION }, spatial: SPATIAL });

/** Runs one statistic in the page; typed arrays come back as lists. */
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

const flat = (value) => (Array.isArray(value) ? value.flatMap(flat) : [value ?? NaN]);

/** f64 on both sides and the same code; only the order of threads could differ, and it does not enter. */
function same(found, expected, what) {
  const [a, b] = [flat(found), flat(expected)];
  assert.equal(a.length, b.length, what);
  a.forEach((value, at) => assert.ok(Object.is(value, b[at]) || Math.abs(value - b[at]) <= 1e-12 * Math.max(1, Math.abs(b[at])), `${what} ${at}: ${value} against ${b[at]}`));
}

test("enrichment and centrality are those of the command line, sections apart", async (t) => {
  const file = await cells();
  const path = join(folder, "cells.h5ad");
  await writeFile(path, file);
  await choose(page, file);
  const graph = { kind: "knn", k: 5, sections: "section" };
  const enrichment = await measure("enrichment", "kind", { graph, permutations: 200, seed: 3 });
  const centrality = await measure("centrality", "kind", { graph });
  const out = join(folder, "metrics.json");
  const flags = ["--graph", "knn:5", "--sections", "section", "--enrichment", "kind", "--centrality", "kind", "--permutations", "200", "--seed", "3"];
  if ((await native(t, "metrics", path, ...flags, "--output", out)) === null) return;
  const expected = JSON.parse(await readFile(out, "utf8"));
  assert.deepEqual(enrichment.labels, expected.enrichment.labels);
  same(enrichment.z, expected.enrichment.zscore, "z");
  same(enrichment.counts, expected.enrichment.count, "count");
  for (const score of ["degree", "clustering", "closeness"]) same(centrality[score], expected.centrality[score], score);
  const at = (row, column) => enrichment.z[enrichment.labels.indexOf(row) * 3 + enrichment.labels.indexOf(column)];
  assert.ok(at("patch a", "patch a") > 5 && at("patch a", "patch b") < -5, "patches keep to themselves");
});

test("co-occurrence counts the pairs within each distance", async () => {
  await choose(page, await cells());
  const distances = [1, 30, 90];
  const { labels, ratio } = await measure("coOccurrence", "kind", { distances });
  const codes = KIND.map((kind) => labels.indexOf(kind));
  // By the definition, over all pairs: P(label i near c) / P(label i near any).
  for (const [step, radius] of [[0, 30], [1, 90]]) {
    const pairs = Array.from({ length: 9 }, () => 0);
    for (let i = 0; i < N; i++)
      for (let j = 0; j < N; j++)
        if (i !== j && Math.hypot(SPATIAL[i][0] - SPATIAL[j][0], SPATIAL[i][1] - SPATIAL[j][1]) <= radius) pairs[codes[i] * 3 + codes[j]]++;
    const all = pairs.reduce((sum, one) => sum + one);
    for (let i = 0; i < 3; i++)
      for (let c = 0; c < 3; c++) {
        const given = pairs[i * 3 + c] / (pairs[c] + pairs[3 + c] + pairs[6 + c]);
        const overall = (pairs[i * 3] + pairs[i * 3 + 1] + pairs[i * 3 + 2]) / all;
        assert.ok(Math.abs(ratio[(i * 3 + c) * 2 + step] - given / overall) < 1e-6, `${labels[i]} near ${labels[c]} within ${radius}`);
      }
  }
});

test("Ripley's L tells patches from cells that lie everywhere", async () => {
  await choose(page, await cells());
  const { labels, curves, edgeCorrection } = await measure("ripley", "kind", { simulations: 99, seed: 1 });
  assert.equal(edgeCorrection, "isotropic");
  const of = (name) => curves.find(({ label }) => labels[label] === name);
  assert.equal(of("patch a").globalP, 0.01, "none of 99 patterns strewn at random is as clustered");
  const at = of("patch a").value.findIndex((_, step) => curves[0].theoretical[step] > 20);
  assert.ok(of("patch a").value[at] > of("patch a").high[at], "above the envelope at short distances");
});

test("ligand and receptor of two patches are found between them", async () => {
  await choose(page, await cells());
  const { labels, pairs, p, notMeasured } = await measure("ligrec", "kind", "ligand,receptor\nCXCL12,CXCR4\nTGFB1,TGFBR1_TGFBR2\n", { permutations: 200 });
  assert.deepEqual(pairs, [{ ligand: "CXCL12", receptor: "CXCR4" }]);
  assert.equal(notMeasured, 1);
  assert.ok(p[labels.indexOf("patch a") * 3 + labels.indexOf("patch b")] < 0.01);
});

test("a Delaunay graph and a radius give Moran's I of the same field, near each other", async () => {
  await choose(page, await cells());
  const moran = async (graph) => (await measure("autocorrelation", { graph })).find(({ gene }) => gene === "CXCL12").moranI;
  const [delaunay, radius] = [await moran({ kind: "delaunay", maxLength: 60 }), await moran({ kind: "radius", radius: 30 })];
  assert.ok(delaunay > 0.3 && radius > 0.3 && Math.abs(delaunay - radius) < 0.15, `${delaunay}, ${radius}`);
});

test("hot spots of a gene are where its cells are, and two genes of different patches avoid each other", async () => {
  await choose(page, await cells());
  const { moran, quadrant, getisOrd } = await measure("local", "CXCL12", { permutations: 99 });
  const mean = (kind) => {
    const own = getisOrd.z.filter((_, at) => KIND[at] === kind);
    return own.reduce((sum, z) => sum + z, 0) / own.length;
  };
  assert.ok(mean("patch a") > 0.8 && mean("patch b") < -0.5, `${mean("patch a")}, ${mean("patch b")}`);
  assert.ok(moran.value.every((value, at) => quadrant[at] === 0 || Math.sign(value) === ([1, 3].includes(quadrant[at]) ? 1 : -1) || Math.abs(value) < 1e-9));
  const [own, other] = await measure("bivariate", [["CXCL12", "CXCL12"], ["CXCL12", "CXCR4"]]);
  assert.ok(own.moranI > 0.3 && other.moranI < -0.2 && other.leeL < 0, JSON.stringify([own, other]));
});

test("an aborted statistic stops at once, and the next one works", async () => {
  await choose(page, await cells());
  const found = await page.evaluate(async () => {
    const { openCells, spatial } = window.consumer;
    const cells = await openCells(document.querySelector("#file").files[0]);
    const stop = new AbortController();
    const began = performance.now();
    const long = spatial.enrichment(cells, "kind", { permutations: 100_000, signal: stop.signal, onProgress: () => stop.abort() });
    const code = await long.then(() => "finished", (error) => error.code);
    const waited = performance.now() - began;
    const next = await spatial.enrichment(cells, "kind", { permutations: 50 });
    return { code, waited, labels: next.labels };
  });
  assert.equal(found.code, "job.cancelled");
  assert.deepEqual(found.labels, ["everywhere", "patch a", "patch b"]);
});

test("a 10x folder is opened from its files", async () => {
  const found = await page.evaluate(async () => {
    const file = (text) => new Blob([text]);
    const files = [
      { path: "sample/matrix.mtx", file: file("%%MatrixMarket matrix coordinate integer general\n3 2 3\n1 1 5\n3 1 1\n2 2 7\n") },
      { path: "sample/features.tsv", file: file("ENSG1\tCD3E\tGene Expression\nENSG2\tMS4A1\tGene Expression\nENSG3\tLYZ\tGene Expression\n") },
      { path: "sample/barcodes.tsv", file: file("AAAC-1\nAAAG-1\n") },
    ];
    const cells = await window.consumer.openCells(files);
    const { data } = await cells.expression(["LYZ", "MS4A1"]);
    const missing = await window.consumer.openCells(files.slice(0, 1)).then(() => "opened", (error) => error.code);
    const second = files.map(({ path, file }) => ({ path: path.replace("sample", "other"), file }));
    const both = await window.consumer.openCells([...files, ...second]);
    const samples = both.summary.labels.find(({ name }) => name === "sample")?.levels;
    return { shape: [cells.summary.nCells, cells.summary.nGenes], data: [...data], missing, nBoth: both.summary.nCells, samples };
  });
  const expected = { shape: [2, 3], data: [1, 0, 0, 7], missing: "io.missing-file", nBoth: 4, samples: 2 };
  assert.deepEqual(found, expected);
});

test("nothing of all this broke the policy or the page", () => assert.deepEqual(complaints, []));
