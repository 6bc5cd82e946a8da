//! Real files, old and new, give the values that anndata and scanpy give.

mod common;

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use common::data;
use resitu::{
    cells::Column,
    io::{BytesSource, Dataset, FileSource, Source, ValueKind},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn open(name: &str) -> Option<Dataset> {
    let path = data()?.join(name);
    path.is_file().then(|| Dataset::open(Box::new(FileSource::open(&path).unwrap())).unwrap())
}

/// What `scripts/reference/io.py` wrote.
fn reference() -> BTreeMap<String, Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/io.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn digest(names: &[String]) -> String {
    Sha256::digest(names.join("\n")).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Sums over millions of terms differ in the last digits with the order of addition; `scale` is the sum of their sizes.
fn assert_close(ours: f64, scale: f64, theirs: &Value, what: &str) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() <= 1e-9 * scale.max(1.0), "{what}: {ours} for {theirs}");
}

/// The sum of the values times 1, 2, … 97, 1, 2, …, which changes when two of them change places; and of their sizes.
fn weighted(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.map(|value| if value.is_finite() { value } else { 0.0 });
    let terms = finite.enumerate().map(|(row, value)| value * (row % 97 + 1) as f64);
    terms.fold((0.0, 0.0), |(sum, scale), term| (sum + term, scale + term.abs()))
}

fn check_matrix(dataset: &Dataset, expected: &Value, what: &str) {
    let (n_cells, n_genes) = (dataset.n_cells(), dataset.n_genes());
    assert_eq!(serde_json::json!([n_cells, n_genes]), expected["shape"], "{what}");
    common::check_expression(dataset, true).unwrap();
    let (mut non_zeros, mut by_row, mut by_column, mut scale) = (0, 0.0, 0.0, 0.0);
    let mut start = 0;
    while start < n_cells {
        // Odd steps, so that slices do not coincide with the file's chunks.
        let end = dataset.range_end(start, 1 << 20).unwrap().min(start + 997);
        let rows = dataset.rows(start..end).unwrap();
        assert_eq!((rows.n_rows(), rows.n_cols()), (end - start, n_genes), "{what}");
        for row in 0..rows.n_rows() {
            let (indices, values) = rows.row(row);
            for (&gene, &value) in indices.iter().zip(values).filter(|(_, value)| **value != 0.0) {
                non_zeros += 1;
                if value.is_finite() {
                    scale += f64::from(value.abs()) * 97.0;
                    by_row += f64::from(value) * ((start + row) % 97 + 1) as f64;
                    by_column += f64::from(value) * (gene % 89 + 1) as f64;
                }
            }
        }
        start = end;
    }
    assert_eq!(Value::from(non_zeros), expected["non_zeros"], "{what}");
    assert_close(by_row, scale, &expected["sum_by_row"], what);
    assert_close(by_column, scale, &expected["sum_by_column"], what);
}

fn check_column(column: Column, expected: &Value, what: &str) {
    match column {
        Column::Numbers(values) => {
            let (sum, scale) = weighted(values.into_iter());
            assert_close(sum, scale, &expected["sum"], what);
        }
        Column::Text(values) => assert_eq!(digest(&values), expected["text"], "{what}"),
        Column::Categorical { codes, categories } => {
            let text = |code: &i32| usize::try_from(*code).map_or(String::new(), |code| categories[code].clone());
            assert_eq!(digest(&codes.iter().map(text).collect::<Vec<_>>()), expected["text"], "{what}");
        }
    }
}

#[test]
fn every_file_gives_what_anndata_gives() {
    let Some(root) = data() else { return println!("skipped: every_file_gives_what_anndata_gives (no data)") };
    let mut n_checked = 0;
    for (name, expected) in reference() {
        let path = root.join(&name);
        if !path.is_file() {
            println!("skipped: {name} (not there)");
            continue;
        }
        if name.ends_with("no_genes.h5ad") {
            let error = Dataset::open(Box::new(FileSource::open(&path).unwrap())).err().unwrap();
            assert_eq!(resitu::Explain::code(&error), "io.empty-matrix");
            continue;
        }
        let mut dataset =
            Dataset::open(Box::new(FileSource::open(&path).unwrap())).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(digest(&dataset.obs_names().unwrap()), expected["obs_names"], "{name}");
        assert_eq!(digest(&dataset.var_columns()[0].1), expected["var_names"], "{name}");
        for (column, texts) in dataset.var_columns() {
            let expected = expected.get("var").and_then(|var| var.get(column));
            assert!(expected.is_none_or(|expected| expected["text"] == digest(texts)), "{name} var {column}");
        }
        let matrices = expected["matrices"].as_object().unwrap();
        let ours: Vec<String> = dataset.matrices().iter().map(|matrix| matrix.name.clone()).collect();
        let mut theirs: Vec<&String> = matrices.keys().collect();
        let mut sorted: Vec<&String> = ours.iter().collect();
        theirs.sort();
        sorted.sort();
        assert_eq!(sorted, theirs, "{name}");
        for matrix in &ours {
            dataset.use_matrix(matrix).unwrap();
            check_matrix(&dataset, &matrices[matrix], &format!("{name} {matrix}"));
        }
        let columns = expected["obs"].as_object().unwrap();
        assert_eq!(dataset.obs_columns().len(), columns.len(), "{name}");
        for info in dataset.obs_columns() {
            check_column(
                dataset.obs_column(&info.name).unwrap(),
                &columns[&info.name],
                &format!("{name} obs {}", info.name),
            );
        }
        if let Some(expected) = expected.get("coordinates") {
            let found = dataset.coordinates().unwrap().unwrap();
            assert_eq!(found.key, expected["key"], "{name}");
            assert_eq!(Some(found.key.as_str()), dataset.coordinates_key());
            for (axis, key) in ["x", "y"].into_iter().enumerate() {
                let (sum, scale) = weighted(found.xy.iter().map(|xy| xy[axis]));
                assert_close(sum, scale, &expected[key], &format!("{name} {key}"));
            }
        }
        n_checked += 1;
    }
    println!("{n_checked} files agree with anndata and scanpy");
}

#[test]
fn features_that_are_no_genes_are_left_out_and_named() {
    let Some(dataset) = open("formats/xenium_bone_marrow/cell_feature_matrix.h5") else {
        return println!("skipped: features_that_are_no_genes_are_left_out_and_named (no data)");
    };
    assert_eq!((dataset.format(), dataset.n_cells(), dataset.n_genes()), ("10x HDF5", 84_518, 477));
    assert_eq!(dataset.gene_names_from(), "gene_names");
    assert_eq!(dataset.var_columns()[1].0, "gene_ids");
    let note = "64 of 541 features are not genes and were left out";
    assert!(dataset.notes().iter().any(|found| found.starts_with(note)), "{:?}", dataset.notes());
}

#[test]
fn a_buffer_reads_like_the_file() {
    let name = "formats/anndata/tests/data/archives/v0.7.8/adata.h5ad";
    let Some(from_file) = open(name) else { return println!("skipped: a_buffer_reads_like_the_file (no data)") };
    let bytes = fs::read(data().unwrap().join(name)).unwrap();
    let from_bytes = Dataset::open(Box::new(BytesSource::new(bytes))).unwrap();
    assert_eq!(from_bytes.rows(3..17).unwrap(), from_file.rows(3..17).unwrap());
    assert_eq!(from_bytes.obs_names().unwrap(), from_file.obs_names().unwrap());
}

#[test]
fn the_kind_of_values_is_told() {
    let cases = [
        ("st/xenium_breast_3quadrants.h5ad", "X", ValueKind::Counts),
        ("st/xenium_bone_marrow.h5ad", "X", ValueKind::Counts),
        ("sc/breast_tnbc_CID4465.h5ad", "X", ValueKind::Counts),
        ("formats/zellkonverter/inst/extdata/example_anndata.h5ad", "layers/counts", ValueKind::Counts),
        ("formats/anndata/tests/data/archives/v0.5.0/adata.h5ad", "X", ValueKind::Scaled),
        ("formats/anndata/tests/data/archives/v0.5.0/adata.h5ad", "raw/X", ValueKind::LogNormalised),
        ("formats/h5ad_legacy/squidpy_test_data.h5ad", "X", ValueKind::LogNormalised),
        ("formats/merfisheyes/tests/fixtures/h5ad/edge_cases/expression_all_zeros.h5ad", "X", ValueKind::Unknown),
    ];
    for (name, matrix, kind) in cases {
        let Some(dataset) = open(name) else {
            println!("skipped: {name} (no data)");
            continue;
        };
        let found = dataset.matrices().iter().find(|info| info.name == matrix).unwrap();
        assert_eq!(found.value_kind, kind, "{name} {matrix}: {:?}", found.sample);
    }
}

#[test]
fn a_file_with_counts_elsewhere_says_so() {
    let Some(dataset) = open("formats/zellkonverter/inst/extdata/example_anndata.h5ad") else {
        return println!("skipped: a_file_with_counts_elsewhere_says_so (no data)");
    };
    assert_ne!(dataset.value_kind(), ValueKind::Counts);
    assert!(dataset.notes().iter().any(|note| note.contains("layers/counts")), "{:?}", dataset.notes());
}

#[test]
fn a_third_dimension_is_kept_where_cells_differ_in_it() {
    let Some(dataset) = open("formats/merfisheyes/tests/fixtures/h5ad/valid/dense_3d.h5ad") else {
        return println!("skipped: a_third_dimension_is_kept_where_cells_differ_in_it (no data)");
    };
    let found = dataset.coordinates().unwrap().unwrap();
    assert_eq!(found.z.map(|z| z.len()), Some(dataset.n_cells()));
    assert!(dataset.notes().iter().any(|note| note.contains("more than two dimensions")), "{:?}", dataset.notes());
    let flat = open("formats/merfisheyes/tests/fixtures/h5ad/valid/dense_2d.h5ad").unwrap();
    assert_eq!(flat.coordinates().unwrap().unwrap().z, None);
}

/// A source that records what is asked of it.
struct Watched {
    file: FileSource,
    total: Arc<AtomicU64>,
    largest: Arc<AtomicU64>,
}

impl Source for Watched {
    fn len(&self) -> u64 {
        self.file.len()
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        self.total.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.largest.fetch_max(buffer.len() as u64, Ordering::Relaxed);
        self.file.read_at(offset, buffer)
    }
}

#[test]
fn a_large_file_is_read_by_slices() {
    let Some(path) = data().map(|data| data.join("st/xenium_pancreas_west85.h5ad")).filter(|path| path.is_file())
    else {
        return println!("skipped: a_large_file_is_read_by_slices (no data)");
    };
    let (total, largest) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let file = FileSource::open(&path).unwrap();
    let length = file.len();
    let dataset = Dataset::open(Box::new(Watched { file, total: total.clone(), largest: largest.clone() })).unwrap();
    let opening = total.load(Ordering::Relaxed);
    assert!(opening < length / 2, "opening read {opening} of {length} bytes");
    let mut start = 0;
    while start < dataset.n_cells() {
        let end = dataset.range_end(start, 100_000).unwrap();
        dataset.rows(start..end).unwrap();
        start = end;
    }
    let reading = total.load(Ordering::Relaxed) - opening;
    let largest = largest.load(Ordering::Relaxed);
    println!("{length} bytes: opening read {opening}, all rows {reading}, at most {largest} at once");
    assert!(reading < 2 * length, "reading all rows once read {reading} of {length} bytes");
    assert!(largest <= 1 << 20, "{largest} bytes were asked for at once");
}
