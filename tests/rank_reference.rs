//! Tokens agree with a numpy implementation of Geneformer's rule (`scripts/reference/rank.py`).

use resitu::genes::{Gene, GeneMatch, GeneReport, Vocabulary};
use resitu::rank::{RankEncoder, row_total};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    max_tokens: usize,
    medians: Vec<f32>,
    token_of: Vec<Option<u32>>,
    counts: Vec<Vec<f32>>,
    tokens: Vec<Vec<u32>>,
}

#[test]
fn tokens_are_those_of_geneformers_rule() {
    let reference: Reference = serde_json::from_str(include_str!("reference/rank.json")).unwrap();
    let genes = (0..reference.medians.len()).map(|i| Gene { symbol: format!("G{i}"), ..Gene::default() });
    let vocabulary = Vocabulary::new(genes.collect(), reference.medians).unwrap();
    let total = reference.token_of.len();
    let (column, first_unknown, report) = ("index".into(), Vec::new(), GeneReport::default());
    let matching = GeneMatch { column, token_of: reference.token_of, first_unknown, report };
    let mut encoder = RankEncoder::new(&matching, &vocabulary, reference.max_tokens).unwrap();
    let (columns, mut tokens): (Vec<u32>, _) = ((0..total as u32).collect(), Vec::new());
    assert_eq!(reference.counts.len(), 40);
    for (cell, (counts, expected)) in reference.counts.iter().zip(&reference.tokens).enumerate() {
        encoder.encode(&columns, counts, row_total(counts), &mut tokens).unwrap();
        assert_eq!(&tokens, expected, "cell {cell}");
    }
    assert!(reference.tokens.iter().any(|tokens| tokens.len() == reference.max_tokens), "some cell is cut");
    assert!(reference.tokens[0].is_empty());
}
