"""Reference values for tests/io_read.rs: what anndata and scanpy read from the public files; of loom, what h5py reads.

Writes only shapes, sums and hashes; no value, name or piece of a file.

    RESITU_DATA=../shared/data python scripts/reference/io.py > tests/reference/io.json

Made with anndata 0.12.19, scanpy 1.11.5, h5py 3.16.0, pandas 2.3.3, Python 3.11.
"""

import hashlib
import json
import os
import pathlib
import sys
import warnings

import anndata
import h5py
import numpy as np
import pandas as pd
import scanpy
import scipy.sparse as sp

warnings.filterwarnings("ignore")


def digest(names):
    return hashlib.sha256("\n".join(map(str, names)).encode()).hexdigest()


def matrix(x):
    """Sums that change when a value moves to another row or column."""
    x = sp.csr_matrix(x).astype(np.float32).astype(np.float64)
    x.eliminate_zeros()
    non_zeros = int(x.nnz)
    x.data[~np.isfinite(x.data)] = 0  # counted above, left out of the sums
    rows = np.asarray(x.sum(axis=1)).ravel()
    columns = np.asarray(x.sum(axis=0)).ravel()
    return {
        "shape": list(x.shape),
        "non_zeros": non_zeros,
        "sum_by_row": float(rows @ (np.arange(len(rows)) % 97 + 1)),
        "sum_by_column": float(columns @ (np.arange(len(columns)) % 89 + 1)),
    }


def column(values):
    if values.dtype == bool:
        values = values.astype(str)
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(object).where(values.notna(), "")
        return {"text": digest(values)}
    if pd.api.types.is_numeric_dtype(values):
        numbers = np.nan_to_num(values.to_numpy(dtype=np.float64))
        return {"sum": float(numbers @ (np.arange(len(numbers)) % 97 + 1))}
    return {"text": digest(values)}


def read_loom(path):
    """As loompy reads it: attributes of cells and genes as columns; those of more dimensions left out."""
    with h5py.File(path) as file:
        def table(name, index):
            columns = {key: array[()] for key, array in file[name].items() if array.ndim == 1}
            texts = {key: np.char.decode(a, "utf-8") if a.dtype.kind == "S" else a for key, a in columns.items()}
            return pd.DataFrame(texts).set_index(index)

        return anndata.AnnData(
            sp.csr_matrix(file["matrix"][()].T.astype(np.float32)),
            obs=table("col_attrs", "CellID"),
            var=table("row_attrs", "Gene"),
        )


READERS = {".h5ad": anndata.read_h5ad, ".h5": scanpy.read_10x_h5, ".loom": read_loom}


def describe(path):
    data = READERS[path.suffix](path)
    matrices = {"X": matrix(data.X)} if data.X is not None else {}
    if data.raw is not None:
        matrices["raw/X"] = matrix(data.raw.X)
    matrices |= {f"layers/{name}": matrix(layer) for name, layer in data.layers.items()}
    result = {
        "matrices": matrices,
        "obs_names": digest(data.obs_names),
        "var_names": digest(data.var_names),
        "obs": {name: column(data.obs[name]) for name in data.obs},
    }
    if path.suffix != ".h5ad":
        # scanpy takes the ids from `genes` of a 10x file and calls them so; the texts name the genes in one way or another.
        texts = [name for name in data.var if not pd.api.types.is_numeric_dtype(data.var[name])]
        result["var"] = {name: column(data.var[name]) for name in texts}
    for key in ("spatial_um", "spatial", "X_spatial"):
        if key in data.obsm:
            xy = np.asarray(data.obsm[key], dtype=float)[:, :2]
            xy = np.where(np.isfinite(xy), xy, 0)
            weights = np.arange(len(xy)) % 97 + 1
            result["coordinates"] = {"key": f"obsm/{key}", "x": float(xy[:, 0] @ weights), "y": float(xy[:, 1] @ weights)}
            break
    if path.suffix == ".loom":
        weights = np.arange(data.n_obs) % 97 + 1
        axes = {axis.lower(): float(data.obs[axis].to_numpy() @ weights) for axis in ("X", "Y")}
        result["coordinates"] = {"key": "obs/X, obs/Y"} | axes
    return result


def main():
    root = pathlib.Path(os.environ.get("RESITU_DATA", "../shared/data"))
    files = {}
    for path in sorted(path for suffix in READERS for path in root.rglob(f"*{suffix}")):
        name = path.relative_to(root).as_posix()
        try:
            files[name] = describe(path)
        except Exception as error:  # said, not hidden: the test asserts what resitu makes of these on its own
            print(f"{name}: anndata cannot read it: {type(error).__name__}: {error}", file=sys.stderr)
    print(json.dumps(files, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
