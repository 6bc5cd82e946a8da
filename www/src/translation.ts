/** Runs one translation to its end: step by step, with progress, cancellation, and the CPU when the GPU is lost. In the worker. */

import type { WasmDataset, WasmJob, WasmResult, WasmTranslator } from "../wasm/resitu.js";
import { hasErrorShape } from "./errors.js";
import type { DeviceState, Params } from "./protocol.js";
import type { Running } from "./running.js";

export async function runTranslation(
  translator: WasmTranslator,
  cells: WasmDataset,
  { seed, partial }: Params<"translate">,
  running: Running,
): Promise<{ result: WasmResult; lost: boolean }> {
  const job = translator.start(cells, seed);
  let lost = false;
  try {
    for (let finished = false; !finished; ) {
      await running.pause();
      try {
        const report = await job.step(partial);
        running.progress(report.stage, report.done, report.total);
        if (report.part) running.partial(report.part);
        finished = report.finished;
      } catch (error) {
        // The step left the job as it was, so the same cells are done again on the CPU.
        if (!hasErrorShape(error) || error.code !== "device.lost" || lost) throw error;
        lost = true;
        job.useCpu();
        translator.useCpu();
      }
    }
    return { result: job.finish(), lost };
  } finally {
    free(job);
  }
}

function free(job: WasmJob): void {
  try {
    job.free();
  } catch {
    // After a trap the memory is gone with the worker, and the trap itself is the error to report.
  }
}

/** The words about a lost device, added to what was said when it was chosen. */
export function afterLoss(before: DeviceState): DeviceState {
  const note = "The graphics processor was lost during a translation: its remaining cells, and all later ones, run on the CPU.";
  return { device: "cpu", notes: [...before.notes, note] };
}
