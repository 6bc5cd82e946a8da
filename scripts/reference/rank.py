"""Writes tests/reference/rank.json: generated cells and their tokens by Geneformer's rule.

Run: python scripts/reference/rank.py   (numpy 2; any version gives the same file)

The rule is that of Geneformer's `TranscriptomeTokenizer.tokenize_anndata` and `rank_genes`: the counts of a cell, divided by
their sum over all measured genes, times 10,000, divided by the gene's non-zero median; zeros dropped; genes ordered by
falling value. Geneformer sorts with numpy's default sort, which leaves ties undefined; here the sort is stable over genes in
vocabulary order, which is the rule that resitu documents.
"""

import json
import pathlib

import numpy as np

TARGET_SUM = 10_000
N_CELLS, N_FILE_GENES, N_VOCABULARY, MAX_TOKENS = 40, 120, 90, 32


def rank(counts, token_of, medians):
    """Vocabulary positions of one cell, best first."""
    total = counts.astype(np.float64).sum()
    if total == 0:
        return []
    summed = np.zeros(len(medians), dtype=np.float64)
    for column, gene in enumerate(token_of):
        if gene is not None:
            summed[gene] += counts[column]
    values = summed / total * TARGET_SUM / medians.astype(np.float64)
    nonzero = np.nonzero(summed)[0]
    return nonzero[np.argsort(-values[nonzero], kind="stable")][:MAX_TOKENS].tolist()


def main():
    rng = np.random.default_rng(20261122)
    medians = rng.lognormal(0.5, 0.8, N_VOCABULARY).astype(np.float32)
    medians[::5] = 1.5  # equal medians and low counts: ties
    token_of = rng.permutation(N_VOCABULARY).tolist() + [None] * 20 + rng.integers(0, N_VOCABULARY, 10).tolist()
    token_of = [token_of[i] for i in rng.permutation(N_FILE_GENES)]
    depth = rng.choice([0.05, 0.3, 2.0, 20.0], N_CELLS)
    counts = rng.poisson(rng.lognormal(0, 1, (N_CELLS, N_FILE_GENES)) * depth[:, None]).astype(np.float32)
    counts[0] = 0  # an empty cell
    counts[1] *= np.float32(0.1)  # values that are no integers, as ambient RNA correction leaves them
    reference = {
        "rule": "x / n * 10000 / median, stable over vocabulary order",
        "max_tokens": MAX_TOKENS,
        "medians": medians.astype(float).tolist(),
        "token_of": token_of,
        "counts": counts.astype(float).tolist(),
        "tokens": [rank(row, token_of, medians) for row in counts],
    }
    path = pathlib.Path(__file__).resolve().parents[2] / "tests" / "reference" / "rank.json"
    path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
