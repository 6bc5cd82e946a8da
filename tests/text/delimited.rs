//! Tables of numbers, cells × genes or genes × cells.

use resitu::{cells::Column, io::Dataset, io::FileSet};

use crate::{
    common::{Folder, run_python},
    support::{code, dense, gzip, open},
};

const CELLS: &str = ",ACTB,NOVEL,Rpl3\nc1,1,0,2\nc2,0,0,0\nc3,5,1.5,0\n";
const VALUES: [[f32; 3]; 3] = [[1.0, 0.0, 2.0], [0.0; 3], [5.0, 1.5, 0.0]];

fn has_note(dataset: &Dataset, part: &str) -> bool {
    dataset.notes().iter().any(|note| note.contains(part))
}

#[test]
fn every_layout_gives_what_pandas_wrote() {
    let folder = Folder::new("delimited");
    let Some(written) = run_python("write_text.py", &[folder.0.to_str().unwrap()]) else {
        return println!("skipped: every_layout_gives_what_pandas_wrote (no Python with anndata)");
    };
    let values = |name: &str| serde_json::from_value::<Vec<Vec<f32>>>(written[name].clone()).unwrap();
    let texts = |name: &str| serde_json::from_value::<Vec<String>>(written[name].clone()).unwrap();
    let names = [
        ("cells.csv", "counts"),
        ("genes.csv", "counts"),
        ("floats.tsv", "counts"),
        ("log.csv.gz", "log"),
        ("semicolons.csv", "counts"),
        ("quoted.txt", "counts"),
        ("annotated.csv", "counts"),
        ("described.tsv.gz", "counts"),
        ("r.txt", "counts"),
    ];
    for (name, expected) in names {
        let dataset = Dataset::open_files(FileSet::from_paths(&[folder.0.join(name)]).unwrap()).unwrap();
        assert_eq!(dataset.format(), "delimited text", "{name}");
        assert_eq!(dense(&dataset).unwrap(), values(expected), "{name}");
        assert_eq!(dataset.obs_names().unwrap(), texts("cells"), "{name}");
        assert_eq!(dataset.gene_names(), texts("genes"), "{name}");
        let of_cells = matches!(name, "cells.csv" | "floats.tsv" | "log.csv.gz" | "annotated.csv");
        assert!(
            has_note(&dataset, if of_cells { "Rows are taken as cells" } else { "Rows are taken as genes" }),
            "{name}"
        );
        // Backwards, too: each step back is another pass.
        for cell in [22, 5, 0] {
            let row = dataset.rows(cell..cell + 1).unwrap();
            let sum: f32 = row.row(0).1.iter().sum();
            assert!((sum - values(expected)[cell].iter().sum::<f32>()).abs() < 1e-4, "{name}");
        }
    }
    let annotated = Dataset::open_files(FileSet::from_paths(&[folder.0.join("annotated.csv")]).unwrap()).unwrap();
    let Column::Categorical { codes, categories } = annotated.obs_column("cell_type").unwrap() else { panic!() };
    let found: Vec<String> = codes.iter().map(|code| categories[*code as usize].clone()).collect();
    assert_eq!(found, texts("cell_type"));
    let xy: Vec<[f64; 2]> = serde_json::from_value(written["xy"].clone()).unwrap();
    assert_eq!(annotated.coordinates().unwrap().unwrap().xy, xy);
    assert_eq!(annotated.coordinates_key(), Some("obs/x, obs/y"));
    let described = Dataset::open_files(FileSet::from_paths(&[folder.0.join("described.tsv.gz")]).unwrap()).unwrap();
    assert_eq!(described.var_columns()[1], ("gene_id".to_owned(), texts("gene_id")));
}

#[test]
fn a_table_is_read_under_any_name_and_in_an_archive_beside_other_texts() {
    let readme = ("README.txt", "Hello, world.\nThis is 1, and no, table.\n");
    for files in [vec![("", CELLS)], vec![("a.dat", CELLS)], vec![("deep/a.csv", CELLS), readme]] {
        assert_eq!(dense(&open(&files).unwrap()).unwrap(), VALUES, "{}", files[0].0);
    }
    assert_eq!(dense(&open(&[("a", gzip(CELLS.as_bytes()))]).unwrap()).unwrap(), VALUES);
}

#[test]
fn missing_values_are_nan_and_counted() {
    let dataset = open(&[("a.csv", "cell,ACTB,CD4,MYC,\na,1,,2,\nb,NA,3,nan,\n")]).unwrap();
    let rows = dense(&dataset).unwrap();
    assert_eq!(rows[0].len(), 3, "the empty column of a trailing comma is no gene");
    assert!(rows[0][1].is_nan() && rows[1][0].is_nan() && rows[1][2].is_nan() && rows[1][1] == 3.0);
    assert!(has_note(&dataset, "3 values of the table are empty or NA"), "{:?}", dataset.notes());
}

#[test]
fn names_that_do_not_tell_and_names_that_are_lacking_are_said() {
    let dataset = open(&[("a.csv", ",foo,bar\na,1,2\nb,3,4\n")]).unwrap();
    assert!(has_note(&dataset, "the names do not tell"), "{:?}", dataset.notes());
    let dataset = open(&[("a.csv", "ACTB,PDK4\n1,2\n0,4\n0,0\n")]).unwrap();
    assert_eq!((dataset.obs_names().unwrap(), dataset.n_genes()), (vec!["0".into(), "1".into(), "2".into()], 2));
    assert!(has_note(&dataset, "are numbered"), "{:?}", dataset.notes());
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let cases = [
        (",ACTB,CD4\na,1,2\nb,1\n", "at line 3"),
        (",ACTB,CD4\na,1,2\nb,1,2\nc,1,2,3\n", "at line 4"),
        (";ACTB;CD4\na;1;2\nb;1;2,5\n", "at line 3: a number has a decimal comma"),
        ("\"\",\"ACTB\",\"CD4\"\na,\"1,5\",\"0,5\"\n", "at line 2: a number has a decimal comma"),
    ];
    for (text, expected) in cases {
        let error = open(&[("a.csv", text)]).map(|_| ()).unwrap_err();
        assert_eq!(resitu::Explain::code(&error), "io.bad-text", "{text}");
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
    let utf16: Vec<u8> = CELLS.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(code(&[("a.csv", [&[0xff, 0xfe], &utf16[..]].concat())]), "io.bad-text");
    let packed = gzip(CELLS.repeat(1000).as_bytes());
    assert_eq!(code(&[("a.csv.gz", &packed[..packed.len() / 2])]), "io.truncated");
}

#[test]
fn a_text_that_is_no_matrix_is_not_taken_for_one() {
    let texts = [
        "",
        "\n",
        "Hello, world.\n",
        "Dear all,\nthe cells are in the fridge, 3 of them.\n",
        "{\"a\": 1, \"b\": [1, 2]}\n",
        "1,2,3\n4,5,6\n",
        "cell,type\na,T\nb,B\n",
        "cell,x,y\na,1,2\nb,3,4\n",
        "cell_id,x_centroid,y_centroid,transcript_counts,cell_area\na,1,2,3,4\n",
        "transcript_id,cell_id,x_location,y_location\n1,2,3,4\n",
        "gene\nACTB\nCD4\n",
        "<svg width=\"1\" height=\"2\">\n<path d=\"M 1 2 3\"/>\n</svg>\n",
        ">seq1\nACGTACGTACGT\nACGTACGTACGT\n",
        "chr1\tsource\texon\t1\t2\nchr1\tsource\texon\t1\t2\n",
        "chr1\t100\t200\nchr1\t300\t400\n",
    ];
    for text in texts {
        for name in ["a.csv", "a.txt"] {
            assert_eq!(code(&[(name, text)]), "io.unknown-format", "{text:?}");
        }
    }
    assert_eq!(code(&[("a.txt", b"\x01\x02\x03,1,2\n1,2,3\n")]), "io.unknown-format");
}
