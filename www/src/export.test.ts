/** Files are put together from parts and patches, and nothing of them stays after a failure. */

import { describe, expect, it, vi } from "vitest";
import type { WasmResult } from "../wasm/resitu.js";
import { runExport, toFile, toParts } from "./export.js";
import { formatOption } from "./formats.js";
import type { ExportStep } from "./protocol.js";
import type { Running } from "./running.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const step = (text: string, done: number, patches: ExportStep["patches"] = []): ExportStep => ({
  bytes: bytes(text),
  patches,
  done,
  total: 2,
  finished: done === 2,
});
const STEPS = [step("________ab", 1), step("cd", 2, [{ offset: 0, bytes: bytes("head") }, { offset: 3, bytes: bytes("D+") }])];
const WHOLE = "heaD+___abcd";

function double(steps: (ExportStep | Error)[]) {
  const free = vi.fn();
  const remaining = [...steps];
  const job = {
    free,
    step: () => {
      const next = remaining.shift();
      if (next === undefined || next instanceof Error) throw next ?? new Error("no more steps");
      return next;
    },
  };
  return { result: { export: () => job } as unknown as WasmResult, free };
}

/** A file of the browser that keeps what is written, and shows it when it is closed. */
function file() {
  let written = new Uint8Array();
  const state = { content: "before", aborted: false };
  const stream = {
    write: async ({ position, data }: { position: number; data: Uint8Array }) => {
      const longer = new Uint8Array(Math.max(written.length, position + data.length));
      longer.set(written);
      longer.set(data, position);
      written = longer;
    },
    close: async () => void (state.content = new TextDecoder().decode(written)),
    abort: async () => void (state.aborted = true),
  };
  return { state, handle: { createWritable: async () => stream } as unknown as FileSystemFileHandle };
}

const running = (): Running & { seen: number[] } => {
  const seen: number[] = [];
  return { seen, progress: (_stage, done) => void seen.push(done), partial: () => {}, pause: async () => {} };
};

describe("an export", () => {
  it("becomes a blob of its parts with their patches", async () => {
    const { result, free } = double(STEPS);
    const call = running();
    const blob = await runExport(result, "zip", null, call);
    expect(await blob?.text()).toBe(WHOLE);
    expect(blob?.type).toBe("application/zip");
    expect(call.seen).toEqual([1, 2]);
    expect(free).toHaveBeenCalledOnce();
  });

  it("goes to a file at the right places", async () => {
    const { handle, state } = file();
    expect(await runExport(double(STEPS).result, "h5ad", handle, running())).toBeNull();
    expect(state).toEqual({ content: WHOLE, aborted: false });
  });

  it("leaves a file as it was when a step fails", async () => {
    const { handle, state } = file();
    const { result, free } = double([STEPS[0]!, new Error("broken")]);
    await expect(runExport(result, "h5ad", handle, running())).rejects.toThrow("broken");
    expect(state).toEqual({ content: "before", aborted: true });
    expect(free).toHaveBeenCalledOnce();
  });

  it("leaves a file as it was when it is cancelled after the last step", async () => {
    const { handle, state } = file();
    let pauses = 0;
    const call = { ...running(), pause: async () => void (++pauses === 3 && (() => { throw new Error("cancelled"); })()) };
    await expect(runExport(double(STEPS).result, "h5ad", handle, call)).rejects.toThrow("cancelled");
    expect(state).toEqual({ content: "before", aborted: true });
  });

  it("says when the browser refuses the file", async () => {
    const refused = { createWritable: () => Promise.reject(new DOMException("no", "NotAllowedError")) };
    await expect(toFile(refused as unknown as FileSystemFileHandle)).rejects.toMatchObject({ code: "target.unwritable" });
  });

  it("gives up its parts on abort", async () => {
    const target = toParts("text/plain");
    await target.write(STEPS[0]!);
    await target.abort();
    expect((await target.close())?.size).toBe(0);
  });
});

it("a format is one of three", () => {
  expect(formatOption("zip")).toBe("zip");
  for (const wrong of ["pdf", "toString", undefined]) expect(() => formatOption(wrong as never)).toThrowError(/h5ad, csv or zip/);
});
