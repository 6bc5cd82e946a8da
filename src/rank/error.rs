//! What can go wrong when a cell is encoded.

use crate::Explain;

/// A cell that cannot be ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RankError {
    #[error("A cell has a value that is negative or not a finite number.")]
    BadValue,
    #[error("A cell, its genes and the vocabulary do not fit together.")]
    BadShape,
}

impl Explain for RankError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadValue => "rank.bad-value",
            Self::BadShape => "rank.bad-shape",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::BadValue => "Choose a matrix of raw counts: scaled or centred values cannot be ranked.",
            Self::BadShape => "Match the genes again after choosing another matrix: it may have other genes.",
        }
    }
}
