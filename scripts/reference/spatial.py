#!/usr/bin/env python3
"""Reference values for the spatial statistics, from squidpy, scanpy and esda.

    pip install squidpy==1.8.2 scanpy==1.11.5 anndata==0.12.19 esda==2.9.0 libpysal==4.14.1 numpy==2.4.6 scipy==1.17.1
    python scripts/reference/spatial.py                  # tests/reference/spatial.json
    python scripts/reference/spatial.py --sections DIR   # tests/reference/spatial_sections.json

The first is made of data that this script draws itself (seeded) and of two tiny public examples that ship with libpysal
(BSD-3): St. Louis homicides (`stl`) and North Carolina SIDS (`sids2`), on which esda's own documentation states results.
The second holds Moran's I and Geary's C of real sections, whose files are not part of the repository: `DIR` is the folder
with `st/*.h5ad`.

squidpy stores its graph in float32; it is cast to float64 here before any statistic, so that both sides compute in f64
and a tolerance of 1e-9 means something. One case keeps float32, as users run it.
"""

import argparse
import json
import warnings
from importlib.metadata import version
from pathlib import Path

import anndata as ad
import esda
import libpysal
import numpy as np
import pandas as pd
import scanpy as sc
import scipy.sparse as sp
import squidpy as sq

warnings.simplefilter("ignore")
OUT = Path(__file__).resolve().parents[2] / "tests" / "reference"
PINNED = {
    "squidpy": "1.8.2",
    "scanpy": "1.11.5",
    "anndata": "0.12.19",
    "esda": "2.9.0",
    "libpysal": "4.14.1",
    "numpy": "2.4.6",
    "scipy": "1.17.1",
}


def versions():
    found = {name: version(name) for name in PINNED}
    if found != PINNED:
        print(f"note: versions differ from the pinned ones: {found}")
    return found


def numbers(values):
    """A list that JSON can hold: NaN and infinities become null."""
    return [float(v) if np.isfinite(v) else None for v in np.asarray(values, dtype=float).ravel()]


def rows_of(graph):
    graph = graph.tocsr().copy()
    graph.eliminate_zeros()
    graph.sort_indices()
    return {"indptr": graph.indptr.tolist(), "neighbours": graph.indices.tolist()}


def draw(n, genes, seed, sections=None):
    """Cells in the plane with smooth, clustered, random and rare genes; values are small counts, exact in float32."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 1000, (n, 2)) * [1.0, 0.6]
    expression = np.zeros((n, genes), dtype=np.float32)
    for g in range(genes):
        kind = g % 5
        if kind == 0:  # smooth
            rate = 2 + 2 * np.sin(xy[:, 0] / 150 + g) * np.cos(xy[:, 1] / 120)
        elif kind == 1:  # a cluster
            rate = 6 * np.exp(-((xy - rng.uniform(200, 600, 2)) ** 2).sum(1) / 2e4) + 0.02
        elif kind == 2:  # no pattern
            rate = np.full(n, rng.uniform(0.05, 3))
        elif kind == 3:  # rare
            rate = np.full(n, 0.02)
        else:  # a gradient far from zero
            rate = 40 + xy[:, 0] / 20
        expression[:, g] = rng.poisson(rate)
    expression[:, -1] = 3.0  # constant, none of it zero
    labels = (xy[:, 0] // 340).astype(int)
    scatter = rng.random(n) < 0.3
    labels[scatter] = rng.integers(0, labels.max() + 1, scatter.sum())
    obs = pd.DataFrame({"label": pd.Categorical([f"type {l}" for l in labels])}, index=[str(i) for i in range(n)])
    if sections is not None:
        obs["section"] = pd.Categorical([f"s{i * sections // n}" for i in range(n)])
    return ad.AnnData(sp.csr_matrix(expression), obs=obs, obsm={"spatial": xy})


def neighbours(adata, k=None, radius=None, library_key=None, dtype=np.float64, spatial_key="spatial"):
    kind = {"n_neighs": k} if k else {"radius": radius}
    sq.gr.spatial_neighbors(adata, coord_type="generic", library_key=library_key, spatial_key=spatial_key, **kind)
    adata.obsp["spatial_connectivities"] = sp.csr_matrix(adata.obsp["spatial_connectivities"]).astype(dtype)


def autocorr(adata, mode, **more):
    """squidpy's table in the order of the genes."""
    table = sq.gr.spatial_autocorr(adata, mode=mode, copy=True, n_jobs=1, show_progress_bar=False, corr_method=None, **more)
    return table.loc[adata.var_names]


def weights(adata):
    graph = adata.obsp["spatial_connectivities"].tocsr()
    near = {i: graph.indices[graph.indptr[i] : graph.indptr[i + 1]].tolist() for i in range(graph.shape[0])}
    return libpysal.weights.W(near, silence_warnings=True)


def esda_scores(values, w):
    """Both statistics of every column, analytic only."""
    found = {"moran": [], "geary": []}
    for x in values.T:
        if np.ptp(x) == 0:
            found["moran"].append(None)
            found["geary"].append(None)
            continue
        m = esda.Moran(x.astype(float), w, permutations=0)
        g = esda.Geary(x.astype(float), w, permutations=0)
        found["moran"].append(
            {"value": m.I, "var_norm": m.VI_norm, "z_norm": m.z_norm, "p_norm": m.p_norm, "var_rand": m.VI_rand, "p_rand": m.p_rand}
        )
        found["geary"].append(
            {"value": g.C, "var_norm": g.VC_norm, "z_norm": g.z_norm, "p_norm": g.p_norm, "var_rand": g.VC_rand, "p_rand": g.p_rand}
        )
    return json.loads(json.dumps(found, default=float))


def case(name, adata, k=None, radius=None, library_key=None, dtype=np.float64, with_esda=True):
    neighbours(adata, k, radius, library_key, dtype)
    moran, geary = autocorr(adata, "moran"), autocorr(adata, "geary")
    x = adata.X.tocsr()
    result = {
        "name": name,
        "graph": {"k": k} if k else {"radius": radius},
        "float": np.dtype(dtype).name,
        "positions": [p.tolist() for p in adata.obsm["spatial"]],
        "sections": adata.obs[library_key].cat.codes.tolist() if library_key else None,
        "values": {"n_cols": x.shape[1], "indptr": x.indptr.tolist(), "indices": x.indices.tolist(), "data": x.data.tolist()},
        "rows": rows_of(adata.obsp["spatial_connectivities"]),
        "squidpy": {
            "I": numbers(moran["I"]),
            "I_var_norm": float(moran["var_norm"].iloc[0]),
            "I_pval_norm": numbers(moran["pval_norm"]),
            "C": numbers(geary["C"]),
            "C_var_norm": float(geary["var_norm"].iloc[0]),
            "C_pval_norm": numbers(geary["pval_norm"]),
        },
    }
    if with_esda:
        result["esda"] = esda_scores(x.toarray(), weights(adata))
    return result


def permutation_case(adata, n_perms=2000):
    """Null variances: squidpy shuffles the rows of the weights, esda the values."""
    neighbours(adata, k=6)
    genes = [0, 1, 2]
    subset = adata[:, genes].copy()
    moran = autocorr(subset, "moran", n_perms=n_perms, seed=1)
    geary = autocorr(subset, "geary", n_perms=n_perms, seed=1)
    w, x = weights(subset), subset.X.toarray().astype(float)
    np.random.seed(1)
    return {
        "genes": genes,
        "permutations": n_perms,
        "rows": {
            "I_var_sim": numbers(moran["var_sim"]),
            "C_var_sim": numbers(geary["var_sim"]),
            "I_pval_sim": numbers(moran["pval_sim"]),
            "C_pval_sim": numbers(geary["pval_sim"]),
        },
        "values": {
            "I_var_sim": numbers([esda.Moran(x[:, g], w, permutations=n_perms).VI_sim for g in range(3)]),
            "C_var_sim": numbers([esda.Geary(x[:, g], w, permutations=n_perms).VC_sim for g in range(3)]),
        },
    }


def label_case(adata, library_key):
    sq.gr.interaction_matrix(adata, "label")
    enrichment = sq.gr.nhood_enrichment(
        adata, "label", library_key=library_key, n_perms=1000, seed=1, copy=True, n_jobs=1, show_progress_bar=False
    )
    return {
        "codes": adata.obs["label"].cat.codes.tolist(),
        "levels": len(adata.obs["label"].cat.categories),
        "interactions": sq.gr.interaction_matrix(adata, "label", copy=True).tolist(),
        "interactions_normalised": sq.gr.interaction_matrix(adata, "label", normalized=True, copy=True).tolist(),
        "counts": np.asarray(enrichment.counts).tolist(),
        "zscore": np.asarray(enrichment.zscore).tolist(),
        "permutations": 1000,
    }


def normalised_case(adata):
    """The first case after scanpy's usual preparation: Moran's I of log1p of counts per median total."""
    prepared = adata.copy()
    sc.pp.normalize_total(prepared)
    sc.pp.log1p(prepared)
    neighbours(prepared, k=6)
    return {"data": prepared.X.tocsr().data.tolist(), "I": numbers(autocorr(prepared, "moran")["I"])}


def golden(name, weights_file, table_file, column):
    """An example of esda's documentation, whole: 78 and 100 places."""
    w = libpysal.io.open(libpysal.examples.get_path(weights_file)).read()
    y = np.array(libpysal.io.open(libpysal.examples.get_path(table_file)).by_col(column), dtype=float)
    graph = w.sparse.tocsr()
    moran, geary = esda.Moran(y, w, permutations=0), esda.Geary(y, w, permutations=0)
    one = esda.Moran(y, w, permutations=0, two_tailed=False)
    keep = lambda o, *names: {n: float(getattr(o, n)) for n in names}
    return {
        "name": name,
        "source": f"libpysal {version('libpysal')} examples, {weights_file} and {column} of {table_file} (BSD-3)",
        "y": y.tolist(),
        **rows_of(graph),
        "moran": keep(moran, "I", "EI", "VI_norm", "z_norm", "p_norm", "VI_rand", "z_rand", "p_rand") | {"p_norm_one": float(one.p_norm)},
        "geary": keep(geary, "C", "VC_norm", "z_norm", "p_norm", "VC_rand", "z_rand", "p_rand"),
    }


def generated():
    one = draw(240, 20, seed=7)
    many = draw(300, 10, seed=8, sections=3)
    sparse_graph = draw(120, 10, seed=9)
    cases = [
        case("six nearest", one, k=6),
        case("radius with isolated cells", sparse_graph, radius=38.0),
        case("four nearest in three sections", many, k=4, library_key="section"),
        case("six nearest, float32 graph as squidpy stores it", draw(150, 10, seed=10), k=6, dtype=np.float32, with_esda=False),
    ]
    neighbours(many, k=4, library_key="section")
    return {
        "made_by": "scripts/reference/spatial.py",
        "versions": versions(),
        "cases": cases,
        "permutations": permutation_case(one),
        "labels": label_case(many, "section"),
        "normalised": normalised_case(one),
        "golden": [golden("stl", "stl.gal", "stl_hom.txt", "HR8893"), golden("sids2", "sids2.gal", "sids2.dbf", "SIDR74")],
    }


def nearest_by_rule(xy, k):
    """k nearest, ties by the lower index: what sklearn leaves open."""
    rows = []
    for i in range(len(xy)):
        d2 = ((xy - xy[i]) ** 2).sum(1)
        order = np.argsort(d2, kind="stable")
        rows.append(order[order != i][:k])
    n = len(xy)
    return sp.csr_matrix((np.ones(n * k), (np.repeat(np.arange(n), k), np.concatenate(rows))), shape=(n, n))


def section(folder, file, library_key=None, graph_by="squidpy", note=""):
    """I and C of the counts as they are in the file; only these numbers go into the repository."""
    adata = ad.read_h5ad(folder / "st" / file)
    if library_key:
        adata.obs[library_key] = adata.obs[library_key].astype("category")
    # As resitu chooses: micrometres where the file has them.
    key = "spatial_um" if "spatial_um" in adata.obsm else "spatial"
    if graph_by == "squidpy":
        neighbours(adata, k=6, library_key=library_key, spatial_key=key)
    else:
        adata.obsp["spatial_connectivities"] = nearest_by_rule(np.asarray(adata.obsm[key], dtype=float), 6)
    moran, geary = autocorr(adata, "moran"), autocorr(adata, "geary")
    source = {key: str(value) for key, value in dict(adata.uns.get("dataset", {})).items()}
    return {
        "file": f"st/{file}",
        "source": source,
        "note": note,
        "cells": adata.n_obs,
        "coordinates": f"obsm/{key}",
        "k": 6,
        "section_column": library_key,
        "genes": adata.var_names.tolist(),
        "I": numbers(moran["I"]),
        "C": numbers(geary["C"]),
        "I_var_norm": float(moran["var_norm"].iloc[0]),
        "C_var_norm": float(geary["var_norm"].iloc[0]),
    }


def sections(folder):
    return {
        "made_by": "scripts/reference/spatial.py --sections",
        "versions": versions(),
        "sections": [
            section(folder, "xenium_breast_rep1_visium_aligned_region.h5ad"),
            section(folder, "merfish_mouse_mop_3slices.h5ad", "slice"),
            section(
                folder,
                "osmfish_mouse_cortex.h5ad",
                graph_by="rule",
                note="one cell in six shares its position with another: the graph is made here by the tie rule (distance, then index)",
            ),
        ],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sections", type=Path, metavar="DIR")
    folder = parser.parse_args().sections
    name, content = ("spatial_sections.json", sections(folder)) if folder else ("spatial.json", generated())
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / name).write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")
    print(f"wrote tests/reference/{name}")
