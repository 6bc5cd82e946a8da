"""Says how the neighbour graph of an h5ad is: its shape, its degrees, and which cells are in no edge."""

import json
import sys

import anndata
import numpy as np

cells = anndata.read_h5ad(sys.argv[1])
graph = cells.obsp["spatial_connectivities"].tocsr()
degrees, indegrees = np.diff(graph.indptr), np.diff(graph.tocsc().indptr)
print(json.dumps({
    "shape": list(graph.shape),
    "degrees": sorted({int(degree) for degree in degrees}),
    "without": [int(cell) for cell in np.flatnonzero((degrees == 0) & (indegrees == 0))],
}))
