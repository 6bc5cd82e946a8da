/** What can be opened, and how failing to reach it is said. */

import { afterEach, describe, expect, it, vi } from "vitest";
import { toBlob, toBytes, toFiles } from "./source.js";

afterEach(() => vi.restoreAllMocks());

const answer = (response: Response | Error) => {
  const fetched = vi.spyOn(globalThis, "fetch");
  return response instanceof Error ? fetched.mockRejectedValue(response) : fetched.mockResolvedValue(response);
};

describe("toBlob", () => {
  it("passes a file on untouched, so that its bytes stay on disk", async () => {
    const file = new File(["abc"], "a.h5ad");
    expect(await toBlob(file)).toBe(file);
  });

  it("takes bytes, and the part of a buffer that a view shows", async () => {
    const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    expect([...new Uint8Array(await (await toBlob(view)).arrayBuffer())]).toEqual([2, 3]);
  });

  it("downloads an address and counts the bytes", async () => {
    answer(new Response("abcdef", { headers: { "content-length": "6" } }));
    const onProgress = vi.fn();
    expect((await toBlob("https://example.org/a.h5ad", { onProgress })).size).toBe(6);
    expect(onProgress).toHaveBeenLastCalledWith({ stage: "downloading (bytes)", done: 6, total: 6 });
  });

  it.each([
    ["a refusal of the server", new Response(null, { status: 403 })],
    ["a broken connection", new TypeError("Failed to fetch")],
  ])("says source.fetch-failed after %s", async (_, response) => {
    answer(response);
    await expect(toBlob(new URL("https://example.org/a.h5ad"))).rejects.toMatchObject({ code: "source.fetch-failed" });
  });

  it("says job.cancelled for an aborted download", async () => {
    answer(new DOMException("Aborted", "AbortError"));
    await expect(toBlob("a.h5ad", { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "job.cancelled" });
  });

  it.each([null, undefined, 5, {}])("refuses %s", async (source) => {
    await expect(toBlob(source as never)).rejects.toMatchObject({ code: "source.unsupported" });
  });
});

describe("toFiles", () => {
  it("keeps the path below the folder that was chosen, else the name", async () => {
    const inFolder = Object.defineProperty(new File(["a"], "matrix.mtx"), "webkitRelativePath", { value: "sample/matrix.mtx" });
    const files = await toFiles([inFolder, new File(["b"], "genes.tsv"), { path: "x/y", file: new Blob(["c"]) }]);
    expect(files.map(({ path }) => path)).toEqual(["sample/matrix.mtx", "genes.tsv", "x/y"]);
  });

  it("takes the name of an address without its query", async () => {
    answer(new Response("a"));
    const [only] = await toFiles("https://example.org/folder/cells.csv.gz?token=1");
    expect(only?.path).toBe("cells.csv.gz");
  });

  it.each([[[]], [["a.h5ad"]], [[{ path: "a" }]], [[null]]])("refuses %j", async (source) => {
    await expect(toFiles(source as never)).rejects.toMatchObject({ code: "source.unsupported" });
  });
});

describe("toBytes", () => {
  it("leaves the caller's own buffer usable", async () => {
    const mine = new Uint8Array([1, 2]).buffer;
    const bytes = await toBytes(mine);
    expect(bytes).not.toBe(mine);
    expect(bytes.byteLength).toBe(2);
  });
});
