/** Opening local files and measuring neighbourhoods, in a browser, from the built consumer. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { choose, failureOf, launch, openPage } from "../lib/browser.mjs";
import { consumer } from "../lib/consumer.mjs";
import { counts, h5ad } from "../lib/h5ad.mjs";
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

const GENES = ["ESR1", "EPCAM", "CD3E"];
/** A 12 × 12 grid; EPCAM rises from left to right, CD3E is a checkerboard, ESR1 is constant. */
const GRID = Array.from({ length: 144 }, (_, i) => [i % 12, Math.floor(i / 12)]);
const PATTERNS = GRID.map(([x, y]) => [3, x, (x + y) % 2]);

const openChosen = "() => window.consumer.openCells(document.querySelector('#file').files[0])";

test("a file says what it holds before its values are used", async () => {
  const obs = { kind: GRID.map(([x]) => (x < 6 ? "left" : "right")) };
  await choose(page, await h5ad({ matrix: PATTERNS, genes: GENES, obs, spatial: GRID }));
  const { summary, positions, labels } = await page.evaluate(async () => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files);
    const { codes, levels } = await cells.labels("kind");
    const found = { summary: cells.summary, positions: [...(await cells.positions())], labels: { codes: [...codes], levels } };
    cells.dispose();
    return found;
  });
  assert.deepEqual(
    { ...summary, notes: [] },
    {
      format: "h5ad",
      nCells: 144,
      nGenes: 3,
      matrix: "X",
      matrices: [{ name: "X", valueKind: "counts" }],
      valueKind: "counts",
      geneNamesFrom: "_index",
      labels: [{ name: "kind", levels: 2 }],
      coordinates: "obsm/spatial",
      quality: {
        sampledCells: 144,
        nanValues: 0,
        infiniteValues: 0,
        negativeValues: 0,
        emptyCells: 0,
        zeroGenes: 0,
        duplicateCells: 0,
        duplicateGenes: 0,
        missingPositions: 0,
        instead: null,
      },
      likelyPositions: false,
      notes: [],
    },
  );
  assert.deepEqual(positions, GRID.flat());
  assert.deepEqual(labels.levels, ["left", "right"]);
  assert.deepEqual(labels.codes, GRID.map(([x]) => (x < 6 ? 0 : 1)));
});

test("a file's genes are recognised without a translator", async () => {
  await choose(page, await h5ad({ matrix: counts(20, 7), genes: ["Cd3e", "Kars", "Epcam", "Esr1", "Krt8", "Mki67", "novel"] }));
  const { genes, asHuman } = await page.evaluate(async () => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    const found = { genes: await cells.genes(), asHuman: await cells.genes({ species: "human" }) };
    cells.dispose();
    return found;
  });
  const { species, column, matched, renamed, unknown, firstUnknown } = genes;
  assert.deepEqual({ species, column, matched, renamed, unknown, firstUnknown }, {
    species: "mouse",
    column: "_index",
    matched: 6,
    renamed: 1,
    unknown: 1,
    firstUnknown: ["novel"],
  });
  assert.deepEqual([asHuman.species, asHuman.matched, asHuman.renamed], ["human", 6, 6]);
});

test("Moran's I and Geary's C tell a gradient from a checkerboard, and a constant gene has none", async () => {
  await choose(page, await h5ad({ matrix: PATTERNS, genes: GENES, spatial: GRID }));
  const rows = await page.evaluate(async () => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    return window.consumer.spatial.autocorrelation(cells, { graph: { kind: "radius", radius: 1 }, permutations: 99, seed: 1 });
  });
  const [constant, gradient, checkerboard] = rows;
  assert.deepEqual(rows.map(({ gene }) => gene), GENES);
  assert.ok(Number.isNaN(constant.moranI) && Number.isNaN(constant.gearyQ));
  assert.ok(gradient.moranI > 0.8 && gradient.gearyC < 0.2 && gradient.moranQ < 1e-6, JSON.stringify(gradient));
  // Every neighbour on the grid has the other value: I is −1 to rounding.
  assert.ok(Math.abs(checkerboard.moranI + 1) < 1e-9, JSON.stringify(checkerboard));
  assert.equal(gradient.moranPSim, 0.02, "99 permutations, two-sided: 2 × 1/100");
});

test("label composition says who neighbours whom", async () => {
  const obs = { kind: GRID.map(([x]) => (x < 6 ? "left" : "right")) };
  await choose(page, await h5ad({ matrix: PATTERNS, genes: GENES, obs, spatial: GRID }));
  const table = await page.evaluate(async () => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    const { labels, shares, counts } = await window.consumer.spatial.composition(cells, "kind", { graph: { kind: "radius", radius: 1 } });
    return { labels, shares: [...shares], counts: [...counts] };
  });
  assert.deepEqual(table.counts, [72, 72]);
  // Only the sixth column touches the other half, with one of its 4 neighbours (one of 3 at the two ends).
  const across = (10 / 4 + 2 / 3) / 72;
  assert.ok(Math.abs(table.shares[1] - across) < 1e-6 && Math.abs(table.shares[0] - (1 - across)) < 1e-6, String(table.shares));
});

test("a call that is aborted rejects with job.cancelled, and the worker stays usable", async () => {
  await choose(page, await h5ad({ matrix: counts(2000, 60), genes: Array.from({ length: 60 }, (_, i) => `G${i}`), spatial: counts(2000, 2) }));
  const [failure, rows] = await page.evaluate(async () => {
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    const controller = new AbortController();
    const onProgress = ({ stage, done }) => stage === "spatial autocorrelation" && done > 0 && controller.abort();
    const graph = { kind: "knn", k: 6 };
    const failure = await window.consumer.spatial
      .autocorrelation(cells, { graph, permutations: 999, signal: controller.signal, onProgress })
      .catch(({ code }) => code);
    const rows = await window.consumer.spatial.autocorrelation(cells, { graph });
    return [failure, rows.length];
  });
  assert.deepEqual([failure, rows], ["job.cancelled", 60]);
});

test("a worker under connect-src 'none' opens and measures: it never needs the network", async () => {
  const { dist } = await consumer();
  const sealed = await serve(dist, (path) => (path.includes("worker") ? SEALED : undefined));
  const other = await openPage(browser, sealed.address);
  await choose(other.page, await h5ad({ matrix: PATTERNS, genes: GENES, spatial: GRID }));
  const rows = await other.page.evaluate(async () =>
    window.consumer.spatial.autocorrelation(await window.consumer.openCells(document.querySelector("#file").files[0])),
  );
  assert.equal(rows.length, 3);
  assert.deepEqual(other.complaints, []);
  await other.context.close();
  await sealed.close();
});

test("random bytes are not HDF5", async () => {
  await choose(page, Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251));
  assert.equal((await failureOf(page, openChosen)).code, "io.not-hdf5");
});

test("an empty file is not HDF5", async () => {
  await choose(page, new Uint8Array());
  assert.equal((await failureOf(page, openChosen)).code, "io.not-hdf5");
});

test("a truncated file is said to be truncated, wherever it was cut", async () => {
  const whole = await h5ad({ matrix: PATTERNS, genes: GENES, spatial: GRID });
  for (const share of [0.3, 0.6, 0.95]) {
    await choose(page, whole.subarray(0, Math.floor(whole.length * share)));
    assert.equal((await failureOf(page, openChosen)).code, "io.truncated", `cut at ${share}`);
  }
});

test("a file without a matrix says so", async () => {
  await choose(page, await h5ad({ matrix: null, genes: GENES, nCells: 5 }));
  assert.equal((await failureOf(page, openChosen)).code, "io.no-matrix");
});

test("statistics of a file without coordinates are refused", async () => {
  await choose(page, await h5ad({ matrix: PATTERNS, genes: GENES }));
  const failure = await failureOf(page, "async () => window.consumer.spatial.autocorrelation(await (" + openChosen + ")())");
  assert.equal(failure.code, "spatial.no-coordinates");
});

test("what is not a file, a disposed handle and a bad option each have their code, a sentence and a hint", async () => {
  await choose(page, await h5ad({ matrix: PATTERNS, genes: GENES, spatial: GRID }));
  const cases = [
    ["source.unsupported", "() => window.consumer.openCells(5)"],
    ["source.fetch-failed", "() => window.consumer.openCells('/not-there.h5ad')"],
    ["options.invalid", `async () => window.consumer.spatial.autocorrelation(await (${openChosen})(), { permutations: -1 })`],
    ["handle.disposed", `async () => { const cells = await (${openChosen})(); cells.dispose(); await cells.positions(); }`],
    ["io.no-such-name", `async () => (await (${openChosen})()).useMatrix("layers/none")`],
    ["job.cancelled", "() => window.consumer.openCells(document.querySelector('#file').files[0], { signal: AbortSignal.abort() })"],
  ];
  for (const [code, work] of cases) {
    const failure = await failureOf(page, work);
    assert.equal(failure?.code, code, work);
    assert.ok(failure.isResituError && /\.$/.test(failure.message) && failure.hint.length > 10, JSON.stringify(failure));
  }
});

test("nothing of all this broke the policy or the page", () => {
  assert.deepEqual(complaints.filter((text) => !text.includes("404")), []);
});
