/** Asks Python's own tools what they see in a file, where they are installed. */

import { call } from "./consumer.mjs";

/**
 * Runs a script that prints JSON and gives what it printed. `RESITU_PYTHON` names an interpreter with anndata and scanpy;
 * without one the check is skipped and says so, and the answer is null.
 */
export async function python(t, script, ...args) {
  const program = process.env.RESITU_PYTHON;
  if (!program) {
    t.diagnostic(`skipped: ${t.name}, the part in Python (RESITU_PYTHON is not set)`);
    return null;
  }
  return JSON.parse(await call(program, ["-c", script, ...args], "."));
}
