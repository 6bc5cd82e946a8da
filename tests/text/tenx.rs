//! 10x folders of text: every way to lay them out, and every way to get them wrong.

use crate::support::{code, dense, gzip, open};

const BANNER: &str = "%%MatrixMarket matrix coordinate integer general\n%\n";
const BARCODES: &str = "AAC-1\nAAG-1\nAAT-1\n";
const GENES: &str = "ENSG1\tA\nENSG2\tB\n";
/// Two genes, three cells; the second cell is empty and gene B of the third cell is there twice.
const ENTRIES: &str = "2 3 4\n1 1 5\n2 1 1\n2 3 3\n2 3 4\n";
const VALUES: [[f32; 2]; 3] = [[5.0, 1.0], [0.0, 0.0], [0.0, 7.0]];

fn matrix() -> String {
    format!("{BANNER}{ENTRIES}")
}

#[test]
fn names_of_old_and_new_and_of_deposits_are_understood() {
    for prefix in ["", "GSM1_tumour_", "outs/filtered_feature_bc_matrix/"] {
        for genes in ["genes.tsv", "features.tsv"] {
            let files = [("barcodes.tsv", BARCODES), (genes, GENES), ("matrix.mtx", &matrix())];
            let plain = files.map(|(name, text)| (format!("{prefix}{name}"), text.as_bytes().to_vec()));
            let packed = files.map(|(name, text)| (format!("{prefix}{name}.gz"), gzip(text.as_bytes())));
            for files in [plain, packed] {
                let files = files.each_ref().map(|(path, bytes)| (path.as_str(), bytes));
                let dataset = open(&files).unwrap();
                assert_eq!(dense(&dataset).unwrap(), VALUES, "{prefix}");
                assert_eq!(dataset.obs_names().unwrap(), ["AAC-1", "AAG-1", "AAT-1"]);
                assert_eq!(dataset.gene_names(), ["A", "B"]);
            }
        }
    }
}

#[test]
fn either_orientation_and_any_order_give_the_same_cells() {
    let turned = "3 2 4\n1 1 5\n1 2 1\n3 2 3\n3 2 4";
    let by_gene = "2 3 4\n1 1 5\n2 3 3\n2 1 1\n2 3 4";
    let backwards = "2 3 4\n2 3 4\n2 3 3\n2 1 1\n1 1 5";
    for entries in [ENTRIES, turned, by_gene, backwards] {
        let matrix = format!("{BANNER}{entries}");
        let dataset =
            open(&[("matrix.mtx", matrix.as_str()), ("barcodes.tsv", BARCODES), ("genes.tsv", GENES)]).unwrap();
        assert_eq!(dense(&dataset).unwrap(), VALUES, "{entries}");
        for cell in [2, 0, 1] {
            let row = dataset.rows(cell..cell + 1).unwrap();
            let stored: f32 = row.row(0).1.iter().sum();
            assert_eq!(stored, VALUES[cell].iter().sum::<f32>(), "{entries}");
        }
    }
}

#[test]
fn only_features_that_are_genes_are_kept() {
    let features = "CD3_TAG\tCD3\tAntibody Capture\nENSG1\tA\tGene Expression\n";
    let dataset =
        open(&[("matrix.mtx", matrix().as_str()), ("barcodes.tsv", BARCODES), ("features.tsv", features)]).unwrap();
    assert_eq!(dataset.gene_names(), ["A"]);
    assert_eq!(dense(&dataset).unwrap(), [[1.0], [0.0], [7.0]]);
    assert!(dataset.notes().iter().any(|note| note.contains("1 Antibody Capture")), "{:?}", dataset.notes());
}

#[test]
fn the_filtered_matrix_is_preferred_to_the_raw_one() {
    let raw = format!("{BANNER}2 3 1\n1 1 9\n");
    let matrix = matrix();
    let mut files = Vec::new();
    for (folder, matrix) in [("raw_feature_bc_matrix", &raw), ("filtered_feature_bc_matrix", &matrix)] {
        files.push((format!("{folder}/matrix.mtx"), matrix.as_str()));
        files.push((format!("{folder}/barcodes.tsv"), BARCODES));
        files.push((format!("{folder}/features.tsv"), GENES));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let dataset = open(&files).unwrap();
    assert_eq!(dense(&dataset).unwrap(), VALUES);
    assert!(dataset.notes().iter().any(|note| note.contains("raw")));
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let matrix = matrix();
    let m = ("matrix.mtx", matrix.as_str());
    let (b, g) = (("barcodes.tsv", BARCODES), ("genes.tsv", GENES));
    assert_eq!(code(&[m]), "io.missing-file");
    assert_eq!(code(&[m, b]), "io.missing-file");
    assert_eq!(code(&[m, g]), "io.missing-file");
    assert_eq!(code(&[m, g, ("barcodes.tsv", "AAC-1\n")]), "io.bad-structure");
    assert_eq!(code(&[m, b, ("genes.tsv", "A\nB\nC\nD\n")]), "io.bad-structure");
    assert_eq!(code(&[m, b, g]), "");
    let short = format!("{BANNER}2 3 5\n1 1 5\n2 1 1\n2 3 3\n");
    assert_eq!(code(&[("matrix.mtx", short.as_str()), b, g]), "io.truncated");
    let outside = format!("{BANNER}2 3 1\n1 4 5\n");
    assert_eq!(code(&[("matrix.mtx", outside.as_str()), b, g]), "io.bad-text");
    let long = format!("{BANNER}2 3 1\n1 1 5\n2 1 1\n");
    assert_eq!(code(&[("matrix.mtx", long.as_str()), b, g]), "io.bad-text");
    let symmetric = matrix.replace("general", "symmetric");
    assert_eq!(code(&[("matrix.mtx", symmetric.as_str()), b, g]), "io.bad-text");
    let packed = gzip(matrix.as_bytes());
    let cut = &packed[..packed.len() - 5];
    assert_eq!(
        code(&[("matrix.mtx.gz", cut), ("barcodes.tsv", b.1.as_bytes()), ("genes.tsv", g.1.as_bytes())]),
        "io.truncated"
    );
}
