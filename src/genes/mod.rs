//! Gene identity: Ensembl ids, symbols and old symbols, the vocabulary of a model, and how a file's genes are matched to it.

mod error;
mod gene;
mod index;
mod matching;
mod name;
mod table;
mod vocabulary;

pub use error::GenesError;
pub use gene::Gene;
pub use matching::{GeneMatch, GeneReport};
pub use name::Species;
pub use table::GeneTable;
pub use vocabulary::Vocabulary;
