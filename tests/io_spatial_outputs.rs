//! Folders of Xenium, Visium and Visium HD give cells with their positions.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::{Folder, data};
use resitu::{
    Explain,
    cells::Column,
    io::{BytesSource, Dataset, FileSet, FileSource, Source},
};
use serde_json::Value;

/// Every file below a folder, as a drop of it gives them.
fn drop_folder(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                open.push((entry.path(), format!("{path}/")));
            } else {
                found.push((path, entry.path()));
            }
        }
    }
    found
}

fn set(files: &[(String, PathBuf)]) -> FileSet {
    let open = |path: &PathBuf| Box::new(FileSource::open(path).unwrap()) as Box<dyn Source>;
    FileSet::new(files.iter().map(|(name, path)| (name.clone(), open(path)))).unwrap()
}

/// NaN is null in JSON.
fn pairs(value: &Value) -> Vec<[Option<f64>; 2]> {
    serde_json::from_value(value.clone()).unwrap()
}

fn check(dataset: &Dataset, expected: &Value, what: &str) {
    assert_eq!(dataset.format(), expected["format"], "{what}");
    assert_eq!(serde_json::json!(dataset.obs_names().unwrap()), expected["cells"], "{what}");
    let counts: Vec<Vec<f32>> = serde_json::from_value(expected["counts"].clone()).unwrap();
    let rows = dataset.rows(0..dataset.n_cells()).unwrap();
    assert_eq!((rows.n_rows(), rows.n_cols()), (counts.len(), counts[0].len()), "{what}");
    for (row, counts) in counts.iter().enumerate() {
        let mut dense = vec![0.0; counts.len()];
        let (indices, values) = rows.row(row);
        indices.iter().zip(values).for_each(|(gene, value)| dense[*gene as usize] += value);
        assert_eq!(dense, *counts, "{what} row {row}");
    }
    let columns: Vec<&str> = dataset.obs_columns().iter().map(|info| info.name.as_str()).collect();
    assert_eq!(serde_json::json!(columns), expected["obs"], "{what}");
    let found = dataset.coordinates().unwrap().unwrap();
    assert_eq!(Some(found.key.as_str()), dataset.coordinates_key(), "{what}");
    for (cell, (xy, expected)) in found.xy.iter().zip(pairs(&expected["xy"])).enumerate() {
        for (ours, theirs) in xy.iter().zip(expected) {
            match theirs {
                Some(theirs) => assert!((ours - theirs).abs() < 1e-9, "{what} cell {cell}: {ours} for {theirs}"),
                None => assert!(ours.is_nan(), "{what} cell {cell}: {ours}"),
            }
        }
    }
    let one_missing = format!("1 of {} cells have no position.", dataset.n_cells());
    assert!(dataset.notes().contains(&one_missing), "{what}: {:?}", dataset.notes());
}

#[test]
fn folders_give_cells_with_positions() {
    let folder = Folder::new("spatial-outputs");
    let Some(written) = common::run_python("write_spatial_outputs.py", &[folder.0.to_str().unwrap()]) else {
        return println!("skipped: folders_give_cells_with_positions (no Python with anndata)");
    };
    let has_note = |dataset: &Dataset, part: &str| dataset.notes().iter().any(|note| note.contains(part));
    for (name, expected) in written.as_object().unwrap() {
        let files = drop_folder(Path::new(expected["folder"].as_str().unwrap()));
        let dataset = Dataset::open_files(set(&files)).unwrap_or_else(|error| panic!("{name}: {error}"));
        check(&dataset, expected, name);
        assert!(has_note(&dataset, "3 of 14 features are not genes") || name == "xenium_parquet", "{name}");
        assert_eq!(dataset.coordinates_key() == Some("spatial_um"), has_note(&dataset, "in µm"), "{name}");
        assert_eq!(has_note(&dataset, "(raw) is passed over"), name == "visium_old" || name.contains("hd"), "{name}");
        assert_eq!(has_note(&dataset, "The bins of square_008um are used"), name == "visium_hd", "{name}");

        // The same with the folder's name before every path, and as single files where those are told apart by name.
        let nested: Vec<_> = files.iter().map(|(path, file)| (format!("run/outs/{path}"), file.clone())).collect();
        check(&Dataset::open_files(set(&nested)).unwrap(), expected, &format!("{name} nested"));
        if name == "visium_new" || name == "xenium_parquet" {
            let last = |path: &str| path.rsplit('/').next().unwrap().to_owned();
            let flat: Vec<_> = files.iter().map(|(path, file)| (last(path), file.clone())).collect();
            check(&Dataset::open_files(set(&flat)).unwrap(), expected, &format!("{name} flat"));
        }
    }
    let mut lonely = drop_folder(Path::new(written["visium_old"]["folder"].as_str().unwrap()));
    lonely.retain(|(path, _)| path.starts_with("spatial"));
    let error = Dataset::open_files(set(&lonely)).err().unwrap();
    assert_eq!(error.code(), "io.missing-file", "{error}");
}

#[test]
fn a_public_visium_folder_gives_what_its_table_says() {
    let path = "formats/scanpy/tests/_data/visium_data/1.0.0";
    let Some(folder) = data().map(|data| data.join(path)).filter(|folder| folder.is_dir()) else {
        return println!("skipped: a_public_visium_folder_gives_what_its_table_says (no data)");
    };
    let dataset = Dataset::open_files(set(&drop_folder(&folder))).unwrap();
    assert_eq!((dataset.format(), dataset.n_cells(), dataset.n_genes()), ("Visium", 100, 100));
    // The table itself, read plainly.
    let table = fs::read_to_string(folder.join("spatial/tissue_positions_list.csv")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let factors: Value =
        serde_json::from_slice(&fs::read(folder.join("spatial/scalefactors_json.json")).unwrap()).unwrap();
    let um = 65.0 / factors["spot_diameter_fullres"].as_f64().unwrap();
    let (names, found) = (dataset.obs_names().unwrap(), dataset.coordinates().unwrap().unwrap());
    let Column::Numbers(array_rows) = dataset.obs_column("array_row").unwrap() else { panic!("rows are numbers") };
    assert_eq!(found.key, "spatial_um");
    for (cell, name) in names.iter().enumerate() {
        let row = rows.iter().find(|row| row[0] == name).unwrap();
        let number = |column: usize| row[column].parse::<f64>().unwrap();
        assert_eq!(array_rows[cell], number(2));
        assert!((found.xy[cell][0] - number(5) * um).abs() < 1e-9 && (found.xy[cell][1] - number(4) * um).abs() < 1e-9);
    }
    // Neighbouring spots of a row lie 100 µm apart, which is how Visium slides are printed.
    let pitch = rows.iter().filter(|row| row[2] == "0").map(|row| row[5].parse::<f64>().unwrap() * um);
    let pitch: Vec<f64> = pitch.collect();
    let mean = (pitch[pitch.len() - 1] - pitch[0]) / (pitch.len() - 1) as f64;
    assert!((mean - 100.0).abs() < 1.0, "{mean}");
}

#[test]
fn damaged_positions_are_an_error_or_missing() {
    let path = "formats/scanpy/tests/_data/visium_data/1.0.0";
    let Some(folder) = data().map(|data| data.join(path)).filter(|folder| folder.is_dir()) else {
        return println!("skipped: damaged_positions_are_an_error_or_missing (no data)");
    };
    let matrix = fs::read(folder.join("filtered_feature_bc_matrix.h5")).unwrap();
    let open = |positions: &str, factors: &str| {
        let files = [
            ("filtered_feature_bc_matrix.h5", matrix.clone()),
            ("spatial/tissue_positions.csv", positions.as_bytes().to_vec()),
            ("spatial/scalefactors_json.json", factors.as_bytes().to_vec()),
        ];
        let source = |bytes| Box::new(BytesSource::new(bytes)) as Box<dyn Source>;
        let files = files.into_iter().map(|(path, bytes)| (path.to_owned(), source(bytes)));
        Dataset::open_files(FileSet::new(files).unwrap())
    };
    let header = "barcode,in_tissue,array_row,array_col,pxl_row_in_fullres,pxl_col_in_fullres\n";
    let strangers = open(&format!("{header}X-1,1,0,0,5,6\n"), "{}").unwrap();
    assert_eq!((strangers.coordinates_key(), strangers.coordinates().unwrap()), (None, None));
    assert!(strangers.notes().iter().any(|note| note.starts_with("No cell of the matrix occurs")));
    let error = open("barcode,x\nA,1\n", "").err().unwrap();
    assert_eq!(error.code(), "io.bad-structure");
    assert_eq!(open(&format!("{header}A,1,2\n"), "").err().unwrap().code(), "io.bad-text");
    // Words where numbers belong: the file opens, its positions do not.
    let names = strangers.obs_names().unwrap();
    let words = open(&format!("{header}{},1,0,0,left,top\n", names[0]), "").unwrap();
    assert_eq!(words.coordinates().unwrap_err().code(), "io.bad-structure");
}
