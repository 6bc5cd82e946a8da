/**
 * Reads one gene of all cells, which takes one pass over all values, in Chromium: by resitu's worker and by h5wasm in a
 * worker, from the same file on the disk, which neither copies.
 *
 *     python scripts/bench/sizes.py --make-only --folder FOLDER
 *     node scripts/bench/reading-browser.mjs [--repeat N] FOLDER/csr-gzip.h5ad FOLDER/csr-plain.h5ad FOLDER/dense.h5ad
 *
 * Needs www/dist and www/wasm (scripts/build.sh) and the packages of pkg-tests. Prints a table: seconds, processor seconds
 * of all of Chromium's processes, the size of the wasm memory after the pass (it never shrinks, so that is its peak), and
 * the ratios. h5wasm mounts the file with WORKERFS and reads as many values at once as resitu. The sums have to agree.
 */

import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "../../pkg-tests/lib/browser.mjs";
import { serve } from "../../pkg-tests/lib/server.mjs";
import { longest, profileWorkers } from "./worker-profile.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const H5WASM = join(ROOT, "pkg-tests/node_modules/h5wasm");
const GENE = "gene-7";
const VALUES = 1 << 20;

/** Put before each worker's own code: remembers the memories of its wasm instances. */
const PRELUDE = `
const memories = [];
self.wasmBytes = () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const answer = await original(...given);
    const memory = Object.values((answer.instance ?? answer).exports).find((part) => part instanceof WebAssembly.Memory);
    if (memory) memories.push(memory);
    return answer;
  };
}
`;

const PAGE = `<!doctype html><meta charset="utf-8"><title>reading</title><input type="file" id="file">
<script type="module">
import { openCells } from "./resitu/dist/index.js";
// The start (fetching and compiling the wasm) is not counted, of either.
window.startResitu = async () => (await openCells(document.querySelector("#file").files[0])).dispose();
window.readWithResitu = async (gene) => {
  const began = performance.now();
  const cells = await openCells(document.querySelector("#file").files[0]);
  const { data } = await cells.expression([gene]);
  return { seconds: (performance.now() - began) / 1000, sum: data.reduce((sum, value) => sum + value, 0) };
};
let worker;
window.startH5wasm = () => new Promise((resolve, reject) => {
  worker = new Worker("./h5wasm-worker.js", { type: "module" });
  worker.onmessage = () => resolve();
  worker.onerror = (event) => reject(new Error(event.message));
});
window.readWithH5wasm = (gene, values) => new Promise((resolve, reject) => {
  const began = performance.now();
  worker.onmessage = ({ data }) => resolve({ ...data, seconds: (performance.now() - began) / 1000 });
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage({ file: document.querySelector("#file").files[0], gene, values });
});
window.ready = true;
</script>`;

const H5WASM_WORKER = `${PRELUDE}
const { default: h5wasm } = await import("./h5wasm/hdf5_hl.js");
const { FS } = await h5wasm.ready;
self.onmessage = ({ data: { file, gene, values } }) => {
  FS.mkdir("/disk");
  FS.mount(FS.filesystems.WORKERFS, { files: [file] }, "/disk");
  const opened = new h5wasm.File("/disk/" + file.name, "r");
  const column = opened.get("var/_index").value.indexOf(gene);
  const x = opened.get("X");
  let found;
  if (x.shape) {
    const [rows, width] = x.shape;
    found = new Float32Array(rows);
    const step = Math.max(1, Math.floor(values / width));
    for (let start = 0; start < rows; start += step) {
      const end = Math.min(rows, start + step);
      const part = x.slice([[start, end], []]);
      for (let row = start; row < end; row++) found[row] = part[(row - start) * width + column];
    }
  } else {
    const [data, indices] = [opened.get("X/data"), opened.get("X/indices")];
    const indptr = Float64Array.from(opened.get("X/indptr").value, Number);
    found = new Float32Array(indptr.length - 1);
    for (let start = 0; start < found.length; ) {
      let end = start + 1;
      while (end < found.length && indptr[end + 1] - indptr[start] <= values) end++;
      const range = [[indptr[start], indptr[end]]];
      const [numbers, genes] = [data.slice(range), indices.slice(range)];
      for (let row = start; row < end; row++) {
        const [from, to] = [indptr[row] - indptr[start], indptr[row + 1] - indptr[start]];
        // Sorted, as resitu finds it.
        let [low, high] = [from, to];
        while (low < high) {
          const middle = (low + high) >> 1;
          if (genes[middle] < column) low = middle + 1;
          else high = middle;
        }
        if (low < to && genes[low] === column) found[row] = numbers[low];
      }
      start = end;
    }
  }
  opened.close();
  self.postMessage({ sum: found.reduce((sum, value) => sum + value, 0), wasmBytes: self.wasmBytes() });
};
self.postMessage("ready");
`;

async function site() {
  const folder = await mkdtemp(join(tmpdir(), "resitu-reading-"));
  for (const part of ["dist", "wasm", "models"]) await cp(join(ROOT, "www", part), join(folder, "resitu", part), { recursive: true });
  const worker = join(folder, "resitu/dist/worker.js");
  await writeFile(worker, PRELUDE + (await readFile(worker, "utf8")));
  await mkdir(join(folder, "h5wasm"));
  await cp(join(H5WASM, "dist/esm"), join(folder, "h5wasm"), { recursive: true });
  await writeFile(join(folder, "h5wasm-worker.js"), H5WASM_WORKER);
  await writeFile(join(folder, "index.html"), PAGE);
  return folder;
}

const ANY = "default-src * data: blob: 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval'";

/** One reading in a browser of its own: nothing of an earlier one is left in its memory. */
async function measure(address, path, tool, isProfiled) {
  const browser = await launch();
  try {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(3_600_000);
    page.on("pageerror", (error) => console.error(String(error)));
    await page.goto(address);
    await page.waitForFunction("window.ready");
    await page.locator("#file").setInputFiles(path);
    const session = await browser.newBrowserCDPSession();
    const processor = async () =>
      (await session.send("SystemInfo.getProcessInfo")).processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
    await page.evaluate((tool) => (tool === "resitu" ? window.startResitu() : window.startH5wasm()), tool);
    const profiles = isProfiled ? await profileWorkers(page) : null;
    const before = await processor();
    const found = await page.evaluate(
      ([tool, gene, values]) => (tool === "resitu" ? window.readWithResitu(gene) : window.readWithH5wasm(gene, values)),
      [tool, GENE, VALUES],
    );
    found.cpu = (await processor()) - before;
    for (const profile of (await profiles?.()) ?? []) console.error([tool, basename(path), ...longest(profile, 25)].join("\n  "));
    if (tool === "resitu") {
      const sizes = await Promise.all(page.workers().map((worker) => worker.evaluate("self.wasmBytes()")));
      found.wasmBytes = Math.max(...sizes);
    }
    return { ...found, version: browser.version() };
  } finally {
    await browser.close();
  }
}

const least = (runs, key) => Math.min(...runs.map((run) => run[key]));

async function main() {
  const given = process.argv.slice(2);
  const isProfiled = given[0] === "--profile" && given.shift() !== undefined;
  const repeat = given[0] === "--repeat" ? Number(given.splice(0, 2)[1]) : 1;
  if (given.length === 0 || !(repeat >= 1)) throw new Error("usage: reading-browser.mjs [--repeat N] FILE...");
  const folder = await site();
  const server = await serve(folder, () => ANY);
  const lines = [
    "| file | GB | resitu s (CPU) | wasm MB | h5wasm s (CPU) | wasm MB | h5wasm / resitu (CPU) |",
    "|---|---|---|---|---|---|---|",
  ];
  let version;
  const load = loadavg()[0].toFixed(1);
  try {
    for (const path of given) {
      const runs = { resitu: [], h5wasm: [] };
      for (let turn = 0; turn < repeat; turn++) for (const tool of ["resitu", "h5wasm"]) runs[tool].push(await measure(server.address, path, tool, isProfiled));
      const [ours, theirs] = [runs.resitu, runs.h5wasm];
      if (new Set([...ours, ...theirs].map(({ sum }) => sum)).size !== 1) throw new Error(`they did not read the same: ${JSON.stringify(runs)}`);
      version = ours[0].version;
      const cell = (of) => `${least(of, "seconds").toFixed(1)} (${least(of, "cpu").toFixed(1)}) | ${(Math.max(...of.map(({ wasmBytes }) => wasmBytes)) / 1e6).toFixed(0)}`;
      const ratio = (key) => (least(theirs, key) / least(ours, key)).toFixed(2);
      const size = ((await stat(path)).size / 1e9).toFixed(2);
      lines.push(`| ${basename(path, ".h5ad")} | ${size} | ${cell(ours)} | ${cell(theirs)} | ${ratio("seconds")} (${ratio("cpu")}) |`);
      console.error(lines.at(-1));
    }
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
  const { version: peer } = JSON.parse(readFileSync(join(H5WASM, "package.json"), "utf8"));
  console.log(`${lines.join("\n")}\n\nLeast of ${repeat}. ${cpus()[0].model}, ${cpus().length} cores, load average ${load} at the start; Chromium ${version}, h5wasm ${peer}, Node ${process.versions.node}.`);
}

await main();
