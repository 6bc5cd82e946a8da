/** Writes a result to a file or into a `Blob`, step by step, with progress and cancellation. In the worker. */

import type { WasmResult } from "../wasm/resitu.js";
import { clientError } from "./errors.js";
import { MEDIA_TYPES } from "./formats.js";
import type { ExportStep } from "./protocol.js";
import type { ResultFormat } from "./types.js";
import type { Running } from "./running.js";

/** Where the parts go. */
export interface Target {
  write(step: Pick<ExportStep, "bytes" | "patches">): Promise<void>;
  close(): Promise<Blob | null>;
  abort(): Promise<void>;
}

export async function runExport(
  result: WasmResult,
  format: ResultFormat,
  file: FileSystemFileHandle | null,
  running: Running,
): Promise<Blob | null> {
  const target = file ? await toFile(file) : toParts(MEDIA_TYPES[format]);
  try {
    const job = result.export(format);
    try {
      for (let finished = false; !finished; ) {
        await running.pause();
        const step = job.step();
        await target.write(step);
        running.progress("writing", step.done, step.total);
        finished = step.finished;
      }
    } finally {
      job.free();
    }
    await running.pause();
    return await target.close();
  } catch (error) {
    await target.abort();
    throw error;
  }
}

/** The browser's own file: written beside the chosen one, which is replaced at the end. */
export async function toFile(file: FileSystemFileHandle): Promise<Target> {
  const tried = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw clientError("target.unwritable", undefined, cause);
    }
  };
  const stream = await tried(() => file.createWritable());
  let position = 0;
  return {
    write: ({ bytes, patches }) =>
      tried(async () => {
        await stream.write({ type: "write", position, data: bytes });
        position += bytes.byteLength;
        for (const { offset, bytes } of patches) await stream.write({ type: "write", position: offset, data: bytes });
      }),
    close: () => tried(() => stream.close()).then(() => null),
    // What ended the work is the error to tell, not that its leftover could not be removed.
    abort: () => stream.abort().catch(() => undefined),
  };
}

/** Parts of a `Blob`, which the browser keeps outside the module's memory, and on disk when they grow. */
export function toParts(type: string): Target {
  let parts: Blob[] = [];
  let patches: ExportStep["patches"] = [];
  return {
    async write(step) {
      parts.push(new Blob([step.bytes]));
      patches.push(...step.patches);
    },
    async close() {
      let whole = new Blob(parts, { type });
      // Slices point into what is there: a patch copies nothing but itself.
      for (const { offset, bytes } of patches) {
        whole = new Blob([whole.slice(0, offset), bytes, whole.slice(offset + bytes.byteLength)], { type });
      }
      return whole;
    },
    async abort() {
      parts = [];
      patches = [];
    },
  };
}
