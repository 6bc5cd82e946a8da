//! What every stage's errors have in common: a stable code, a sentence and a hint.

use crate::bundle::BundleError;
use crate::cells::CellsError;
use crate::genes::GenesError;
use crate::io::IoError;
use crate::model::ModelError;
use crate::rank::RankError;
use crate::spatial::SpatialError;
#[cfg(feature = "train")]
use crate::train::TrainError;
use crate::translate::TranslateError;

/// An error that a person can act on.
///
/// `Display` is one sentence for people, without any of the user's data (no gene values, cell names or file names).
pub trait Explain: std::error::Error {
    /// A stable, machine-readable code such as `io.not-hdf5`; listed in `docs/errors.md`.
    fn code(&self) -> &'static str;
    /// What to do about it, in one sentence.
    fn hint(&self) -> &'static str;
}

/// Any error of this crate, as the command line and the JavaScript surface see it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Cells(#[from] CellsError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Io(#[from] IoError),
    #[error(transparent)]
    Spatial(#[from] SpatialError),
    #[error(transparent)]
    Genes(#[from] GenesError),
    #[error(transparent)]
    Rank(#[from] RankError),
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error(transparent)]
    Translate(#[from] TranslateError),
    #[cfg(feature = "train")]
    #[error(transparent)]
    Train(#[from] TrainError),
}

impl Error {
    fn inner(&self) -> &dyn Explain {
        match self {
            Self::Cells(error) => error,
            Self::Model(error) => error,
            Self::Io(error) => error,
            Self::Spatial(error) => error,
            Self::Genes(error) => error,
            Self::Rank(error) => error,
            Self::Bundle(error) => error,
            Self::Translate(error) => error,
            #[cfg(feature = "train")]
            Self::Train(error) => error,
        }
    }
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        self.inner().code()
    }
    fn hint(&self) -> &'static str {
        self.inner().hint()
    }
}
