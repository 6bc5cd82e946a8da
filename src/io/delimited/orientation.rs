//! Which way round a table is: cells × genes or genes × cells, told from the names on its two sides.

use std::collections::HashSet;
use std::sync::OnceLock;

/// Genes that nearly every table of human or mouse holds some of: housekeeping genes, and markers that panels choose.
/// Compared without regard to case, so that they stand for both species.
const COMMON: &str = "ACTB ACTG1 B2M EEF1A1 FTH1 FTL GAPDH HPRT1 HSP90AB1 MALAT1 NEAT1 PPIA TBP TMSB4X TMSB10 TPT1 UBC VIM XIST \
    ACTA2 AIF1 ALB APOE AQP4 BGN CALB1 CCL2 CCL5 CCND1 CD14 CD163 CD19 CD27 CD3D CD3E CD3G CD4 CD44 CD68 CD79A CD8A CD8B CDH1 \
    CDH5 CDK1 COL1A1 COL1A2 COL3A1 CSF1R CTLA4 CXCL12 CXCR4 DCN EGFR EPCAM ERBB2 ESR1 FCGR3A FOXP3 GAD1 GAD2 GFAP GNLY GZMB \
    HLA-A HLA-DRA ICOS IGHG1 IGKC IL2RA IL7R INS ITGAX JCHAIN KDR KIT KRT14 KRT18 KRT19 KRT5 KRT8 LUM LYZ MBP MKI67 MOG MRC1 \
    MS4A1 MUC1 MYC MYH11 NCAM1 NKG7 OLIG1 OLIG2 PDCD1 PDGFRA PDGFRB PDPN PECAM1 PLP1 PTPRC PVALB RBFOX3 S100A8 S100A9 SLC17A7 \
    SNAP25 SOX10 SOX2 SOX9 SPARC SST TAGLN TOP2A TP53 TRAC VWF";

/// Which side of a table the cells are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Orientation {
    CellsByGenes,
    GenesByCells,
}

/// What an orientation was told from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Evidence {
    Names,
    Corner,
    Nothing,
}

/// The orientation, and what said so; where nothing does, rows are cells, as Python writes them.
///
/// 1. Each side has the share of its names that look like genes (an Ensembl id, a gene of [`COMMON`], of the ribosome or of
///    the mitochondria) less the share of those that look like barcodes (eight letters A, C, G, T or more, and perhaps a
///    number behind). The greater side is the genes.
/// 2. If they are equal, the name above the row names may say what rows are.
/// 3. If it is empty and columns are numbered while rows are named, rows are genes.
pub(super) fn tell(corner: &str, rows: &[String], columns: &[&str]) -> (Orientation, Evidence) {
    let of_rows = score(rows.iter().map(String::as_str));
    let of_columns = score(columns.iter().copied());
    let corner = corner.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| corner.contains(word));
    if of_rows != of_columns {
        return (
            if of_rows > of_columns { Orientation::GenesByCells } else { Orientation::CellsByGenes },
            Evidence::Names,
        );
    }
    let are_numbered =
        corner.is_empty() && columns.iter().all(|name| is_number(name)) && rows.iter().all(|name| !is_number(name));
    match () {
        () if says(&["gene", "symbol", "ensembl", "feature"]) || are_numbered => {
            (Orientation::GenesByCells, Evidence::Corner)
        }
        () if says(&["cell", "barcode", "spot"]) => (Orientation::CellsByGenes, Evidence::Corner),
        () => (Orientation::CellsByGenes, Evidence::Nothing),
    }
}

fn score<'a>(names: impl Iterator<Item = &'a str>) -> f64 {
    let (mut n_names, mut score) = (0u32, 0i64);
    for name in names {
        n_names += 1;
        score += i64::from(is_gene(name)) - i64::from(is_barcode(name));
    }
    score as f64 / f64::from(n_names.max(1))
}

/// Whether a name is nothing but a number.
pub(super) fn is_number(name: &str) -> bool {
    name.parse::<f64>().is_ok()
}

/// Whether a name is certainly a gene's.
pub(super) fn is_gene(name: &str) -> bool {
    static NAMES: OnceLock<HashSet<&'static str>> = OnceLock::new();
    if is_ensembl(name) {
        return true;
    }
    let name = name.to_ascii_uppercase();
    let is_numbered = |prefix| {
        let rest: Option<&str> = name.strip_prefix(prefix);
        rest.is_some_and(|rest| rest.bytes().next().is_some_and(|byte| byte.is_ascii_digit()))
    };
    name.starts_with("MT-")
        || is_numbered("RPL")
        || is_numbered("RPS")
        || NAMES.get_or_init(|| COMMON.split_ascii_whitespace().collect()).contains(name.as_str())
}

/// `ENSG00000111640`, `ENSMUSG00000057666.12` and those of other species.
fn is_ensembl(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("ENS") else { return false };
    let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    let is_for_gene = name[..name.len() - rest.len()].ends_with('G');
    is_for_gene && rest.len() >= 6 && rest.bytes().take(6).all(|byte| byte.is_ascii_digit())
}

/// `AAACCTGAGAAACCAT-1`, with a number or name of the library before it or behind.
fn is_barcode(name: &str) -> bool {
    name.split(['-', '_', '.', ':'])
        .any(|part| part.len() >= 8 && part.bytes().all(|byte| matches!(byte, b'A' | b'C' | b'G' | b'T')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(corner: &str, rows: &str, columns: &str) -> (Orientation, Evidence) {
        let rows: Vec<String> = rows.split(' ').map(str::to_owned).collect();
        tell(corner, &rows, &columns.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn names_tell_the_sides() {
        use Evidence::{Corner, Names, Nothing};
        use Orientation::{CellsByGenes, GenesByCells};
        let cases = [
            ("", "c1 c2", "ACTB NOVEL1 NOVEL2", (CellsByGenes, Names)),
            ("cell", "Xkr4 mt-Co1 Rpl13", "1 2 3", (GenesByCells, Names)),
            ("", "ENSMUSG00000057666.12 x", "a b", (GenesByCells, Names)),
            ("", "AAACCTGAGAAACCAT-1 AAACCTGAGAAACCAG-1", "foo bar", (CellsByGenes, Names)),
            ("", "foo bar", "s1_AAACCTGAGAAACCAT AAACCTGAGAAACCAG.1", (GenesByCells, Names)),
            ("", "1 2", "foo bar", (CellsByGenes, Nothing)),
            ("", "foo bar", "1 2", (GenesByCells, Corner)),
            ("chr1", "foo bar", "1 2", (CellsByGenes, Nothing)),
            ("Gene symbol", "foo bar", "a b", (GenesByCells, Corner)),
            ("cell_id", "foo bar", "a b", (CellsByGenes, Corner)),
            ("", "ACTB CD4", "CD4 ACTB", (CellsByGenes, Nothing)),
        ];
        for (corner, rows, columns, expected) in cases {
            assert_eq!(told(corner, rows, columns), expected, "{corner}: {rows} × {columns}");
        }
    }

    #[test]
    fn only_what_is_certain_is_a_gene() {
        for name in ["Gapdh", "GAPDH", "ENSG00000111640", "ENSDARG00000000001.3", "mt-Nd1", "RPL13A", "HLA-A"] {
            assert!(is_gene(name), "{name}");
        }
        for name in ["", "ENS", "ENSEMBLE", "ENSMUST00000000001", "RPLX", "cell1", "actor", "MTX", "ENSGÄ00000"] {
            assert!(!is_gene(name), "{name}");
        }
        assert!(!is_barcode("ACT") && !is_barcode("GATTACA") && !is_barcode("AAACCTGX"));
    }
}
