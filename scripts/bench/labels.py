#!/usr/bin/env python3
"""resitu against squidpy: enrichment, centrality and the ligand-receptor test, in one run.

    cargo build --release --example bench_labels
    python scripts/bench/labels.py --data DIR --bench target/release/examples/bench_labels --out docs/bench-labels.md

DIR holds `st/xenium_breast_rep1_visium_aligned_region.h5ad` (17,136 cells; it has no labels: 15 clusters of its expression by
k-means) and `st/xenium_pancreas_west85.h5ad` (119,596 cells, 29 clusters), 10x Genomics, CC BY 4.0; the third are the million
cells of `spatial.py`, with 20 labels: ten stripes, in each two at random (without centrality). Processor seconds,
so that other work on the machine matters less, the median of the repeats; squidpy starts no other after `--patience` seconds,
and the table says how many it had. Both sides have cells, labels and graph in memory.
squidpy is warm: imported, compiled by a small run before, and runs in one process on one thread, as it does by default;
resitu does so too, and once more with all threads, as it does by default, for the clock.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
import warnings
from importlib.metadata import version
from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS")
os.environ.update({name: "1" for name in THREADS})

import anndata as ad
import numpy as np
import pandas as pd
import scanpy as sc
import squidpy as sq

from spatial import generated

warnings.simplefilter("ignore")
BREAST = "st/xenium_breast_rep1_visium_aligned_region.h5ad"
PANCREAS = "st/xenium_pancreas_west85.h5ad"
PERMUTATIONS = 1000


def breast(folder, _):
    from sklearn.cluster import MiniBatchKMeans

    cells = ad.read_h5ad(folder / BREAST)
    dense = np.log1p(cells.X.toarray())
    codes = MiniBatchKMeans(15, random_state=0, n_init=3).fit_predict(dense)
    cells.obs["label"] = pd.Categorical([f"l{code:02d}" for code in codes])
    cells.obsm["spatial"] = np.asarray(cells.obsm["spatial_um"], dtype=float)
    return "breast", cells


def pancreas(folder, _):
    cells = ad.read_h5ad(folder / PANCREAS)
    cells.obs["label"] = cells.obs["cluster"]
    return "pancreas", cells


def million(_, path):
    if not path.exists():
        generated(path)
    cells = ad.read_h5ad(path)
    xy = cells.obsm["spatial"]
    codes = (10 * xy[:, 0] / (xy[:, 0].max() + 1)).astype(int) + 10 * (np.random.default_rng(0).random(len(xy)) < 0.5)
    cells.obs["label"] = pd.Categorical([f"l{code:02d}" for code in codes])
    return "generated", cells


def ours(command):
    """For each task processor seconds on one thread, and the clock's on all."""
    everything = {name: value for name, value in os.environ.items() if name not in THREADS}
    one, all_threads = (json.loads(subprocess.check_output(command, env=env)) for env in (os.environ, everything))
    return {task: (statistics.median(one[task]["processor"]), statistics.median(all_threads[task]["clock"])) for task in one}


def theirs(call, repeats, patience):
    """Processor seconds, the clock's, and how many runs these are medians of."""
    processor, clock = [], []
    while len(clock) < repeats and (not clock or sum(clock) < patience):
        before, began = time.process_time(), time.perf_counter()
        call()
        processor.append(time.process_time() - before)
        clock.append(time.perf_counter() - began)
    return statistics.median(processor), statistics.median(clock), len(clock)


def processor():
    info = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bench", default="target/release/examples/bench_labels")
    parser.add_argument("--only", choices=["breast", "pancreas", "million"])
    parser.add_argument("--generated", type=Path, help="keeps the generated cells here, or takes them from here")
    parser.add_argument("--patience", type=float, default=400.0)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=100, help="made-up ligand-receptor pairs of the panel's genes")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    folder = Path(tempfile.mkdtemp())
    rows = []
    for make in (breast, pancreas, million):
        if arguments.only not in (None, make.__name__):
            continue
        name, cells = make(arguments.data, arguments.generated or folder / "million.h5ad")
        labels = cells.obs["label"].nunique()
        path = folder / f"{name}.h5ad"
        cells.write_h5ad(path)
        rng = np.random.default_rng(0)
        pairs = pd.DataFrame({"ligand": rng.choice(cells.var_names, arguments.pairs), "receptor": rng.choice(cells.var_names, arguments.pairs)})
        pairs = pairs.drop_duplicates()
        pairs.to_csv(folder / "pairs.csv", index=False)
        sq.gr.spatial_neighbors(cells, n_neighs=6, coord_type="generic")
        small = cells[:500].copy()
        sq.gr.spatial_neighbors(small, n_neighs=6, coord_type="generic")
        sq.gr.nhood_enrichment(small, "label", n_perms=10, show_progress_bar=False)  # compiles
        interactions = pairs.rename(columns={"ligand": "source", "receptor": "target"})
        enrich = lambda: sq.gr.nhood_enrichment(cells, "label", n_perms=PERMUTATIONS, n_jobs=1, show_progress_bar=False)
        central = lambda: sq.gr.centrality_scores(cells, "label", n_jobs=1, show_progress_bar=False)
        signal = lambda: sq.gr.ligrec(cells, "label", interactions=interactions, n_perms=PERMUTATIONS, use_raw=False, copy=True, n_jobs=1, show_progress_bar=False)
        test = f"ligand-receptor test, {len(pairs)} pairs, {PERMUTATIONS:,} permutations"
        tasks = [
            ("enrichment", f"neighbourhood enrichment, {PERMUTATIONS:,} permutations", enrich),
            *([("centrality", "centrality (degree, clustering, closeness)", central)] if make is not million else []),
            ("ligrec", f"{test}, counts", signal),
        ]
        command = [arguments.bench, str(path), "label", str(folder / "pairs.csv"), "6", str(arguments.repeats)]
        timed = ours(command)
        measured = [(title, timed[task], theirs(call, arguments.repeats, arguments.patience)) for task, title, call in tasks]
        # Counts take a way of their own here; most people test log1p values.
        sc.pp.normalize_total(cells, target_sum=100)
        sc.pp.log1p(cells)
        cells.write_h5ad(path)
        measured.append((f"{test}, log1p values", ours(command)["ligrec"], theirs(signal, arguments.repeats, arguments.patience)))
        for title, (quick, clock), (slow, their_clock, runs) in measured:
            cells_of = f"{name}, {cells.n_obs:,} cells, {labels} labels"
            numbers = [f"{quick:.4f}", f"{slow:.2f}", f"{slow / quick:.0f}", f"{clock:.4f}", f"{their_clock:.2f}", f"{their_clock / clock:.0f}", str(runs)]
            rows.append(f"| {cells_of} | {title} | " + " | ".join(numbers) + " |")
            print(rows[-1], flush=True)
    packages = ", ".join(f"{package} {version(package)}" for package in ("squidpy", "networkx", "numba", "numpy"))
    lines = [
        "# Statistics of labels: resitu and squidpy",
        "",
        f"On the same graph (6 nearest neighbours), by squidpy's definitions and defaults. Median of {arguments.repeats}, of squidpy of as many as the last column says; cells, labels and",
        "graph in memory. First processor seconds, both on one thread; then the clock's, resitu on all threads, squidpy in",
        "its one process.",
        "",
        "| cells | | resitu, processor | squidpy, processor | ratio | resitu, clock, all threads | squidpy, clock | ratio by the clock | squidpy's runs |",
        "|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        f"Made on {datetime.date.today()} by `scripts/bench/labels.py`. {processor()}, {platform.system()} {platform.machine()}; load average {load:.1f} at the",
        "start (where it is not near 0 other work shared the processors: clocks mean little).",
        f"Python {platform.python_version()}, {packages}.",
        "",
    ]
    text = "\n".join(lines)
    print(text)
    if arguments.out:
        arguments.out.write_text(text)


if __name__ == "__main__":
    main()
