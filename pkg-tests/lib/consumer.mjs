/** Packs the package, installs the tarball into a fresh copy of the consumer, and builds that. Once a test process. */

import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { cp, mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const WWW = fileURLToPath(new URL("../../www/", import.meta.url));
const CONSUMER = fileURLToPath(new URL("../vite-consumer/", import.meta.url));

/** Runs a program and puts what it printed into the error if it fails. */
export async function call(program, args, cwd) {
  try {
    const { stdout } = await run(program, args, { cwd, maxBuffer: 64 << 20 });
    return stdout;
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")} failed\n${error.stdout ?? ""}\n${error.stderr ?? error}`, { cause: error });
  }
}

async function prepare() {
  const folder = await mkdtemp(join(tmpdir(), "resitu-consumer-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const packed = JSON.parse(await call("npm", ["pack", "--json", "--pack-destination", folder], WWW));
  const { filename, files, size, unpackedSize } = Array.isArray(packed) ? packed[0] : Object.values(packed)[0];
  const tarball = join(folder, filename);
  const project = join(folder, "project");
  await cp(CONSUMER, project, { recursive: true, filter: (path) => !path.includes("node_modules") });
  await call("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", tarball], project);
  await call("npm", ["run", "build"], project);
  const dist = join(project, "dist");
  const built = (await readdir(dist, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return { folder, tarball, files, size, unpackedSize, project, dist, built };
}

let prepared;
/** The built consumer: `{ tarball, files, size, project, dist, built }`. */
export function consumer() {
  prepared ??= prepare();
  return prepared;
}
