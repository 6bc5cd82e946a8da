"""Writes small HDF5 files of 10x, loom and kinds that hold no cells, and prints their paths and contents as JSON.

    python tests/python/write_hdf5_kinds.py FOLDER
"""

import json
import pathlib
import sys

import h5py
import numpy as np
import scipy.sparse as sp

folder = pathlib.Path(sys.argv[1])
random = np.random.default_rng(5)
CELLS = [f"CELL{i}-{1 + i % 2}" for i in range(19)]
GENES = [f"{'hg' if i < 8 else 'mm'}{i}" for i in range(13)]
COUNTS = random.poisson(0.8, (len(GENES), len(CELLS)))
HUGE = {"shape": (10**13,), "chunks": (10**6,), "compression": "gzip"}


def texts(values):
    return np.array(values, dtype="S")


def write(name, fill):
    path = folder / name
    with h5py.File(path, "w") as file:
        fill(file)
    return str(path)


def columns(group, counts, **changed):
    """Features × cells by columns, each column from its last feature to its first, as Cell Ranger 3 wrote them."""
    matrix = sp.csc_matrix(counts)
    parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": np.array(counts.shape)}
    for start, end in zip(matrix.indptr[:-1], matrix.indptr[1:]):
        parts["data"][start:end] = parts["data"][start:end][::-1].copy()
        parts["indices"][start:end] = parts["indices"][start:end][::-1].copy()
    for part, values in (parts | changed).items():
        if isinstance(values, dict):
            group.create_dataset(part, **values)
        else:
            group.create_dataset(part, data=values)


def v3(types=None, **changed):
    def fill(file):
        file.attrs["original_gem_groups"] = np.array([1, 2])
        group = file.create_group("matrix")
        columns(group, COUNTS, **changed)
        group["barcodes"] = texts(CELLS)
        features = group.create_group("features")
        features["id"] = features["name"] = texts(GENES)
        features["feature_type"] = texts(types or ["Gene Expression"] * len(GENES))
        features["genome"] = texts([gene[:2] for gene in GENES])

    return fill


def v2(cells_of_mm):
    def fill(file):
        for genome, genes, cells in (("hg", slice(0, 8), CELLS), ("mm", slice(8, 13), cells_of_mm)):
            group = file.create_group(genome)
            columns(group, COUNTS[genes, : len(cells)])
            group["barcodes"] = texts(cells)
            group["genes"] = group["gene_names"] = texts(GENES[genes])

    return fill


def loom(matrix=None, **attributes):
    def fill(file):
        file.create_dataset("matrix", **(matrix or {"data": COUNTS.astype("f4"), "chunks": (5, 4), "compression": "gzip"}))
        file.create_group("layers").create_dataset("spliced", data=COUNTS // 2, chunks=(3, 7))
        rows, cells = file.create_group("row_attrs"), file.create_group("col_attrs")
        for name in ("row_graphs", "col_graphs"):
            file.create_group(name)
        rows.create_dataset("Gene", data=GENES, dtype=h5py.string_dtype())
        cells.create_dataset("CellID", data=CELLS, dtype=h5py.string_dtype())
        cells["pca"] = np.zeros((len(CELLS), 2))
        for name, values in attributes.items():
            cells[name] = values

    return fill


def groups(*names):
    def fill(file):
        for name in names:
            file.create_group(name)

    return fill


def circle(file):
    v3()(file)
    file["matrix/features/again"] = file["matrix"]
    file["matrix/itself"] = h5py.SoftLink("/matrix/itself")
    file["self"] = h5py.SoftLink("/self")


def only_circles(file):
    file["matrix"] = h5py.SoftLink("/matrix")
    file["obs"] = h5py.SoftLink("/var")
    file["var"] = h5py.SoftLink("/obs")


big = len(GENES)
result = {
    "cells": CELLS,
    "counts": COUNTS.T.tolist(),
    "v3": write("v3.h5", v3()),
    "circle": write("circle.h5", circle),
    "antibodies": write("antibodies.h5", v3(["Antibody Capture"] * len(GENES))),
    "v2_same": write("v2_same.h5", v2(CELLS)),
    "v2_other": write("v2_other.h5", v2(CELLS[:7])),
    "loom": write("cells.loom", loom()),
    "refused": {
        "outside": [write("outside.h5", v3(indices=np.full(int((COUNTS > 0).sum()), big))), "io.bad-structure"],
        "negative": [write("negative.h5", v3(indices=np.full(int((COUNTS > 0).sum()), -1))), "io.bad-structure"],
        "pointers": [write("pointers.h5", v3(indptr=np.array([0, 2**60] + [0] * 18))), "io.bad-structure"],
        "shape": [write("shape.h5", v3(shape=np.array([2**60, 2**60]))), "io.bad-structure"],
        "huge": [write("huge.h5", v3(data=HUGE | {"dtype": "i4"}, indices=HUGE | {"dtype": "i8"})), "io.too-large"],
        "loom_huge": [
            write("huge.loom", loom({"shape": (2**30, 2**30), "chunks": (64, 64), "dtype": "f4", "compression": "gzip"})),
            "io.too-large",
        ],
        "loom_cube": [write("cube.loom", loom({"data": np.zeros((2, 2, 2))})), "io.bad-structure"],
        "circles": [write("circles.h5", only_circles), ""],
        "seurat": [write("a.h5Seurat", groups("assays", "cell.names", "meta.data")), "io.other-hdf5"],
        "mudata": [write("a.h5mu", groups("mod", "obs", "var", "obsmap")), "io.other-hdf5"],
        "molecules": [write("molecule_info.h5", groups("barcode_idx", "umi", "features")), "io.other-hdf5"],
        "slice": [write("feature_slice.h5", groups("feature_slices", "features")), "io.other-hdf5"],
        "gef": [write("a.gef", groups("geneExp")), "io.other-hdf5"],
        "unknown": [write("other.h5", groups("images")), "io.not-h5ad"],
    },
}
try:
    import hdf5plugin

    zstd = dict(hdf5plugin.Zstd())
    result["refused"]["zstd"] = [
        write("zstd.h5", v3(data={"data": COUNTS[COUNTS > 0]} | zstd)), "io.unsupported-filter",
    ]
    result["refused"]["loom_zstd"] = [
        write("zstd.loom", loom({"data": COUNTS} | zstd)), "io.unsupported-filter",
    ]
except ImportError:
    pass  # the other files do for a Python without it
print(json.dumps(result))
