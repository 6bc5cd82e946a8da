//! Gene identity: Ensembl ids, symbols and old symbols, the vocabulary of a model, and how a file's genes are matched to it.

mod error;
mod gene;
mod identity;
mod index;
mod known;
mod matching;
mod name;
mod orthologs;
mod table;
mod vocabulary;

pub use error::GenesError;
pub use gene::Gene;
pub use identity::GeneIdentity;
pub use known::KnownGenes;
pub use matching::{GeneMatch, GeneReport};
pub use name::Species;
pub use orthologs::Orthologs;
pub use table::GeneTable;
pub use vocabulary::Vocabulary;
