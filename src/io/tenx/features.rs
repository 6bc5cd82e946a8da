//! The features of a 10x matrix: which of them are genes, and how they are named.

use std::collections::BTreeMap;

use super::super::{IoError, table::MemoryTable};
use crate::cells::Column;

/// The type that Cell Ranger, Space Ranger and Xenium give to genes.
const GENE: &str = "Gene Expression";

/// The features of a matrix in the order of the file; an empty list stands for one that the file does not have.
pub(in crate::io) struct Features {
    pub(in crate::io) ids: Vec<String>,
    pub(in crate::io) names: Vec<String>,
    pub(in crate::io) types: Vec<String>,
    pub(in crate::io) genomes: Vec<String>,
}

impl Features {
    /// The lists that are there must have one length.
    pub(in crate::io) fn check(self, place: &'static str) -> Result<Self, IoError> {
        let n_features = self.names.len();
        let others = [&self.ids, &self.types, &self.genomes];
        if others.into_iter().any(|list| !list.is_empty() && list.len() != n_features) {
            return Err(IoError::bad(place, "the lists of its features differ in length"));
        }
        Ok(self)
    }

    pub(in crate::io) fn len(&self) -> usize {
        self.names.len()
    }

    /// Which features are genes: those of type "Gene Expression"; all of them where the file has no such type.
    pub(in crate::io) fn are_genes(&self) -> Vec<bool> {
        if self.types.iter().any(|kind| kind == GENE) {
            return self.types.iter().map(|kind| kind == GENE).collect();
        }
        vec![true; self.len()]
    }

    /// A sentence about the features that are no genes, and one where none is called so.
    pub(in crate::io) fn note(&self) -> Option<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for kind in self.types.iter().filter(|kind| *kind != GENE) {
            *counts.entry(kind).or_default() += 1;
        }
        if counts.is_empty() {
            return None;
        }
        let n_others: usize = counts.values().sum();
        if n_others == self.types.len() {
            return Some(format!("No feature is of type {GENE}: all {n_others} are kept, whatever they measure."));
        }
        // The names of feature types are 10x's, but a file may hold anything: at most a few, and short ones.
        let shown = counts.iter().take(6).map(|(kind, count)| format!("{count} {}", shortened(kind)));
        let shown = shown.collect::<Vec<_>>().join(", ");
        let more = if counts.len() > 6 { ", …" } else { "" };
        Some(format!("{n_others} of {} features are not genes and were left out ({shown}{more}).", self.len()))
    }

    /// The genomes of the genes, in alphabetical order.
    pub(in crate::io) fn gene_genomes(&self) -> Vec<String> {
        let genes = self.genomes.iter().zip(self.are_genes()).filter(|(_, is_gene)| *is_gene);
        let mut genomes: Vec<String> = genes.map(|(genome, _)| genome.clone()).collect();
        genomes.sort_unstable();
        genomes.dedup();
        genomes
    }

    /// The features picked, as scanpy names the columns: `gene_ids`, `feature_types`, `genome`.
    pub(in crate::io) fn table(&self, is_picked: &[bool]) -> Result<MemoryTable, IoError> {
        let pick = |list: &[String]| -> Vec<String> {
            list.iter().zip(is_picked).filter(|(_, picked)| **picked).map(|(text, _)| text.clone()).collect()
        };
        let mut table = MemoryTable::new("gene_names", pick(&self.names));
        if !self.ids.is_empty() {
            table.push("gene_ids", Column::Text(pick(&self.ids)))?;
        }
        for (name, list) in [("feature_types", &self.types), ("genome", &self.genomes)] {
            if !list.is_empty() {
                table.push(name, categorical(&pick(list)))?;
            }
        }
        Ok(table)
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() > 40 { text.chars().take(40).chain(['…']).collect() } else { text.to_owned() }
}

/// Texts as categories in alphabetical order.
pub(in crate::io) fn categorical(texts: &[String]) -> Column {
    let mut categories = texts.to_vec();
    categories.sort_unstable();
    categories.dedup();
    let code = |text: &String| categories.binary_search(text).map_or(-1, |code| code as i32);
    let codes = texts.iter().map(code).collect();
    Column::Categorical { codes, categories }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(types: &[&str]) -> Features {
        let texts = |prefix: &str| (0..types.len()).map(|i| format!("{prefix}{i}")).collect::<Vec<_>>();
        Features {
            ids: texts("ENSG"),
            names: texts("G"),
            types: types.iter().map(|kind| (*kind).to_owned()).collect(),
            genomes: Vec::new(),
        }
    }

    #[test]
    fn controls_are_left_out_and_counted() {
        let features = features(&["Gene Expression", "Blank Codeword", "Gene Expression", "Antibody Capture"]);
        assert_eq!(features.are_genes(), [true, false, true, false]);
        let note = features.note().unwrap();
        assert!(note.contains("2 of 4") && note.contains("1 Antibody Capture, 1 Blank Codeword"), "{note}");
    }

    #[test]
    fn without_a_gene_type_everything_is_kept_and_said() {
        assert!(features(&["Gene Expression"; 3]).note().is_none());
        assert!(features(&[]).note().is_none());
        let antibodies = features(&["Antibody Capture"; 2]);
        assert_eq!(antibodies.are_genes(), [true, true]);
        assert!(antibodies.note().unwrap().contains("all 2 are kept"));
    }

    #[test]
    fn lists_of_different_length_are_refused() {
        let mut short = features(&["Gene Expression"; 3]);
        short.ids.pop();
        assert!(short.check("features").is_err());
    }
}
