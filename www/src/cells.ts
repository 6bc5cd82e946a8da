/** The page's view of opened cells. */

import { clientError } from "./errors.js";
import genesTable from "./genes.js";
import { HeldObject } from "./held.js";
import type { Link } from "./link.js";
import type { Labels } from "./protocol.js";
import { speciesOption, wholeNumber } from "./options.js";
import { Section } from "./section.js";
import { toBytes, toFiles } from "./source.js";
import type { CallOptions, CellsSource, CellsSummary, GeneSummary, GeneSummaryOptions, GeneTableOptions, OpenedCells, Species, Table } from "./types.js";

/** As a table these are dense, cells × genes. */
const MOST_GENES = 1000;

export class Cells extends HeldObject implements OpenedCells {
  summary!: CellsSummary;
  section!: Section;

  static async open(link: Link, source: CellsSource, { signal, onProgress }: CallOptions = {}): Promise<Cells> {
    const files = await toFiles(source, { ...(signal && { signal }), ...(onProgress && { onProgress }) });
    const session = await link.session(signal);
    const { handle, summary } = await session.call("open", { files }, { signal, onProgress });
    const cells = new Cells(session, handle);
    cells.summary = summary;
    cells.section = new Section(link, {
      source: () => ({ files }),
      matrix: () => cells.summary.matrix,
      ownLabels: async () => null,
      ownDoubt: async () => null,
    });
    return cells;
  }

  async useMatrix(name: string): Promise<CellsSummary> {
    if (typeof name !== "string") throw clientError("options.invalid", "the name of a matrix must be text");
    this.summary = await this.call("useMatrix", { cells: this.handle, name });
    return this.summary;
  }

  async genes({ species, ...options }: GeneSummaryOptions = {}): Promise<GeneSummary> {
    const chosen = species === undefined ? null : speciesOption("species", species);
    const table = await geneTable(options);
    const { signal, onProgress } = options;
    return this.call("genes", { cells: this.handle, table, species: chosen }, { signal, onProgress, transfer: [table] });
  }

  async useOrthologs(to: Species, options: GeneTableOptions = {}): Promise<CellsSummary> {
    const species = speciesOption("to", to);
    const table = await geneTable(options);
    const { signal, onProgress } = options;
    this.summary = await this.call("useOrthologs", { cells: this.handle, table, to: species }, { signal, onProgress, transfer: [table] });
    return this.summary;
  }

  async positions(): Promise<Float32Array | null> {
    return this.call("positions", { cells: this.handle });
  }

  async labels(column: string): Promise<Labels> {
    return this.call("labels", { handle: this.handle, column: String(column) });
  }

  async geneNames(): Promise<string[]> {
    return this.call("geneNames", { cells: this.handle });
  }

  async expression(genes: readonly string[], { signal, onProgress }: CallOptions = {}): Promise<Table> {
    const wanted = [...genes].map(String);
    wholeNumber("the number of genes", wanted.length, 1, MOST_GENES);
    return this.call("expression", { cells: this.handle, genes: wanted }, { signal, onProgress });
  }

  override dispose(): void {
    this.section.dispose();
    super.dispose();
  }
}

/** The bytes of the table of genes. The browser's cache keeps them between calls, the worker's memory does not. */
function geneTable({ table = genesTable, ...options }: GeneTableOptions): Promise<ArrayBuffer> {
  return toBytes(table, options);
}
