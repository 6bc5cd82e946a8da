#!/usr/bin/env python3
"""resitu against squidpy: co-occurrence and Ripley's functions, in one run.

    cargo build --release --example point_patterns
    python scripts/bench/points.py --data DIR --example target/release/examples/point_patterns --out docs/bench-points.md

DIR holds `st/xenium_breast_rep1_visium_aligned_region.h5ad` (17,136 cells; it has no labels: 15 clusters of its expression by
k-means) and `st/xenium_pancreas_west85.h5ad` (119,596 cells, 29 clusters), 10x Genomics, CC BY 4.0. The million cells are
drawn here. Both sides start from positions and labels in memory. Processor seconds on one thread, so that other work on the machine
matters less, and the clock's with all threads of resitu; medians of the repeats. squidpy is warm: imported, compiled by a small run before. It starts no other run after
`--patience` seconds, and the table says how many it had. Where it would need more memory than `--memory` GB it does not run, and the table says what it would need.
"""

import argparse
import datetime
import os
import platform
import resource
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
import squidpy as sq

warnings.simplefilter("ignore")
BREAST = "st/xenium_breast_rep1_visium_aligned_region.h5ad"
PANCREAS = "st/xenium_pancreas_west85.h5ad"


def breast(folder):
    import scanpy as sc
    from sklearn.cluster import MiniBatchKMeans

    cells = ad.read_h5ad(folder / BREAST)
    sc.pp.normalize_total(cells)
    sc.pp.log1p(cells)
    codes = MiniBatchKMeans(15, random_state=0, n_init=3).fit_predict(cells.X.toarray())
    return "breast", np.asarray(cells.obsm["spatial_um"], dtype=float), codes


def pancreas(folder):
    cells = ad.read_h5ad(folder / PANCREAS, backed="r")
    return "pancreas", np.asarray(cells.obsm["spatial"], dtype=float), cells.obs["cluster"].cat.codes.to_numpy()


def million(_):
    rng = np.random.default_rng(0)
    xy = rng.uniform(0, 10_000, (1_000_000, 2))
    return "generated", xy, (xy[:, 0] // 1000).astype(int) + 10 * (rng.random(len(xy)) < 0.5)


def used(who):
    return sum(resource.getrusage(who)[:2])


def ours(example, path, what, repeats):
    """Median processor seconds on one thread (the process less one that does nothing, by repeats), the clock's on all, and the
    most memory in MB."""
    command = [example, path, what]
    everything = {name: value for name, value in os.environ.items() if name not in THREADS}
    before = used(resource.RUSAGE_CHILDREN)
    subprocess.run([*command, "0"], check=True)
    reading = used(resource.RUSAGE_CHILDREN) - before
    processor, clock, memory = [], [], 0
    for _ in range(repeats):
        before = used(resource.RUSAGE_CHILDREN)
        subprocess.run([*command, "1"], check=True, capture_output=True)
        processor.append(used(resource.RUSAGE_CHILDREN) - before - reading)
        line = subprocess.run([*command, "1"], check=True, capture_output=True, text=True, env=everything).stdout.split()
        clock.append(float(line[0]))
        memory = max(memory, int(line[1]))
    return statistics.median(processor), statistics.median(clock), memory


def squidpys(adata, what, repeats, patience):
    """Processor seconds, the clock's, and how many runs these are medians of."""
    processor, clock = [], []
    while len(clock) < repeats and (not clock or sum(clock) < patience):
        before, began = used(resource.RUSAGE_SELF), time.perf_counter()
        if what == "co-occurrence":
            sq.gr.co_occurrence(adata, "label", copy=True)
        else:
            sq.gr.ripley(adata, "label", mode=what, copy=True)
        processor.append(used(resource.RUSAGE_SELF) - before)
        clock.append(time.perf_counter() - began)
    return statistics.median(processor), statistics.median(clock), len(clock)


def need_gb(what, codes):
    """What squidpy's largest arrays take."""
    counts = np.bincount(codes)
    if what == "co-occurrence":
        return len(codes) * 49 * len(counts) ** 2 * 4 / 1e9  # int32 counters of each cell
    if what == "L":
        pairs = float(counts.max()) ** 2 / 2
        return pairs * (8 + 50) / 1e9  # distances, and one byte a distance and radius
    return 0.5


def processor():
    info = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--example", default="target/release/examples/point_patterns")
    parser.add_argument("--only", nargs="*", choices=["breast", "pancreas", "generated"], help="default: all")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--patience", type=float, default=300.0)
    parser.add_argument("--memory", type=float, default=8.0)
    parser.add_argument("--corrected", action="store_true", help="also resitu's corrected functions with 199 simulations, which squidpy does not have")
    parser.add_argument("--out", type=Path, help="the page; with --only, the rows of other sets remain as they stand in it")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    folder = Path(tempfile.mkdtemp())

    # For each set: what to run, resitu's name for it, squidpy's.
    same = [("co-occurrence, 50 distances", "co-occurrence", "co-occurrence")]
    same += [(f"Ripley's {mode}, 100 simulations", f"squidpy-{mode}", mode) for mode in "FGL"]
    near = [("co-occurrence, 50 distances up to 300", "co-occurrence:300", "co-occurrence")]
    corrected = [(f"{mode}, corrected, 199 simulations", f"ripley-{mode}", None) for mode in "FGLg"]
    sets = {"breast": (breast, same), "pancreas": (pancreas, same), "generated": (million, near + same[1:3])}
    page = arguments.out.read_text().splitlines() if arguments.only and arguments.out and arguments.out.exists() else []
    rows, kept = [], []
    for name, (load_set, tasks) in sets.items():
        if arguments.only and name not in arguments.only:
            older = [line for line in page if line.startswith(f"| {name}, ")]
            rows += older
            kept += [name] if older else []
            continue
        name, xy, codes = load_set(arguments.data)
        path = folder / f"{name}.bin"
        with open(path, "wb") as file:
            np.array([len(xy), codes.max() + 1], dtype="<u8").tofile(file)
            xy.astype("<f8").tofile(file)
            codes.astype("<i4").tofile(file)
        obs = pd.DataFrame({"label": pd.Categorical([f"l{code:02d}" for code in codes])}, index=np.arange(len(xy)).astype(str))
        adata = ad.AnnData(np.zeros((len(xy), 1), dtype=np.float32), obs=obs, obsm={"spatial": xy})
        squidpys(adata[:500].copy(), "co-occurrence", 1, 0)  # compiles
        for title, us, them in tasks + (corrected if arguments.corrected and name == "breast" else []):
            seconds, clock, memory = ours(arguments.example, path, us, arguments.repeats)
            gb = need_gb(them, codes) if them else 0.0
            if them is None:
                theirs = ["does not have it", "–", "–", "–", "–"]
            elif gb > arguments.memory:
                theirs = [f"not run (would take {gb:,.0f} GB)", "–", "–", "–", "–"]
            else:
                slow, their_clock, runs = squidpys(adata, them, arguments.repeats, arguments.patience)
                theirs = [f"{slow:.2f}", f"{slow / seconds:.0f}", f"{their_clock:.2f}", f"{their_clock / clock:.0f}", str(runs)]
            numbers = [f"{seconds:.3f}", *theirs[:2], f"{clock:.3f}", *theirs[2:], str(memory)]
            rows.append(f"| {name}, {len(xy):,} cells, {codes.max() + 1} labels | {title} | " + " | ".join(numbers) + " |")
            print(rows[-1], flush=True)

    packages = ", ".join(f"{package} {version(package)}" for package in ("squidpy", "scikit-learn", "scipy", "numba", "numpy"))
    lines = [
        "# Point patterns: resitu and squidpy",
        "",
        f"Co-occurrence and Ripley's functions from positions and labels in memory, by squidpy's definitions and defaults. Median of {arguments.repeats}, of squidpy of as many as its column says. First",
        "processor seconds, both on one thread; then the clock's, resitu on all threads, squidpy in its one process. Memory is that of resitu's",
        "whole process on all threads.",
        "",
        "| cells | | resitu, processor | squidpy, processor | ratio | resitu, clock, all threads | squidpy, clock | ratio by the clock | squidpy's runs | resitu, MB |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        *([f"The rows of {' and '.join(kept)} were kept from an earlier run, perhaps of an earlier version of resitu.", ""] if kept else []),
        f"Made on {datetime.date.today()} by `scripts/bench/points.py`. {processor()}, {platform.system()} {platform.machine()}; load average {load:.1f} at the",
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
