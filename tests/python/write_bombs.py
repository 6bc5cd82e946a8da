"""Writes small h5ad files that claim to be huge, and prints their paths as JSON.

    python tests/python/write_bombs.py FOLDER

HDF5 allocates chunks when they are written, so a file of a few kilobytes can declare any shape.
"""

import json
import pathlib
import sys

import h5py
import numpy as np

TEXT = h5py.string_dtype()


def table(file, name, rows):
    group = file.create_group(name)
    group.attrs["_index"] = "_index"
    group.create_dataset("_index", data=[f"{name}{i}" for i in range(rows)], dtype=TEXT)
    return group


def sparse(file, shape, **parts):
    group = file.create_group("X")
    group.attrs.update({"encoding-type": "csr_matrix", "shape": shape})
    for name, options in parts.items():
        group.create_dataset(name, **options)


def cells_beyond_number(file):
    file.create_group("obs").attrs["_index"] = "_index"
    file["obs"].create_dataset("_index", shape=(10**12,), chunks=(10**6,), dtype=TEXT)
    table(file, "var", 3)
    file.create_dataset("X", shape=(10**12, 3), chunks=(10**6, 3), dtype="f4")


def long_texts(file):
    file.create_group("obs").attrs["_index"] = "_index"
    file["obs"].create_dataset("_index", shape=(4,), chunks=(1,), dtype="S2000000000")
    table(file, "var", 3)
    file.create_dataset("X", data=np.ones((4, 3), "f4"))


def values_beyond_number(file):
    table(file, "obs", 2)
    table(file, "var", 3)
    huge = {"shape": (10**13,), "chunks": (10**6,), "compression": "gzip"}
    sparse(file, [2, 3], data={"dtype": "f4", **huge}, indices={"dtype": "i4", **huge},
           indptr={"data": np.array([0, 10**12, 10**13])})


def one_chunk_of_gigabytes(file):
    table(file, "obs", 4)
    table(file, "var", 3)
    file.create_dataset("X", shape=(4, 3), maxshape=(None, None), chunks=(2**20, 2**9), dtype="f4", compression="gzip")


def shape_beyond_number(file):
    table(file, "obs", 2)
    table(file, "var", 3)
    sparse(file, [2, 2**62], data={"data": np.ones(2, "f4")}, indices={"data": np.arange(2)}, indptr={"data": [0, 1, 2]})


folder = pathlib.Path(sys.argv[1])
bombs = [cells_beyond_number, long_texts, values_beyond_number, one_chunk_of_gigabytes, shape_beyond_number]
paths = {}
for bomb in bombs:
    path = folder / f"{bomb.__name__}.h5ad"
    with h5py.File(path, "w") as file:
        bomb(file)
    paths[bomb.__name__] = str(path)
print(json.dumps(paths))
