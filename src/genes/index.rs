//! From a name to a gene: Ensembl id, symbol, spelling variant or alias, in this order.

use std::collections::HashMap;

use super::{Gene, name};

/// How sure a match is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    Ensembl,
    Symbol,
    /// The symbol in other case, or with `.` or `_` for `-`.
    Spelling,
    /// A previous or alias symbol.
    Alias,
    /// The exact name of another column, where the chosen column's name leads to nothing.
    OtherColumn,
}

/// What a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// Several genes go by this name.
    Ambiguous,
    Gene(u32, How),
}

/// Looks names up among a list of genes. Memory is O(names).
#[derive(Debug, Clone, Default)]
pub(super) struct NameIndex {
    ensembl: HashMap<String, u32>,
    symbols: Names,
    spellings: Names,
    aliases: Names,
}

impl NameIndex {
    pub(super) fn new(genes: &[Gene]) -> Self {
        let mut index = Self::default();
        for (position, gene) in (0u32..).zip(genes) {
            if !gene.ensembl.is_empty() {
                index.ensembl.insert(gene.ensembl.clone(), position);
            }
            if !gene.symbol.is_empty() {
                index.symbols.insert(gene.symbol.clone(), position);
                index.spellings.insert(name::folded(&gene.symbol), position);
            }
        }
        for (position, gene) in (0u32..).zip(genes) {
            for alias in gene.aliases.iter().map(|alias| name::folded(alias)) {
                // An alias that is itself a gene's current symbol would rename that gene's counts.
                if !index.spellings.0.contains_key(&alias) {
                    index.aliases.insert(alias, position);
                }
            }
        }
        index
    }

    /// The gene of a name, or of the part of a composite one ([`name::parts`]) that leads anywhere.
    pub(super) fn find(&self, text: &str) -> Found {
        match self.find_plain(text) {
            Found::Nothing => name::parts(text)
                .map(|part| match self.find_plain(part) {
                    Found::Gene(gene, How::Ensembl | How::Symbol) => Found::Gene(gene, How::Spelling),
                    found => found,
                })
                .find(|found| !matches!(found, Found::Nothing))
                .unwrap_or(Found::Nothing),
            found => found,
        }
    }

    fn find_plain(&self, text: &str) -> Found {
        if let Some(id) = name::ensembl_id(text) {
            return self.ensembl.get(&id).map_or(Found::Nothing, |&gene| Found::Gene(gene, How::Ensembl));
        }
        let symbol = text.trim();
        if symbol.is_empty() {
            return Found::Nothing;
        }
        if let Some(entry) = self.symbols.0.get(symbol) {
            return entry.map_or(Found::Ambiguous, |gene| Found::Gene(gene, How::Symbol));
        }
        let folded = name::folded(symbol);
        for (names, how) in [(&self.spellings, How::Spelling), (&self.aliases, How::Alias)] {
            if let Some(entry) = names.0.get(&folded) {
                return entry.map_or(Found::Ambiguous, |gene| Found::Gene(gene, how));
            }
        }
        Found::Nothing
    }

    /// The one gene that goes by this name; `None` if there is none, or several.
    pub(super) fn one(&self, text: &str) -> Option<u32> {
        match self.find(text) {
            Found::Gene(gene, _) => Some(gene),
            Found::Nothing | Found::Ambiguous => None,
        }
    }
}

/// Name → gene, or `None` where several genes share the name.
#[derive(Debug, Clone, Default)]
struct Names(HashMap<String, Option<u32>>);

impl Names {
    fn insert(&mut self, name: String, gene: u32) {
        self.0.entry(name).and_modify(|entry| *entry = entry.filter(|&first| first == gene)).or_insert(Some(gene));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composite_names_lead_to_their_gene() {
        let genes = [gene("ENSG00000111640", "GAPDH", &[]), gene("ENSG00000075624", "ACTB", &[])];
        let index = NameIndex::new(&genes);
        for name in [
            "GAPDH_ENSG00000111640",
            "ENSG00000111640.5|GAPDH",
            "gapdh;ENSG00000111640",
            "hg19_GAPDH",
            "GRCh38______GAPDH",
        ] {
            assert_eq!(index.find(name), Found::Gene(0, How::Spelling), "{name}");
        }
        assert_eq!(index.find("ACTB_ENSG00000999999"), Found::Gene(1, How::Spelling), "the id is of no known gene");
        for name in ["GAPDH_2", "X_GAPDH", "GAPDH|ACTB", "_", "hg19_", "ENSG00000999999_"] {
            assert_eq!(index.find(name), Found::Nothing, "{name}");
        }
    }

    fn gene(ensembl: &str, symbol: &str, aliases: &[&str]) -> Gene {
        Gene {
            ensembl: ensembl.into(),
            symbol: symbol.into(),
            aliases: aliases.iter().map(|a| a.to_string()).collect(),
        }
    }

    #[test]
    fn names_are_tried_from_the_surest_to_the_least_sure() {
        let index = NameIndex::new(&[
            gene("ENSG00000000001", "KARS1", &["KARS", "SHARED", "SHARED"]),
            gene("ENSG00000000002", "HLA-A", &["TWICE"]),
            gene("", "C1orf112", &["TWICE", "HLA.A"]),
        ]);
        assert_eq!(index.find("ensg00000000001.3"), Found::Gene(0, How::Ensembl));
        assert_eq!(index.find("KARS1"), Found::Gene(0, How::Symbol));
        assert_eq!(index.find("HLA.A"), Found::Gene(1, How::Spelling), "an alias never takes a current symbol");
        assert_eq!(index.find("C1ORF112"), Found::Gene(2, How::Spelling));
        assert_eq!(index.find("kars"), Found::Gene(0, How::Alias));
        assert_eq!(index.find("SHARED"), Found::Gene(0, How::Alias), "listed twice by one gene");
        assert_eq!(index.find("TWICE"), Found::Ambiguous);
        assert_eq!(index.find("ENSG00000000009"), Found::Nothing);
        assert_eq!(index.find("  "), Found::Nothing);
    }

    #[test]
    fn a_symbol_of_two_genes_is_ambiguous() {
        let index = NameIndex::new(&[gene("ENSG00000000001", "TBCE", &[]), gene("ENSG00000000002", "TBCE", &[])]);
        assert_eq!(index.find("TBCE"), Found::Ambiguous);
        assert_eq!(index.find("ENSG00000000002"), Found::Gene(1, How::Ensembl));
    }
}
