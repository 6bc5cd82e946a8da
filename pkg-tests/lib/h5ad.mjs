/** Writes small h5ad files with a second HDF5 implementation (the C library, compiled to wasm): fixtures for the tests. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import h5wasm from "h5wasm/node";

/**
 * An h5ad file as anndata 0.8 and later write it.
 *
 * `matrix`: rows of numbers, cells × genes, stored dense, or null for none. `genes`: names. `obs`: name → texts.
 * `spatial`: pairs of numbers, or null.
 */
export async function h5ad({ matrix, genes, nCells = matrix?.length ?? 0, obs = {}, spatial = null }) {
  await h5wasm.ready;
  const folder = await mkdtemp(join(tmpdir(), "resitu-h5ad-"));
  const path = join(folder, "file.h5ad");
  try {
    const file = new h5wasm.File(path, "w");
    mark(file, "anndata", "0.1.0");
    if (matrix) {
      const data = new Float32Array(matrix.flat());
      mark(file.create_dataset({ name: "X", data, shape: [matrix.length, genes.length] }), "array", "0.2.0");
    }
    frame(file, "obs", Array.from({ length: nCells }, (_, i) => `cell${i}`), obs);
    frame(file, "var", genes, {});
    for (const name of ["layers", "obsm", "varm", "obsp", "varp", "uns"]) mark(file.create_group(name), "dict", "0.1.0");
    if (spatial) {
      const data = new Float64Array(spatial.flat());
      mark(file.get("obsm").create_dataset({ name: "spatial", data, shape: [spatial.length, 2] }), "array", "0.2.0");
    }
    file.close();
    return new Uint8Array(await readFile(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function frame(file, name, index, columns) {
  const group = file.create_group(name);
  mark(group, "dataframe", "0.2.0");
  group.create_attribute("_index", "_index");
  group.create_attribute("column-order", Object.keys(columns));
  for (const [column, texts] of Object.entries({ _index: index, ...columns })) {
    mark(group.create_dataset({ name: column, data: texts }), "string-array", "0.2.0");
  }
}

function mark(object, type, version) {
  object.create_attribute("encoding-type", type);
  object.create_attribute("encoding-version", version);
}

/** Whole numbers that look like counts, the same for the same seed. */
export function counts(nCells, nGenes, seed = 1) {
  let state = seed >>> 0;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return Array.from({ length: nCells }, () => Array.from({ length: nGenes }, () => Math.floor(-2 * Math.log(1 - next() * 0.999))));
}
