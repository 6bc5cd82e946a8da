#!/usr/bin/env python3
"""Reference values for Ripley's functions: tests/reference/ripley.json.

    pip install -r scripts/reference/requirements.txt
    pip install --no-deps --target ASTROPY astropy==8.0.2 pyerfa astropy-iers-data
    PYTHONPATH=ASTROPY python scripts/reference/ripley.py

- squidpy's `gr.ripley`, uncorrected. Its random places, drawn from the seed, are written down too, so that F can be
  computed from the same ones. With a seed all its simulations are one; for their mean it runs without.
- K in a rectangle with each edge correction: `astropy.stats.RipleysKEstimator`. Its `ripley` weighs a pair by the point
  that comes first in the data alone; the mean over the data forwards and backwards weighs it by both, as the definition has it.
- In a convex hull: `shapely` measures overlaps, distances to the edge, and arcs (circles of 40,000 sides: 1e-7).
- F and G: Kaplan–Meier by `scipy.stats.ecdf` on censored data, the reduced sample by its definition.
"""

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import shapely
import shapely.affinity
import squidpy as sq
from astropy.stats import RipleysKEstimator
from scipy.spatial import ConvexHull
from scipy.spatial.distance import cdist
from scipy.stats import CensoredData, ecdf
from squidpy.gr._ripley import _ppp

warnings.simplefilter("ignore")
OUT = Path(__file__).resolve().parents[2] / "tests" / "reference"


def numbers(values):
    return [float(v) if np.isfinite(v) else None for v in np.asarray(values, dtype=float).ravel()]


def points(xy):
    return {"x": numbers(xy[:, 0]), "y": numbers(xy[:, 1])}


def of_squidpy():
    rng = np.random.default_rng(11)
    clusters = rng.uniform(100, 900, (6, 2))
    xy = np.vstack([rng.uniform(0, 1000, (200, 2)), clusters[rng.integers(0, 6, 150)] + rng.normal(0, 25, (150, 2))])
    labels = np.r_[rng.integers(0, 2, 200), np.full(150, 2)]
    obs = pd.DataFrame({"label": pd.Categorical([f"l{l}" for l in labels])}, index=[str(i) for i in range(len(xy))])
    adata = ad.AnnData(np.zeros((len(xy), 1), dtype=np.float32), obs=obs, obsm={"spatial": xy})
    found = {**points(xy), "labels": labels.tolist(), "modes": {}}
    found["probes"] = points(_ppp(ConvexHull(xy), 1, 150, seed=5))
    for mode in "FGL":
        fixed = sq.gr.ripley(adata, "label", mode=mode, n_observations=150, n_simulations=2, seed=5, copy=True)
        free = sq.gr.ripley(adata, "label", mode=mode, n_observations=150, n_simulations=300, seed=None, copy=True)
        simulated = free["sims_stat"]["stats"].to_numpy().reshape(300, -1)
        found["modes"][mode] = {
            "bins": numbers(fixed["bins"]),
            "stats": numbers(fixed[f"{mode}_stat"]["stats"]),
            "simulated_mean": numbers(simulated.mean(0)),
            "simulated_deviation": numbers(simulated.std(0)),
            "pvalues": numbers(free["pvalues"]),
        }
    return found


def weighted_k(xy, radii, weight, area):
    """K from a weight of every ordered pair."""
    n, d = len(xy), cdist(xy, xy)
    np.fill_diagonal(d, np.inf)
    w = np.array([[weight(i, j, d[i, j]) if i != j and d[i, j] <= radii[-1] else 0.0 for j in range(n)] for i in range(n)])
    return [area / (n * (n - 1)) * w[d <= r].sum() for r in radii], w, d


def arc(polygon, centre, d):
    angle = np.linspace(0, 2 * np.pi, 40_001)
    circle = shapely.LineString(centre + d * np.c_[np.cos(angle), np.sin(angle)])
    return circle.intersection(polygon).length / circle.length


def nearest_functions(xy, probes, margin, radii):
    """F and G: without correction, reduced sample, Kaplan–Meier."""
    d = cdist(xy, xy)
    np.fill_diagonal(d, np.inf)
    found = {}
    for name, e, b in [("G", d.min(1), margin(xy)), ("F", cdist(probes, xy).min(1), margin(probes))]:
        seen = e <= b
        curve = ecdf(CensoredData(uncensored=e[seen], right=b[~seen])).cdf
        found[name] = {
            "none": numbers([(e <= r).mean() for r in radii]),
            "border": numbers([(e[b >= r] <= r).mean() if (b >= r).any() else np.nan for r in radii]),
            "kaplan_meier": numbers(curve.evaluate(radii)),
        }
    return found


def rectangle():
    rng = np.random.default_rng(3)
    low, high = np.array([10.0, -20.0]), np.array([14.0, -17.0])
    xy = rng.uniform(low, high, (120, 2))
    radii = np.linspace(0, 1.2, 13)
    area = float(np.prod(high - low))
    k = RipleysKEstimator(area=area, x_min=low[0], y_min=low[1], x_max=high[0], y_max=high[1])
    n = len(xy)
    found = {**points(xy), "low": low.tolist(), "high": high.tolist(), "radii": numbers(radii)}
    both = (k(xy, radii, mode="ripley") + k(xy[::-1], radii, mode="ripley")) / 2
    found["K"] = {
        "none": numbers(k(xy, radii, mode="none")),
        "translation": numbers(k(xy, radii, mode="translation")),
        "isotropic": numbers(both),
        # astropy divides by n where an estimate without bias, given n, has n − 1.
        "border": numbers(k(xy, radii, mode="var-width") * n / (n - 1)),
    }
    margin = lambda p: np.minimum(p - low, high - p).min(1)
    probes = rng.uniform(low, high, (80, 2))
    found |= nearest_functions(xy, probes, margin, radii)
    found["probes"] = points(probes)
    # g by its definition, with the translation correction.
    h, (a, b) = 0.15, high - low
    d = cdist(xy, xy)
    weight = area / ((a - abs(xy[:, None, 0] - xy[:, 0])) * (b - abs(xy[:, None, 1] - xy[:, 1])))
    i, j = np.nonzero(~np.eye(n, dtype=bool))
    mass = lambda r: 1.0 if r >= h else 0.5 + 0.75 * (r / h) - 0.25 * (r / h) ** 3
    kernel = lambda u: np.maximum(0.75 * (1 - u * u), 0) / h
    g = [(weight[i, j] * kernel((r - d[i, j]) / h) / (2 * np.pi * d[i, j])).sum() / mass(r) * area / (n * (n - 1)) for r in radii]
    found["g"] = {"bandwidth": h, "translation": numbers(g)}
    return found


def hull():
    rng = np.random.default_rng(8)
    xy = rng.normal(0, 10, (60, 2)) @ np.array([[1.0, 0.3], [0.0, 0.6]])
    window = ConvexHull(xy)
    polygon = shapely.Polygon(xy[window.vertices])
    radii = np.linspace(0, 12, 13)
    area = polygon.area
    shifted = lambda i, j: polygon.intersection(shapely.affinity.translate(polygon, *(xy[j] - xy[i]))).area
    translation, _, _ = weighted_k(xy, radii, lambda i, j, d: min(area / max(shifted(i, j), 1e-300), 1 / np.finfo(float).eps), area)
    isotropic, _, _ = weighted_k(xy, radii, lambda i, j, d: min(1 / max(arc(polygon, xy[i], d), 1e-300), 100.0), area)
    margin = lambda p: np.array([polygon.exterior.distance(shapely.Point(q)) for q in p])
    b, (n, d) = margin(xy), (len(xy), cdist(xy, xy))
    np.fill_diagonal(d, np.inf)
    border = [(d[b >= r] <= r).sum() / (b >= r).sum() * area / (n - 1) if (b >= r).any() else np.nan for r in radii]
    found = {**points(xy), "radii": numbers(radii), "area": area}
    found["K"] = {"translation": numbers(translation), "isotropic": numbers(isotropic), "border": numbers(border)}
    found["G"] = nearest_functions(xy, xy, margin, radii)["G"]
    return found


if __name__ == "__main__":
    content = {
        "made_by": "scripts/reference/ripley.py",
        "versions": {name: version(name) for name in ("squidpy", "astropy", "scipy", "shapely", "numpy")},
        "squidpy": of_squidpy(),
        "rectangle": rectangle(),
        "hull": hull(),
    }
    (OUT / "ripley.json").write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")
    print("wrote tests/reference/ripley.json")
