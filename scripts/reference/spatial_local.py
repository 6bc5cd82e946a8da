#!/usr/bin/env python3
"""Reference values for the local and the bivariate statistics, from esda: tests/reference/spatial_local.json.

    pip install -r scripts/reference/requirements.txt
    python scripts/reference/spatial_local.py

Cells, genes and graphs are drawn here (seeded). Values are multiples of 1/64, exact in float32. Gene 0 has a wave, gene 1
a cluster of counts (mostly 0), gene 2 nothing. The graphs are six nearest neighbours and a radius that isolates cells.
"""

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from esda.getisord import G_Local
from esda.lee import Spatial_Pearson
from esda.moran import Moran_BV, Moran_Local
from libpysal.weights import W
from scipy.spatial import cKDTree

warnings.simplefilter("ignore")
OUT = Path(__file__).resolve().parents[2] / "tests" / "reference" / "spatial_local.json"
VERSIONS = ("esda", "libpysal", "numpy", "scipy")
N, PERMUTATIONS = 150, 2999


def numbers(values, digits=12):
    return [float(f"{v:.{digits}g}") if np.isfinite(v) else None for v in np.asarray(values, dtype=float).ravel()]


def lisa(y, w):
    found = Moran_Local(y, w, permutations=PERMUTATIONS, seed=1, n_jobs=1)
    keep = {name: numbers(getattr(found, name)) for name in ("Is", "EI", "VI", "EIc", "VIc")}
    more = {name: numbers(getattr(found, name), 6) for name in ("p_sim", "EI_sim", "VI_sim")}
    return keep | more | {"q": found.q.tolist()}


def getis_ord(y, w, transform, star):
    found = G_Local(y, w, transform=transform, star=star, permutations=PERMUTATIONS, seed=1, n_jobs=1)
    return {
        "transform": transform,
        "star": star,
        **{name: numbers(getattr(found, name)) for name in ("Gs", "EGs", "VGs", "Zs")},
        "p_sim": numbers(found.p_sim, 6),
    }


def pair(x, y, w):
    np.random.seed(1)
    moran = Moran_BV(x, y, w, permutations=PERMUTATIONS)
    lee = Spatial_Pearson(w.sparse, permutations=PERMUTATIONS).fit(x[:, None], y[:, None])
    sim = lee.reference_distribution_[:, 0, 1]
    return {
        "I": moran.I,
        "I_var_sim": moran.VI_sim,
        "I_p_sim": moran.p_sim,
        "L": lee.association_[0, 1],
        "L_mean_sim": sim.mean(),
        "L_var_sim": sim.var(),
    }


def main():
    rng = np.random.default_rng(30)
    xy = np.round(rng.uniform(0, 100, (N, 2)), 2)
    tree = cKDTree(xy)
    nearest = {i: [int(j) for j in tree.query(xy[i], 7)[1] if j != i][:6] for i in range(N)}
    near = {i: sorted(int(j) for j in tree.query_ball_point(xy[i], 7.0) if j != i) for i in range(N)}
    wave = 4 + 2 * np.sin(xy[:, 0] / 15) + rng.normal(0, 0.7, N)
    counts = rng.poisson(3 * np.exp(-((xy - 40) ** 2).sum(1) / 300))
    genes = np.column_stack([np.round(wave * 64) / 64, counts, np.round(rng.gamma(2, 1, N) * 64) / 64]).astype(float)
    cases = []
    for name, rows in (("nearest", nearest), ("radius", near)):
        w = lambda: W(rows, silence_warnings=True)
        whole = w()
        whole.transform = "r"
        cases.append(
            {
                "name": name,
                "rows": [sorted(rows[i]) for i in range(N)],
                "lisa": [lisa(genes[:, g], w()) for g in range(3)],
                "getis_ord": [getis_ord(genes[:, g], w(), t, s) for g in (0, 1) for t in "BR" for s in (False, True)],
                "pairs": [pair(genes[:, a], genes[:, b], whole) for a in range(3) for b in range(3) if a != b],
            }
        )
    content = {
        "made_by": "scripts/reference/spatial_local.py",
        "versions": {name: version(name) for name in VERSIONS},
        "permutations": PERMUTATIONS,
        "values": genes.tolist(),
        "cases": cases,
    }
    OUT.write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")
    print(f"wrote {OUT.name}")


if __name__ == "__main__":
    main()
