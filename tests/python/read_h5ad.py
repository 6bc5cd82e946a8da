"""Opens an h5ad file with anndata, as scanpy and squidpy do, and prints what it finds as JSON.

    python tests/python/read_h5ad.py FILE [--squidpy]

With --squidpy it also builds a spatial graph and computes Moran's I on it, so that the file is seen to be usable.
"""

import contextlib
import json
import sys
import warnings

warnings.filterwarnings("ignore")

import anndata
import numpy as np
import pandas as pd
import scipy.sparse as sp


def matrix(x):
    dense = x.toarray() if sp.issparse(x) else np.asarray(x)
    return {"sparse": bool(sp.issparse(x)), "dtype": str(dense.dtype), "values": dense.astype(float).tolist()}


def embedding(value):
    numbers = np.asarray(value, dtype=float)
    # JSON has no NaN.
    return {"dtype": str(value.dtype), "values": np.where(np.isnan(numbers), None, numbers).tolist()}


def column(values):
    if isinstance(values.dtype, pd.CategoricalDtype):
        return {"categories": list(values.cat.categories), "codes": values.cat.codes.tolist()}
    if pd.api.types.is_numeric_dtype(values):
        return {"numbers": [None if np.isnan(v) else float(v) for v in values]}
    return {"text": [str(v) for v in values]}


def table(frame):
    return {"index": [str(name) for name in frame.index], "columns": {name: column(frame[name]) for name in frame}}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, pd.DataFrame):
        return table(value)
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


data = anndata.read_h5ad(sys.argv[1])
found = {
    "X": matrix(data.X),
    "obs": table(data.obs) | {"dtypes": {name: str(dtype) for name, dtype in data.obs.dtypes.items()}},
    "var": table(data.var),
    "layers": {name: matrix(layer) for name, layer in data.layers.items()},
    "obsm": {name: embedding(value) for name, value in data.obsm.items()},
    "uns": plain(dict(data.uns)),
}
if "--squidpy" in sys.argv:
    with contextlib.redirect_stdout(sys.stderr):  # its progress is not part of the answer
        import squidpy

        squidpy.gr.spatial_neighbors(data, n_neighs=3, coord_type="generic")
        squidpy.gr.spatial_autocorr(data, mode="moran", n_perms=None, n_jobs=1)
    found["squidpy"] = len(data.uns["moranI"])
print(json.dumps(found))
