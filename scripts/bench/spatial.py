#!/usr/bin/env python3
"""resitu against squidpy in memory: graphs of every kind, Moran's I and Geary's C with 199 permutations, at three sizes.

    cargo build --release --example bench_spatial
    python scripts/bench/spatial.py --data DIR --bench target/release/examples/bench_spatial --out docs/bench-spatial.md

Breast (17,136 × 313) and pancreas (119,596 × 377) are Xenium sections under DIR/st (10x Genomics, CC BY 4.0); the third is
drawn here: 1,000,000 cells × 300 genes, one value in twenty; of it squidpy runs everything once, and resitu its permutations three times.
Both sides have the data in memory. squidpy is warm (imported, compiled by a small run before) and runs in one process on one
thread; resitu does so too, and once more with all threads for the clock. Medians. Processor seconds (user and system) stand
beside the clock's: on a machine that does other work only they mean something, and the ratios are theirs.

Permutations cost squidpy the same each: `--their-permutations` of them (of the million 1) are run once and scaled to 199. It
shuffles rows of the weights; resitu shuffles values, the null it recommends, which costs as much.
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

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
os.environ.update({name: "1" for name in THREADS})

import anndata as ad
import numpy as np
import scipy.sparse as sp
import squidpy as sq

warnings.simplefilter("ignore")
K, PERMUTATIONS = 6, 199
SETS = {
    "breast": ("st/xenium_breast_rep1_visium_aligned_region.h5ad", 20.0, "17,136 × 313"),
    "pancreas": ("st/xenium_pancreas_west85.h5ad", 20.0, "119,596 × 377"),
    "generated": (None, 15.0, "1,000,000 × 300"),
}
TASKS = {
    "knn": f"graph, {K} nearest",
    "radius": "graph, radius",
    "delaunay": "graph, Delaunay",
    "grid": f"graph, lattice of {K}",
    "analytic": "Moran + Geary, analytic p",
    "permuted": "Moran + Geary, {} permutations",
}


def generated(path, cells=1_000_000, genes=300, seed=7):
    """Counts on scattered cells: a wave in every second gene, sparse throughout."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 10 * np.sqrt(cells), (cells, 2))
    columns = []
    for gene in range(genes):
        wave = 1 + (gene % 2) * np.sin(xy[:, 0] / 400 + gene)
        chosen = np.flatnonzero(rng.random(cells, dtype=np.float32) < 0.05 * wave)
        columns.append(sp.csc_matrix((1 + rng.poisson(0.5, len(chosen)), (chosen, np.zeros(len(chosen), int))), (cells, 1), dtype=np.float32))
    ad.AnnData(sp.hstack(columns, format="csr"), obsm={"spatial": xy}).write_h5ad(path)


def measured(repeats, work):
    """Median (clock, processor) seconds."""
    runs = []
    for _ in range(repeats):
        clock, processor = time.perf_counter(), time.process_time()
        work()
        runs.append((time.perf_counter() - clock, time.process_time() - processor))
    return tuple(statistics.median(times) for times in zip(*runs))


def theirs(path, radius, permutations, repeats):
    adata = ad.read_h5ad(path)
    key = "spatial_um" if "spatial_um" in adata.obsm else "spatial"
    common = {"spatial_key": key, "copy": True}
    found = {
        "knn": measured(repeats, lambda: sq.gr.spatial_neighbors_knn(adata, n_neighs=K, **common)),
        "radius": measured(repeats, lambda: sq.gr.spatial_neighbors_radius(adata, radius=radius, **common)),
        "delaunay": measured(repeats, lambda: sq.gr.spatial_neighbors_delaunay(adata, **common)),
        "grid": measured(repeats, lambda: sq.gr.spatial_neighbors_grid(adata, n_neighs=K, **common)),
    }
    sq.gr.spatial_neighbors_knn(adata, n_neighs=K, spatial_key=key)

    def both(cells, n_perms=None):
        for mode in ("moran", "geary"):
            sq.gr.spatial_autocorr(cells, mode=mode, n_perms=n_perms, seed=0, n_jobs=1, show_progress_bar=False, copy=True)

    both(adata[:500].copy(), n_perms=2)  # compiles
    found["analytic"] = measured(repeats, lambda: both(adata))
    some = measured(1, lambda: both(adata, permutations))
    found["permuted"] = tuple(alone + (more - alone) * PERMUTATIONS / permutations for alone, more in zip(found["analytic"], some))
    return found


def ours(bench, path, radius, permutations, repeats, permuted_repeats, threads):
    command = [bench, str(path), str(K), str(permutations), str(radius), str(repeats), str(permuted_repeats)]
    environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)
    return {task: {key: statistics.median(value) if isinstance(value, list) else value for key, value in run.items()} for task, run in found.items()}


def processor():
    info = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def digits(seconds):
    return f"{seconds:.3f}" if seconds < 1 else f"{seconds:,.2f}" if seconds < 100 else f"{seconds:,.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bench", default="target/release/examples/bench_spatial")
    parser.add_argument("--only", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--their-repeats", type=int, default=5, help="of graphs and analytic p; of permutations one")
    parser.add_argument("--their-permutations", type=int, default=10)
    parser.add_argument("--without-squidpy", nargs="*", choices=SETS, default=[])
    parser.add_argument("--generated", type=Path, help="keeps the generated cells here, or takes them from here")
    parser.add_argument("--rows", type=Path, help="keeps the rows of each set here (JSON), and takes those of sets not in --only from it")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    kept = json.loads(arguments.rows.read_text()) if arguments.rows and arguments.rows.exists() else {}
    for name in arguments.only:
        load, (file, radius, size) = os.getloadavg()[0], SETS[name]
        permuted_repeats, their_repeats, their_permutations = (arguments.repeats, arguments.their_repeats, arguments.their_permutations) if file else (3, 1, 1)
        with tempfile.TemporaryDirectory() as folder:
            path = arguments.data / file if file else arguments.generated or Path(folder) / "generated.h5ad"
            if not path.exists():
                generated(path)
            measure = lambda threads: ours(arguments.bench, path, radius, PERMUTATIONS, arguments.repeats, permuted_repeats, threads)
            one, all_threads = measure(1), measure(os.cpu_count())
            other = {} if name in arguments.without_squidpy else theirs(path, radius, their_permutations, their_repeats)
        rows = []
        for task, title in TASKS.items():
            our = one[task]
            if task in other:
                squidpy = f"{digits(other[task][1])} | {digits(other[task][0])} | {other[task][1] / our['processor']:.0f} | {other[task][0] / all_threads[task]['clock']:.0f}"
            else:
                squidpy = "not run | not run | – | –"
            clocks = f"{digits(our['clock'])} | {digits(all_threads[task]['clock'])}"
            rows.append(f"| {name}, {size} | {title.format(PERMUTATIONS)} | {digits(our['processor'])} | {clocks} | {squidpy} |")
            print(rows[-1], flush=True)
        memory = max(all_threads[task]["peak_mb"] for task in ("analytic", "permuted")), all_threads["grid"]["peak_mb"]
        theirs_said = f"{their_repeats} for graphs, {their_repeats} for analytic p, one run of {their_permutations} permutations scaled to {PERMUTATIONS}"
        kept[name] = {"rows": rows, "load": load, "memory": memory, "repeats": arguments.repeats, "theirs": theirs_said if other else "not run"}
        if arguments.rows:
            arguments.rows.write_text(json.dumps(kept))

    packages = ", ".join(f"{name} {version(name)}" for name in ("squidpy", "scanpy", "anndata", "numba", "numpy"))
    sets = [name for name in SETS if name in kept]
    memory = "; ".join(f"{name} {kept[name]['memory'][0]:,.0f} MB, with the four graphs {kept[name]['memory'][1]:,.0f} MB" for name in sets)
    loads = ", ".join(f"{kept[name]['load']:.1f}" for name in sets)
    lines = [
        "# Graphs and autocorrelation: resitu and squidpy",
        "",
        "From positions and values in memory, in seconds. The first ratio is that of processor times (user and system), both on one thread; the",
        "second that of the clock's, resitu on all threads, squidpy in its one process. resitu",
        "shuffles values, squidpy rows of the weights. Medians of how many runs:",
        "",
        *[f"- {name}: resitu {kept[name]['repeats']}{', its permutations 3' if name == 'generated' else ''}; squidpy {kept[name]['theirs']}" for name in sets],
        "",
        "| cells × genes | | resitu, processor | resitu, clock | resitu, clock, all threads | squidpy, processor | squidpy, clock | ratio | ratio by the clock |",
        "|---|---|---|---|---|---|---|---|---|",
        *[row for name in sets for row in kept[name]["rows"]],
        "",
        f"Most memory of resitu's process, all threads, the file's matrix included: {memory}.",
        "",
        f"Made on {datetime.date.today()} by `scripts/bench/spatial.py`. {processor()}, {platform.system()} {platform.machine()}. Load average when each set began:",
        f"{loads} (where it is not near 0 other work shared the cores, caches and memory: clocks mean little, processor times are too",
        f"high for both). Python {platform.python_version()}, {packages}.",
        "",
    ]
    text = "\n".join(lines)
    print(text)
    if arguments.out:
        arguments.out.write_text(text)


if __name__ == "__main__":
    main()
