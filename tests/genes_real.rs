//! Genes of public files are found under whatever names they bear, and mouse files are told from human ones.
//!
//! The files are not part of the repository: they lie in `$RESITU_DATA`, else `../shared/data`; without them the tests
//! print that they were skipped.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use resitu::Explain;
use resitu::genes::{GeneTable, Species, Vocabulary};
use resitu::io::{Dataset, FileSource};

fn data(test: &str) -> Option<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("RESITU_DATA").map_or(default, PathBuf::from);
    if !folder.join("genes").is_dir() {
        println!("skipped: {test} (no data)");
        return None;
    }
    Some(folder)
}

fn unpacked(path: PathBuf) -> String {
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

fn table(folder: &Path) -> GeneTable {
    let gencode = fs::read_to_string(folder.join("genes/celltypist_GENCODEv44_Gene_id2name.csv")).unwrap();
    GeneTable::human(&gencode, &unpacked(folder.join("genes/hgnc_2018_symbols.tsv.gz"))).unwrap()
}

/// Geneformer's V1 vocabulary with the names of the table.
fn geneformer(folder: &Path, table: &GeneTable) -> Vocabulary {
    let position: HashMap<&str, u32> = table.genes().iter().map(|gene| gene.ensembl.as_str()).zip(0..).collect();
    let text = unpacked(folder.join("genes/geneformer_30M_vocab.tsv.gz"));
    let chosen: Vec<(u32, f32)> = text
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some((*position.get(fields.next()?)?, fields.nth(1)?.parse().ok()?))
        })
        .collect();
    table.vocabulary(&chosen).unwrap()
}

fn columns(path: &Path) -> Vec<(String, Vec<String>)> {
    Dataset::open(Box::new(FileSource::open(path).unwrap())).unwrap().var_columns().to_vec()
}

/// The `.h5ad` files of a folder, sorted by name.
fn files(folder: PathBuf) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "h5ad"));
    files.sort();
    files
}

#[test]
fn human_files_match_and_mouse_files_are_refused() {
    let Some(folder) = data("human_files_match_and_mouse_files_are_refused") else { return };
    let table = table(&folder);
    let vocabulary = geneformer(&folder, &table);
    assert_eq!(vocabulary.species(), Some(Species::Human));
    assert!(vocabulary.len() > 22_000, "of 25,424; the others were retired before this GENCODE");
    let again = Vocabulary::from_tsv(&vocabulary.to_tsv()).unwrap();
    assert_eq!((again.genes(), again.medians()), (vocabulary.genes(), vocabulary.medians()));

    let (mut human, mut mouse) = (0, 0);
    for path in [files(folder.join("sc")), files(folder.join("st"))].concat() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let found = vocabulary.match_genes(&columns(&path));
        if name.contains("mouse") {
            assert_eq!(found.unwrap_err().code(), "genes.wrong-species", "{name}");
            mouse += 1;
            continue;
        }
        let (found, report) = found.map(|found| (found.clone(), found.report)).unwrap();
        println!("{name}: by {}, {report:?}", found.column);
        // A whole transcriptome holds pseudogenes and antisense transcripts that Geneformer leaves out; a selection hardly.
        let share = report.matched as f64 / report.total as f64;
        let least = if report.total < 3_000 { 0.9 } else { 0.5 };
        assert!(share > least, "{name}: {share}");
        assert!((report.ambiguous as f64) < 0.01 * report.total as f64, "{name}: {report:?}");
        human += 1;
    }
    assert!(human >= 15 && mouse >= 5, "{human} human and {mouse} mouse files");
}

#[test]
fn old_symbols_of_a_xenium_panel_are_found() {
    let Some(folder) = data("old_symbols_of_a_xenium_panel_are_found") else { return };
    let table = table(&folder);
    for (old, ensembl) in [
        ("CLECL1", "ENSG00000184293"),
        ("FAM49A", "ENSG00000197872"),
        ("KARS", "ENSG00000065427"),
        ("LARS", "ENSG00000133706"),
        ("NARS", "ENSG00000134440"),
        ("QARS", "ENSG00000172053"),
        ("WARS", "ENSG00000140105"),
    ] {
        assert_eq!(table.find(old).map(|gene| gene.ensembl.as_str()), Some(ensembl), "{old}");
    }
    let panel = columns(&folder.join("st/xenium_breast_3quadrants.h5ad"));
    let report = table.match_genes(&panel).unwrap().report;
    println!("{report:?}");
    assert_eq!(report.matched, report.total, "every gene of the panel");
}
