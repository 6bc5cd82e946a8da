"""Writes h5ad files made to do harm, and prints their paths and the code that each gives ("" if it is read) as JSON.

    python tests/python/write_attacks.py FOLDER

`write_bombs.py` writes those that claim to be huge; these lie in other ways.
"""

import json
import pathlib
import sys

import h5py
import numpy as np

TEXT = h5py.string_dtype()
BAD = "io.bad-structure"
CELLS, GENES = 4, 3


def table(file, name, rows):
    group = file.create_group(name)
    group.attrs["_index"] = "_index"
    group.create_dataset("_index", data=[f"{name}{i}" for i in range(rows)], dtype=TEXT)
    return group


def tables(file):
    return table(file, "obs", CELLS), table(file, "var", GENES)


def dense(file):
    file.create_dataset("X", data=np.arange(CELLS * GENES, dtype="f4").reshape(CELLS, GENES))


def sparse(file, indptr, indices, values=None, kind="csr_matrix", shape=(CELLS, GENES)):
    group = file.create_group("X")
    group.attrs.update({"encoding-type": kind, "shape": shape})
    group["indptr"] = np.array(indptr, dtype="i8")
    group["indices"] = np.array(indices)
    group["data"] = np.ones(len(indices), "f4") if values is None else np.array(values, "f4")


def group_inside_itself(file):
    obs, _ = tables(file)
    dense(file)
    obs["self"] = obs
    file["layers"] = file["/"]
    file["obsm"] = file["/"]
    file["raw"] = file["/"]


def soft_links_in_circles(file):
    obs, _ = tables(file)
    dense(file)
    obs["a"], obs["b"] = h5py.SoftLink("/obs/b"), h5py.SoftLink("/obs/a")
    file["layers"] = h5py.SoftLink("/layers")


def matrix_in_circles(file):
    tables(file)
    file["X"] = h5py.SoftLink("/X")


def matrix_elsewhere(file):
    tables(file)
    file["X"] = h5py.ExternalLink("/etc/passwd", "/X")


def deep_links(file):
    tables(file)
    dense(file)
    group = file.create_group("layers")
    for _ in range(2000):
        group = group.create_group("a")


def chain_of_links(file):
    tables(file)
    for i in range(1000):
        file[f"x{i}"] = h5py.SoftLink(f"/x{i + 1}")
    file["X"] = h5py.SoftLink("/x0")
    file["x1000"] = np.ones((CELLS, GENES), "f4")


def pointers_fall(file):
    tables(file)
    sparse(file, [0, 3, 1, 2, 4], [0, 1, 2, 0])


def pointers_below_zero(file):
    tables(file)
    sparse(file, [0, -1, 1, 2, 4], [0, 1, 2, 0])


def pointers_beyond(file):
    tables(file)
    sparse(file, [0, 1, 2, 3, 2**60], [0, 1, 2, 0])


def pointers_end_early(file):
    tables(file)
    sparse(file, [0, 1, 2, 3, 3], [0, 1, 2, 0])


def too_few_pointers(file):
    tables(file)
    sparse(file, [0, 4], [0, 1, 2, 0])


def genes_beyond(file):
    tables(file)
    sparse(file, [0, 1, 2, 3, 4], [0, 1, 2, 3])


def genes_below_zero(file):
    tables(file)
    sparse(file, [0, 1, 2, 3, 4], [0, 1, 2, -1])


def genes_beyond_32_bits(file):
    tables(file)
    sparse(file, [0, 1, 2, 3, 4], np.array([0, 1, 2, 2**32], "i8"))


def cells_beyond(file):
    tables(file)
    sparse(file, [0, 1, 2, 4], [0, 1, 2, 4], kind="csc_matrix")


def more_indices_than_values(file):
    tables(file)
    sparse(file, [0, 1, 2, 3, 4], [0, 1, 2, 0], values=[1.0])


def shape_below_zero(file):
    tables(file)
    sparse(file, [0, 1, 2, 3, 4], [0, 1, 2, 0], shape=(-1, GENES))


def quintillion(file):
    table(file, "var", GENES)
    file.create_group("obs").attrs["_index"] = "_index"
    file["obs"].create_dataset("_index", shape=(2**60,), chunks=(1024,), dtype="S8")
    file.create_dataset("X", shape=(2**60, GENES), chunks=(1024, GENES), dtype="f4")


def quintillion_pointers(file):
    tables(file)
    sparse(file, [0], [0])
    del file["X/indptr"]
    file["X"].create_dataset("indptr", shape=(2**60,), chunks=(1024,), dtype="i8", compression="gzip")


def codes_beyond(file):
    obs, _ = tables(file)
    dense(file)
    group = obs.create_group("label")
    group.attrs["encoding-type"] = "categorical"
    group["codes"] = np.array([0, 1, 100, -5], "i1")
    group.create_dataset("categories", data=["a", "b"], dtype=TEXT)


def positions_not_finite(file):
    tables(file)
    dense(file)
    file.create_dataset("obsm/spatial", data=np.array([[np.nan, 0], [np.inf, -np.inf], [1e308, -1e308], [0, 1]]))


def positions_of_no_dimension(file):
    tables(file)
    dense(file)
    file.create_dataset("obsm/spatial", shape=(CELLS, 0), dtype="f8")


def values_not_finite(file):
    tables(file)
    file.create_dataset("X", data=np.full((CELLS, GENES), np.nan, "f4"))


def no_cells(file):
    table(file, "obs", 0)
    table(file, "var", GENES)
    file.create_dataset("X", shape=(0, GENES), dtype="f4")


def scalars_everywhere(file):
    for name in ("obs", "var", "X", "obsm", "layers"):
        file[name] = 1


def attributes_of_other_kinds(file):
    for name, rows in (("obs", CELLS), ("var", GENES)):
        table(file, name, rows).attrs["_index"] = np.arange(7)
    dense(file)


folder = pathlib.Path(sys.argv[1])
ATTACKS = {
    group_inside_itself: "",
    soft_links_in_circles: BAD,
    matrix_in_circles: BAD,
    matrix_elsewhere: "io.no-matrix",
    deep_links: "",
    chain_of_links: BAD,
    pointers_fall: BAD,
    pointers_below_zero: BAD,
    pointers_beyond: BAD,
    pointers_end_early: BAD,
    too_few_pointers: BAD,
    genes_beyond: BAD,
    genes_below_zero: BAD,
    genes_beyond_32_bits: BAD,
    cells_beyond: BAD,
    more_indices_than_values: BAD,
    shape_below_zero: BAD,
    quintillion: "io.too-large",
    quintillion_pointers: "io.too-large",
    codes_beyond: BAD,
    positions_not_finite: "",
    positions_of_no_dimension: "",
    values_not_finite: "",
    no_cells: "io.empty-matrix",
    scalars_everywhere: BAD,
    attributes_of_other_kinds: "",
}
written = {}
for attack, code in ATTACKS.items():
    path = folder / f"{attack.__name__}.h5ad"
    with h5py.File(path, "w") as file:
        attack(file)
    written[attack.__name__] = {"path": str(path), "code": code}
print(json.dumps(written))
