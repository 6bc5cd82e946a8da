/** Files made to do harm, and the code that each gives: bombs, lies and circles. `tests/damage` holds more of them natively. */

import { crc32, deflateRawSync, gzipSync } from "node:zlib";

const text = (content) => Buffer.from(content, "latin1");

/** A zip of `[path, content]` pairs, deflated. `lie` changes the directory's record of the first file. */
function zip(files, lie = () => {}) {
  const bodies = [], records = [];
  let at = 0;
  for (const [index, [path, content]] of files.entries()) {
    const packed = deflateRawSync(content, { level: 9 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(path.length, 22);
    const name = text(path);
    const record = Buffer.concat([text("PK\x01\x02"), Buffer.from([20, 0]), common, Buffer.alloc(14), name]);
    record.writeUInt32LE(at, 42);
    if (index === 0) lie(record);
    const body = Buffer.concat([text("PK\x03\x04"), common, name, packed]);
    bodies.push(body);
    records.push(record);
    at += body.length;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, directory, end]);
}

const HEAD = "%%MatrixMarket matrix coordinate integer general\n";
const folder = (matrix) => [
  ["matrix.mtx", text(HEAD + matrix)],
  ["barcodes.tsv", text("A-1\nB-1\nC-1\n")],
  ["features.tsv", text("E1\tA\nE2\tB\n")],
];

/** An AnnData-Zarr store of three cells and two genes whose `X` has these metadata. */
function zarr(x, chunks = []) {
  const names = (count) => text(Array.from({ length: count }, (_, i) => `name${i}\0\0\0`).join(""));
  const frame = { "encoding-type": "dataframe", "encoding-version": "0.2.0", _index: "_index", "column-order": [] };
  const index = (count) => ({ zarr_format: 2, shape: [count], chunks: [count], dtype: "|S8", compressor: null, filters: null, fill_value: "", order: "C" });
  const files = { ".zgroup": { zarr_format: 2 }, ".zattrs": { "encoding-type": "anndata", "encoding-version": "0.1.0" } };
  for (const [table, count] of [["obs", 3], ["var", 2]]) {
    files[`${table}/.zgroup`] = { zarr_format: 2 };
    files[`${table}/.zattrs`] = frame;
    files[`${table}/_index/.zarray`] = index(count);
    files[`${table}/_index/.zattrs`] = { "encoding-type": "string-array", "encoding-version": "0.2.0" };
  }
  files["X/.zattrs"] = { "encoding-type": "array", "encoding-version": "0.2.0" };
  const written = Object.entries(files).map(([path, json]) => [`a.zarr/${path}`, text(JSON.stringify(json))]);
  return [...written, ["a.zarr/obs/_index/0", names(3)], ["a.zarr/var/_index/0", names(2)], ["a.zarr/X/.zarray", text(x)], ...chunks];
}

const array = (shape, chunks) =>
  `{"zarr_format": 2, "shape": ${shape}, "chunks": ${chunks}, "dtype": "<f4", "compressor": {"id": "zlib", "level": 1}, "filters": null, "fill_value": 1, "order": "C"}`;

/** `[name, file, code]`: the code is that of the error; "" for what is read all the same. */
export function attacks(good) {
  const hollow = Buffer.concat([text("\x89HDF\r\n\x1a\n"), Buffer.alloc(256 << 20)]);
  const circle = Buffer.from(good);
  circle.copyWithin(96, 64, 72); // the root's B-tree is said to be its own header
  const outside = ["../../matrix.mtx", "/etc/passwd", "a/../../b.mtx"].map((path) => [path, text(HEAD)]);
  const quintillion = "1152921504606846976";
  return [
    ["a gzip of 256 MiB of nothing", gzipSync(hollow), "io.too-large"],
    ["a zip of 256 MiB of nothing", zip([["a.h5ad", hollow]]), "io.too-large"],
    ["a zip that claims 4 GiB", zip(folder("2 3 1\n1 1 1\n"), (record) => record.writeUInt32LE(0xfffffffe, 24)), "io.too-large"],
    ["a zip packed twice, a million to one", zip([...folder("").slice(1), ["matrix.mtx.gz", gzipSync(gzipSync(Buffer.alloc(64 << 20, "\n")))]]), "io.bad-text"],
    ["a zip that leads outside", zip(outside), "io.unsupported-archive"],
    ["a zip without its end", zip(folder("2 3 1\n1 1 1\n")).subarray(0, -40), "io.truncated"],
    ["2^60 genes, cells and values in text", zip(folder(`${quintillion} ${quintillion} ${quintillion}\n1 1 1\n`)), "io.too-large"],
    ["a gene that is not there", zip(folder("2 3 1\n9 1 1\n")), "io.bad-text"],
    ["2^60 cells in Zarr", zip(zarr(array(`[${quintillion}, 2]`, "[3, 2]"))), "io.too-large"],
    ["one chunk of 4 GiB in Zarr", zip(zarr(array("[3, 2]", "[32768, 32768]"), [["a.zarr/X/0.0", Buffer.alloc(24)]])), "io.too-large"],
    ["JSON of 100,000 levels", zip(zarr("[".repeat(100_000))), "io.bad-structure"],
    ["HDF5 that leads in circles", circle, "io.bad-structure"],
    ["HDF5 of ones", Buffer.concat([good.subarray(0, 8), Buffer.alloc(4096, 0xff)]), "io.bad-structure"],
  ];
}
