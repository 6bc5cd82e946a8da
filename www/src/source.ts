/** From whatever the caller has (files, bytes, address) to `Blob`s that the worker can read by slices. */

import { clientError } from "./errors.js";
import { filesBelow } from "./folder.js";
import type { CallOptions, CellsSource, FileSource, PathedFile, Progress } from "./types.js";

/**
 * The source as a `Blob`. A `File` is passed on untouched, so its bytes stay on disk; an address is fetched here, on the
 * page, so that the worker never needs the network.
 */
export async function toBlob(source: FileSource, options: CallOptions = {}): Promise<Blob> {
  if (source instanceof Blob) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return new Blob([source]);
  if (typeof FileList !== "undefined" && source instanceof FileList) {
    const file = source.item(0);
    if (file === null || source.length !== 1) throw clientError("source.unsupported", `${source.length} files instead of one`);
    return file;
  }
  if (source instanceof URL || typeof source === "string") return download(source, options);
  throw clientError("source.unsupported");
}

/** The source as files with paths; names help to tell formats apart. */
export async function toFiles(source: CellsSource, options: CallOptions = {}): Promise<PathedFile[]> {
  if (typeof FileList !== "undefined" && source instanceof FileList) return pathed([...source]);
  if (Array.isArray(source)) return pathed(source);
  if (isFolder(source)) return filesBelow(source, options);
  const file = await toBlob(source as FileSource, options);
  return [{ path: nameOf(source, file), file }];
}

/** A file chosen as part of a folder knows its path below it. */
function pathed(files: readonly (File | PathedFile)[]): PathedFile[] {
  if (files.length === 0) throw clientError("source.unsupported", "no file at all");
  return files.map((one) => {
    if (one instanceof File) return { path: one.webkitRelativePath || one.name, file: one };
    if (typeof one?.path === "string" && one.file instanceof Blob) return { path: one.path, file: one.file };
    throw clientError("source.unsupported");
  });
}

function isFolder(source: unknown): source is FileSystemDirectoryHandle {
  return typeof FileSystemDirectoryHandle !== "undefined" && source instanceof FileSystemDirectoryHandle;
}

function nameOf(source: unknown, file: Blob): string {
  if (file instanceof File) return file.name;
  if (source instanceof URL || typeof source === "string") return String(source).split(/[?#]/)[0]?.split("/").pop() ?? "";
  return "";
}

/** The whole source in memory, in a buffer of its own that can be transferred. For bundles, which are small. */
export async function toBytes(source: FileSource, options: CallOptions = {}): Promise<ArrayBuffer> {
  // A copy even of an ArrayBuffer: transferring the caller's own would leave it empty.
  if (source instanceof ArrayBuffer) return source.slice(0);
  const blob = await toBlob(source, options);
  try {
    return await blob.arrayBuffer();
  } catch (cause) {
    throw clientError("source.unreadable", undefined, cause);
  }
}

async function download(address: URL | string, { signal, onProgress }: CallOptions): Promise<Blob> {
  try {
    const response = await fetch(address, signal ? { signal } : {});
    if (!response.ok) throw clientError("source.fetch-failed", `the server answered ${response.status}`);
    return onProgress && response.body ? await watched(response, response.body, onProgress) : await response.blob();
  } catch (cause) {
    if (signal?.aborted) throw clientError("job.cancelled", undefined, cause);
    if (cause instanceof Error && cause.name === "ResituError") throw cause;
    throw clientError("source.fetch-failed", undefined, cause);
  }
}

/** Reports bytes as they pass. `total` is 0 where the server does not say, or compresses and so says another number. */
async function watched(response: Response, body: ReadableStream<Uint8Array>, onProgress: (p: Progress) => void): Promise<Blob> {
  const compressed = response.headers.get("content-encoding") !== null;
  const total = compressed ? 0 : Number(response.headers.get("content-length") ?? 0);
  let done = 0;
  const counted = body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        done += chunk.byteLength;
        onProgress({ stage: "downloading (bytes)", done, total });
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(counted).blob();
}
