//! The ordered list of genes that a model knows, each with its median.

use std::collections::HashSet;
use std::fmt::Write;

use super::index::NameIndex;
use super::matching::{self, GeneMatch};
use super::{Gene, GenesError, Species, name};

const HEADER: &str = "ensembl\tsymbol\taliases\tmedian";

/// The genes of a model in the order of their tokens.
///
/// A gene's position here is its token minus the number of the model's special tokens. Its median is the non-zero median,
/// over the pretraining cells, of its counts per 10,000: dividing by it ranks genes by how unusual their level is.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    genes: Vec<Gene>,
    medians: Vec<f32>,
    index: NameIndex,
    species: Option<Species>,
}

impl Vocabulary {
    /// The most genes a vocabulary may have; the largest known annotations have fewer than 100,000.
    pub const MAX_GENES: usize = 1 << 20;

    /// Takes the genes and their medians, one each.
    ///
    /// # Errors
    /// `genes.bad-vocabulary` if the lengths differ, there is no gene or too many, two genes are the same (one Ensembl id, or
    /// one symbol where there is no id), a name cannot be written to a table, or a median is not finite and above zero.
    pub fn new(genes: Vec<Gene>, medians: Vec<f32>) -> Result<Self, GenesError> {
        let bad = |reason| Err(GenesError::BadVocabulary(reason));
        if genes.len() != medians.len() {
            return bad("the numbers of genes and medians differ");
        }
        if genes.is_empty() || genes.len() > Self::MAX_GENES {
            return bad("it has no gene or too many");
        }
        if !medians.iter().all(|median| median.is_finite() && *median > 0.0) {
            return bad("a median is not a positive number");
        }
        let mut seen = HashSet::with_capacity(genes.len());
        for gene in &genes {
            gene.check()?;
            let identity = if gene.ensembl.is_empty() { &gene.symbol } else { &gene.ensembl };
            if !seen.insert(identity) {
                return bad("a gene is listed twice");
            }
        }
        let index = NameIndex::new(&genes);
        let species = name::guess_species(genes.iter().map(|gene| match gene.ensembl.as_str() {
            "" => gene.symbol.as_str(),
            ensembl => ensembl,
        }));
        Ok(Self { genes, medians, index, species })
    }

    /// Reads the table written by [`Vocabulary::to_tsv`]: a header, then `ensembl symbol aliases median` a line, separated by
    /// tabs, aliases separated by `|`. The order of lines is the order of tokens.
    ///
    /// # Errors
    /// `genes.bad-vocabulary`, also for a malformed line.
    pub fn from_tsv(text: &str) -> Result<Self, GenesError> {
        let mut lines = text.lines();
        if lines.next() != Some(HEADER) {
            return Err(GenesError::BadVocabulary("the header is not `ensembl symbol aliases median`"));
        }
        let (mut genes, mut medians) = (Vec::new(), Vec::new());
        for line in lines {
            let mut fields = line.split('\t');
            let (Some(ensembl), Some(symbol), Some(aliases), Some(median), None) =
                (fields.next(), fields.next(), fields.next(), fields.next(), fields.next())
            else {
                return Err(GenesError::BadVocabulary("a line does not have four fields"));
            };
            let aliases = if aliases.is_empty() { Vec::new() } else { aliases.split('|').map(String::from).collect() };
            genes.push(Gene { ensembl: ensembl.into(), symbol: symbol.into(), aliases });
            medians.push(median.parse().map_err(|_| GenesError::BadVocabulary("a median is not a number"))?);
            if genes.len() > Self::MAX_GENES {
                return Err(GenesError::BadVocabulary("it has no gene or too many"));
            }
        }
        Self::new(genes, medians)
    }

    /// The table that [`Vocabulary::from_tsv`] reads back to the same vocabulary, medians bit for bit.
    pub fn to_tsv(&self) -> String {
        let mut text = format!("{HEADER}\n");
        for (gene, median) in self.genes.iter().zip(&self.medians) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}\t{}\t{}\t{median}", gene.ensembl, gene.symbol, gene.aliases.join("|"));
        }
        text
    }

    /// Number of genes.
    pub fn len(&self) -> usize {
        self.genes.len()
    }

    /// Never true: [`Vocabulary::new`] refuses an empty list.
    pub fn is_empty(&self) -> bool {
        self.genes.is_empty()
    }

    /// The genes in the order of their tokens.
    pub fn genes(&self) -> &[Gene] {
        &self.genes
    }

    /// The median of each gene, in the order of [`Vocabulary::genes`]; finite and above zero.
    pub fn medians(&self) -> &[f32] {
        &self.medians
    }

    /// The species that the names point to, if they do.
    pub fn species(&self) -> Option<Species> {
        self.species
    }

    /// The position of the gene with this Ensembl id, symbol, spelling or alias; `None` if there is none, or several.
    pub fn position(&self, name: &str) -> Option<u32> {
        self.index.one(name)
    }

    /// Matches a file's genes to this vocabulary. `candidates` are columns of `var`, index first, each with one name a gene of
    /// the file.
    ///
    /// Each name is tried as an Ensembl id (in capitals, version dropped), a symbol, a symbol in another spelling, then an
    /// alias. The column that reaches most genes of the vocabulary is used, the first of equals; see [`GeneMatch`] for what
    /// other columns add, duplicates and ambiguous names.
    ///
    /// # Errors
    /// `genes.no-names` if there is no column or no gene, or the columns differ in length; `genes.wrong-species` if the names
    /// point to another species than the vocabulary; `genes.no-overlap` if fewer than 10 genes of the vocabulary (or all of a
    /// smaller one), or fewer than 1 % of the file's genes, are found.
    pub fn match_genes(&self, candidates: &[(String, Vec<String>)]) -> Result<GeneMatch, GenesError> {
        matching::match_genes(&self.index, self.genes.len(), self.species, candidates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gene(ensembl: &str, symbol: &str, aliases: &[&str]) -> Gene {
        Gene {
            ensembl: ensembl.into(),
            symbol: symbol.into(),
            aliases: aliases.iter().map(|a| a.to_string()).collect(),
        }
    }

    #[test]
    fn the_table_round_trips() {
        let genes = vec![
            gene("ENSG00000000001", "KARS1", &["KARS", "DFNB89"]),
            gene("ENSG00000000002", "", &[]),
            gene("", "H19", &[]),
        ];
        let vocabulary = Vocabulary::new(genes.clone(), vec![0.1, 2.0011861, f32::MIN_POSITIVE]).unwrap();
        let again = Vocabulary::from_tsv(&vocabulary.to_tsv()).unwrap();
        assert_eq!(again.genes(), genes);
        assert_eq!(again.medians(), vocabulary.medians());
        assert_eq!(again.position("KARS"), Some(0));
        assert_eq!(again.position("nothing"), None);
    }

    #[test]
    fn bad_vocabularies_are_refused() {
        let one = || vec![gene("ENSG00000000001", "A", &[])];
        for median in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert!(Vocabulary::new(one(), vec![median]).is_err(), "{median}");
        }
        assert!(Vocabulary::new(one(), vec![]).is_err());
        assert!(Vocabulary::new(vec![], vec![]).is_err());
        let twice = [one(), one()].concat();
        assert!(Vocabulary::new(twice, vec![1.0; 2]).is_err());
        for bad in [
            gene("", "", &[]),
            gene("ENSG00000000001.2", "A", &[]),
            gene("TP53", "A", &[]),
            gene("", "a\tb", &[]),
            gene("", "a", &["x|y"]),
            gene("", "a", &[""]),
        ] {
            assert!(Vocabulary::new(vec![bad.clone()], vec![1.0]).is_err(), "{bad:?}");
        }
        for text in
            ["", "ensembl\tsymbol\n", "ensembl\tsymbol\taliases\tmedian\n", "ensembl\tsymbol\taliases\tmedian\n\tA\t\n"]
        {
            assert!(Vocabulary::from_tsv(text).is_err(), "{text:?}");
        }
    }
}
