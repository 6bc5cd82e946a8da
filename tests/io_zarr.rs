//! AnnData-Zarr and SpatialData-Zarr in the many ways that they are written, and then damaged thousands of times.
//!
//! The allocator of these tests counts, so they run one at a time.

mod common;
#[path = "common/damage.rs"]
mod damage;

use std::{
    collections::BTreeMap,
    io::Read,
    path::Path,
    sync::{LazyLock, Mutex},
    time::{Duration, Instant},
};

use common::Folder;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use resitu::{
    Explain,
    cells::{Column, Csr},
    io::{BytesSource, Dataset, FileSet, FileSource, IoError, Source, ValueKind},
};
use serde_json::Value;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[global_allocator]
static ALLOCATOR: damage::Counting = damage::Counting;

type Files = Vec<(String, Vec<u8>)>;

/// Every file below a folder, with its path from there.
fn files(folder: &str) -> Files {
    let mut files = Vec::new();
    let mut left = vec![Path::new(folder).to_owned()];
    while let Some(at) = left.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.push((name, std::fs::read(path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn open(files: Files) -> Result<Dataset, IoError> {
    let source = |bytes| Box::new(BytesSource::new(bytes)) as Box<dyn Source>;
    Dataset::open_files(FileSet::new(files.into_iter().map(|(path, bytes)| (path, source(bytes))))?)
}

fn numbers(rows: &Value) -> Vec<Vec<f64>> {
    serde_json::from_value(rows.clone()).unwrap()
}

fn dense(rows: &Csr) -> Vec<Vec<f64>> {
    let row = |row| {
        let mut dense = vec![0.0; rows.n_cols()];
        let (indices, values) = rows.row(row);
        indices.iter().zip(values).for_each(|(gene, value)| dense[*gene as usize] += f64::from(*value));
        dense
    };
    (0..rows.n_rows()).map(row).collect()
}

/// What the script wrote, all stores by their path: it takes long, so that the tests share it.
fn written() -> Option<&'static (Value, BTreeMap<String, Files>)> {
    static WRITTEN: LazyLock<Option<(Value, BTreeMap<String, Files>)>> = LazyLock::new(|| {
        let folder = Folder::new("zarr");
        let written = common::run_python("write_zarr.py", &[folder.0.to_str().unwrap()])?;
        let groups = ["stores", "refused", "spatialdata"].map(|name| written[name].as_object());
        let paths = groups.into_iter().flatten().flatten().filter_map(|(_, path)| path.as_str());
        let stores = paths.map(|path| (path.to_owned(), files(path))).collect();
        Some((written, stores))
    });
    WRITTEN.as_ref()
}

#[test]
fn every_store_holds_the_same_cells() {
    let _alone = ONE_AT_A_TIME.lock();
    let Some((written, stores)) = written() else {
        return println!("skipped: every_store_holds_the_same_cells (no Python with anndata)");
    };
    let counts = numbers(&written["counts"]);
    for (name, path) in written["stores"].as_object().unwrap() {
        let mut dataset =
            open(stores[path.as_str().unwrap()].clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(dataset.format(), "AnnData Zarr");
        if name.ends_with("layers") {
            assert_eq!(dataset.value_kind(), ValueKind::LogNormalised, "{name}");
            dataset.use_matrix("raw/X").unwrap();
            assert_eq!(dense(&dataset.rows(0..60).unwrap()), counts, "{name}");
            dataset.use_matrix("layers/counts").unwrap();
        }
        assert_eq!(dataset.value_kind(), ValueKind::Counts, "{name}");
        assert_eq!(dense(&dataset.rows(0..60).unwrap()), counts, "{name}");
        for range in [0..1, 59..60, 13..41, 7..7] {
            assert_eq!(dense(&dataset.rows(range.clone()).unwrap()), counts[range], "{name}");
        }
        check_annotations(&dataset, written, name);
    }
    for (name, path) in written["refused"].as_object().unwrap() {
        let error = open(stores[path.as_str().unwrap()].clone()).err().unwrap();
        assert_eq!(error, IoError::UnsupportedCodec("bz2 (in Zarr)".into()), "{name}");
    }
}

fn check_annotations(dataset: &Dataset, written: &Value, name: &str) {
    let labels = dataset.labels("label").unwrap();
    let labels: Vec<&str> = labels.codes.iter().map(|code| labels.levels[*code as usize].as_str()).collect();
    assert_eq!(serde_json::json!(labels), written["labels"], "{name}");
    let xy = dataset.coordinates().unwrap().unwrap().xy;
    assert_eq!(xy.iter().map(|xy| xy.to_vec()).collect::<Vec<_>>(), numbers(&written["xy"]), "{name}");
    let symbols: Vec<String> = (0..23).map(|gene| format!("S{gene}")).collect();
    assert!(dataset.var_columns().iter().any(|(column, names)| column == "symbol" && *names == symbols), "{name}");
    assert_eq!(dataset.obs_names().unwrap()[59], "cell59", "{name}");
    let Column::Numbers(integers) = dataset.obs_column("integers").unwrap() else { panic!("integers are numbers") };
    assert!(integers.iter().enumerate().all(|(i, v)| if i % 7 == 0 { v.is_nan() } else { *v == i as f64 }), "{name}");
    for (column, first) in [("truths", [-1, 0, 1, 0, 1, -1]), ("flags", [1, 0, 1, 0, 1, 0])] {
        let Column::Categorical { codes, .. } = dataset.obs_column(column).unwrap() else { panic!("{column}") };
        assert_eq!(codes[..6], first, "{name}: {column}");
    }
    let Column::Text(names) = dataset.obs_column("names").unwrap() else { panic!("names are text") };
    assert_eq!(names[59], "ü59", "{name}");
}

#[test]
fn a_spatialdata_table_has_the_positions_of_its_shapes() {
    let _alone = ONE_AT_A_TIME.lock();
    let Some((written, stores)) = written().filter(|(written, _)| !written["spatialdata"].is_null()) else {
        return println!("skipped: a_spatialdata_table_has_the_positions_of_its_shapes (no Python with spatialdata)");
    };
    let paths = &written["spatialdata"];
    let dataset = open(stores[paths["shapes"].as_str().unwrap()].clone()).unwrap();
    assert_eq!((dataset.format(), dataset.n_cells()), ("SpatialData Zarr", 60));
    assert_eq!(dataset.coordinates_key(), Some("shapes/circles, shapes/polygons"));
    let found = dataset.coordinates().unwrap().unwrap();
    for (found, expected) in found.xy.iter().zip(numbers(&paths["centres"])) {
        // Centroids of squares of side 2, up to 1,000 from the origin.
        assert!(
            (found[0] - expected[0]).abs() < 1e-9 && (found[1] - expected[1]).abs() < 1e-9,
            "{found:?} {expected:?}"
        );
    }
    assert_eq!(dataset.notes(), ["The table table is read; the SpatialData object also has another."]);
    assert_eq!(dense(&dataset.rows(0..60).unwrap()), numbers(&written["counts"]));
    let placed = open(stores[paths["placed"].as_str().unwrap()].clone()).unwrap();
    assert_eq!(placed.coordinates_key(), Some("obsm/spatial"));
    check_annotations(&placed, written, "placed");
}

#[test]
fn the_archive_of_anndata_holds_what_its_h5ad_holds() {
    let _alone = ONE_AT_A_TIME.lock();
    let Some(folder) = common::data().map(|data| data.join("formats/anndata/tests/data/archives/v0.7.8")) else {
        return println!("skipped: the_archive_of_anndata_holds_what_its_h5ad_holds (no data)");
    };
    let mut archive = zip::ZipArchive::new(std::fs::File::open(folder.join("adata.zarr.zip")).unwrap()).unwrap();
    let mut files = Files::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        if entry.is_file() {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            files.push((entry.name().unwrap().into_owned(), bytes));
        }
    }
    let mut zarr = open(files).unwrap();
    let mut h5ad = Dataset::open(Box::new(FileSource::open(&folder.join("adata.h5ad")).unwrap())).unwrap();
    assert_eq!(zarr.matrices(), h5ad.matrices());
    for matrix in h5ad.matrices().to_vec() {
        zarr.use_matrix(&matrix.name).unwrap();
        h5ad.use_matrix(&matrix.name).unwrap();
        let n = h5ad.n_cells();
        assert_eq!(zarr.rows(0..n).unwrap(), h5ad.rows(0..n).unwrap(), "{}", matrix.name);
        assert_eq!(zarr.var_columns(), h5ad.var_columns(), "{}", matrix.name);
    }
    assert_eq!(zarr.obs_names().unwrap(), h5ad.obs_names().unwrap());
    assert_eq!(zarr.obs_columns(), h5ad.obs_columns());
    for info in h5ad.obs_columns() {
        assert_eq!(zarr.obs_column(&info.name).unwrap(), h5ad.obs_column(&info.name).unwrap(), "{}", info.name);
    }
}

#[test]
fn damage_is_survived() {
    let _alone = ONE_AT_A_TIME.lock();
    let Some((written, all)) = written() else {
        return println!("skipped: damage_is_survived (no Python with anndata)");
    };
    let names = [
        "v2_csr",
        "v3_csr",
        "v2_csc",
        "v2_dense",
        "v3_dense",
        "v2_blosc_zstd_2_blocks",
        "v2_blosc_blosclz_1",
        "v2_gzip",
        "v2_lz4",
        "v2_order",
        "v2_shuffle",
        "v3_transposed",
        "v3_sharded",
        "v3_sharded_start",
        "v3_crc_inside",
        "v3_layers",
    ];
    let mut stores: Vec<(&str, Files)> =
        names.iter().map(|name| (*name, all[written["stores"][name].as_str().unwrap()].clone())).collect();
    if let Some(path) = written["spatialdata"]["shapes"].as_str() {
        stores.push(("spatialdata", all[path].clone()));
    }
    let trials = damage::trials(600);
    damage::watch_panics();
    for (name, sound) in stores {
        let start = Instant::now();
        read_everything(sound.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let patience = Duration::from_secs(20).max(200 * start.elapsed());
        let bytes: usize = sound.iter().map(|(_, bytes)| bytes.len()).sum();
        let mut random = ChaCha8Rng::seed_from_u64(13);
        let (mut n_errors, mut slowest, mut largest) = (0, Duration::ZERO, 0);
        for trial in 0..trials {
            let broken = damaged(&sound, trial, &mut random);
            let start = Instant::now();
            let (result, memory) = damage::measured(|| read_everything(broken));
            (slowest, largest) = (slowest.max(start.elapsed()), largest.max(memory));
            assert_eq!(damage::n_panics(), 0, "{name}: trial {trial} panicked: {result:?}");
            if let Err(error) = result {
                n_errors += 1;
                assert!(error.code().starts_with("io."), "{error}");
            }
        }
        println!("{name}: {n_errors} of {trials} refused, slowest {slowest:?}, most memory {} KiB", largest / 1024);
        assert!(slowest < patience, "{name}");
        assert!(largest < (64 << 20) + 64 * bytes, "{name}: {largest} bytes");
    }
}

/// One file of a store damaged, lost, or in the place of another; numbers in metadata made large.
fn damaged(sound: &Files, trial: usize, random: &mut ChaCha8Rng) -> Files {
    let mut files = sound.clone();
    let mut below = |bound: usize| (random.next_u64() % bound.max(1) as u64) as usize;
    let at = below(files.len());
    let other = below(files.len());
    let digit = below(1 << 16);
    match trial % 9 {
        6 => drop(files.remove(at)),
        7 => files[at].1 = files[other].1.clone(),
        8 => {
            // A number of the metadata becomes another one.
            let (_, bytes) = &mut files[at];
            let digits: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i].is_ascii_digit()).collect();
            if let Some(place) = digits.get(digit % digits.len().max(1)) {
                let number: &[u8] =
                    [&b"1152921504606846976"[..], b"4000000000", b"65536", b"0", b"-1", b"100000"][digit % 6];
                bytes.splice(place..=place, number.iter().copied());
            }
        }
        way => files[at].1 = damage::damaged(&sound[at].1, 0, way, random),
    }
    files
}

/// Everything that can be asked of a store.
fn read_everything(files: Files) -> Result<(), IoError> {
    let mut dataset = open(files)?;
    let n_cells = dataset.n_cells();
    let mut first_error = dataset.obs_names().err();
    for info in dataset.obs_columns().to_vec() {
        match dataset.obs_column(&info.name) {
            Ok(column) => assert_eq!(column.len(), n_cells),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    match dataset.coordinates() {
        Ok(coordinates) => assert!(coordinates.is_none_or(|found| found.xy.len() == n_cells)),
        Err(error) => first_error = first_error.or(Some(error)),
    }
    first_error = first_error.or(dataset.summary().err());
    for matrix in dataset.matrices().to_vec() {
        let rows = dataset.use_matrix(&matrix.name).and_then(|()| {
            let end = dataset.range_end(0, 1 << 22)?;
            Ok((dataset.rows(0..end)?, end))
        });
        match rows {
            Ok((rows, end)) => assert_eq!((rows.n_rows(), rows.n_cols()), (end, dataset.n_genes())),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    first_error.map_or(Ok(()), Err)
}

#[test]
fn false_claims_are_refused_before_memory_is_asked_for() {
    let _alone = ONE_AT_A_TIME.lock();
    let group = br#"{"zarr_format":2}"#.to_vec();
    let array = |shape: &str, chunks: &str, codec: &str| {
        format!(
            r#"{{"zarr_format":2,"shape":{shape},"chunks":{chunks},"dtype":"<f4","fill_value":0,"order":"C",
            "filters":null,"compressor":{codec}}}"#
        )
    };
    let blosc = r#"{"id":"blosc"}"#;
    // A Blosc header that claims 2 GB, a frame of Zstandard with a window of 2 GB.
    let large_blosc = [
        &[2, 1, 0x21, 4][..],
        &0x7fff_ffffu32.to_le_bytes(),
        &(1u32 << 25).to_le_bytes(),
        &32u32.to_le_bytes(),
        &[0; 16],
    ]
    .concat();
    let large_zstd = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0, 0, 0];
    let cases = [
        ("2^60 rows", array("[1152921504606846976,2]", "[10,2]", "null"), vec![0; 80], "io.too-large"),
        ("2^33 × 2^33", array("[8589934592,8589934592]", "[10,2]", "null"), vec![0; 80], "io.too-large"),
        ("a chunk of 2^40", array("[3,2]", "[1099511627776,2]", "null"), vec![0; 80], "io.too-large"),
        ("a chunk of 2^63", array("[3,2]", "[9223372036854775808,4]", "null"), vec![0; 80], "io.too-large"),
        ("a short chunk", array("[3,2]", "[3,2]", "null"), vec![0; 23], "io.bad-structure"),
        ("a long chunk", array("[3,2]", "[3,2]", "null"), vec![0; 25], "io.bad-structure"),
        ("Blosc", array("[3,2]", "[3,2]", blosc), large_blosc, "io.bad-structure"),
        ("Zstandard", array("[3,2]", "[3,2]", r#"{"id":"zstd"}"#), large_zstd, "io.bad-structure"),
        ("bz2", array("[3,2]", "[3,2]", r#"{"id":"bz2"}"#), vec![0; 24], "io.unsupported-codec"),
        ("deep", format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)), vec![0; 24], "io.bad-structure"),
    ];
    let names = |n: usize| {
        let mut bytes = (n as u32).to_le_bytes().to_vec();
        (0..n).for_each(|i| bytes.extend([1, 0, 0, 0, b'a' + i as u8]));
        bytes
    };
    let texts = |n: usize| {
        format!(
            r#"{{"zarr_format":2,"shape":[{n}],"chunks":[{n}],"dtype":"|O","fill_value":"","order":"C",
            "filters":[{{"id":"vlen-utf8"}}],"compressor":null}}"#
        )
    };
    for (name, metadata, chunk, code) in cases {
        let mut files: Files = vec![(".zgroup".into(), group.clone())];
        for (frame, n) in [("obs", 3), ("var", 2)] {
            files.push((format!("{frame}/.zgroup"), group.clone()));
            files.push((format!("{frame}/.zattrs"), br#"{"_index":"_index","column-order":[]}"#.to_vec()));
            files.push((format!("{frame}/_index/.zarray"), texts(n).into_bytes()));
            files.push((format!("{frame}/_index/0"), names(n)));
        }
        files.push(("X/.zarray".into(), metadata.into_bytes()));
        files.push(("X/0.0".into(), chunk));
        let (result, memory) = damage::measured(|| read_everything(files));
        let error = result.unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(memory < 32 << 20, "{name}: {memory} bytes");
    }
}
