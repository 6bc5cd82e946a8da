#!/usr/bin/env node
/**
 * resitu in Chromium against squidpy: statistics of real sections, from the file to the table, in one run.
 *
 *     RESITU_WASM_STD=debian scripts/build.sh
 *     node scripts/bench/spatial-browser.mjs --data DIR --python PYTHON [--only breast] [--out docs/bench-browser.md]
 *
 * DIR holds `st/xenium_breast_rep1_visium_aligned_region.h5ad` (17,136 cells × 313 genes) and `st/xenium_pancreas_west85.h5ad`
 * (119,596 cells × 377 genes, labels `cluster`), 10x Genomics, CC BY 4.0. Clock seconds on both sides, medians of `--repeats`
 * runs: a worker cannot be asked for its processor time. Memory is the largest resident set of a renderer process, page and
 * map of nothing else included. squidpy runs in one process, warm. Permutations cost it the same each: 20 of them are run
 * once and scaled to 199. --profile prints instead where the worker spent its time, once a task (names of functions need a
 * wasm made with RESITU_WASM_OPT=0).
 */

import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { launch, openPage } from "../../pkg-tests/lib/browser.mjs";
import { consumer } from "../../pkg-tests/lib/consumer.mjs";
import { serve } from "../../pkg-tests/lib/server.mjs";
import { longest, profileWorkers } from "./worker-profile.mjs";

const { values: options } = parseArgs({
  options: {
    data: { type: "string" },
    python: { type: "string", default: "python3" },
    only: { type: "string" },
    repeats: { type: "string", default: "5" },
    profile: { type: "boolean" },
    out: { type: "string" },
  },
});
const repeats = Number(options.repeats);
if (!options.data) throw new Error("say where the data sets are: --data DIR");

const SETS = {
  breast: { file: "st/xenium_breast_rep1_visium_aligned_region.h5ad", cells: "17,136 cells × 313 genes", column: null },
  pancreas: { file: "st/xenium_pancreas_west85.h5ad", cells: "119,596 cells × 377 genes", column: "cluster" },
};
const TASKS = [
  { name: "Moran + Geary, analytic", call: ["autocorrelation", [{ permutations: 0 }]], squidpy: "moran:0" },
  { name: "Moran + Geary, 199 permutations", call: ["autocorrelation", [{ permutations: 199 }]], squidpy: "moran:199" },
  { name: "enrichment, 1,000 permutations", call: ["enrichment", ["cluster", { permutations: 1000 }]], squidpy: "enrichment", for: ["pancreas"] },
  { name: "centrality", call: ["centrality", ["cluster", {}]], squidpy: "centrality", for: ["pancreas"] },
  { name: "Ripley's G, 99 simulations", call: ["ripley", ["cluster", { function: "G", simulations: 99 }]], squidpy: null, for: ["pancreas"] },
];

const SQUIDPY = `
import os, statistics, sys, time, warnings
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"): os.environ[name] = "1"
warnings.simplefilter("ignore")
import anndata as ad, squidpy as sq
path, task, repeats = sys.argv[1:]
what, _, permutations = task.partition(":")
def run(path, cells=None, quick=False, permutations=0):
    adata = ad.read_h5ad(path)
    if cells: adata = adata[:cells].copy()
    key = "spatial_um" if "spatial_um" in adata.obsm else "spatial"
    sq.gr.spatial_neighbors(adata, spatial_key=key, n_neighs=6, coord_type="generic")
    if what == "moran":
        for mode in ("moran", "geary"):
            sq.gr.spatial_autocorr(adata, mode=mode, n_perms=(2 if quick else permutations) or None, n_jobs=1, show_progress_bar=False)
    if what == "enrichment":
        sq.gr.nhood_enrichment(adata, "cluster", n_perms=10 if quick else 1000, n_jobs=1, show_progress_bar=False)
    if what == "centrality":
        sq.gr.centrality_scores(adata, "cluster", n_jobs=1, show_progress_bar=False)
def seconds(**how):
    began = time.perf_counter()
    run(path, **how)
    return time.perf_counter() - began
run(path, 600, True)
alone = statistics.median(seconds() for _ in range(int(repeats)))
SOME = 20
print(alone + (seconds(permutations=SOME) - alone) * int(permutations) / SOME if int(permutations or 0) else alone)
`;

/** Seconds. */
async function squidpy(file, task) {
  const { stdout } = await promisify(execFile)(options.python, ["-c", SQUIDPY, file, task, options.repeats]);
  return Number(stdout.trim().split("\n").at(-1));
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

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

/** Seconds and memory of one call in a new browser, from the file on. */
async function resitu(path, call) {
  const before = new Set(await renderers());
  const browser = await launch();
  const { page } = await openPage(browser, server.address);
  await page.locator("#file").setInputFiles(path);
  const stop = watchMemory((await renderers()).filter((pid) => !before.has(pid)));
  const profiles = options.profile ? await profileWorkers(page) : null;
  const seconds = await page.evaluate(async ([method, args]) => {
    const began = performance.now();
    const cells = await window.consumer.openCells(document.querySelector("#file").files[0]);
    await window.consumer.spatial[method](cells, ...args);
    return (performance.now() - began) / 1000;
  }, call);
  const memory = stop();
  for (const profile of (await profiles?.()) ?? []) console.log(longest(profile, 15).join("\n  "));
  await browser.close();
  return { seconds, memory };
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
    if (options.profile) {
      console.log(`${name}: ${task.name}`);
      await resitu(path, task.call);
      continue;
    }
    const runs = [];
    while (runs.length < repeats) runs.push(await resitu(path, task.call));
    const seconds = median(runs.map((run) => run.seconds));
    const memory = Math.max(...runs.map((run) => run.memory));
    const theirs = task.squidpy === null ? null : await squidpy(path, task.squidpy);
    const [said, ratio] = theirs === null ? ["–", "–"] : [theirs.toFixed(2), (theirs / seconds).toFixed(1)];
    rows.push(`| ${name}, ${cells} | ${task.name} | ${seconds.toFixed(2)} | ${said} | ${ratio} | ${memory} |`);
    console.log(rows.at(-1));
  }
}
await server.close();
if (options.profile) process.exit();
const text = [
  "# Spatial statistics in a browser: resitu in Chromium and squidpy",
  "",
  `From the file to the table, 6 nearest neighbours, one thread on both sides. Clock seconds, medians of ${options.repeats} runs (squidpy's permutations:`,
  "one run of 20, scaled to 199); memory is the largest resident set of the renderer process, the browser's own share included.",
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
