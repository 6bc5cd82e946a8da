/** The one error type of the package: a stable code, a sentence for people and a hint. */

import type { ResituErrorShape } from "./types.js";

/**
 * Every promise of this package that rejects, rejects with one of these.
 *
 * `code` is stable and listed in `docs/errors.md`; `message` is a sentence for people and `hint` says what to do.
 * None of them holds user data: no gene values, cell names or file names.
 */
export class ResituError extends Error implements ResituErrorShape {
  override readonly name = "ResituError";
  readonly code: string;
  readonly hint: string;

  constructor(shape: ResituErrorShape, options?: ErrorOptions) {
    super(shape.message, options);
    this.code = shape.code;
    this.hint = shape.hint;
  }

  /** The fields that cross from the worker to the page, where class identity is lost. */
  toShape(): ResituErrorShape {
    return { code: this.code, message: this.message, hint: this.hint };
  }
}

/** Failures that arise in JavaScript; all others come from the Rust side with their own words. */
const SENTENCES = {
  "job.cancelled": ["The work was cancelled.", "Start it again when you are ready."],
  "worker.unavailable": [
    "The background worker could not start.",
    "Serve worker.js from the page's own origin as JavaScript, and allow it in the content security policy (worker-src, script-src).",
  ],
  "worker.crashed": [
    "The background worker stopped, most likely for want of memory.",
    "Open the file and load the translator again; a new worker starts by itself. Close other tabs or use a smaller file if it happens again.",
  ],
  "internal.panic": [
    "The program met a state it did not expect and stopped.",
    "This is a defect of resitu, not of your file: please report it with the code and the place in the program. A new worker starts by itself.",
  ],
  "wasm.unavailable": [
    "The WebAssembly part of resitu could not be loaded.",
    "Serve resitu_bg.wasm beside the page, allow 'wasm-unsafe-eval' in script-src, or pass its address as wasmUrl.",
  ],
  "handle.disposed": ["This object was already disposed.", "Open the file or load the translator again."],
  "handle.foreign": [
    "The cells and the translator belong to two different workers.",
    "Open and load both with the same functions: those of the package, or those of one createResitu().",
  ],
  "source.unreadable": [
    "The file could not be read.",
    "It may have been moved, changed or locked since it was chosen: choose it again.",
  ],
  "source.fetch-failed": [
    "The address could not be loaded.",
    "Check the address and that the server answers, allows this page (CORS, connect-src) and does not ask for a log-in.",
  ],
  "source.unsupported": [
    "This is not something that can be opened.",
    "Pass a File, a Blob, an ArrayBuffer, a typed array, a URL or an address as text; for cells also several files or a folder.",
  ],
  "source.too-many-files": [
    "The folder holds more than 200,000 files.",
    "Choose the folder of the data set itself, not one above it; a Zarr store can be given as a .zip.",
  ],
  "target.unwritable": [
    "The file could not be written.",
    "Check that there is enough space and that the page may write there: choose the place again.",
  ],
  "options.invalid": ["An option has a value that is not allowed.", "See the documentation of this call for the allowed values."],
} as const satisfies Record<string, readonly [string, string]>;

/** The codes this file knows. */
export type ClientErrorCode = keyof typeof SENTENCES;

/** Builds the error for a failure that arises in JavaScript; `detail` (never user data) is appended to the sentence. */
export function clientError(code: ClientErrorCode, detail?: string, cause?: unknown): ResituError {
  const [sentence, hint] = SENTENCES[code];
  const message = detail === undefined ? sentence : `${sentence.slice(0, -1)}: ${detail}.`;
  return new ResituError({ code, message, hint }, cause === undefined ? undefined : { cause });
}

/** Whether a thrown value carries the three fields, as those from the Rust side do. */
export function hasErrorShape(value: unknown): value is ResituErrorShape {
  if (typeof value !== "object" || value === null) return false;
  const shape = value as Partial<Record<keyof ResituErrorShape, unknown>>;
  return typeof shape.code === "string" && typeof shape.message === "string" && typeof shape.hint === "string";
}
