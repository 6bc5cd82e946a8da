"""Writes h5ad files in the many ways that AnnData files come, and what they hold as JSON.

    python tests/python/write_variants.py FOLDER

Every file holds the same small matrix, so that a test can compare them all; the annotations differ.
"""

import json
import pathlib
import sys
import warnings

import anndata
import h5py
import numpy as np
import pandas as pd
import scipy.sparse as sp

warnings.filterwarnings("ignore")

N_CELLS, N_GENES = 60, 23
random = np.random.default_rng(5)
COUNTS = random.poisson(0.7, (N_CELLS, N_GENES)).astype(np.float32) * random.integers(1, 9, (N_CELLS, N_GENES))
XY = random.uniform(0, 1000, (N_CELLS, 2)).round(3)
LABELS = [["T", "B", "NK"][i % 3] for i in range(N_CELLS)]


def data(x, **obs):
    frame = pd.DataFrame({"label": pd.Categorical(LABELS), **obs}, index=[f"cell{i}" for i in range(N_CELLS)])
    var = pd.DataFrame({"symbol": [f"S{i}" for i in range(N_GENES)]}, index=[f"g{i}" for i in range(N_GENES)])
    return anndata.AnnData(x, obs=frame, var=var, obsm={"spatial": XY})


def rewrite(path, name, **how):
    """Stores one array again, in another way."""
    with h5py.File(path, "r+") as file:
        values, attributes = file[name][()], dict(file[name].attrs)
        del file[name]
        array = file.create_dataset(name, data=how.pop("data", values), **how)
        array.attrs.update(attributes)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    files = {}

    def write(name, adata, **options):
        adata.write_h5ad(folder / f"{name}.h5ad", **options)
        files[name] = str(folder / f"{name}.h5ad")
        return folder / f"{name}.h5ad"

    write("dense", data(COUNTS))
    write("dense_gzip", data(COUNTS), compression="gzip")
    write("dense_lzf", data(COUNTS), compression="lzf")
    for kind in ("csr", "csc"):
        matrix = getattr(sp, f"{kind}_matrix")(COUNTS)
        write(kind, data(matrix))
        write(f"{kind}_gzip", data(matrix), compression="gzip")
    for dtype in ("f2", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", ">f4", ">i4", ">f8"):
        name = dtype.replace(">", "big_")
        rewrite(write(f"dense_{name}", data(COUNTS)), "X", data=COUNTS.astype(dtype))
        path = write(f"csr_{name}", data(sp.csr_matrix(COUNTS)))
        rewrite(path, "X/data", data=sp.csr_matrix(COUNTS).data.astype(dtype))
    for dtype in ("i8", "u4", "u8"):
        path = write(f"csr_index_{dtype}", data(sp.csr_matrix(COUNTS)))
        rewrite(path, "X/indices", data=sp.csr_matrix(COUNTS).indices.astype(dtype))
        rewrite(path, "X/indptr", data=sp.csr_matrix(COUNTS).indptr.astype(dtype))
    rewrite(write("filters", data(COUNTS)), "X", chunks=(7, 5), compression="gzip", shuffle=True, fletcher32=True)
    rewrite(write("scale_offset", data(COUNTS)), "X", data=COUNTS.astype("i4"), chunks=(7, 5), scaleoffset=0)
    rewrite(write("one_chunk", data(COUNTS)), "X", chunks=(N_CELLS, N_GENES), compression="gzip")
    rewrite(write("resizable", data(COUNTS)), "X", chunks=(7, 5), maxshape=(None, N_GENES))
    rewrite(write("resizable_twice", data(COUNTS)), "X", chunks=(7, 5), maxshape=(None, None))

    nullable = {
        "integers": pd.array([None if i % 7 == 0 else i for i in range(N_CELLS)], dtype="Int64"),
        "truths": pd.array([None if i % 5 == 0 else i % 2 == 0 for i in range(N_CELLS)], dtype="boolean"),
        "flags": np.arange(N_CELLS) % 2 == 0,
        "numbers": pd.Categorical([i % 4 * 10 for i in range(N_CELLS)]),
        "missing": pd.Categorical([None if i % 6 == 0 else "x" for i in range(N_CELLS)]),
        "names": [f"ü{i}" for i in range(N_CELLS)],
    }
    write("annotations", data(COUNTS, **nullable))

    counted = data(sp.csr_matrix(np.log1p(COUNTS)))
    counted.raw = anndata.AnnData(sp.csr_matrix(np.hstack([COUNTS, COUNTS[:, :2]])), obs=counted.obs)
    counted.layers["counts"] = COUNTS
    write("layers_and_raw", counted)
    empty = data(COUNTS)
    empty.X = None
    empty.layers["counts"] = sp.csc_matrix(COUNTS)
    write("no_x", empty)

    # The newest on-disk structures of HDF5 (version-2 headers, fixed arrays for chunks), and a user's own bytes in front.
    for name, options in {"latest": {"libver": "latest"}, "user_block": {"userblock_size": 512}}.items():
        with h5py.File(files["csr_gzip"]) as old, h5py.File(folder / f"{name}.h5ad", "w", **options) as new:
            for entry in old:
                old.copy(entry, new)
            new.attrs.update(old.attrs)
        files[name] = str(folder / f"{name}.h5ad")

    # Called positions, and none: two files that are not among the variants.
    unplaced = []
    for name, values in {"sparse": sp.csr_matrix(XY), "one": XY[:, :1]}.items():
        adata = data(COUNTS)
        adata.obsm["spatial"] = values
        adata.write_h5ad(folder / f"unplaced_{name}.h5ad")
        unplaced.append(str(folder / f"unplaced_{name}.h5ad"))

    print(json.dumps({"unplaced": unplaced, "files": files, "counts": COUNTS.tolist(), "labels": LABELS, "xy": XY.tolist()}))


main(pathlib.Path(sys.argv[1]))
