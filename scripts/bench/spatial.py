#!/usr/bin/env python3
"""resitu against squidpy: neighbour graph, Moran's I and Geary's C of all genes of one real section, in one run.

    cargo build --release
    python scripts/bench/spatial.py --data DIR --resitu target/release/resitu --output docs/bench-spatial.md

DIR holds `st/xenium_breast_rep1_visium_aligned_region.h5ad` (17,136 cells × 313 genes, 10x Genomics, CC BY 4.0). Both
sides do the whole task, from the file to the table, on one thread. squidpy is warm: imported, its kernels compiled by a
small run before. resitu starts its process anew each time and writes a CSV. The least of three runs counts; processor
time stands beside the clock's, because only it means something on a machine that does other work.
"""

import argparse
import csv
import datetime
import os
import platform
import resource
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
import squidpy as sq

warnings.simplefilter("ignore")
FILE = "st/xenium_breast_rep1_visium_aligned_region.h5ad"
PERMUTATIONS = 50


def squidpy_task(path, permutations=None, cells=None):
    adata = ad.read_h5ad(path)
    if cells:
        adata = adata[:cells].copy()
    sq.gr.spatial_neighbors(adata, spatial_key="spatial_um", n_neighs=6, coord_type="generic")
    common = {"n_perms": permutations, "seed": 0, "n_jobs": 1, "show_progress_bar": False, "copy": True}
    moran = sq.gr.spatial_autocorr(adata, mode="moran", **common)
    sq.gr.spatial_autocorr(adata, mode="geary", **common)
    return moran["I"].to_dict()


def resitu_task(binary, path, out, permutations=None, null="values"):
    more = ["--permutations", str(permutations), "--null", null] if permutations else []
    subprocess.run([binary, "metrics", path, "--autocorr", *more, "-o", out], check=True, stderr=subprocess.DEVNULL)
    with open(out, newline="") as table:
        return {row["gene"]: float(row["moran_value"]) for row in csv.DictReader(table)}


def timed(who, task, repeats):
    """The least (clock, processor) seconds and the last result."""
    used = lambda: sum(resource.getrusage(who)[:2])
    runs = []
    for _ in range(repeats):
        clock, processor = time.perf_counter(), used()
        result = task()
        runs.append((time.perf_counter() - clock, used() - processor))
    return min(run[0] for run in runs), min(run[1] for run in runs), result


def processor():
    info = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--resitu", default="target/release/resitu")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    path = arguments.data / FILE
    out = os.path.join(tempfile.mkdtemp(), "metrics.csv")
    load = os.getloadavg()[0]

    squidpy_task(path, permutations=2, cells=500)  # compiles
    us = lambda *more: timed(resource.RUSAGE_CHILDREN, lambda: resitu_task(arguments.resitu, path, out, *more), 3)
    them = lambda repeats, *more: timed(resource.RUSAGE_SELF, lambda: squidpy_task(path, *more), repeats)
    rows = [("analytic p-values", us(), them(3))]
    slow = them(1, PERMUTATIONS)
    rows.append((f"{PERMUTATIONS} permutations of the rows (squidpy's null)", us(PERMUTATIONS, "rows"), slow))
    rows.append((f"{PERMUTATIONS} permutations of the values (squidpy: of the rows)", us(PERMUTATIONS, "values"), slow))
    difference = max(abs(rows[0][1][2][gene] - value) for gene, value in rows[0][2][2].items())

    tool = subprocess.run([arguments.resitu, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    packages = ", ".join(f"{name} {version(name)}" for name in ("squidpy", "scanpy", "anndata", "numba", "numpy"))
    lines = [
        "# Spatial statistics: resitu and squidpy",
        "",
        "Six nearest neighbours, Moran's I and Geary's C of all genes of one section, 17,136 cells × 313 genes (Xenium breast, 10x Genomics,",
        "CC BY 4.0), from the file to the table, on one thread. squidpy is warm (imported and compiled); resitu's process is started anew.",
        "Seconds, the least of three runs (permutations with squidpy: one run).",
        "",
        "| | resitu, processor | squidpy, processor | ratio | resitu, clock | squidpy, clock |",
        "|---|---|---|---|---|---|",
    ]
    for name, (clock, used, _), (their_clock, their_used, _) in rows:
        lines.append(f"| {name} | {used:.2f} | {their_used:.2f} | {their_used / used:.1f} | {clock:.2f} | {their_clock:.2f} |")
    lines += [
        "",
        f"Largest difference of I between the two: {difference:.1e}.",
        "",
        f"Made on {datetime.date.today()} by `scripts/bench/spatial.py`. {processor()}, {platform.system()} {platform.machine()}; load average {load:.1f} at",
        f"the start (compare processor times if it is not near 0). {tool}; Python {platform.python_version()}, {packages}.",
        "",
    ]
    text = "\n".join(lines)
    print(text)
    if arguments.output:
        arguments.output.write_text(text)


if __name__ == "__main__":
    main()
