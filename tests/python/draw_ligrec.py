"""Runs the lines of docs/spatial.md that give sq.pl.ligrec our table, and prints what was drawn and what squidpy computes.

    python tests/python/draw_ligrec.py FILE COLUMN DOCS LIGAND,RECEPTOR…
"""

import contextlib
import json
import re
import sys
import warnings

warnings.filterwarnings("ignore")

import matplotlib

matplotlib.use("Agg")
import anndata
import numpy as np

with contextlib.redirect_stdout(sys.stderr):  # progress is not part of the answer
    import squidpy as sq

    path, column, docs, *pairs = sys.argv[1:]
    adata = anndata.read_h5ad(path)
    blocks = re.findall(r"```python\n(.*?)```", open(docs, encoding="utf-8").read(), re.DOTALL)
    (lines,) = (block for block in blocks if "sq.pl.ligrec" in block)
    scope = {"adata": adata, "sq": sq}
    exec(lines.replace("cell_type", column), scope)
    drawn = len(matplotlib.pyplot.get_fignums())

    ours = scope["result"]
    interactions = [tuple(pair.split(",")) for pair in pairs]
    theirs = sq.gr.ligrec(adata, column, interactions=interactions, n_perms=20, threshold=0.01, use_raw=False, copy=True, show_progress_bar=False)
    # The same rows and columns as squidpy's own (which names its columns in some versions only), and the same means.
    rows = [list(frame.index.names) for frame in (ours["means"], theirs["means"])]
    aligned = theirs["means"].loc[ours["means"].index, ours["means"].columns].to_numpy(dtype=float)
    tested = ~np.isnan(ours["pvalues"].to_numpy())
    difference = np.abs(ours["means"].to_numpy() - aligned)[tested].max()

print(json.dumps({"drawn": drawn, "rows": rows, "shape": list(ours["means"].shape), "difference": float(difference)}))
