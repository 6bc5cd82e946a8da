#!/usr/bin/env python3
"""Reference values for co-occurrence, from squidpy: tests/reference/points.json.

    pip install -r scripts/reference/requirements.txt
    python scripts/reference/points.py

All data are drawn here, seeded. squidpy's public function rounds positions to float32; its kernel, called with float64,
does the same counting in f64, so that a tolerance of 1e-9 means something. On a lattice of small integers float32 is
exact, and there the public function itself is the reference.
"""

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import squidpy as sq

from squidpy.gr._ppatterns import _co_occurrence_helper

warnings.simplefilter("ignore")
OUT = Path(__file__).resolve().parents[2] / "tests" / "reference"


def numbers(values):
    return [float(v) for v in np.asarray(values, dtype=float).ravel()]


def case(name, xy, labels, occ, interval):
    return {"name": name, "x": numbers(xy[:, 0]), "y": numbers(xy[:, 1]), "labels": [int(l) for l in labels], "interval": numbers(interval), "occ": numbers(occ)}


def adata(xy, labels):
    obs = pd.DataFrame({"label": pd.Categorical([f"l{l}" for l in labels])}, index=[str(i) for i in range(len(xy))])
    return ad.AnnData(np.zeros((len(xy), 1), dtype=np.float32), obs=obs, obsm={"spatial": xy})


def co_occurrence():
    rng = np.random.default_rng(4)
    xy = np.round(rng.uniform(0, 1000, (700, 2)) * [1.0, 0.6], 3)
    labels = ((xy[:, 0] // 300) + (rng.random(700) < 0.3)).astype(int)
    cases = []
    for name, interval in [("even", np.linspace(5, 500, 40)), ("uneven", np.array([0, 1.5, 10, 11, 90, 400, 3000.0]))]:
        occ = _co_occurrence_helper(xy[:, 0].copy(), xy[:, 1].copy(), interval, labels)
        cases.append(case(f"{name} distances, kernel in float64", xy, labels, occ, interval))
    lattice = np.argwhere(rng.random((40, 30)) < 0.5).astype(float)
    lattice = np.vstack([lattice, lattice[:25]])  # two cells on one spot
    labels = rng.integers(0, 4, len(lattice))
    occ, interval = sq.gr.co_occurrence(adata(lattice, labels), "label", interval=np.arange(0, 20, 1.0), copy=True)
    cases.append(case("lattice, public function", lattice, labels, occ, interval))
    occ, interval = sq.gr.co_occurrence(adata(xy, (xy[:, 1] // 200).astype(int)), "label", copy=True)
    return cases, case("squidpy's own distances, public function", xy, xy[:, 1] // 200, occ, interval)


if __name__ == "__main__":
    cases, default = co_occurrence()
    content = {
        "made_by": "scripts/reference/points.py",
        "versions": {name: version(name) for name in ("squidpy", "anndata", "numpy", "numba", "scipy", "scikit-learn")},
        "co_occurrence": cases,
        "co_occurrence_default": default,
    }
    (OUT / "points.json").write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")
    print("wrote tests/reference/points.json")
