/** The page's view of translated cells. */

import { clientError } from "./errors.js";
import { HeldObject } from "./held.js";
import type { Session } from "./link.js";
import type { Handle, Labels, TranslationData } from "./protocol.js";
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

  constructor(session: Session, handle: Handle, data: TranslationData) {
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
  }

  async labels(column: string): Promise<Labels> {
    return this.call("labels", { handle: this.handle, column: String(column) });
  }

  async toBlob(format: "h5ad" | "csv", { signal, onProgress }: CallOptions = {}): Promise<Blob> {
    if (!Object.hasOwn(MEDIA_TYPES, format)) throw clientError("options.invalid", "format must be h5ad or csv");
    const bytes = await this.call("exportResult", { result: this.handle, format }, { signal, onProgress });
    return new Blob([bytes], { type: MEDIA_TYPES[format] });
  }
}
