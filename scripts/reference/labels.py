#!/usr/bin/env python3
"""Reference values for statistics of labels: centrality, assortativity, ligand-receptor tests, enrichment, k-means.

    python -m venv .venv && .venv/bin/pip install -r scripts/reference/requirements.txt
    .venv/bin/python scripts/reference/labels.py                    # writes tests/reference/labels.json
    .venv/bin/python scripts/reference/labels.py --section DIR      # writes tests/reference/labels_section.json

DIR holds `st/osmfish_mouse_cortex.h5ad` (6,471 cells × 33 genes, Codeluppi 2018, MIT); only numbers computed from it go
into the repository. Labels there are the file's `cell_type`.
"""

import argparse
import json
import os
import warnings
from importlib.metadata import version
from pathlib import Path

for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import anndata as ad
import networkx as nx
import numpy as np
import pandas as pd
import scipy.sparse as sp
import squidpy as sq
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

warnings.simplefilter("ignore")
OUT = Path(__file__).resolve().parents[2] / "tests" / "reference"
QUIET = {"n_jobs": 1, "show_progress_bar": False, "copy": True}


def versions():
    return {name: version(name) for name in ("squidpy", "networkx", "scikit-learn", "anndata", "numpy", "scipy")}


def numbers(values):
    return [None if np.isnan(v) else float(v) for v in np.asarray(values, dtype=float).ravel()]


def rows_of(graph):
    graph = graph.tocsr()
    graph.sort_indices()
    return {"indptr": graph.indptr.tolist(), "indices": graph.indices.tolist()}


def draw(n, genes, seed):
    """Cells in a square, labels in blobs (some missing from one corner on), counts that follow labels and place."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 100, (n, 2)).round(3)
    centres = rng.uniform(0, 100, (7, 2))
    label = ((xy[:, None] - centres[None]) ** 2).sum(-1).argmin(1) % 4
    label = np.where(rng.random(n) < 0.3, rng.integers(0, 4, n), label)
    rate = rng.gamma(0.6, 1.0, (4, genes))
    counts = rng.poisson(rate[label]).astype(np.float32)
    adata = ad.AnnData(sp.csr_matrix(counts), obsm={"spatial": xy})
    adata.var_names = [f"G{i}" for i in range(genes)]
    adata.obs["label"] = pd.Categorical([f"l{i}" for i in label], categories=[f"l{i}" for i in range(4)])
    return adata


def centrality(adata, key):
    table = sq.gr.centrality_scores(adata, key, **QUIET)
    return {name: numbers(table[name]) for name in ("degree_centrality", "average_clustering", "closeness_centrality")}


def assortativity(adata, key):
    graph = nx.Graph(adata.obsp["spatial_connectivities"])
    nx.set_node_attributes(graph, dict(enumerate(adata.obs[key].astype(str))), "label")
    return nx.attribute_assortativity_coefficient(graph, "label")


def ligrec(adata, key, pairs, policy, permutations=1000, threshold=0.01):
    found = sq.gr.ligrec(
        adata, key, interactions=pd.DataFrame(pairs, columns=["source", "target"]), complex_policy=policy, threshold=threshold,
        n_perms=permutations, seed=3, use_raw=False, **QUIET,
    )
    return {
        "policy": policy,
        "threshold": threshold,
        "permutations": permutations,
        "pairs": [list(pair) for pair in found["means"].index],
        "clusters": [list(pair) for pair in found["means"].columns],
        "means": numbers(found["means"].to_numpy(dtype=float)),
        "pvalues": numbers(found["pvalues"].to_numpy(dtype=float)),
    }


def enrichment(adata, key):
    found = sq.gr.nhood_enrichment(adata, key, n_perms=1000, seed=1, **QUIET)
    return {"count": numbers(found.counts), "zscore": numbers(found.zscore), "permutations": 1000}


def kmeans(adata, key, k):
    """Lloyd's algorithm on neighbour composition from given centres; the silhouette of its result."""
    graph = adata.obsp["spatial_connectivities"].tocsr()
    one_hot = np.eye(len(adata.obs[key].cat.categories))[adata.obs[key].cat.codes]
    shares = (graph @ one_hot) / np.asarray(graph.sum(1)).reshape(-1, 1)
    # Not rows of the data: shares of five neighbours tie, and a tie goes by the last digit.
    start = np.random.default_rng(6).dirichlet(np.ones(shares.shape[1]), k)
    found = KMeans(k, init=start, n_init=1, algorithm="lloyd", tol=0, max_iter=300).fit(shares)
    return {
        "k": k,
        "start": numbers(start),
        "inertia": float(found.inertia_),
        "centres": numbers(found.cluster_centers_),
        "labels": found.labels_.tolist(),
        "silhouette": float(silhouette_score(shares, found.labels_)),
    }


PAIRS = [("G0", "G1"), ("G2", "G3_G4"), ("G5_G6", "G7"), ("G8_NONE", "G9"), ("G1", "G1"), ("G0", "G1"), ("NONE", "G2")]


def generated():
    adata = draw(300, 10, seed=4)
    sq.gr.spatial_neighbors(adata, n_neighs=5, coord_type="generic")
    far = draw(150, 10, seed=5)
    sq.gr.spatial_neighbors(far, radius=7.0, coord_type="generic")
    x = adata.X.tocsr()
    return {
        "made_by": "scripts/reference/labels.py",
        "versions": versions(),
        "labels": adata.obs["label"].cat.codes.tolist(),
        "graph": rows_of(adata.obsp["spatial_connectivities"]),
        "values": {"n_cols": x.shape[1], "indptr": x.indptr.tolist(), "indices": x.indices.tolist(), "data": x.data.tolist()},
        "centrality": centrality(adata, "label"),
        "assortativity": assortativity(adata, "label"),
        "enrichment": enrichment(adata, "label"),
        "pairs": PAIRS,
        "ligrec": [ligrec(adata, "label", PAIRS, policy) for policy in ("min", "all")],
        "kmeans": kmeans(adata, "label", 4),
        "in_pieces": {
            "labels": far.obs["label"].cat.codes.tolist(),
            "graph": rows_of(far.obsp["spatial_connectivities"]),
            "centrality": centrality(far, "label"),
            "assortativity": assortativity(far, "label"),
        },
    }


def section(folder):
    file, key = "st/osmfish_mouse_cortex.h5ad", "cell_type"
    adata = ad.read_h5ad(folder / file)
    adata = adata[adata.obs[key].notna() & (adata.obs[key].astype(str) != "")].copy()
    adata.obs[key] = adata.obs[key].astype(str).astype("category")
    sq.gr.spatial_neighbors(adata, radius=60.0, coord_type="generic", spatial_key="spatial")
    genes = list(adata.var_names)
    pairs = [(genes[i], genes[(7 * i + 3) % len(genes)]) for i in range(5)]
    pairs += [(genes[2], f"{genes[11]}_{genes[20]}")]
    return {
        "made_by": "scripts/reference/labels.py --section",
        "versions": versions(),
        "file": file,
        "column": key,
        "radius": 60.0,
        "cells": adata.n_obs,
        "edges": int(adata.obsp["spatial_connectivities"].nnz),
        "levels": list(adata.obs[key].cat.categories),
        "centrality": centrality(adata, key),
        "assortativity": assortativity(adata, key),
        "enrichment": enrichment(adata, key),
        "pairs": pairs,
        "ligrec": ligrec(adata, key, pairs, "min", permutations=300),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--section", type=Path, metavar="DIR")
    folder = parser.parse_args().section
    name, content = ("labels_section.json", section(folder)) if folder else ("labels.json", generated())
    (OUT / name).write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")
    print(f"wrote tests/reference/{name}")
