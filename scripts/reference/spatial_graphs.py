#!/usr/bin/env python3
"""Reference graphs of every kind, from squidpy and scipy: tests/reference/spatial_graphs.json.

    pip install -r scripts/reference/requirements.txt
    python scripts/reference/spatial_graphs.py

Neighbours and distances as squidpy stores them, for positions that this script draws itself (seeded) and rounds to two
digits. In three dimensions squidpy's builders are called directly. `edges` are `[row, column, distance]`.
"""

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
import squidpy as sq

warnings.simplefilter("ignore")
OUT = Path(__file__).resolve().parents[2] / "tests" / "reference" / "spatial_graphs.json"
VERSIONS = ("squidpy", "anndata", "numpy", "scipy", "scikit-learn")


def edges(result):
    """The stored edges; squidpy drops distances that are 0."""
    adjacency, distances = (sp.csr_matrix(matrix).tocoo() for matrix in result)
    far = {(int(i), int(j)): float(d) for i, j, d in zip(distances.row, distances.col, distances.data)}
    pairs = sorted((int(i), int(j)) for i, j, w in zip(adjacency.row, adjacency.col, adjacency.data) if w != 0)
    return [[i, j, round(far.get((i, j), 0.0), 10)] for i, j in pairs]


def case(name, positions, params, build, sections=None, **more):
    adata = ad.AnnData(sp.csr_matrix((len(positions), 1), dtype=np.float32), obsm={"spatial": positions})
    key = None
    if sections is not None:
        adata.obs["section"] = pd.Categorical([str(s) for s in sections])
        key = "section"
    result = build(adata, library_key=key, copy=True)
    return {
        "name": name,
        "positions": positions.tolist(),
        "sections": None if sections is None else [int(s) for s in sections],
        "params": params,
        "edges": edges(result),
        **more,
    }


def weights(result):
    return [round(float(w), 9) for w in sp.csr_matrix(result[0]).sorted_indices().data]


def main():
    rng = np.random.default_rng(20)
    flat = np.round(rng.uniform(0, 100, (150, 2)), 2)
    deep = np.round(rng.uniform(0, 60, (120, 3)), 2)
    sections = rng.integers(0, 3, 150)
    rows, columns = np.divmod(np.arange(12 * 14), 14)
    hexagons = np.column_stack([100.0 * (columns + 0.5 * (rows % 2)), np.round(50 * np.sqrt(3), 6) * rows])
    hexagons = hexagons[rng.permutation(len(hexagons))[:150]]  # a tissue with holes
    squares = np.array([[x, y] for y in range(9) for x in range(11)], dtype=float) * 55.0

    knn = lambda **more: lambda adata, **common: sq.gr.spatial_neighbors_knn(adata, **more, **common)
    radius = lambda **more: lambda adata, **common: sq.gr.spatial_neighbors_radius(adata, **more, **common)
    delaunay = lambda **more: lambda adata, **common: sq.gr.spatial_neighbors_delaunay(adata, **more, **common)
    grid = lambda **more: lambda adata, **common: sq.gr.spatial_neighbors_grid(adata, **more, **common)
    cases = [
        case("six nearest", flat, {"knn": 6}, knn(n_neighs=6)),
        case("six nearest in space", deep, {"knn": 6}, knn(n_neighs=6)),
        case("six nearest, the shorter 80 %", flat, {"knn": 6, "percentile": 80}, knn(n_neighs=6, percentile=80)),
        case("radius", flat, {"radius": 9.0}, radius(radius=9.0)),
        case("radius in space", deep, {"radius": 11.0}, radius(radius=11.0)),
        case("a ring of distances", flat, {"radius": 14.0, "min": 5.0, "max": 14.0}, radius(radius=(5.0, 14.0))),
        case("Delaunay", flat, {"delaunay": True}, delaunay()),
        case("Delaunay in sections", flat, {"delaunay": True}, delaunay(), sections),
        case("Delaunay up to a length", flat, {"delaunay": True, "max": 12.0}, delaunay(radius=12.0)),
        case("Delaunay, the shorter 90 %", flat, {"delaunay": True, "percentile": 90}, delaunay(percentile=90)),
        case("hexagons", hexagons, {"grid": 6, "rings": 1}, grid(n_neighs=6)),
        case("hexagons, two rings", hexagons, {"grid": 6, "rings": 2}, grid(n_neighs=6, n_rings=2)),
        case("squares, four", squares, {"grid": 4, "rings": 1}, grid(n_neighs=4)),
        case("squares, four, two rings", squares, {"grid": 4, "rings": 2}, grid(n_neighs=4, n_rings=2)),
        case("squares, eight", squares, {"grid": 8, "rings": 1}, grid(n_neighs=8)),
    ]
    spectral = delaunay(transform="spectral")
    adata = ad.AnnData(sp.csr_matrix((150, 1), dtype=np.float32), obsm={"spatial": flat})
    cases.append(
        case("Delaunay, spectral weights", flat, {"delaunay": True, "spectral": True}, spectral, weights=weights(spectral(adata, copy=True)))
    )
    content = {
        "made_by": "scripts/reference/spatial_graphs.py",
        "versions": {name: version(name) for name in VERSIONS},
        "cases": cases,
    }
    OUT.write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")
    print(f"wrote {OUT.name}:", ", ".join(f"{c['name']} ({len(c['edges'])})" for c in cases))


if __name__ == "__main__":
    main()
