"""Writes small folders as Xenium, Space Ranger 1, 2 and 3 (Visium HD) leave them, and prints what they hold as JSON.

    python tests/python/write_spatial_outputs.py FOLDER

Positions are in another order than the matrix, and one cell has none.
"""

import gzip
import json
import pathlib
import sys

import h5py
import numpy as np
import pandas as pd
import scipy.io
import scipy.sparse as sp

random = np.random.default_rng(4)
N_CELLS, N_GENES, N_CONTROLS = 37, 11, 3


def counts(names):
    matrix = sp.csc_matrix(random.poisson(0.6, (N_GENES + N_CONTROLS, len(names))))
    types = ["Gene Expression"] * N_GENES + ["Negative Control Probe"] * N_CONTROLS
    ids = [f"ENSG{i:011d}" for i in range(len(types))]
    return {"matrix": matrix, "types": types, "ids": ids, "names": [f"G{i}" for i in range(len(types))], "cells": names}


def write_h5(path, counts):
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        for name in ("data", "indices", "indptr"):
            group.create_dataset(name, data=getattr(counts["matrix"], name), compression="gzip")
        group["shape"] = np.array(counts["matrix"].shape)
        group["barcodes"] = np.array(counts["cells"], dtype="S")
        features = group.create_group("features")
        features["id"] = np.array(counts["ids"], dtype="S")
        features["name"] = np.array(counts["names"], dtype="S")
        features["feature_type"] = np.array(counts["types"], dtype="S")
        features["genome"] = np.array(["GRCh38"] * len(counts["ids"]), dtype="S")


def write_mtx(folder, counts):
    folder.mkdir(parents=True)
    with gzip.open(folder / "matrix.mtx.gz", "wb") as file:
        scipy.io.mmwrite(file, counts["matrix"], field="integer")
    with gzip.open(folder / "barcodes.tsv.gz", "wt") as file:
        file.writelines(f"{cell}\n" for cell in counts["cells"])
    with gzip.open(folder / "features.tsv.gz", "wt") as file:
        file.writelines("\t".join(row) + "\n" for row in zip(counts["ids"], counts["names"], counts["types"]))


def xenium_cells(names):
    cells = pd.DataFrame(
        {
            "cell_id": names,
            "x_centroid": random.uniform(0, 5000, len(names)).round(3),
            "y_centroid": random.uniform(0, 5000, len(names)).round(3),
            "transcript_counts": random.integers(0, 500, len(names)),
            "cell_area": random.uniform(10, 90, len(names)),
            "nucleus_area": random.uniform(5, 40, len(names)),
        }
    )
    return cells.sample(frac=1, random_state=1)[1:]


def visium_spots(names, side):
    rows, columns = np.divmod(np.arange(len(names)), side)
    spots = pd.DataFrame(
        {
            "barcode": names,
            "in_tissue": 1,
            "array_row": rows,
            "array_col": columns,
            "pxl_row_in_fullres": 100.5 + 20 * rows,
            "pxl_col_in_fullres": 50.25 + 20 * columns,
        }
    )
    return spots.sample(frac=1, random_state=2)[1:]


def expected(counts, table, x, y, um=1.0):
    table = table.set_index(table.columns[0]).reindex(counts["cells"])
    dense = counts["matrix"].toarray().T[:, :N_GENES]
    xy = (table[[x, y]].to_numpy(dtype=float) * um).tolist()
    return {
        "counts": dense.tolist(),
        "xy": [[None if np.isnan(v) else v for v in pair] for pair in xy],
        "obs": list(table.columns),
        "cells": list(counts["cells"]),
    }


def write_json(path, **values):
    path.write_text(json.dumps(values))


root = pathlib.Path(sys.argv[1])
result = {}

ids = [f"{'abcdefgh'[i % 8]}aa{i:04d}-1" for i in range(N_CELLS)]
matrix, cells = counts(ids), xenium_cells(ids)
for name in ("xenium_csv", "xenium_parquet"):
    folder = root / name
    folder.mkdir()
    if name == "xenium_csv":
        write_h5(folder / "cell_feature_matrix.h5", matrix)
        write_mtx(folder / "cell_feature_matrix", matrix)
        cells.to_csv(folder / "cells.csv.gz", index=False)
        (folder / "analysis").mkdir()
        (folder / "analysis" / "clusters.csv").write_text("Barcode,Cluster\n")
        (folder / "morphology.ome.tif").write_bytes(b"II*\0" + bytes(64))
    else:
        write_mtx(folder / "cell_feature_matrix", matrix)
        cells.to_parquet(folder / "cells.parquet", index=False)
    result[name] = {"folder": str(folder), "format": "Xenium"} | expected(matrix, cells, "x_centroid", "y_centroid")

barcodes = [f"ACGT{i:012d}-1" for i in range(N_CELLS)]
matrix, spots = counts(barcodes), visium_spots(barcodes, 8)
x, y = "pxl_col_in_fullres", "pxl_row_in_fullres"
for name in ("visium_old", "visium_new"):
    folder = root / name
    spatial = folder / "spatial"
    spatial.mkdir(parents=True)
    write_h5(folder / "filtered_feature_bc_matrix.h5", matrix)
    if name == "visium_old":
        write_h5(folder / "raw_feature_bc_matrix.h5", counts([f"TTTT{i}-1" for i in range(60)]))
        spots.to_csv(spatial / "tissue_positions_list.csv", index=False, header=False)
        um = 1.0
    else:
        (folder / "molecule_info.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
        spots.to_csv(spatial / "tissue_positions.csv", index=False)
        write_json(spatial / "scalefactors_json.json", spot_diameter_fullres=130.0, tissue_hires_scalef=0.1)
        um = 0.5
    result[name] = {"folder": str(folder), "format": "Visium"} | expected(matrix, spots, x, y, um)

folder = root / "visium_hd"
for bin, um in (("square_008um", 0.25), ("square_016um", 0.25)):
    here = folder / "binned_outputs" / bin
    barcodes = [f"s_{bin[7:12]}_{i:05d}_00000-1" for i in range(N_CELLS)]
    matrix, spots = counts(barcodes), visium_spots(barcodes, 6)
    write_h5(here / "filtered_feature_bc_matrix.h5", matrix)
    write_h5(here / "raw_feature_bc_matrix.h5", matrix)
    (here / "spatial").mkdir()
    spots.to_parquet(here / "spatial" / "tissue_positions.parquet", index=False)
    write_json(here / "spatial" / "scalefactors_json.json", microns_per_pixel=um, bin_size_um=float(bin[7:10]))
    found = {"folder": str(folder), "format": "Visium HD"} | expected(matrix, spots, x, y, um)
    result["visium_hd" if bin == "square_008um" else "visium_hd_16"] = found
result["visium_hd_16"]["folder"] = str(here)

print(json.dumps(result))
