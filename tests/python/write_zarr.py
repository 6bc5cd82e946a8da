"""Writes AnnData-Zarr and SpatialData-Zarr in the many ways that they come, and what they hold as JSON.

    python tests/python/write_zarr.py FOLDER

Every store holds the same small matrix, so that a test can compare them all.
"""

import json
import pathlib
import sys
import warnings

import anndata
import numcodecs
import numpy as np
import pandas as pd
import scipy.sparse as sp
import zarr

warnings.filterwarnings("ignore")

N_CELLS, N_GENES = 60, 23
random = np.random.default_rng(5)
COUNTS = random.poisson(0.7, (N_CELLS, N_GENES)).astype(np.float32) * random.integers(1, 9, (N_CELLS, N_GENES))
COUNTS[14:21, 5:10] = 0  # a whole chunk of zeros, which is not written
XY = random.uniform(0, 1000, (N_CELLS, 2)).round(3)
LABELS = [["T", "B", "NK"][i % 3] for i in range(N_CELLS)]
NULLABLE = {
    "integers": pd.array([None if i % 7 == 0 else i for i in range(N_CELLS)], dtype="Int64"),
    "truths": pd.array([None if i % 5 == 0 else i % 2 == 0 for i in range(N_CELLS)], dtype="boolean"),
    "flags": np.arange(N_CELLS) % 2 == 0,
    "names": [f"ü{i}" for i in range(N_CELLS)],
}


def data(x):
    frame = pd.DataFrame({"label": pd.Categorical(LABELS), **NULLABLE}, index=[f"cell{i}" for i in range(N_CELLS)])
    var = pd.DataFrame({"symbol": [f"S{i}" for i in range(N_GENES)]}, index=[f"g{i}" for i in range(N_GENES)])
    return anndata.AnnData(x, obs=frame, var=var, obsm={"spatial": XY})


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    stores, refused = {}, {}

    def write(name, adata, version):
        anndata.settings.zarr_write_format = version
        adata.write_zarr(folder / name)
        stores[name] = str(folder / name)
        return zarr.open_group(folder / name, mode="r+")

    def rewrite(name, version, values=COUNTS, where=stores, **how):
        """Stores X again, in another way."""
        group = write(name, data(COUNTS), version)
        del group["X"]
        how.setdefault("chunks", (7, 5))
        dtype = how.pop("dtype", values.dtype)
        array = group.create_array("X", shape=values.shape, dtype=dtype, attributes={"encoding-type": "array", "encoding-version": "0.2.0"}, **how)
        array[:] = values
        path = folder / name
        for consolidated in [path / ".zmetadata"]:
            consolidated.unlink(missing_ok=True)
        where[name] = stores.pop(name)

    for version in (2, 3):
        write(f"v{version}_dense", data(COUNTS), version)
        for kind in ("csr", "csc"):
            write(f"v{version}_{kind}", data(getattr(sp, f"{kind}_matrix")(COUNTS)), version)
        for dtype in ("f2", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
            rewrite(f"v{version}_{dtype}", version, COUNTS.astype(dtype), fill_value=0)
        rewrite(f"v{version}_none", version, compressors=None)
        raw = data(sp.csr_matrix(np.log1p(COUNTS)))
        raw.raw = data(sp.csr_matrix(COUNTS))
        raw.layers["counts"] = COUNTS
        write(f"v{version}_layers", raw, version)

    for name, codec in {
        "zstd": numcodecs.Zstd(19),
        "gzip": numcodecs.GZip(6),
        "zlib": numcodecs.Zlib(6),
        "lz4": numcodecs.LZ4(),
    }.items():
        rewrite(f"v2_{name}", 2, compressors=codec)
    for cname in ("lz4", "lz4hc", "blosclz", "zlib", "zstd"):
        for shuffle in (0, 1, 2):
            rewrite(f"v2_blosc_{cname}_{shuffle}", 2, compressors=numcodecs.Blosc(cname, 5, shuffle), chunks=(N_CELLS, N_GENES))
            rewrite(f"v2_blosc_{cname}_{shuffle}_blocks", 2, COUNTS.astype("f8"), compressors=numcodecs.Blosc(cname, 9, shuffle, blocksize=2048), chunks=(N_CELLS, N_GENES), fill_value=0)
    for dtype in (">f4", ">i4", ">f8"):
        rewrite(f"v2_big_{dtype[1:]}", 2, COUNTS.astype(dtype), dtype=dtype, fill_value=0)
    rewrite("v2_order", 2, order="F")
    rewrite("v2_nested", 2, chunk_key_encoding={"name": "v2", "separator": "/"})
    rewrite("v2_shuffle", 2, filters=[numcodecs.Shuffle(4)], compressors=numcodecs.Zlib(6))
    rewrite("v2_bz2", 2, where=refused, compressors=numcodecs.BZ2())

    codecs = zarr.codecs
    for name, compressors in {
        "zstd": codecs.ZstdCodec(level=19, checksum=True),
        "gzip": codecs.GzipCodec(),
        "crc": [codecs.ZstdCodec(), codecs.Crc32cCodec()],
        "crc_inside": [codecs.Crc32cCodec(), codecs.GzipCodec()],
        "blosc": codecs.BloscCodec(cname="lz4", shuffle="shuffle", typesize=4),
        "blosc_bits": codecs.BloscCodec(cname="zstd", shuffle="bitshuffle", typesize=4),
    }.items():
        rewrite(f"v3_{name}", 3, compressors=compressors)
    rewrite("v3_big", 3, serializer=codecs.BytesCodec(endian="big"))
    rewrite("v3_transposed", 3, filters=[codecs.TransposeCodec(order=(1, 0))])
    rewrite("v3_dots", 3, chunk_key_encoding={"name": "default", "separator": "."})
    rewrite("v3_keys_of_v2", 3, chunk_key_encoding={"name": "v2", "separator": "."})
    rewrite("v3_sharded", 3, shards=(21, 10))
    rewrite("v3_sharded_start", 3, shards={"shape": (28, 25), "index_location": "start"}, compressors=codecs.GzipCodec())
    rewrite("v3_sharded_big", 3, shards=(70, 25), chunks=(35, 5), compressors=None, serializer=codecs.BytesCodec(endian="big"))

    result = {"stores": stores, "refused": refused, "counts": COUNTS.tolist(), "labels": LABELS, "xy": XY.tolist()}
    result["spatialdata"] = spatialdata(folder)
    print(json.dumps(result))


def spatialdata(folder):
    """SpatialData objects whose tables have no positions of their own; nothing without the library."""
    try:
        import geopandas
        import shapely
        import spatialdata as sd
    except ImportError:
        return None
    circles = geopandas.GeoDataFrame({"geometry": [shapely.Point(*xy) for xy in XY[:40]], "radius": 1.0}, index=np.arange(40) + 100)
    corners = [[(x, y), (x + 2, y), (x + 2, y + 2), (x, y + 2)] for x, y in XY[40:]]
    polygons = geopandas.GeoDataFrame({"geometry": [shapely.Polygon(ring) for ring in corners]}, index=np.arange(20) + 500)
    table = data(sp.csr_matrix(COUNTS))
    del table.obsm["spatial"]
    table.obs["region"] = pd.Categorical(["circles"] * 40 + ["polygons"] * 20)
    table.obs["instance"] = np.concatenate([np.arange(40) + 100, np.arange(20) + 500])
    table = sd.models.TableModel.parse(table, region=["circles", "polygons"], region_key="region", instance_key="instance")
    other = data(COUNTS)
    shapes = {"circles": sd.models.ShapesModel.parse(circles), "polygons": sd.models.ShapesModel.parse(polygons)}
    whole = sd.SpatialData(shapes=shapes, tables={"table": table, "another": other})
    whole.write(folder / "spatialdata.zarr")
    placed = sd.SpatialData(tables={"cells": data(sp.csr_matrix(COUNTS))})
    placed.write(folder / "placed.zarr")
    centres = np.concatenate([XY[:40], XY[40:] + 1])
    return {"shapes": str(folder / "spatialdata.zarr"), "placed": str(folder / "placed.zarr"), "centres": centres.tolist()}


main(pathlib.Path(sys.argv[1]))
