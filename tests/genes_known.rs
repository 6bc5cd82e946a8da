//! The packaged table of genes, on real names: what old symbols, ids and mouse genes lead to.

mod common;

use std::sync::LazyLock;

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
