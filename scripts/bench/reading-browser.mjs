/**
 * Reads one gene of all cells, which takes one pass over all values, in Chromium: by resitu's worker and by h5wasm in a
 * worker, from the same file on the disk, which neither copies.
 *
 *     python scripts/bench/sizes.py --make-only --folder FOLDER
 *     node scripts/bench/reading-browser.mjs [--repeat N] [--page] FOLDER/csr-gzip.h5ad FOLDER/csr-plain.h5ad FOLDER/dense.h5ad
 *
 * Needs www/dist and www/wasm (scripts/build.sh) and the packages of pkg-tests. Prints a table, and with --page writes its
 * rows into docs/bench-reading.md: what only reading the file by slices of 8 MiB takes in a worker, then of each: seconds, processor seconds
 * of all of Chromium's processes, the size of the wasm memory after the pass (it never shrinks, so that is its peak), and
 * the ratios. --profile prints where the workers spent their time instead of measuring undisturbed. h5wasm mounts the file with WORKERFS and reads as many values at once as resitu. The sums have to agree.
 */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
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

/** Reads a file and does nothing with it: what no reader in a worker can be quicker than. */
const BARE_WORKER = `
self.onmessage = ({ data: file }) => {
  const [reader, into, slice] = [new FileReaderSync(), new Uint8Array(8 << 20), 8 << 20];
  for (let at = 0; at < file.size; at += slice) into.set(new Uint8Array(reader.readAsArrayBuffer(file.slice(at, at + slice))));
  self.postMessage(null);
};
self.postMessage("ready");
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
window.startWorker = (name) => new Promise((resolve, reject) => {
  worker = new Worker(name, { type: "module" });
  worker.onmessage = () => resolve();
  worker.onerror = (event) => reject(new Error(event.message));
});
window.readBare = () => new Promise((resolve, reject) => {
  const began = performance.now();
  worker.onmessage = () => resolve({ seconds: (performance.now() - began) / 1000 });
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage(document.querySelector("#file").files[0]);
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
  await writeFile(join(folder, "bare-worker.js"), BARE_WORKER);
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
    await page.evaluate((tool) => (tool === "resitu" ? window.startResitu() : window.startWorker(`./${tool}-worker.js`)), tool);
    const profiles = isProfiled ? await profileWorkers(page) : null;
    const before = await processor();
    const found = await page.evaluate(
      ([tool, gene, values]) => ({ resitu: window.readWithResitu, h5wasm: window.readWithH5wasm, bare: window.readBare })[tool](gene, values),
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

const TOOLS = ["bare", "resitu", "h5wasm"];
const HEADER = ["file", "GB", "bare reading s (CPU)", "resitu s (CPU)", "wasm MB", "h5wasm s (CPU)", "wasm MB", "h5wasm / resitu (CPU)", "measured"];

/** The cells of a row of the table: the least of each time, the greatest of the memory. */
async function row(path, runs, load) {
  const { bare, resitu, h5wasm } = runs;
  if (new Set([...resitu, ...h5wasm].map(({ sum }) => sum)).size !== 1) throw new Error(`they did not read the same: ${JSON.stringify(runs)}`);
  const time = (of) => `${least(of, "seconds").toFixed(2)} (${least(of, "cpu").toFixed(1)})`;
  const memory = (of) => (Math.max(...of.map(({ wasmBytes }) => wasmBytes)) / 1e6).toFixed(0);
  const ratio = (key) => (least(h5wasm, key) / least(resitu, key)).toFixed(2);
  const size = ((await stat(path)).size / 1e9).toFixed(2);
  const measured = `${new Date().toISOString().slice(0, 10)}, least of ${resitu.length}, load ${load.toFixed(1)}`;
  const times = [time(bare), time(resitu), memory(resitu), time(h5wasm), memory(h5wasm), `${ratio("seconds")} (${ratio("cpu")})`];
  return [basename(path, ".h5ad"), size, ...times, measured];
}

async function main() {
  const { values: options, positionals: files } = parseArgs({
    allowPositionals: true,
    options: { repeat: { type: "string", default: "1" }, profile: { type: "boolean" }, page: { type: "boolean" } },
  });
  const repeat = Number(options.repeat);
  if (files.length === 0 || !(repeat >= 1)) throw new Error("usage: reading-browser.mjs [--repeat N] [--profile] [--page] FILE...");
  const folder = await site();
  const server = await serve(folder, () => ANY);
  const rows = [];
  let version;
  try {
    for (const path of files) {
      const [runs, load] = [{ bare: [], resitu: [], h5wasm: [] }, loadavg()[0]];
      for (let turn = 0; turn < repeat; turn++) for (const tool of TOOLS) runs[tool].push(await measure(server.address, path, tool, options.profile));
      version = runs.bare[0].version;
      rows.push(await row(path, runs, load));
      console.error(rows.at(-1).join(" | "));
    }
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
  const { version: peer } = JSON.parse(readFileSync(join(H5WASM, "package.json"), "utf8"));
  const wasm = readFileSync(join(ROOT, "www/wasm/.inputs"), "utf8").endsWith("optimised=1") ? "wasm-opt" : "no wasm-opt";
  const below = `The latest on ${cpus()[0].model}, ${cpus().length} cores; Chromium ${version}, h5wasm ${peer}, Node ${process.versions.node}, ${wasm}. Load: the average of a minute before.`;
  const table = [HEADER, HEADER.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  console.log(`${table.join("\n")}\n\n${below}`);
  if (!options.page || options.profile) return;
  const input = JSON.stringify({ header: HEADER, rows, keys: 2, below });
  const python = process.env.RESITU_PYTHON ?? "python3";
  const page = [join(ROOT, "scripts/bench/page.py"), join(ROOT, "docs/bench-reading.md"), "browser"];
  const { status } = spawnSync(python, page, { input, stdio: ["pipe", "inherit", "inherit"] });
  if (status !== 0) throw new Error("the page was not written");
}

await main();
