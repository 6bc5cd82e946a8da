//! One gene and its names.

use super::{GenesError, name};

/// The names of one gene.
///
/// At least one of `ensembl` and `symbol` is not empty; the Ensembl id, if there is one, identifies the gene, else the symbol.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gene {
    /// Ensembl gene id in capitals without its version, such as `ENSG00000141510`; empty if unknown.
    pub ensembl: String,
    /// Current symbol, such as `TP53`; empty if the gene has none.
    pub symbol: String,
    /// Previous and alias symbols.
    pub aliases: Vec<String>,
}

impl Gene {
    /// What the gene is called in tables and pictures: its symbol, else its Ensembl id.
    pub fn label(&self) -> &str {
        if self.symbol.is_empty() { &self.ensembl } else { &self.symbol }
    }

    /// Checks that the names can be written to a table and read back.
    pub(super) fn check(&self) -> Result<(), GenesError> {
        if self.ensembl.is_empty() && self.symbol.is_empty() {
            return Err(GenesError::BadVocabulary("a gene has neither an Ensembl id nor a symbol"));
        }
        let writable = |text: &str| text.trim() == text && !text.contains(|c: char| c.is_control() || c == '|');
        if !writable(&self.ensembl) || !writable(&self.symbol) || !self.aliases.iter().all(|alias| writable(alias)) {
            return Err(GenesError::BadVocabulary("a gene name holds a control character, a bar or outer spaces"));
        }
        if self.aliases.iter().any(String::is_empty) {
            return Err(GenesError::BadVocabulary("a gene has an empty alias"));
        }
        if !self.ensembl.is_empty() && name::ensembl_id(&self.ensembl).as_deref() != Some(self.ensembl.as_str()) {
            return Err(GenesError::BadVocabulary("an Ensembl id is malformed or carries a version"));
        }
        Ok(())
    }
}
