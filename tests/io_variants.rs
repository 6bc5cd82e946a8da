//! One small matrix in every way that AnnData and h5py store it: number types, byte orders, filters, layouts.

mod common;

use std::path::Path;

use common::Folder;
use resitu::{
    Explain,
    cells::{Column, Csr},
    io::{Dataset, FileSource, ValueKind},
};
use serde_json::Value;

fn open(path: &str) -> Dataset {
    Dataset::open(Box::new(FileSource::open(Path::new(path)).unwrap()))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn numbers(rows: &Value) -> Vec<Vec<f64>> {
    serde_json::from_value(rows.clone()).unwrap()
}

/// The rows as dense lists, repeats summed.
fn dense(rows: &Csr) -> Vec<Vec<f64>> {
    let row = |row| {
        let mut dense = vec![0.0; rows.n_cols()];
        let (indices, values) = rows.row(row);
        indices.iter().zip(values).for_each(|(gene, value)| dense[*gene as usize] += f64::from(*value));
        dense
    };
    (0..rows.n_rows()).map(row).collect()
}

#[test]
fn every_variant_holds_the_same_cells() {
    let folder = Folder::new("variants");
    let Some(written) = common::run_python("write_variants.py", &[folder.0.to_str().unwrap()]) else {
        return println!("skipped: every_variant_holds_the_same_cells (no Python with anndata)");
    };
    let counts = numbers(&written["counts"]);
    let files = written["files"].as_object().unwrap();
    for (name, path) in files {
        let mut dataset = open(path.as_str().unwrap());
        if name == "layers_and_raw" {
            dataset.use_matrix("layers/counts").unwrap();
        }
        assert_eq!(dataset.value_kind(), ValueKind::Counts, "{name}");
        assert_eq!(dense(&dataset.rows(0..60).unwrap()), counts, "{name}");
        for range in [0..1, 59..60, 13..41, 7..7] {
            assert_eq!(dense(&dataset.rows(range.clone()).unwrap()), counts[range], "{name}");
        }
        common::check_expression(&dataset, true).unwrap();
        assert_eq!(dataset.expression(&[23], 0..60).unwrap_err().code(), "io.bad-structure", "{name}");
        assert_eq!(dataset.expression(&[0], 0..61).unwrap_err().code(), "io.bad-structure", "{name}");
        assert_eq!(dataset.rows(0..61).unwrap_err().code(), "io.bad-structure", "{name}");
        let labels = dataset.labels("label").unwrap();
        let labels: Vec<&str> = labels.codes.iter().map(|code| labels.levels[*code as usize].as_str()).collect();
        assert_eq!(serde_json::json!(labels), written["labels"], "{name}");
        let xy = dataset.coordinates().unwrap().unwrap().xy;
        assert_eq!(xy.iter().map(|xy| xy.to_vec()).collect::<Vec<_>>(), numbers(&written["xy"]), "{name}");
        let symbols: Vec<String> = (0..23).map(|gene| format!("S{gene}")).collect();
        assert!(dataset.var_columns().iter().any(|(column, names)| column == "symbol" && *names == symbols), "{name}");
        if !matches!(name.as_str(), "layers_and_raw" | "no_x") {
            assert_eq!(dataset.notes(), [""; 0], "{name}");
        }
    }

    for path in written["unplaced"].as_array().unwrap() {
        let dataset = open(path.as_str().unwrap());
        assert!(dataset.coordinates().unwrap().is_none() && dataset.coordinates_key().is_none());
        assert!(dataset.notes()[0].starts_with("obsm/spatial is not taken as positions"), "{:?}", dataset.notes());
    }

    let annotated = open(files["annotations"].as_str().unwrap());
    let categorical = |name: &str| match annotated.obs_column(name).unwrap() {
        Column::Categorical { codes, categories } => (codes[..8].to_vec(), categories),
        other => panic!("{name}: {other:?}"),
    };
    let Column::Numbers(integers) = annotated.obs_column("integers").unwrap() else { panic!("integers are numbers") };
    assert!(integers.iter().enumerate().all(|(i, v)| if i % 7 == 0 { v.is_nan() } else { *v == i as f64 }));
    let truths = vec!["False".to_owned(), "True".to_owned()];
    assert_eq!(categorical("truths"), (vec![-1, 0, 1, 0, 1, -1, 1, 0], truths.clone()));
    assert_eq!(categorical("flags"), (vec![1, 0, 1, 0, 1, 0, 1, 0], truths));
    assert_eq!(
        categorical("numbers"),
        (vec![0, 1, 2, 3, 0, 1, 2, 3], ["0", "10", "20", "30"].map(String::from).to_vec())
    );
    assert_eq!(categorical("missing"), (vec![-1, 0, 0, 0, 0, 0, -1, 0], vec!["x".to_owned()]));
    let Column::Text(names) = annotated.obs_column("names").unwrap() else { panic!("names are text") };
    assert_eq!(names[59], "ü59");

    let mut raw = open(files["layers_and_raw"].as_str().unwrap());
    assert_eq!((raw.matrix_name(), raw.value_kind(), raw.n_genes()), ("X", ValueKind::LogNormalised, 23));
    raw.use_matrix("raw/X").unwrap();
    assert_eq!((raw.value_kind(), raw.n_genes(), raw.gene_names().len()), (ValueKind::Counts, 25, 25));
    assert_eq!(raw.use_matrix("layers/none").unwrap_err().code(), "io.no-such-name");
    assert_eq!(raw.matrix_name(), "raw/X");
}
