/** Puts into this folder what the package ships and the repository keeps elsewhere: the default translator, the table of genes, README, licences. */

import { copyFile, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const COPIES = [
  ["../models/breast.resitu", "./models/breast.resitu"],
  ["../models/human-mouse.genes", "./models/human-mouse.genes"],
  ["../README.md", "./README.md"],
  ["../LICENSE-MIT", "./LICENSE-MIT"],
  ["../LICENSE-APACHE", "./LICENSE-APACHE"],
];
const BUILT = ["./dist/index.js", "./dist/worker.js", "./wasm/resitu.js", "./wasm/resitu_bg.wasm"];

for (const [from, to] of COPIES) {
  await mkdir(dirname(here(to)), { recursive: true });
  await copyFile(here(from), here(to));
  if (to.startsWith("./models/")) console.error(`${to}: ${((await stat(here(to))).size / 1e6).toFixed(2)} MB`);
}
for (const path of BUILT) {
  await stat(here(path)).catch(() => {
    console.error(`${path} is missing: build first (scripts/build.sh).`);
    process.exit(1);
  });
}
