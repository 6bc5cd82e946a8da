#!/usr/bin/env node
/**
 * resitu in Chromium against squidpy: statistics of real sections, from the file to the table, in one run.
 *
 *     RESITU_WASM_STD=debian scripts/build.sh
 *     node scripts/bench/spatial-browser.mjs --data DIR --python PYTHON [--only breast] [--out docs/bench-browser.md]
 *
 * DIR holds `st/xenium_breast_rep1_visium_aligned_region.h5ad` (17,136 cells × 313 genes) and `st/xenium_pancreas_west85.h5ad`
 * (119,596 cells × 377 genes, labels `cluster`), 10x Genomics, CC BY 4.0. Clock seconds on both sides, one run each: a
 * worker cannot be asked for its processor time. Memory is the largest resident set of a renderer process, page and map of
 * nothing else included. squidpy runs in one process, warm; what would take longer than `--patience` seconds is left out.
 */

import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { launch, openPage } from "../../pkg-tests/lib/browser.mjs";
import { consumer } from "../../pkg-tests/lib/consumer.mjs";
import { serve } from "../../pkg-tests/lib/server.mjs";

const { values: options } = parseArgs({
  options: {
    data: { type: "string" },
    python: { type: "string", default: "python3" },
    only: { type: "string" },
    patience: { type: "string", default: "400" },
    out: { type: "string" },
  },
});
if (!options.data) throw new Error("say where the data sets are: --data DIR");

const SETS = {
  breast: { file: "st/xenium_breast_rep1_visium_aligned_region.h5ad", cells: "17,136 cells × 313 genes", column: null },
  pancreas: { file: "st/xenium_pancreas_west85.h5ad", cells: "119,596 cells × 377 genes", column: "cluster" },
};
const TASKS = [
  { name: "Moran + Geary, analytic", call: ["autocorrelation", [{ permutations: 0 }]], squidpy: "moran:0" },
  { name: "Moran + Geary, 199 permutations", call: ["autocorrelation", [{ permutations: 199 }]], squidpy: "moran:199", for: ["breast"] },
  { name: "enrichment, 1,000 permutations", call: ["enrichment", ["cluster", { permutations: 1000 }]], squidpy: "enrichment", for: ["pancreas"] },
  { name: "centrality", call: ["centrality", ["cluster", {}]], squidpy: "centrality", for: ["pancreas"] },
  { name: "Ripley's G, 99 simulations", call: ["ripley", ["cluster", { function: "G", simulations: 99 }]], squidpy: null, for: ["pancreas"] },
];

const SQUIDPY = `
import os, sys, time, warnings
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"): os.environ[name] = "1"
warnings.simplefilter("ignore")
import anndata as ad, squidpy as sq
path, task = sys.argv[1:]
def run(path, cells=None, quick=False):
    adata = ad.read_h5ad(path)
    if cells: adata = adata[:cells].copy()
    key = "spatial_um" if "spatial_um" in adata.obsm else "spatial"
    sq.gr.spatial_neighbors(adata, spatial_key=key, n_neighs=6, coord_type="generic")
    what, _, count = task.partition(":")
    if what == "moran":
        for mode in ("moran", "geary"):
            sq.gr.spatial_autocorr(adata, mode=mode, n_perms=(2 if quick else int(count)) or None, n_jobs=1, show_progress_bar=False)
    if what == "enrichment":
        sq.gr.nhood_enrichment(adata, "cluster", n_perms=10 if quick else 1000, n_jobs=1, show_progress_bar=False)
    if what == "centrality":
        sq.gr.centrality_scores(adata, "cluster", n_jobs=1, show_progress_bar=False)
run(path, 600, True)
began = time.perf_counter()
run(path)
print(time.perf_counter() - began)
`;

/** Seconds, or null if it took too long. */
async function squidpy(file, task) {
  try {
    const { stdout } = await promisify(execFile)(options.python, ["-c", SQUIDPY, file, task], { timeout: 1000 * Number(options.patience) });
    return Number(stdout.trim().split("\n").at(-1));
  } catch (error) {
    if (error.killed) return null;
    throw error;
  }
}

/** The largest resident set of Chromium's renderers, in MB, until `stop()`. */
function watchMemory(pids) {
  let most = 0;
  const look = async () => {
    for (const pid of pids) {
      const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
      most = Math.max(most, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    }
  };
  const timer = setInterval(() => void look(), 100);
  return () => (clearInterval(timer), Math.round(most));
}

async function renderers() {
  const found = [];
  for (const pid of await readdir("/proc")) {
    const line = /^\d+$/.test(pid) ? await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "") : "";
    if (line.includes("--type=renderer")) found.push(pid);
  }
  return found;
}

const load = loadavg()[0];
const { dist } = await consumer();
const server = await serve(dist);
const rows = [];
for (const [name, { file, cells }] of Object.entries(SETS)) {
  if (options.only && options.only !== name) continue;
  const path = join(options.data, file);
  for (const task of TASKS) {
    if (task.for && !task.for.includes(name)) continue;
    const before = new Set(await renderers());
    const browser = await launch();
    const { page } = await openPage(browser, server.address);
    await page.locator("#file").setInputFiles(path);
    const stop = watchMemory((await renderers()).filter((pid) => !before.has(pid)));
    const seconds = await page.evaluate(
      async ([method, args]) => {
        const began = performance.now();
        const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
        await window.consumer.spatial[method](cells, ...args);
        return (performance.now() - began) / 1000;
      },
      task.call,
    );
    const memory = stop();
    await browser.close();
    const theirs = task.squidpy === null ? undefined : await squidpy(path, task.squidpy);
    const said = theirs === undefined ? "–" : theirs === null ? `more than ${options.patience}` : theirs.toFixed(2);
    const ratio = theirs === undefined ? "–" : theirs === null ? `> ${Math.floor(Number(options.patience) / seconds)}` : (theirs / seconds).toFixed(1);
    rows.push(`| ${name}, ${cells} | ${task.name} | ${seconds.toFixed(2)} | ${said} | ${ratio} | ${memory} |`);
    console.log(rows.at(-1));
  }
}
await server.close();
const text = [
  "# Spatial statistics in a browser: resitu in Chromium and squidpy",
  "",
  "From the file to the table, 6 nearest neighbours, one thread on both sides. Clock seconds, one run each; memory is the largest resident",
  "set of the renderer process, the browser's own share included.",
  "",
  "| section | | resitu in Chromium, s | squidpy, s | ratio | Chromium, MB |",
  "|---|---|---|---|---|---|",
  ...rows,
  "",
  `Made on ${new Date().toISOString().slice(0, 10)} by \`scripts/bench/spatial-browser.mjs\`. ${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores; load`,
  `average ${load.toFixed(1)} at the start. squidpy of scripts/reference/requirements.txt.`,
  "",
].join("\n");
console.log(text);
if (options.out) await writeFile(options.out, text);
