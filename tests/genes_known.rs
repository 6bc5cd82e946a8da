//! The packaged table of genes, on real names: what old symbols, ids and mouse genes lead to.

mod common;

use std::sync::LazyLock;

use resitu::Explain;
use resitu::genes::{GeneIdentity, KnownGenes, Species};
use resitu::io::{Dataset, FileSource};

static KNOWN: LazyLock<KnownGenes> = LazyLock::new(|| KnownGenes::packaged().unwrap());

fn identify(path: &str) -> Option<GeneIdentity> {
    let file = common::data()?.join(path);
    let dataset = Dataset::open(Box::new(FileSource::open(&file).ok()?)).unwrap();
    Some(KNOWN.identify(dataset.var_columns(), None).unwrap())
}

#[test]
fn the_packaged_table_holds_what_its_page_says() {
    let genes = |species| KNOWN.table(species).unwrap().genes().len();
    assert!(genes(Species::Human) > 42_000 && genes(Species::Mouse) > 56_000);
    assert!(KNOWN.orthologs().n_one_to_one() > 17_000);
    assert!(
        KNOWN.sources().iter().all(|source| source.contains("(MIT)") || source.contains("(BSD)")),
        "a licence each"
    );
    assert!(include_bytes!("../models/human-mouse.genes").len() <= 700_000);
}

#[test]
fn old_symbols_of_the_breast_panel_lead_to_current_genes() {
    let human = KNOWN.table(Species::Human).unwrap();
    for (old, current) in [
        ("CLECL1", "CLECL1P"),
        ("FAM49A", "CYRIA"),
        ("KARS", "KARS1"),
        ("LARS", "LARS1"),
        ("NARS", "NARS1"),
        ("QARS", "QARS1"),
        ("WARS", "WARS1"),
    ] {
        assert_eq!(human.find(old).map(|gene| gene.symbol.as_str()), Some(current), "{old}");
    }
    let mouse = KNOWN.table(Species::Mouse).unwrap();
    assert_eq!(mouse.find("Kars").unwrap().symbol, "Kars1");
}

#[test]
fn orthologs_pair_genes_whose_names_differ() {
    let (human, mouse) = (KNOWN.table(Species::Human).unwrap(), KNOWN.table(Species::Mouse).unwrap());
    let ortholog = |name: &str| {
        let found = KNOWN.orthologs().one_to_one(Species::Mouse, mouse.position(name)?)?;
        Some(human.genes()[found as usize].symbol.as_str())
    };
    assert_eq!(ortholog("Trp53"), Some("TP53"));
    assert_eq!(ortholog("Cd3e"), Some("CD3E"));
    assert_eq!(ortholog("Klrc1"), None, "one of a family");
    // Both ways round, for every pair.
    for (gene, _) in (0u32..).zip(mouse.genes()) {
        if let Some(partner) = KNOWN.orthologs().one_to_one(Species::Mouse, gene) {
            assert_eq!(KNOWN.orthologs().one_to_one(Species::Human, partner), Some(gene));
        }
    }
}

#[test]
fn real_files_are_recognised() {
    // The whole-transcriptome files of GRCh37 have a third of clone names (`RP11-…`), which no table here knows.
    for (path, species, least) in [
        ("sc/pbmc_kang_muscat8k.h5ad", Species::Human, 0.9),
        ("sc/pbmc3k_countsplit.h5ad", Species::Human, 0.6),
        ("sc/breast_tnbc_CID4465.h5ad", Species::Human, 0.65),
        ("st/xenium_breast_3quadrants.h5ad", Species::Human, 1.0),
        ("st/her2st_breast_6patients.h5ad", Species::Human, 0.9),
        ("sc/mouse_mop_dot.h5ad", Species::Mouse, 0.95),
        ("st/merfish_mouse_mop_3slices.h5ad", Species::Mouse, 0.95),
        ("st/osmfish_mouse_cortex.h5ad", Species::Mouse, 0.9),
        ("st/xenium_mouse_brain_ctx_hp.h5ad", Species::Mouse, 0.95),
        ("st/molcart_mouse_cortex_3samples.h5ad", Species::Mouse, 0.95),
        ("st/verafish_mouse_hippocampus.h5ad", Species::Mouse, 0.9),
    ] {
        let Some(found) = identify(path) else {
            println!("skipped: no {path}");
            continue;
        };
        let report = found.matching.report;
        let share = report.matched as f64 / report.total as f64;
        println!(
            "{path}: {:?} {:.3} / {:.3}; {} matched {:.3}, renamed {}, ambiguous {}, unknown {}, orthologs {}",
            found.species,
            found.human_share,
            found.mouse_share,
            found.matching.column,
            share,
            report.renamed,
            report.ambiguous,
            report.unknown,
            found.with_ortholog
        );
        assert_eq!(found.species, Some(species), "{path}");
        assert!(share >= least, "{path}: {share}");
    }
}

#[test]
fn a_damaged_table_is_refused() {
    let packed = include_bytes!("../models/human-mouse.genes");
    for position in (20..packed.len()).step_by(packed.len() / 40) {
        let mut damaged = packed.to_vec();
        damaged[position] ^= 0x10;
        assert!(KnownGenes::read(&damaged).is_err(), "{position}: the checksum of gzip at least");
    }
}

#[test]
fn a_mouse_file_is_matched_to_human_genes_on_request_only() {
    let Some(file) = common::data().map(|data| data.join("st/merfish_mouse_mop_3slices.h5ad")).filter(|f| f.is_file())
    else {
        println!("skipped: no merfish_mouse_mop_3slices.h5ad");
        return;
    };
    let mut dataset = Dataset::open(Box::new(FileSource::open(&file).unwrap())).unwrap();
    let human = KNOWN.table(Species::Human).unwrap();
    assert_eq!(human.match_genes(dataset.match_columns()).unwrap_err().code(), "genes.wrong-species");

    dataset.use_orthologs(&KNOWN, Species::Human).unwrap();
    let found = human.match_genes(dataset.match_columns()).unwrap();
    assert_eq!(found.report.total, 242);
    assert!(found.report.matched >= 225, "{:?}", found.report);
    assert_eq!(found.report.ambiguous, 0, "no two mouse genes lead to one human gene");
    assert!(dataset.summary().unwrap().notes.iter().any(|note| note.contains("one-to-one orthologs")));
    // The names themselves stay the file's.
    assert_eq!(dataset.gene_names(), dataset.var_columns()[0].1);

    dataset.use_matrix("X").unwrap();
    assert!(human.match_genes(dataset.match_columns()).is_err(), "another matrix starts anew");
    dataset.use_orthologs(&KNOWN, Species::Mouse).unwrap();
    assert_eq!(dataset.match_columns(), dataset.var_columns(), "a mouse file is a mouse file already");
}

#[test]
fn the_report_of_a_real_file_adds_up() {
    let Some(file) = common::data().map(|data| data.join("sc/pbmc3k_countsplit.h5ad")).filter(|f| f.is_file()) else {
        println!("skipped: no pbmc3k_countsplit.h5ad");
        return;
    };
    let dataset = Dataset::open(Box::new(FileSource::open(&file).unwrap())).unwrap();
    let genes = dataset.gene_summary(&KNOWN, None).unwrap();
    assert_eq!(genes.matched + genes.ambiguous + genes.unknown, genes.total);
    assert_eq!((genes.species, genes.first_unknown.len(), genes.sampled_cells), (Some("human"), 10, 256));
    assert!(genes.first_unknown.iter().all(|name| dataset.gene_names().contains(name)));
    assert!(genes.counts_matched.unwrap() > 0.99, "what the table lacks is hardly expressed");

    // A full pass sees all that the sample saw, and more genes.
    let sampled = dataset.quality().unwrap();
    let mut scan = dataset.scan_values();
    while scan.step(&dataset).unwrap() < dataset.n_cells() {}
    let full = dataset.quality_of(scan.seen()).unwrap();
    assert_eq!((sampled.sampled_cells, full.sampled_cells), (2_000, 2_700));
    assert!(full.zero_genes < sampled.zero_genes);
    assert_eq!((full.nan_values, full.empty_cells, full.duplicate_cells), (0, 0, 0));
    println!("{full:?}");
}
