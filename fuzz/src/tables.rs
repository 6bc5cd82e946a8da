//! Delimited text in each place where resitu reads it.

use resitu::{
    genes::{GeneTable, Vocabulary},
    io::FileSet,
};

use super::{everything, source};

const MATRIX: &[u8] = b"%%MatrixMarket matrix coordinate integer general\n%\n3 3 4\n1 1 1\n2 2 5\n3 1 2\n3 3 7\n";
const FEATURES: &[u8] = b"ENSG1\tA\tGene Expression\nENSG2\tB\tGene Expression\nENSG3\tC\tGene Expression\n";
const BARCODES: &[u8] = b"aaa-1\nbbb-1\nccc-1\n";

/// Reads `text` as the table that `place` chooses.
pub fn read(place: u8, text: &[u8]) {
    let folder = |name: &str| {
        let mut files = vec![("matrix.mtx", MATRIX), ("features.tsv", FEATURES), ("barcodes.tsv", BARCODES)];
        files.retain(|(other, _)| *other != name);
        files.push((name, text));
        FileSet::new(files.into_iter().map(|(path, bytes)| (path.to_owned(), source(bytes))))
    };
    match place % 8 {
        0 => folder("matrix.mtx").into_iter().for_each(everything::read),
        1 => folder("features.tsv").into_iter().for_each(everything::read),
        2 => folder("barcodes.tsv").into_iter().for_each(everything::read),
        // A section of Xenium, and one of Visium with and without a header.
        3 => folder("cells.csv").into_iter().for_each(everything::read),
        4 => folder("tissue_positions.csv").into_iter().for_each(everything::read),
        5 => folder("tissue_positions_list.csv").into_iter().for_each(everything::read),
        6 => everything::read(FileSet::single("table.csv", source(text))),
        _ => {
            let Ok(text) = std::str::from_utf8(text) else { return };
            if let Ok(vocabulary) = Vocabulary::from_tsv(text) {
                assert_eq!(vocabulary.genes().len(), vocabulary.medians().len());
            }
            let half = text.len() / 2;
            if let (Some(gencode), Some(hgnc)) = (text.get(..half), text.get(half..)) {
                let _ = GeneTable::human(gencode, hgnc);
            }
        }
    }
}
