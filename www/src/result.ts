/** The page's view of translated cells. */

import { clientError, ResituError } from "./errors.js";
import { HeldObject } from "./held.js";
import type { CallExtras, Link, Session } from "./link.js";
import type { Handle, Labels, TranslationData } from "./protocol.js";
import { Section } from "./section.js";
import type { CallOptions, Provenance, Table, TranslationResult } from "./types.js";

const MEDIA_TYPES = { h5ad: "application/x-hdf5", csv: "text/csv;charset=utf-8" } as const;

export class Translated extends HeldObject implements TranslationResult {
  readonly nCells: number;
  readonly cellNames: string[];
  readonly expression: Table;
  readonly composition: Table;
  readonly niche: Uint8Array;
  readonly state: Uint8Array;
  readonly positions: Float32Array;
  readonly spreadUm: Float32Array;
  readonly confidence: Float32Array;
  readonly emptyCells: number;
  readonly provenance: Provenance;
  readonly section: Section;

  constructor(link: Link, session: Session, handle: Handle, data: TranslationData) {
    super(session, handle);
    this.nCells = data.cellNames.length;
    this.cellNames = data.cellNames;
    this.expression = data.expression;
    this.composition = data.composition;
    this.niche = data.niche;
    this.state = data.state;
    this.positions = data.positions;
    this.spreadUm = data.spreadUm;
    this.confidence = data.confidence;
    this.emptyCells = data.emptyCells;
    this.provenance = data.provenance;
    this.section = new Section(link, {
      source: () => ({ positions: this.positions, expression: this.expression.data, genes: this.expression.columns }),
      matrix: () => "",
      ownLabels: (column, extras) => this.#labelsFor(column, extras),
    });
  }

  async labels(column: string): Promise<Labels> {
    return this.call("labels", { handle: this.handle, column: String(column) });
  }

  async toBlob(format: "h5ad" | "csv", { signal, onProgress }: CallOptions = {}): Promise<Blob> {
    if (!Object.hasOwn(MEDIA_TYPES, format)) throw clientError("options.invalid", "format must be h5ad or csv");
    const bytes = await this.call("exportResult", { result: this.handle, format }, { signal, onProgress });
    return new Blob([bytes], { type: MEDIA_TYPES[format] });
  }

  override dispose(): void {
    this.section.dispose();
    super.dispose();
  }

  /** The file's own column, else what the translation itself says of the cells. */
  async #labelsFor(column: string, extras: CallExtras): Promise<Labels> {
    try {
      return await this.call("labels", { handle: this.handle, column }, { signal: extras.signal });
    } catch (error) {
      if (!(error instanceof ResituError) || error.code !== "io.no-such-name") throw error;
      if (column === "state") return coded(this.state, this.composition.columns);
      if (column === "niche") return coded(this.niche, Array.from({ length: 1 + highest(this.niche) }, (_, at) => `niche ${at}`));
      throw error;
    }
  }
}

/** 255 marks a cell without counts. */
const NONE = 255;

function coded(values: Uint8Array, levels: string[]): Labels {
  return { codes: Int32Array.from(values, (value) => (value === NONE ? -1 : value)), levels };
}

function highest(values: Uint8Array): number {
  return values.reduce((most, value) => (value === NONE ? most : Math.max(most, value)), 0);
}
