/** The command line, where it is built: the other side of every comparison with the browser. */

import { access } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { call } from "./consumer.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The path of the `resitu` binary, or null: `RESITU_BIN`, else where cargo puts a release build. */
async function binary() {
  const folders = [process.env.CARGO_TARGET_DIR, join(ROOT, "target")].filter(Boolean);
  const places = [process.env.RESITU_BIN, ...folders.map((folder) => join(folder, "release", "resitu"))].filter(Boolean);
  for (const place of places) {
    if (await access(place).then(() => true, () => false)) return place;
  }
  return null;
}

/** Runs a command of `resitu` and gives what it printed; null, said in the test's output, where no binary is built. */
export async function native(t, ...args) {
  const program = await binary();
  if (program === null) {
    t.diagnostic(`skipped: ${t.name} (build the command line first: cargo build --release)`);
    return null;
  }
  return call(program, args, ROOT);
}

/** The default translator of the repository: the one that the package ships. */
export const MODEL = join(ROOT, "models", "breast.resitu");
