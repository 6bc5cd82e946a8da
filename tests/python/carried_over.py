"""Writes an h5ad with everything that users keep in one, or says what of it another file has.

    python tests/python/carried_over.py write FILE
    python tests/python/carried_over.py damage FILE    points two sparse entries of obsp outside themselves
    python tests/python/carried_over.py compare FILE OTHER
"""

import json
import sys
import warnings

warnings.filterwarnings("ignore")

import anndata
import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp

N, GENES = 60, ["A", "B", "C"]


def made():
    rng = np.random.default_rng(1)
    cells = anndata.AnnData(
        X=sp.csr_matrix(rng.poisson(2, (N, 3)).astype(np.float32)),
        obs=pd.DataFrame({"kind": pd.Categorical(rng.choice(["x", "y"], N))}, index=[f"cell{i}" for i in range(N)]),
        var=pd.DataFrame(index=GENES),
    )
    cells.obsm["spatial"] = rng.random((N, 2))
    cells.obsm["X_pca"] = rng.normal(size=(N, 5)).astype(np.float32)
    cells.obsm["X_umap"] = rng.normal(size=(N, 2))
    cells.obsm["frame"] = pd.DataFrame({"p": rng.random(N)}, index=cells.obs_names)
    cells.layers["counts"] = cells.X * 3
    cells.layers["dense"] = rng.random((N, 3)).astype(np.float32)
    cells.varm["PCs"] = rng.random((3, 5))
    cells.varm["narrow"] = rng.random((3, 2)).astype(np.float32)
    cells.varm["frame"] = pd.DataFrame({"p": rng.random(3)}, index=GENES)
    cells.varp["correlation"] = rng.random((3, 3))
    cells.obsp["connectivities"] = sp.random(N, N, 0.1, format="csr", dtype=np.float32, random_state=1)
    cells.obsp["distances"] = sp.random(N, N, 0.1, format="csr", random_state=2)
    cells.obsp["columns"] = sp.random(N, N, 0.1, format="csc", random_state=3)
    cells.obsp["dense"] = rng.random((N, N))
    cells.uns["kind_colors"] = np.array(["#ff0000", "#00ff00"], dtype=object)
    cells.uns["pca"] = {"variance": rng.random(5), "params": {"zero_center": True, "n": 5, "note": "as µ"}}
    cells.uns["loadings"] = rng.random((3, 4))
    cells.uns["steps"] = np.arange(4)
    cells.uns["table"] = pd.DataFrame({"gene": ["A", "B"], "score": [1.5, 2.5]}, index=["0", "1"])
    cells.uns["threshold"] = 0.25
    cells.uns["resitu"] = {"translator": "earlier"}
    cells.uns["kept_sparse"] = sp.identity(3, format="csr")
    return cells


def same(a, b):
    if isinstance(a, pd.DataFrame):
        return isinstance(b, pd.DataFrame) and list(a.columns) == list(b.columns) and all(list(a[c]) == list(b[c]) for c in a)
    if isinstance(a, dict):
        return isinstance(b, dict) and set(a) == set(b) and all(same(a[key], b[key]) for key in a)
    if sp.issparse(a) or sp.issparse(b):
        dense = lambda m: m.toarray() if sp.issparse(m) else np.asarray(m)
        return np.array_equal(dense(a), dense(b)) and a.dtype == b.dtype
    if isinstance(a, np.ndarray) and a.dtype.kind == "f":
        return np.array_equal(a, b) and a.dtype == np.asarray(b).dtype
    return np.array_equal(a, b)


if sys.argv[1] == "damage":
    with h5py.File(sys.argv[2], "r+") as file:
        file["obsp/connectivities/indices"][5] = N
        file["obsp/distances/indptr"][3] = 1_000_000
    print("{}")
elif sys.argv[1] == "write":
    made().write_h5ad(sys.argv[2])
    print("{}")
else:
    a, b = (anndata.read_h5ad(path) for path in sys.argv[2:4])
    found = {}
    for part in ["obsm", "layers", "uns", "varm", "varp", "obsp"]:
        ours, theirs = dict(getattr(a, part)), dict(getattr(b, part))
        found[part] = {name: name in theirs and same(value, theirs[name]) for name, value in ours.items()}
        found[part + "_new"] = sorted(set(theirs) - set(ours))
    found["X"] = same(a.X, b.X)
    found["before"] = dict(b.uns["resitu"]["before"])
    found["notes"] = [str(note) for note in b.uns["resitu"]["notes"]]
    print(json.dumps(found, default=str))
