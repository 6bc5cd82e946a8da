"""Goes on from a spatial graph and statistics in an h5ad file with squidpy, and prints what it finds as JSON.

    python tests/python/read_graph.py FILE
"""

import contextlib
import json
import sys
import warnings

warnings.filterwarnings("ignore")

import matplotlib

matplotlib.use("Agg")

import anndata
import numpy as np

data = anndata.read_h5ad(sys.argv[1])
graph = data.obsp["spatial_connectivities"]
distances = data.obsp["spatial_distances"]
found = {
    "neighbours": graph.getnnz(axis=1).tolist(),
    "distances": sorted([int(i), float(d)] for i, d in zip(distances[0].indices, distances[0].data)),
    "params": {key: getattr(value, "item", lambda: value)() for key, value in data.uns["spatial_neighbors"]["params"].items()},
}
with contextlib.redirect_stdout(sys.stderr):  # squidpy's progress is not part of the answer
    import squidpy

    squidpy.gr.interaction_matrix(data, cluster_key="cluster")
    found["interactions"] = np.asarray(data.uns["cluster_interactions"], dtype=float).tolist()
    # Draws from the z-scores that are in the file.
    squidpy.pl.nhood_enrichment(data, cluster_key="cluster")
    found["drawn"] = True
print(json.dumps(found))
