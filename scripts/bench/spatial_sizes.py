#!/usr/bin/env python3
"""resitu against squidpy in memory, by size: graphs of every kind, and Moran's I and Geary's C with 199 permutations.

    cargo build --release --example bench_spatial
    python scripts/bench/spatial_sizes.py --data DIR --bench target/release/examples/bench_spatial [--only breast pancreas generated]

Breast (17,136 × 313) and pancreas (119,596 × 377) are Xenium sections under DIR/st; the third is generated here (seeded):
1,000,000 cells × 300 genes, one value in twenty. Both sides have the data in memory; the clock counts, the median of five
(squidpy's permutations: one run of `--their-permutations`, scaled to 199, since each costs it the same). squidpy runs in
one process with one thread; resitu with RAYON_NUM_THREADS threads (default: all, and once more with one).
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import anndata as ad
import numpy as np
import scipy.sparse as sp
import squidpy as sq

warnings.simplefilter("ignore")
PERMUTATIONS = 199


def generated(path, cells=1_000_000, genes=300, seed=7):
    """Poisson counts on scattered cells: a wave in every second gene, sparse throughout."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 10 * np.sqrt(cells), (cells, 2))
    columns = []
    for gene in range(genes):
        wave = 1 + (gene % 2) * np.sin(xy[:, 0] / 400 + gene)
        chosen = np.flatnonzero(rng.random(cells) < 0.05 * wave)
        columns.append(sp.csc_matrix((1 + rng.poisson(0.5, len(chosen)), (chosen, np.zeros(len(chosen), int))), (cells, 1), dtype=np.float32))
    ad.AnnData(sp.hstack(columns, format="csr"), obsm={"spatial": xy}).write_h5ad(path)


def median(repeats, work):
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def theirs(path, radius, permutations, repeats):
    adata = ad.read_h5ad(path)
    key = "spatial_um" if "spatial_um" in adata.obsm else "spatial"
    common = {"spatial_key": key, "copy": True}
    found = {
        "knn": median(repeats, lambda: sq.gr.spatial_neighbors_knn(adata, n_neighs=6, **common)),
        "radius": median(repeats, lambda: sq.gr.spatial_neighbors_radius(adata, radius=radius, **common)),
        "delaunay": median(repeats, lambda: sq.gr.spatial_neighbors_delaunay(adata, **common)),
        "grid": median(repeats, lambda: sq.gr.spatial_neighbors_grid(adata, n_neighs=6, **common)),
    }
    sq.gr.spatial_neighbors_knn(adata, n_neighs=6, spatial_key=key)

    def both(cells=None, n_perms=None):
        part = adata[:cells].copy() if cells else adata
        for mode in ("moran", "geary"):
            sq.gr.spatial_autocorr(part, mode=mode, n_perms=n_perms, seed=0, n_jobs=1, show_progress_bar=False, copy=True)

    both(cells=500, n_perms=2)  # compiles
    found["analytic"] = median(min(repeats, 3), both)
    if permutations:
        more = median(1, lambda: both(n_perms=permutations)) - found["analytic"]
        found["permuted"] = found["analytic"] + more * PERMUTATIONS / permutations
    return found


def ours(bench, path, radius, repeats, threads=None):
    environment = {**os.environ, **({"RAYON_NUM_THREADS": str(threads)} if threads else {})}
    command = [bench, str(path), "6", str(PERMUTATIONS), str(radius), str(repeats)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)
    return {key: statistics.median(value) if isinstance(value, list) else value for key, value in found.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bench", default="target/release/examples/bench_spatial")
    parser.add_argument("--only", nargs="*", default=["breast", "pancreas", "generated"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--their-permutations", type=int, default=10)
    arguments = parser.parse_args()
    print(f"Load average {os.getloadavg()[0]:.1f} at the start; {os.cpu_count()} cores. Seconds by the clock.\n")
    print("| | resitu | one thread | squidpy | ratio | ratio, one thread | peak of resitu |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "breast": (arguments.data / "st/xenium_breast_rep1_visium_aligned_region.h5ad", 20.0),
            "pancreas": (arguments.data / "st/xenium_pancreas_west85.h5ad", 20.0),
            "generated": (Path(folder) / "generated.h5ad", 15.0),
        }
        for name in arguments.only:
            path, radius = files[name]
            if name == "generated":
                generated(path)
            many = ours(arguments.bench, path, radius, arguments.repeats)
            one = ours(arguments.bench, path, radius, arguments.repeats, threads=1)
            other = theirs(path, radius, arguments.their_permutations, arguments.repeats)
            for task, seconds in other.items():
                label = {"analytic": "Moran + Geary, analytic", "permuted": f"Moran + Geary, {PERMUTATIONS} permutations"}.get(task, f"graph: {task}")
                print(
                    f"| {name} ({many['cells']:,} × {many['genes']}), {label} | {many[task]:.3f} | {one[task]:.3f} | {seconds:.3f} "
                    f"| {seconds / many[task]:.1f} | {seconds / one[task]:.1f} | {many['peak_gb']:.2f} GB |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
