"""Opens an h5ad of `resitu metrics` and draws every result with squidpy's plots; prints what it found as JSON.

    python tests/python/draw_squidpy.py FILE COLUMN RIPLEY-FUNCTION
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

with contextlib.redirect_stdout(sys.stderr):  # progress is not part of the answer
    import squidpy as sq

    path, key, function = sys.argv[1:]
    data = anndata.read_h5ad(path)
    sq.pl.nhood_enrichment(data, cluster_key=key)
    sq.pl.interaction_matrix(data, cluster_key=key)
    sq.pl.centrality_scores(data, cluster_key=key)
    sq.pl.co_occurrence(data, cluster_key=key)
    sq.pl.ripley(data, cluster_key=key, mode=function)
    drawn = len(matplotlib.pyplot.get_fignums())

    # The graph is one that squidpy itself goes on with, and finds the same things on.
    connectivities, distances = data.obsp["spatial_connectivities"], data.obsp["spatial_distances"]
    ours = data.uns["moranI"].copy()
    sq.gr.spatial_autocorr(data, mode="moran", n_perms=None, n_jobs=1, show_progress_bar=False)
    moran = (ours["I"] - data.uns["moranI"]["I"].reindex(ours.index)).abs().max()
    mine = {name: data.uns[f"{key}_{name}"] for name in ["interactions", "co_occurrence"]}
    interval = mine["co_occurrence"]["interval"]
    theirs = sq.gr.interaction_matrix(data, cluster_key=key, copy=True)
    interactions = np.abs(mine["interactions"] - theirs).max()
    occ, theirs_at = sq.gr.co_occurrence(data, cluster_key=key, interval=interval, copy=True, n_jobs=1, show_progress_bar=False)
    ripley = data.uns[f"{key}_ripley_{function}"]
    again = sq.gr.ripley(data, cluster_key=key, mode=function, n_simulations=2, copy=True)[f"{function}_stat"]
    same = np.abs(ripley[f"{function}_stat"]["stats"].to_numpy() - again["stats"].to_numpy()).max()

found = {
    "drawn": drawn,
    "moran": float(moran),
    "interactions": float(interactions),
    "co_occurrence": float(np.abs(mine["co_occurrence"]["occ"] - occ).max()),
    "ripley": float(same),
    "ripley_columns": [list(map(str, ripley["sims_stat"].columns)), ripley["pvalues"].shape[0]],
    "edges": [int(connectivities.nnz), float(connectivities.max()), str(distances.dtype)],
    "lengths": float(distances.max()),
    "categories": list(data.obs[key].cat.categories),
    "x": float(data.X.sum()),
}
print(json.dumps(found))
