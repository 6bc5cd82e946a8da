/** The worker: runs one call at a time, hears cancellations between the steps of a call, and says when it cannot go on. */

import initialise, { lastPanic } from "../wasm/resitu.js";
import { Engine } from "./engine.js";
import { clientError, hasErrorShape, ResituError } from "./errors.js";
import type { Call, ToPage, ToWorker } from "./protocol.js";
import type { ResituErrorShape } from "./types.js";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const engine = new Engine();
const cancelled = new Set<number>();
const waiting: (Call & { id: number })[] = [];
let started: Promise<unknown> | null = null;
let current: number | null = null;
let stopped = false;

// Calls run one after another: the memory is one, and an object in use by one call must not change under another.
async function drain(): Promise<void> {
  if (current !== null) return;
  for (let call = waiting.shift(); call !== undefined && !stopped; call = waiting.shift()) {
    current = call.id;
    await answer(call);
    cancelled.delete(call.id);
    current = null;
  }
}

async function answer(call: Call & { id: number }): Promise<void> {
  const { id } = call;
  try {
    await started;
    if (cancelled.has(id)) throw clientError("job.cancelled");
    const [value, transfer] = await engine.run(call, {
      progress: (stage, done, total) => post({ type: "progress", id, progress: { stage, done, total } }),
      partial: (part) => post({ type: "partial", id, part }),
      async pause() {
        await nextTask();
        if (cancelled.has(id)) throw clientError("job.cancelled");
      },
    });
    post({ type: "done", id, value }, transfer);
  } catch (error) {
    if (isTrap(error)) return stop();
    post({ type: "failed", id, error: toShape(error) });
  }
}

/** Waits for the next task, so that messages that arrived meanwhile are heard. `setTimeout` would cost 4 ms each time. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

function isTrap(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

/** After a trap the memory cannot be trusted: says so and closes. The page starts a new worker when it needs one. */
function stop(): void {
  if (stopped) return;
  stopped = true;
  post({ type: "stopped", id: current, error: trapError() });
  scope.close();
}

function trapError(): ResituErrorShape {
  let place: string | undefined;
  try {
    place = lastPanic();
  } catch {
    // The module is too broken to say; then it did not panic but ran out of memory or stack.
  }
  return (place === undefined ? clientError("worker.crashed") : clientError("internal.panic", place)).toShape();
}

function toShape(error: unknown): ResituErrorShape {
  if (error instanceof ResituError) return error.toShape();
  // Copied field by field: an Error from the Rust side would lose them when posted.
  if (hasErrorShape(error)) return { code: error.code, message: error.message, hint: error.hint };
  if (error instanceof DOMException) return clientError("source.unreadable").toShape();
  return clientError("internal.panic", error instanceof Error ? error.name : typeof error).toShape();
}

function post(message: ToPage, transfer: Transferable[] = []): void {
  if (stopped && message.type !== "stopped") return;
  scope.postMessage(message, transfer);
}

scope.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  switch (data.type) {
    case "start":
      started ??= initialise({ module_or_path: data.module });
      // Handled by the first call, which rejects with it.
      started.catch(() => undefined);
      return;
    case "cancel":
      // Only of calls that are still to end: ids are never used again, and the set must not grow for ever.
      if (data.id === current || waiting.some(({ id }) => id === data.id)) cancelled.add(data.id);
      return;
    case "call":
      waiting.push(data);
      void drain();
  }
});

// A trap inside a Rust future surfaces here, not as a rejection: its promise would wait for ever.
scope.addEventListener("error", (event) => {
  event.preventDefault();
  stop();
});
scope.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  if (isTrap(event.reason)) stop();
});
