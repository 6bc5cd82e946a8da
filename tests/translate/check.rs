//! What is refused, and what is said before the work starts.

use resitu::cells::Csr;
use resitu::io::Dataset;
use resitu::translate::{Options, TranslateError, block_on};
use resitu::{Error, Explain};

use super::support::*;

#[test]
fn what_cannot_be_translated_is_refused() {
    let translator = translator();
    let refused = |dataset: &Dataset| {
        let code = translator.start(dataset, Options::default()).err().unwrap().code();
        assert_eq!(block_on(translator.check(dataset, &|| 0.0)).unwrap_err().code(), code);
        code
    };
    let good = counts(20);
    let log = {
        let (indptr, indices, values) = good.parts();
        let values = values.iter().map(|value| (value * 1.7).ln_1p()).collect();
        Csr::new(N_GENES, indptr.to_vec(), indices.to_vec(), values).unwrap()
    };
    assert_eq!(refused(&dataset(&log, gene_names(), None, false)), "translate.not-counts");
    let with_counts = dataset(&log, gene_names(), Some(&good), false);
    match translator.start(&with_counts, Options::default()).err() {
        Some(Error::Translate(TranslateError::NotCounts { instead, .. })) => {
            assert_eq!(instead.as_deref(), Some("layers/counts"));
        }
        other => panic!("{other:?}"),
    }
    let mut with_counts = with_counts;
    with_counts.use_matrix("layers/counts").unwrap();
    assert!(translator.start(&with_counts, Options::default()).is_ok());

    let numbered = (0..N_GENES).map(|gene| format!("probe_{gene}_at")).collect();
    assert_eq!(refused(&dataset(&good, numbered, None, false)), "genes.no-overlap");
    let mouse = (0..N_GENES).map(|gene| format!("Gene{gene}")).collect();
    assert_eq!(refused(&dataset(&good, mouse, None, false)), "genes.wrong-species");
}

#[test]
fn the_check_says_what_to_expect() {
    let translator = translator();
    // GENE1 and GENE39 of the panel are missing; a clock that moves 10 ms whenever it is looked at.
    let names = gene_names().into_iter().map(|name| match name.as_str() {
        "GENE1" | "GENE39" => format!("UNHEARD-OF-{name}"),
        _ => name,
    });
    let dataset = dataset(&counts(600), names.collect(), None, true);
    let clock = std::cell::Cell::new(0.0);
    let now = || {
        clock.set(clock.get() + 10.0);
        clock.get()
    };
    let report = block_on(translator.check(&dataset, &now)).unwrap();
    assert_eq!(report.cells, 600);
    assert_eq!((report.genes.matched, report.genes.total), (38, 40));
    assert_eq!((report.genes.vocabulary_matched, report.genes.vocabulary_total), (38, 40));
    assert_eq!(report.genes.panel_missing, ["GENE1", "GENE39"]);
    assert!(report.genes.counts_matched > 0.9 && report.genes.counts_matched < 1.0);
    // 16 cells padded to at most 32 tokens in 10 ms: 600 cells, a tenth of them empty, in 0.1 to 0.4 s.
    assert!(report.estimated_seconds > 0.1 && report.estimated_seconds < 0.4, "{}", report.estimated_seconds);
    assert!(report.estimated_bytes > 600.0 * 7.0 * 4.0);
    let warned = |about: &str| report.warnings.iter().any(|warning| warning.contains(about));
    assert!(warned("coordinates") && warned("no count of a known gene") && warned("too few"), "{:?}", report.warnings);
    let json = serde_json::to_value(&report).unwrap();
    for field in ["estimatedSeconds", "estimatedBytes", "valueKind"] {
        assert!(json.get(field).is_some(), "{field}");
    }
    let trial = block_on(translator.trial(20, &now)).unwrap();
    assert_eq!(trial, 10.0 / (16.0 * 24.0));
}
