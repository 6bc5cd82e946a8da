"""Reference values for tests/io_text.rs: what scanpy and pandas read from the public files of text.

Writes only shapes, sums and hashes; no value, name or piece of a file.

    RESITU_DATA=../shared/data python scripts/reference/text.py > tests/reference/text.json

Made with the versions in scripts/reference/requirements.txt.
"""

import hashlib
import json
import os
import pathlib
import warnings

import anndata
import numpy as np
import pandas as pd
import scanpy as sc
import scipy.sparse as sp

warnings.filterwarnings("ignore")

FOLDERS = [
    "scanpy/tests/_data/10x_data/1.2.0/filtered_gene_bc_matrices/hg19_chr21",
    "scanpy/tests/_data/10x_data/3.0.0/filtered_feature_bc_matrix",
    "seurat/tests/testdata/cr3.0",
]
MERSCOPE = "sxio/inst/extdata/MERSCOPE_small"


def digest(names):
    return hashlib.sha256("\n".join(map(str, names)).encode()).hexdigest()


def matrix(x):
    """Sums that change when a value moves to another row or column."""
    x = sp.csr_matrix(x).astype(np.float64)
    x.eliminate_zeros()
    rows, columns = np.asarray(x.sum(axis=1)).ravel(), np.asarray(x.sum(axis=0)).ravel()
    return {
        "shape": list(x.shape),
        "non_zeros": int(x.nnz),
        "sum_by_row": float(rows @ (np.arange(len(rows)) % 97 + 1)),
        "sum_by_column": float(columns @ (np.arange(len(columns)) % 89 + 1)),
    }


def describe(data):
    return {"X": matrix(data.X), "obs_names": digest(data.obs_names), "var_names": digest(data.var_names)}


def tenx(folder):
    # scanpy caches nothing; gex_only drops what is no gene.
    data = sc.read_10x_mtx(folder, make_unique=False, gex_only=True)
    return describe(data) | {"gene_ids": digest(data.var["gene_ids"])}


def merscope(folder):
    counts = pd.read_csv(next(folder.glob("*cell_by_gene.csv")), index_col=0, dtype={0: str})
    cells = pd.read_csv(next(folder.glob("*cell_metadata.csv")), index_col=0, dtype={0: str})
    counts.index, cells.index = counts.index.astype(str), cells.index.astype(str)
    data = anndata.AnnData(counts)
    xy = np.nan_to_num(cells.reindex(counts.index)[["center_x", "center_y"]].to_numpy(dtype=float))
    weights = np.arange(len(xy)) % 97 + 1
    return describe(data) | {"x": float(xy[:, 0] @ weights), "y": float(xy[:, 1] @ weights)}


def main():
    root = pathlib.Path(os.environ.get("RESITU_DATA", "../shared/data")) / "formats"
    result = {name: tenx(root / name) for name in FOLDERS}
    result[MERSCOPE] = merscope(root / MERSCOPE)
    print(json.dumps(result, indent=1, sort_keys=True))


if __name__ == "__main__":
    main()
