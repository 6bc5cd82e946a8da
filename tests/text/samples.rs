//! Several samples read as one, and tables of annotations beside a matrix.

use resitu::cells::Column;

use crate::support::{code, dense, open};

const GENES: &str = "ENSG1\tA\nENSG2\tB\n";
const BARCODES: &str = "AAC-1\nAAG-1\n";

fn mtx(entries: &str) -> String {
    let n = entries.lines().count();
    format!("%%MatrixMarket matrix coordinate integer general\n2 2 {n}\n{entries}")
}

fn texts(dataset: &resitu::io::Dataset, name: &str) -> Vec<String> {
    match dataset.obs_column(name).unwrap() {
        Column::Categorical { codes, categories } => codes
            .iter()
            .map(|code| usize::try_from(*code).map_or(String::new(), |code| categories[code].clone()))
            .collect(),
        Column::Text(values) => values,
        Column::Numbers(values) => values.iter().map(f64::to_string).collect(),
    }
}

#[test]
fn samples_of_a_deposit_are_read_as_one() {
    // The second has its genes the other way round, and one more.
    let (first, second) = (mtx("1 1 5\n2 2 3\n"), mtx("1 1 7\n2 1 2\n").replace("2 2 2", "3 2 2"));
    let dataset = open(&[
        ("GSM1_a_matrix.mtx", first.as_str()),
        ("GSM1_a_barcodes.tsv", BARCODES),
        ("GSM1_a_features.tsv", GENES),
        ("GSM2_b_matrix.mtx", second.as_str()),
        ("GSM2_b_barcodes.tsv", BARCODES),
        ("GSM2_b_features.tsv", "ENSG2\tB\nENSG1\tA\nENSG3\tC\n"),
    ])
    .unwrap();
    assert_eq!(dense(&dataset).unwrap(), [[5.0, 0.0], [0.0, 3.0], [2.0, 7.0], [0.0, 0.0]]);
    assert_eq!(dataset.gene_names(), ["A", "B"]);
    assert_eq!(dataset.obs_names().unwrap(), ["AAC-1-GSM1_a", "AAG-1-GSM1_a", "AAC-1-GSM2_b", "AAG-1-GSM2_b"]);
    assert_eq!(texts(&dataset, "sample"), ["GSM1_a", "GSM1_a", "GSM2_b", "GSM2_b"]);
    for cell in [3, 0, 2, 1] {
        let row = dataset.rows(cell..cell + 1).unwrap();
        assert_eq!(row.row(0).1.iter().sum::<f32>(), [5.0, 3.0, 9.0, 0.0][cell], "in any order");
    }
    let notes = dataset.notes().join("\n");
    assert!(notes.contains("2 samples") && notes.contains("1 genes that not all samples have"), "{notes}");
    let end = dataset.range_end(0, 1_000).unwrap();
    assert!((1..=2).contains(&end), "a range ends where a sample does");
}

#[test]
fn samples_may_share_their_genes_but_not_their_barcodes() {
    let (a, b) = (mtx("1 1 5\n"), mtx("2 2 3\n"));
    let files = [
        ("a_matrix.mtx", a.as_str()),
        ("a_barcodes.tsv", "AAC-1\nAAG-1\n"),
        ("b_matrix.mtx", b.as_str()),
        ("b_barcodes.tsv", "CCC-1\nCCG-1\n"),
        ("genes.tsv", GENES),
    ];
    let dataset = open(&files).unwrap();
    assert_eq!(dataset.obs_names().unwrap(), ["AAC-1", "AAG-1", "CCC-1", "CCG-1"], "names that differ stay");
    assert_eq!(texts(&dataset, "sample"), ["a", "a", "b", "b"]);
    assert_eq!(code(&files[..3]), "io.missing-file");
    assert_eq!(code(&[files[0], files[1], files[2], files[4]]), "io.missing-file");
}

#[test]
fn tables_of_several_samples_are_read_as_one_unless_they_share_nothing() {
    let a = ("GSM1_counts.csv", "gene,c1,c2\nACTB,1,2\nCD4,0,3\n");
    let b = ("GSM2_counts.csv", "gene,d1,d2\nCD4,4,5\nACTB,6,0\n");
    let dataset = open(&[a, b]).unwrap();
    assert_eq!(dense(&dataset).unwrap(), [[1.0, 0.0], [2.0, 3.0], [6.0, 4.0], [0.0, 5.0]]);
    assert_eq!(texts(&dataset, "sample"), ["GSM1", "GSM1", "GSM2", "GSM2"]);
    let other = ("GSM3_counts.csv", "gene,e1,e2\nMYC,4,5\nGAPDH,6,0\n");
    assert_eq!(code(&[a, other]), "io.several-datasets");
    let placed = |cells: &str| format!("cell,x,y,ACTB,CD4\n{cells}");
    let (a, b) = (placed("c1,1,2,3,4\nc2,1,2,3,4\n"), placed("d1,1,2,3,4\nd2,1,2,3,4\n"));
    assert_eq!(code(&[("a.csv", a.as_str()), ("b.csv", b.as_str())]), "io.several-datasets", "two sections");
}

#[test]
fn annotations_beside_a_matrix_are_joined_by_the_names_of_cells() {
    let counts = ("counts.csv", "gene,AAC.1,AAG.1,AAT.1\nACTB,1,2,0\nCD4,0,3,4\n");
    // In another order, with one cell that is not there, and without one that is; as R mangles the names of columns.
    let metadata = ("metadata.csv", "\"\",\"type\",\"x\",\"y\"\nAAG-1,T,3,4\nAAC-1,B,1,2\nGGG-1,T,0,0\n");
    let dataset = open(&[counts, metadata]).unwrap();
    assert_eq!(dense(&dataset).unwrap(), [[1.0, 0.0], [2.0, 3.0], [0.0, 4.0]]);
    assert_eq!(dataset.obs_names().unwrap(), ["AAC.1", "AAG.1", "AAT.1"]);
    assert_eq!(texts(&dataset, "type"), ["B", "T", ""]);
    assert_eq!(dataset.coordinates_key(), Some("obs/x, obs/y"));
    let xy = dataset.coordinates().unwrap().unwrap().xy;
    assert_eq!(xy[..2], [[1.0, 2.0], [3.0, 4.0]]);
    assert!(xy[2][0].is_nan() && xy[2][1].is_nan());
    assert!(dataset.notes().iter().any(|note| note.contains("2 of its 3 cells")), "{:?}", dataset.notes());

    // Cells in another column, and beside a Matrix Market file.
    let matrix = mtx("1 1 5\n2 2 3\n");
    let files = [
        ("matrix.mtx", matrix.as_str()),
        ("barcodes.tsv", BARCODES),
        ("genes.tsv", GENES),
        ("cluster.tsv", "n\tbarcode\tcluster\n1\tAAG-1\tT cell\n2\tAAC-1\tB cell\n"),
    ];
    assert_eq!(texts(&open(&files).unwrap(), "cluster"), ["B cell", "T cell"]);
    // Of other cells, or with a cell twice: passed over.
    for other in ["cell,type\nGGG-1,T\n", "cell,type\nAAC-1,T\nAAC-1,B\n"] {
        let dataset = open(&[files[0], files[1], files[2], ("metadata.csv", other)]).unwrap();
        assert!(dataset.obs_columns().iter().all(|info| info.name != "type"), "{other}");
    }
}

#[test]
fn names_with_a_title_above_them_are_understood() {
    let matrix = mtx("1 1 5\n2 2 3\n");
    let titled = [
        ("DGE.mtx", matrix.as_str()),
        ("cell_metadata.csv", "bc_wells,sample\n01_01,s\n01_02,t\n"),
        ("all_genes.csv", "gene_id,gene_name,genome\nENSG1,A,hg38\nENSG2,B,hg38\n"),
    ];
    let dataset = open(&titled).unwrap();
    assert_eq!(dense(&dataset).unwrap(), [[5.0, 0.0], [0.0, 3.0]]);
    assert_eq!(
        (dataset.obs_names().unwrap(), dataset.gene_names()),
        (vec!["01_01".into(), "01_02".into()], &["A".to_owned(), "B".to_owned()][..])
    );
    assert_eq!(texts(&dataset, "sample"), ["s", "t"]);
    let alevin =
        [("quants_mat.mtx", matrix.as_str()), ("quants_mat_rows.txt", BARCODES), ("quants_mat_cols.txt", "G1\nG2\n")];
    assert_eq!(open(&alevin).unwrap().gene_names(), ["G1", "G2"]);
    let by_hand = [("counts.mtx", matrix.as_str()), ("cells.txt", BARCODES), ("genes.csv", "gene\nA\nB\n")];
    assert_eq!(open(&by_hand).unwrap().gene_names(), ["A", "B"]);
}

#[test]
fn a_stray_word_leaves_a_column_of_numbers_one() {
    let mut table = "cell,ACTB,CD4,cell_type\n".to_owned();
    for cell in 0..40 {
        let value = if cell == 7 { "#REF!".to_owned() } else { cell.to_string() };
        table += &format!("c{cell},{value},1,T\n");
    }
    let dataset = open(&[("a.csv", table.as_str())]).unwrap();
    assert_eq!(dataset.gene_names(), ["ACTB", "CD4"]);
    let rows = dense(&dataset).unwrap();
    assert!(rows[7][0].is_nan() && rows[8][0] == 8.0);
    assert!(dataset.notes().iter().any(|note| note.starts_with("1 values of the table are words")));
    let (start, end) = table.split_at(table.find("c20,").unwrap());
    let worse = format!("{start}{}", end.replace(",1,T", ",x,T"));
    assert_eq!(open(&[("a.csv", worse.as_str())]).unwrap().gene_names(), ["ACTB"], "a column of words is none");
}

#[test]
fn files_of_other_programs_are_named() {
    for (bytes, code_) in [
        (&b"X\n\0\0\0\x03\0\x04\x01\0"[..], "io.other-format"),
        (b"RDX3\nX\n\0\0\0", "io.other-format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "io.other-format"),
        (b"\x93NUMPY\x01\0", "io.other-format"),
        (b"II*\0\x08\0\0\0", "io.other-format"),
        (b"nothing known\n", "io.unknown-format"),
    ] {
        assert_eq!(code(&[("file.dat", bytes)]), code_, "{bytes:?}");
        assert_eq!(code(&[("file.dat", crate::support::gzip(bytes))]), code_, "{bytes:?}, packed");
    }
}
