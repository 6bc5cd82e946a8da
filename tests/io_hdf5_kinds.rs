//! 10x and loom files as other tools write them, and files that claim what they do not hold.

mod common;

use std::path::Path;

use common::Folder;
use resitu::{
    Explain,
    cells::{Column, Csr},
    io::{Dataset, FileSource, IoError},
};
use serde_json::Value;

fn open(path: &Value) -> Result<Dataset, IoError> {
    Dataset::open(Box::new(FileSource::open(Path::new(path.as_str().unwrap())).unwrap()))
}

/// The rows as dense lists; indices must ascend.
fn dense(rows: &Csr) -> Vec<Vec<f32>> {
    let row = |row| {
        let mut dense = vec![0.0; rows.n_cols()];
        let (indices, values) = rows.row(row);
        assert!(indices.is_sorted());
        indices.iter().zip(values).for_each(|(gene, value)| dense[*gene as usize] += *value);
        dense
    };
    (0..rows.n_rows()).map(row).collect()
}

fn values(dataset: &Dataset) -> Vec<Vec<f32>> {
    common::check_expression(dataset, true).unwrap();
    dense(&dataset.rows(0..dataset.n_cells()).unwrap())
}

#[test]
fn genomes_libraries_layers_and_circles_are_understood() {
    let folder = Folder::new("hdf5-kinds");
    let Some(written) = common::run_python("write_hdf5_kinds.py", &[folder.0.to_str().unwrap()]) else {
        return println!("skipped: genomes_libraries_layers_and_circles_are_understood (no Python with h5py)");
    };
    let counts: Vec<Vec<f32>> = serde_json::from_value(written["counts"].clone()).unwrap();
    let some_genes =
        |range: std::ops::Range<usize>| counts.iter().map(|row| row[range.clone()].to_vec()).collect::<Vec<_>>();
    let names = |dataset: &Dataset| dataset.matrices().iter().map(|matrix| matrix.name.clone()).collect::<Vec<_>>();
    let has_note = |dataset: &Dataset, part: &str| dataset.notes().iter().any(|note| note.contains(part));

    for name in ["v3", "circle"] {
        let mut dataset = open(&written[name]).unwrap();
        assert_eq!(serde_json::json!(dataset.obs_names().unwrap()), written["cells"], "{name}");
        assert_eq!(names(&dataset), ["X", "hg", "mm"], "{name}");
        assert_eq!(values(&dataset), counts, "{name}");
        assert!(has_note(&dataset, "2 genomes"), "{name}");
        dataset.use_matrix("mm").unwrap();
        assert_eq!((values(&dataset), dataset.gene_names()[0].as_str()), (some_genes(8..13), "mm8"), "{name}");
        let Column::Categorical { codes, categories } = dataset.obs_column("library").unwrap() else { panic!() };
        assert_eq!((&codes[..3], categories), (&[0, 1, 0][..], vec!["1".to_owned(), "2".to_owned()]), "{name}");
    }
    let antibodies = open(&written["antibodies"]).unwrap();
    assert!(antibodies.n_genes() == 13 && has_note(&antibodies, "all 13 are kept"));

    let mut same = open(&written["v2_same"]).unwrap();
    assert_eq!((names(&same), values(&same)), (vec!["hg".to_owned(), "mm".to_owned()], some_genes(0..8)));
    same.use_matrix("mm").unwrap();
    assert_eq!(values(&same), some_genes(8..13));
    let other = open(&written["v2_other"]).unwrap();
    assert_eq!((names(&other), values(&other)), (vec!["hg".to_owned()], some_genes(0..8)));
    assert!(has_note(&other, "were left out (mm)"), "{:?}", other.notes());

    let mut loom = open(&written["loom"]).unwrap();
    assert_eq!(
        (loom.format(), names(&loom), values(&loom)),
        ("loom", vec!["X".into(), "layers/spliced".into()], counts.clone())
    );
    assert!(has_note(&loom, "1 columns of obs"), "{:?}", loom.notes());
    loom.use_matrix("layers/spliced").unwrap();
    let halves: Vec<Vec<f32>> =
        counts.iter().map(|row| row.iter().map(|value| (value / 2.0).floor()).collect()).collect();
    assert_eq!(values(&loom)[3..11], halves[3..11]);

    for (name, case) in written["refused"].as_object().unwrap() {
        let error = open(&case[0]).err().unwrap_or_else(|| panic!("{name} was opened"));
        let code = case[1].as_str().unwrap();
        assert!(error.code() == code || (code.is_empty() && error.code().starts_with("io.")), "{name}: {error}");
    }
}
