"""Reference values for tests/recovery.rs: the scores of translations, from scipy and scikit-learn.

    python scripts/reference/recovery.py > tests/reference/recovery.json

All data are drawn here (seeded) and rounded to three decimals, so that JSON carries them exactly; they are float32 on
both sides before anything is computed. Versions as in requirements.txt.
"""

import json
import sys
from collections import Counter
from importlib.metadata import version

import numpy as np
from scipy import stats
from scipy.spatial.distance import cdist, jensenshannon, pdist
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import PredefinedSplit, cross_val_score
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

PINNED = {"numpy": "2.4.6", "scipy": "1.17.1", "scikit-learn": "1.9.1"}
for package, wanted in PINNED.items():
    if version(package) != wanted:
        sys.exit(f"{package} {version(package)} is installed; the reference is made with {wanted}")

random = np.random.default_rng(20261122)


def profiles(values):
    """As Rust reads them: the decimal, then float32."""
    return np.round(values, 3).astype(np.float32).astype(np.float64)


def listed(values):
    return [round(float(value), 3) for value in np.asarray(values).ravel()]


def compositions():
    cases = []
    for p, q in [
        (random.dirichlet(np.ones(6)), random.dirichlet(np.ones(6))),
        ([3, 0, 1, 0], [0, 2, 2, 0]),
        ([1, 0], [0, 5]),
        ([0.2, 0.3, 0.5], [2, 3, 5]),
    ]:
        p, q = profiles(p), profiles(q)
        cases.append({"p": listed(p), "q": listed(q), "distance": float(jensenshannon(p, q, base=2))})
    return cases


def labels():
    truth = random.integers(0, 4, 120)
    predicted = np.where(random.random(120) < 0.6, truth, random.integers(0, 6, 120))  # 4 and 5 are never true
    return {
        "truth": truth.tolist(),
        "predicted": predicted.tolist(),
        "classes": 8,  # 6 and 7 never occur
        "macro_f1": float(f1_score(truth, predicted, average="macro", zero_division=0)),
    }


def neighbours(xy, k):
    found = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(xy).kneighbors(return_distance=False)
    return [set(row) for row in found]


def overlap(truth, placed, k):
    return np.array([len(a & b) / k for a, b in zip(neighbours(truth, k), neighbours(placed, k))])


def placement():
    truth = np.round(random.normal(size=(90, 2)) * 100, 3)
    placed = np.round(truth + random.normal(size=(90, 2)) * 30, 3)
    # Many cells on few positions, as where cells are placed on reference cells. Whole numbers: exact ties.
    crowded = np.round(placed / 60) * 60
    draws, k = 4000, 8
    expected = np.zeros(90)
    for _ in range(draws):
        # Noise far below the spacing of positions makes a random choice among tied cells and no other difference.
        noisy = crowded + random.normal(size=crowded.shape) * 1e-6
        expected += overlap(truth, noisy, k) / draws
    a, b = cdist(truth, truth), cdist(crowded, crowded)
    rows = []
    for cell in range(90):
        others = np.arange(90) != cell
        rows.append(float(stats.spearmanr(a[cell, others], b[cell, others]).statistic))
    return {
        "truth": listed(truth),
        "placed": listed(placed),
        "crowded": listed(crowded),
        "hits": {str(k): overlap(truth, placed, k).tolist() for k in (1, 8, 40)},
        "crowded_k": k,
        "crowded_hits": expected.tolist(),
        "crowded_draws": draws,
        "crowded_spearman": rows,
    }


def samples():
    mixing = random.normal(size=(6, 6))
    a = profiles(random.normal(size=(80, 6)) @ mixing)
    b = profiles(random.normal(size=(60, 6)) @ mixing + 0.35)
    a[:, 4], b[:, 4] = 2.5, 2.5  # a gene that is constant
    a[:, 5], b[:, 5] = np.maximum(a[:, 5], 0), np.maximum(b[:, 5], 0)  # and one with many ties
    fold_a, fold_b = random.permutation(80) % 5, random.permutation(60) % 5

    x, y = np.vstack([a, b]), np.repeat([0, 1], [80, 60])
    model = make_pipeline(StandardScaler(), LogisticRegression(solver="newton-cholesky", tol=1e-12, max_iter=1000))
    folds = PredefinedSplit(np.concatenate([fold_a, fold_b]))
    scores = model.fit(x, y).decision_function(x)

    bandwidth = float(np.median(pdist(x)))
    kernel = rbf_kernel(x, gamma=1 / (2 * bandwidth**2))
    np.fill_diagonal(kernel, 0)
    mmd = kernel[:80, :80].sum() / (80 * 79) + kernel[80:, 80:].sum() / (60 * 59) - 2 * kernel[:80, 80:].mean()

    pairs = cdist(a[:60], b)
    own = np.diag(pairs)
    closer = (pairs < own[:, None]).sum(1) + (pairs < own[None, :]).sum(0)
    return {
        "d": 6,
        "a": listed(a),
        "b": listed(b),
        "fold_a": fold_a.tolist(),
        "fold_b": fold_b.tolist(),
        "auc_per_fold": cross_val_score(model, x, y, cv=folds, scoring="roc_auc").tolist(),
        "whole_auc": float(roc_auc_score(y, np.round(scores, 1))),
        "whole_scores": np.round(scores, 1).tolist(),
        "bandwidth": bandwidth,
        "mmd": float(mmd),
        "wasserstein": [float(stats.wasserstein_distance(a[:, gene], b[:, gene])) for gene in range(6)],
        "foscttm": (closer / (2 * 59)).tolist(),
    }


def agreement():
    centres = random.normal(size=(4, 10))
    label = random.integers(0, 4, 150)
    values = profiles(centres[label] + random.normal(size=(150, 10)))
    found = NearestNeighbors(metric="cosine", algorithm="brute").fit(values)
    shares = {}
    for k in (1, 4, 15):
        nearest = found.kneighbors(n_neighbors=k, return_distance=False)
        # `most_common` keeps the order of first meeting among the equally common: the nearest label.
        shares[str(k)] = np.mean(
            [Counter(label[row]).most_common(1)[0][0] == own for row, own in zip(nearest, label)]
        ).item()
    return {"d": 10, "profiles": listed(values), "labels": label.tolist(), "shares": shares}


def interval():
    values = np.round(random.gamma(2, size=70), 3)
    found = stats.bootstrap((values,), np.mean, n_resamples=200_000, method="percentile", rng=random)
    low, high = map(float, found.confidence_interval)
    return {"values": listed(values), "low": low, "high": high, "error": float(found.standard_error)}


cases = {
    "versions": PINNED,
    "compositions": compositions(),
    "labels": labels(),
    "placement": placement(),
    "samples": samples(),
    "agreement": agreement(),
    "interval": interval(),
}
json.dump(cases, sys.stdout, separators=(",", ":"))
print()
