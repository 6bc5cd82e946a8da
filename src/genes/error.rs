//! What can go wrong between the genes of a file and the genes of a model.

use super::Species;
use crate::Explain;

/// Gene names that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesError {
    #[error("The gene vocabulary is not valid: {0}.")]
    BadVocabulary(&'static str),
    #[error("The table of gene names is not valid: {0}.")]
    BadTable(&'static str),
    #[error("The file gives no usable gene names.")]
    NoNames,
    #[error("The file's genes look like {file} genes, but {expected} genes are needed.")]
    WrongSpecies { file: Species, expected: Species },
    #[error("The genes cannot be mapped to {to} orthologs: they are not known to be of the other of human and mouse.")]
    NoOrthologs { to: Species },
    #[error("Only {matched} of the file's {total} genes are known to this translator.")]
    NoOverlap { matched: usize, total: usize },
}

impl Explain for GenesError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadVocabulary(_) => "genes.bad-vocabulary",
            Self::BadTable(_) => "genes.bad-table",
            Self::NoNames => "genes.no-names",
            Self::WrongSpecies { .. } => "genes.wrong-species",
            Self::NoOrthologs { .. } => "genes.no-orthologs",
            Self::NoOverlap { .. } => "genes.no-overlap",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::BadVocabulary(_) => "The translator file may be damaged; download it again.",
            Self::BadTable(_) => {
                "Check that the file is the one of this version of the package, or the one named in the documentation, unchanged."
            }
            Self::NoNames => "Put Ensembl ids or gene symbols in the index of `var`, or in one of its columns.",
            Self::WrongSpecies { .. } => {
                "Use a translator for that species, or ask for orthologs: `--orthologs` on the command line, `cells.useOrthologs()` in JavaScript."
            }
            Self::NoOrthologs { .. } => {
                "Orthologs are known between human and mouse; name the genes by Ensembl ids or symbols of the file's own species."
            }
            Self::NoOverlap { .. } => {
                "Check that the genes are named by Ensembl ids or symbols, not by numbers or probe ids."
            }
        }
    }
}
