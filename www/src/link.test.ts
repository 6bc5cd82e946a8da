/** What the page's end of the worker promises: answers, cancellation, and life after a crash. The worker is a double. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { ResituError } from "./errors.js";
import { Link } from "./link.js";
import type { ToPage, ToWorker } from "./protocol.js";

/** The smallest module there is: magic number and version. */
const EMPTY = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));

class DoubleWorker extends EventTarget {
  sent: ToWorker[] = [];
  terminated = false;
  postMessage(message: ToWorker) {
    this.sent.push(message);
  }
  terminate() {
    this.terminated = true;
  }
  answer(data: ToPage) {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
  calls() {
    return this.sent.filter((message) => message.type === "call");
  }
}

function linkWithDoubles() {
  const workers: DoubleWorker[] = [];
  const worker = () => {
    workers.push(new DoubleWorker());
    return workers.at(-1) as unknown as Worker;
  };
  return { link: new Link({ worker, wasmUrl: EMPTY }), workers };
}

const simulate = { cells: 1, seed: 0 };
const cancelled = { code: "job.cancelled" };

afterEach(() => vi.restoreAllMocks());

describe("a session", () => {
  it("matches answers to calls whatever their order, and passes progress on", async () => {
    const { link, workers } = linkWithDoubles();
    const session = await link.session();
    const onProgress = vi.fn();
    const first = session.call("simulate", simulate, { onProgress });
    const second = session.call("simulate", simulate);
    const [a, b] = workers[0]!.calls();
    workers[0]!.answer({ type: "progress", id: a!.id, progress: { stage: "cells", done: 1, total: 2 } });
    workers[0]!.answer({ type: "done", id: b!.id, value: new ArrayBuffer(2) });
    workers[0]!.answer({ type: "done", id: a!.id, value: new ArrayBuffer(1) });
    expect((await first).byteLength).toBe(1);
    expect((await second).byteLength).toBe(2);
    expect(onProgress).toHaveBeenCalledExactlyOnceWith({ stage: "cells", done: 1, total: 2 });
  });

  it("rejects with a ResituError that carries the code and the hint of the worker", async () => {
    const { link, workers } = linkWithDoubles();
    const call = (await link.session()).call("simulate", simulate);
    const error = { code: "io.not-hdf5", message: "No.", hint: "Another." };
    workers[0]!.answer({ type: "failed", id: workers[0]!.calls()[0]!.id, error });
    await expect(call).rejects.toBeInstanceOf(ResituError);
    await expect(call).rejects.toMatchObject(error);
  });

  it("rejects at once when aborted, tells the worker, and stays usable", async () => {
    const { link, workers } = linkWithDoubles();
    const session = await link.session();
    const controller = new AbortController();
    const call = session.call("simulate", simulate, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject(cancelled);
    expect(workers[0]!.sent.at(-1)).toEqual({ type: "cancel", id: workers[0]!.calls()[0]!.id });
    const next = session.call("simulate", simulate);
    workers[0]!.answer({ type: "done", id: workers[0]!.calls()[1]!.id, value: new ArrayBuffer(3) });
    expect((await next).byteLength).toBe(3);
  });

  it("sends nothing for a call whose signal is already aborted", async () => {
    const { link, workers } = linkWithDoubles();
    const session = await link.session();
    await expect(session.call("simulate", simulate, { signal: AbortSignal.abort() })).rejects.toMatchObject(cancelled);
    expect(workers[0]!.calls()).toEqual([]);
  });

  it("frees an object whose call was aborted while the answer was on its way", async () => {
    const { link, workers } = linkWithDoubles();
    const session = await link.session();
    const controller = new AbortController();
    const params = { bytes: new ArrayBuffer(0), device: "cpu" } as const;
    const call = session.call("loadTranslator", params, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject(cancelled);
    workers[0]!.answer({ type: "done", id: workers[0]!.calls()[0]!.id, value: { handle: 7 } as never });
    expect(workers[0]!.calls().at(-1)).toMatchObject({ method: "dispose", params: { handle: 7 } });
  });
});

describe("after a crash", () => {
  const panic = { code: "internal.panic", message: "Here: src/a.rs:1.", hint: "Report." };

  it("the call at fault learns of the panic, the others of the crash, and a new worker starts", async () => {
    const { link, workers } = linkWithDoubles();
    const session = await link.session();
    const fault = session.call("simulate", simulate);
    const other = session.call("simulate", simulate);
    workers[0]!.answer({ type: "stopped", id: workers[0]!.calls()[0]!.id, error: panic });
    await expect(fault).rejects.toMatchObject(panic);
    await expect(other).rejects.toMatchObject({ code: "worker.crashed" });
    await expect(session.call("simulate", simulate)).rejects.toMatchObject({ code: "worker.crashed" });
    expect(workers[0]!.terminated).toBe(true);
    expect(await link.session()).not.toBe(session);
    expect(workers, "two sessions and two for statistics").toHaveLength(4);
  });

  it("a worker whose script does not load is said to be unavailable", async () => {
    const { link, workers } = linkWithDoubles();
    const call = (await link.session()).call("simulate", simulate);
    workers[0]!.dispatchEvent(new Event("error"));
    await expect(call).rejects.toMatchObject({ code: "worker.unavailable" });
  });

  it("a module that cannot be fetched is said so, and asked for again at the next call", async () => {
    const fetched = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response(null, { status: 404 }));
    const link = new Link({ wasmUrl: "https://example.org/resitu_bg.wasm" });
    await expect(link.session()).rejects.toMatchObject({ code: "wasm.unavailable" });
    await expect(link.session()).rejects.toMatchObject({ code: "wasm.unavailable" });
    expect(fetched).toHaveBeenCalledTimes(2);
  });
});
