/**
 * Translate between single-cell and spatial transcriptomics in the browser; nothing is uploaded.
 *
 * ```ts
 * import { loadTranslator, openCells, spatial } from "resitu";
 * import breast from "resitu/breast";
 *
 * const cells = await openCells(file);                    // a local file or folder, read by slices
 * const translator = await loadTranslator(breast);
 * const report = await translator.check(cells);           // what will happen, before any work
 * const result = await translator.translate(cells);
 * const table = await spatial.autocorrelation(result);    // Moran's I and Geary's C per gene
 * const file = await result.toBlob("h5ad");               // opens in scanpy and squidpy
 * ```
 */

import { createResitu } from "./resitu.js";
import type { Resitu } from "./types.js";

const shared: Resitu = createResitu();

/** Opens a file of cells on the shared worker; see {@link Resitu.openCells}. */
export const openCells: Resitu["openCells"] = shared.openCells;
/** Loads a translator on the shared worker; see {@link Resitu.loadTranslator}. */
export const loadTranslator: Resitu["loadTranslator"] = shared.loadTranslator;
/** Simulates an example file on the shared worker; see {@link Resitu.simulateExample}. */
export const simulateExample: Resitu["simulateExample"] = shared.simulateExample;

export { createResitu };
export { droppedFiles } from "./folder.js";
export { ResituError } from "./errors.js";
export { spatial } from "./spatial.js";
export type * from "./types.js";
