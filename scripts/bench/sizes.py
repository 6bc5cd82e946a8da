"""Makes files of many gigabytes and reads every row of them, with resitu and with anndata's backed mode, in one run.

    cargo build --release --example read_all
    python scripts/bench/sizes.py --folder FOLDER --read-all target/release/examples/read_all

| file | what |
|---|---|
| `csr-gzip.h5ad` | `--gigabytes` (5) on the disk, CSR, chunked and gzipped |
| `csr-plain.h5ad` | the same size, CSR, not compressed |
| `dense.h5ad` | `--dense-gigabytes` (2), dense, contiguous, as anndata writes it by default |

The files are the same on every machine: a seeded pool of blocks of cells, compressed once and written again and again, so
that making them takes as long as the disk needs. They are removed when they are measured, unless --keep is given; with
--only one kind is made at a time, and --make-only leaves the measuring to another tool (a browser, for instance).

What is printed, and with --page written into docs/bench-reading.md: seconds, processor seconds (which other work on the machine changes less) and peak resident memory of both,
and their ratio. Python's start and imports are not counted; opening the file is. The sums of all values are compared, so
that both are known to have read the same. Files are read once before the measuring (unless they exceed the memory),
because the first reader would otherwise warm the disk's cache for the second.

resitu gives CSR whatever the storage. anndata gives a dense matrix as it is stored, which is a copy of bytes; `dense, to CSR`
has it make what resitu makes.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import zlib
from datetime import datetime, timezone
from pathlib import Path

import h5py
import numpy as np

from page import line, note

PAGE = Path(__file__).parents[2] / "docs/bench-reading.md"
HEADER = "file|GB|cells|values|resitu s (CPU)|peak MB|anndata s (CPU)|peak MB|anndata / resitu (CPU)|measured".split("|")
SEED = 20
GENES = 20_000
#: Values of a cell: as many in each, so that blocks of cells are chunks of the arrays.
PER_CELL = 1_000
CELLS_PER_BLOCK = 100
POOL = 48
DENSE_GENES = 2_000


def block(rng):
    """The values and genes of some cells: counts of a few, mostly ones, of genes in order."""
    data = rng.geometric(0.55, CELLS_PER_BLOCK * PER_CELL).astype("<f4")
    genes = np.stack([np.sort(rng.choice(GENES, PER_CELL, replace=False)) for _ in range(CELLS_PER_BLOCK)])
    return data, genes.astype("<i4").ravel()


def encoded(node, kind, version):
    node.attrs["encoding-type"] = kind
    node.attrs["encoding-version"] = version
    return node


def names(group, key, prefix, n):
    table = encoded(group.create_group(key), "dataframe", "0.2.0")
    table.attrs["_index"] = "_index"
    table.attrs["column-order"] = np.array([], dtype="f8")
    index = table.create_dataset("_index", (n,), dtype=h5py.string_dtype(), chunks=(min(n, 100_000),), compression="gzip")
    for start in range(0, n, 100_000):
        index[start : start + 100_000] = [f"{prefix}{i}" for i in range(start, min(n, start + 100_000))]
    encoded(index, "string-array", "0.2.0")


def shell(file, n_cells, n_genes):
    """Everything that an h5ad file has beside X."""
    encoded(file, "anndata", "0.1.0")
    names(file, "obs", "cell-", n_cells)
    names(file, "var", "gene-", n_genes)
    for empty in ["layers", "obsm", "obsp", "uns", "varm", "varp"]:
        encoded(file.create_group(empty), "dict", "0.1.0")


def make_csr(path, size, compressed):
    rng = np.random.default_rng(SEED)
    blocks = [block(rng) for _ in range(POOL)]
    stored = [[zlib.compress(part.tobytes(), 4) if compressed else part.tobytes() for part in parts] for parts in blocks]
    n_blocks = round(size / np.mean([sum(map(len, parts)) for parts in stored]))
    n_cells = n_blocks * CELLS_PER_BLOCK
    n_values = n_cells * PER_CELL
    chunk = CELLS_PER_BLOCK * PER_CELL
    with h5py.File(path, "w") as file:
        x = encoded(file.create_group("X"), "csr_matrix", "0.1.0")
        x.attrs["shape"] = np.array([n_cells, GENES], dtype="i8")
        x.create_dataset("indptr", data=np.arange(0, n_values + 1, PER_CELL, dtype="i8"))
        options = {"compression": "gzip", "compression_opts": 4} if compressed else {}
        arrays = [
            x.create_dataset(name, (n_values,), dtype=dtype, chunks=(chunk,), **options)
            for name, dtype in [("data", "<f4"), ("indices", "<i4")]
        ]
        for i in range(n_blocks):
            for array, part in zip(arrays, stored[i % POOL]):
                array.id.write_direct_chunk((i * chunk,), part)
        shell(file, n_cells, GENES)


def make_dense(path, size):
    rng = np.random.default_rng(SEED)
    rows = 1_000
    pool = [(rng.random((rows, DENSE_GENES)) < 0.2) * rng.geometric(0.4, (rows, DENSE_GENES)) for _ in range(8)]
    pool = [part.astype("<f4") for part in pool]
    n_cells = round(size / (4 * DENSE_GENES) / rows) * rows
    with h5py.File(path, "w") as file:
        x = encoded(file.create_dataset("X", (n_cells, DENSE_GENES), dtype="<f4"), "array", "0.2.0")
        for i, start in enumerate(range(0, n_cells, rows)):
            x[start : start + rows] = pool[i % len(pool)]
        shell(file, n_cells, DENSE_GENES)


def backed(path, to_csr):
    """Reads every row with anndata in backed mode: run in a process of its own, so that its memory can be told."""
    import anndata
    from scipy import sparse

    began, processor = time.perf_counter(), time.process_time()
    data = anndata.read_h5ad(path, backed="r")
    # As many values at once as resitu takes.
    width = PER_CELL if not isinstance(data.X, h5py.Dataset) else data.n_vars
    step = max(1, (1 << 20) // width)
    total, values = 0.0, 0
    for start in range(0, data.n_obs, step):
        part = data.X[start : start + step]
        if to_csr:
            part = sparse.csr_matrix(part)
        numbers = part.data if hasattr(part, "indptr") else part
        total += float(np.sum(numbers, dtype="f8"))
        values += numbers.size
    seconds, processor = time.perf_counter() - began, time.process_time() - processor
    print(json.dumps({"rows": data.n_obs, "sum": total, "values": values, "seconds": seconds, "cpu_seconds": processor}))


def measured(command):
    """The JSON that a command prints, with its processor time, and its peak resident memory in MB."""
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        answer = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} failed")
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    # A program that does not say its processor time is measured whole.
    found = {"cpu_seconds": usage.ru_utime + usage.ru_stime} | json.loads(answer)
    return found, usage.ru_maxrss * unit / 1e6


def warm(path):
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass


def row(name, size, ours, theirs, measured):
    """The cells of a row of the table: the least of each time, the greatest of the memory."""
    (a, _), (b, _) = ours[0], theirs[0]
    for other, _ in ours + theirs:
        # A dense matrix has zeros, which resitu leaves out.
        if a["rows"] != other["rows"] or not np.isclose(a["sum"], other["sum"], rtol=1e-9):
            raise SystemExit(f"{name}: both did not read the same: {a} and {other}")

    def least(runs, key):
        return min(found[key] for found, _ in runs)

    def cell(runs):
        return [f"{least(runs, 'seconds'):.2f} ({least(runs, 'cpu_seconds'):.2f})", f"{max(mb for _, mb in runs):.0f}"]

    ratio, cpu_ratio = (least(theirs, key) / least(ours, key) for key in ["seconds", "cpu_seconds"])
    counts = [f"{a['rows']:,}", f"{b['values']:,}"]
    return [name, f"{size:.2f}", *counts, *cell(ours), *cell(theirs), f"{ratio:.2f} ({cpu_ratio:.2f})", measured]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where the files are made")
    parser.add_argument("--read-all", type=Path, help="the example read_all, built with --release")
    parser.add_argument("--gigabytes", type=float, default=5)
    parser.add_argument("--dense-gigabytes", type=float, default=2)
    parser.add_argument("--only", choices=["csr-gzip", "csr-plain", "dense"])
    parser.add_argument("--make-only", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--repeat", type=int, default=1, help="measure so often, in turns, and print the least of each")
    parser.add_argument("--page", action="store_true", help="write the rows into docs/bench-reading.md")
    parser.add_argument("--backed", help=argparse.SUPPRESS)
    parser.add_argument("--to-csr", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.backed:
        return backed(arguments.backed, arguments.to_csr)
    if arguments.folder is None or (arguments.read_all is None and not arguments.make_only):
        parser.error("--folder and --read-all are needed")

    arguments.folder.mkdir(parents=True, exist_ok=True)
    makers = {
        "csr-gzip": lambda path: make_csr(path, arguments.gigabytes * 1e9, True),
        "csr-plain": lambda path: make_csr(path, arguments.gigabytes * 1e9, False),
        "dense": lambda path: make_dense(path, arguments.dense_gigabytes * 1e9),
    }
    rows = []
    for kind, make in makers.items():
        if arguments.only not in (None, kind):
            continue
        path = arguments.folder / f"{kind}.h5ad"
        began = time.perf_counter()
        if arguments.make_only:
            make(path)
        else:
            # In a process of its own: Linux counts the memory of the one that starts a program as that program's peak.
            sizes = [f"--gigabytes={arguments.gigabytes}", f"--dense-gigabytes={arguments.dense_gigabytes}"]
            here = ["--make-only", "--only", kind, "--folder", str(arguments.folder)]
            subprocess.run([sys.executable, __file__, *here, *sizes], check=True, stderr=subprocess.DEVNULL)
        size = path.stat().st_size / 1e9
        print(f"{path.name}: {size:.2f} GB made in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        if not arguments.make_only:
            rivals = {kind: []} | ({f"{kind}, to CSR": ["--to-csr"]} if kind == "dense" else {})
            ours, theirs = [], {name: [] for name in rivals}
            load = os.getloadavg()[0]
            for _ in range(arguments.repeat):
                warm(path)
                ours.append(measured([arguments.read_all, path]))
                for name, options in rivals.items():
                    warm(path)
                    theirs[name].append(measured([sys.executable, __file__, "--backed", str(path), *options]))
            when = f"{datetime.now(timezone.utc):%Y-%m-%d}, least of {arguments.repeat}, load {load:.1f}"
            for name in rivals:
                rows.append(row(name, size, ours, theirs[name], when))
                print(line(rows[-1]), file=sys.stderr)
        if not (arguments.keep or arguments.make_only):
            path.unlink()
    if not arguments.make_only:
        from importlib.metadata import version

        below = (
            f"The latest on {cpu()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}; Python "
            f"{platform.python_version()}, anndata {version('anndata')}, h5py {h5py.__version__}. Load: the average of a minute "
            "before."
        )
        print("\n".join([line(HEADER), *map(line, rows), "", below]))
        if arguments.page:
            note(PAGE, "natively", HEADER, rows, 2, below)


def cpu():
    """What the processor calls itself."""
    try:
        names = [found for found in Path("/proc/cpuinfo").read_text().splitlines() if found.startswith("model name")]
        return names[0].split(":")[1].strip()
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
