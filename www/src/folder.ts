/** Folders: dropped ones and those chosen with a directory picker, walked into a list of files with paths. */

import { clientError } from "./errors.js";
import type { CallOptions, PathedFile } from "./types.js";

/** A folder beyond this was dropped by mistake (a home folder): the walk ends instead of going on for minutes. */
const MAX_FILES = 200_000;
const EVERY = 500;

/** Everything below a directory handle, with paths that begin with the folder's own name. */
export async function filesBelow(folder: FileSystemDirectoryHandle, options: CallOptions = {}): Promise<PathedFile[]> {
  const files = new Found(options);
  const walk = async (handle: FileSystemDirectoryHandle, path: string): Promise<void> => {
    for await (const entry of handle.values()) {
      if (entry.kind === "directory") await walk(entry, `${path}/${entry.name}`);
      else files.add(`${path}/${entry.name}`, await entry.getFile());
    }
  };
  await walk(folder, folder.name);
  return files.all;
}

/**
 * The files of a drop, folders walked: for `openCells`. Call it in the `drop` handler itself: browsers empty the
 * `DataTransfer` when the handler returns.
 *
 * ```ts
 * zone.addEventListener("drop", async (event) => {
 *   event.preventDefault();
 *   const cells = await openCells(await droppedFiles(event.dataTransfer!));
 * });
 * ```
 */
export async function droppedFiles(transfer: DataTransfer, options: CallOptions = {}): Promise<PathedFile[]> {
  // Both lists are taken before the first `await`, after which the browser has emptied them.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const plain = [...transfer.files];
  const files = new Found(options);
  if (!entries.some((entry) => entry?.isDirectory)) {
    for (const file of plain) files.add(file.name, file);
    return files.all;
  }
  for (const entry of entries) if (entry) await walkEntry(entry, files);
  return files.all;
}

async function walkEntry(entry: FileSystemEntry, files: Found): Promise<void> {
  if (isFile(entry)) {
    files.add(entry.fullPath.replace(/^\//, ""), await new Promise<File>((resolve, reject) => entry.file(resolve, reject)));
  } else if (isDirectory(entry)) {
    const reader = entry.createReader();
    for (;;) {
      // A reader gives some entries at a time, and none when it is done.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return;
      for (const child of some) await walkEntry(child, files);
    }
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** The files found so far; says how many, and stops when the caller or the limit says so. */
class Found {
  readonly all: PathedFile[] = [];

  constructor(private readonly options: CallOptions) {}

  add(path: string, file: Blob): void {
    if (this.options.signal?.aborted) throw clientError("job.cancelled");
    if (this.all.length >= MAX_FILES) throw clientError("source.too-many-files");
    this.all.push({ path, file });
    if (this.all.length % EVERY === 0) this.options.onProgress?.({ stage: "listing files", done: this.all.length, total: 0 });
  }
}
