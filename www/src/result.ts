/** The page's view of translated cells. */

import { clientError, ResituError } from "./errors.js";
import { formatOption } from "./formats.js";
import { HeldObject } from "./held.js";
import type { Link } from "./link.js";
import type { Handle, Labels, TranslationData } from "./protocol.js";
import { Section } from "./section.js";
import type { CallExtras, Session } from "./session.js";
import type { CallOptions, Provenance, ResultFormat, Table, TranslationResult } from "./types.js";

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
      ownDoubt: async ({ signal }) => ({
        likely: await this.call("likelyPositions", { result: this.handle }, { signal }),
        states: coded(this.state, this.composition.columns),
      }),
    });
  }

  async labels(column: string): Promise<Labels> {
    return this.call("labels", { handle: this.handle, column: String(column) });
  }

  async likelyPositions(): Promise<Float32Array> {
    return this.call("likelyPositions", { result: this.handle });
  }

  async toBlob(format: ResultFormat, options: CallOptions = {}): Promise<Blob> {
    const blob = await this.#export(format, null, options);
    if (blob === null) throw clientError("worker.crashed");
    return blob;
  }

  async save(
    target: FileSystemFileHandle | WritableStream<Uint8Array<ArrayBuffer>>,
    format: ResultFormat,
    options: CallOptions = {},
  ): Promise<void> {
    const { signal } = options;
    if (isFileHandle(target)) {
      await this.#export(format, target, options);
    } else if (target instanceof WritableStream) {
      try {
        // Its head is known last, so a stream that goes forward only has to wait for the whole.
        const blob = await this.toBlob(format, options);
        await blob.stream().pipeTo(target, signal ? { signal } : {});
      } catch (cause) {
        await target.abort(cause).catch(() => undefined);
        if (signal?.aborted) throw clientError("job.cancelled", undefined, signal.reason);
        throw cause instanceof ResituError ? cause : clientError("target.unwritable", undefined, cause);
      }
    } else {
      throw clientError("options.invalid", "target must be a FileSystemFileHandle or a WritableStream");
    }
  }

  async #export(format: ResultFormat, file: FileSystemFileHandle | null, { signal, onProgress }: CallOptions): Promise<Blob | null> {
    return this.call("exportResult", { result: this.handle, format: formatOption(format), file }, { signal, onProgress });
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

/** By what it can do: a handle of another frame is no instance of this one's class. */
function isFileHandle(target: unknown): target is FileSystemFileHandle {
  return typeof target === "object" && target !== null && "createWritable" in target && typeof target.createWritable === "function";
}

/** 255 marks a cell without counts. */
const NONE = 255;

function coded(values: Uint8Array, levels: string[]): Labels {
  return { codes: Int32Array.from(values, (value) => (value === NONE ? -1 : value)), levels };
}

function highest(values: Uint8Array): number {
  return values.reduce((most, value) => (value === NONE ? most : Math.max(most, value)), 0);
}
