"""Writes one table as Parquet in the many ways that pyarrow can, and what it holds as JSON.

    python tests/python/write_parquet.py FOLDER
"""

import json
import pathlib
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

N = 1500
random = np.random.default_rng(3)
NULLS = random.random(N) < 0.2


def column(values, kind, nulls=False):
    return pa.array(values, kind, mask=NULLS if nulls else None)


TABLE = pa.table(
    {
        "cell_id": [f"cell-{i}" for i in range(N)],
        "region": [["tumour", "stroma", "ü"][i // 100 % 3] for i in range(N)],
        "x": random.uniform(0, 1e4, N).round(3),
        "y": (random.integers(0, 1 << 16, N) / 8).astype("f4"),
        "half": (random.integers(0, 1 << 10, N) / 8).astype("f2"),
        "in_tissue": random.random(N) < 0.5,
        "row": np.arange(N, dtype="i4") - 70,
        "count": random.integers(0, 1 << 40, N),
        "byte": random.integers(0, 256, N).astype("u1"),
        "word": random.integers(0, 1 << 32, N).astype("u4"),
        "name64": random.integers(1 << 62, (1 << 64) - 1, N, dtype="u8"),
        "some_text": column([f"t{i % 17}" for i in range(N)], pa.string(), True),
        "some_x": column(random.uniform(0, 1, N).round(3), pa.float64(), True),
        "some_count": column(np.arange(N), pa.int64(), True),
        "some_truth": column([i % 3 == 0 for i in range(N)], pa.bool_(), True),
        "nothing": pa.nulls(N, pa.float64()),
        "bytes": column([f"b{i}".encode() for i in range(N)], pa.binary()),
    }
)
# Not plain: left out.
NESTED = {"list": [[i, i + 1] for i in range(N)], "pair": [{"a": i, "b": str(i)} for i in range(N)]}


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    files, refused = {}, {}

    def write(name, table=TABLE, **options):
        pq.write_table(table, folder / f"{name}.parquet", **options)
        files[name] = str(folder / f"{name}.parquet")

    write("default")
    for compression in ("none", "gzip", "zstd", "lz4"):
        write(compression, compression=compression)
    write("plain", use_dictionary=False)
    write("v2_pages", data_page_version="2.0")
    write("v2_pages_plain", data_page_version="2.0", use_dictionary=False, compression="zstd")
    write("groups", row_group_size=333, data_page_size=512)
    write("small_pages", data_page_size=256, dictionary_pagesize_limit=1000)
    write("old", version="1.0")
    write("required", pa.table(TABLE.columns, schema=pa.schema([f.with_nullable(f.name.startswith(("some", "nothing"))) for f in TABLE.schema])))
    write("nested", pa.table({"list": NESTED["list"], **{name: TABLE[name] for name in TABLE.column_names}, "pair": NESTED["pair"]}))
    dictionaries = {name: TABLE[name].dictionary_encode() if name == "region" else TABLE[name] for name in TABLE.column_names}
    write("categorical", pa.table(dictionaries))
    numbers = ["row", "count"]
    texts = ["cell_id", "region", "some_text"]
    write("delta", use_dictionary=False, column_encoding={**{n: "DELTA_BINARY_PACKED" for n in [*numbers, "some_count"]}, **{t: "DELTA_BYTE_ARRAY" for t in texts}})
    write("delta_length", use_dictionary=False, column_encoding={t: "DELTA_LENGTH_BYTE_ARRAY" for t in texts})
    write("byte_streams", use_dictionary=False, column_encoding={n: "BYTE_STREAM_SPLIT" for n in [*numbers, "x", "y", "half", "some_x"]})
    pandas = pd.DataFrame({"x": TABLE["x"].to_numpy()}, index=pd.Index(TABLE["cell_id"].to_pylist(), name="cell_id"))
    pandas.to_parquet(folder / "pandas.parquet")
    pq.write_table(TABLE, folder / "brotli.parquet", compression="brotli")
    refused["brotli"] = str(folder / "brotli.parquet")

    def plain(value):
        return None if value is None else value.decode() if isinstance(value, bytes) else float(value) if isinstance(value, np.floating) else value

    values = {name: [plain(value) for value in TABLE[name].to_pylist()] for name in TABLE.column_names}
    values["name64"] = [str(value) for value in values["name64"]]
    empty = TABLE.slice(0, 0)
    pq.write_table(empty, folder / "empty.parquet")
    print(json.dumps({"files": files, "refused": refused, "pandas": str(folder / "pandas.parquet"), "empty": str(folder / "empty.parquet"), "values": values}))


main(pathlib.Path(sys.argv[1]))
