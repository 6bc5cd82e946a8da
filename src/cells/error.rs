use crate::Explain;

/// A matrix or table that contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CellsError {
    #[error("The sparse matrix is inconsistent: {0}.")]
    BadCsr(&'static str),
}

impl Explain for CellsError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadCsr(_) => "cells.bad-matrix",
        }
    }
    fn hint(&self) -> &'static str {
        match self {
            Self::BadCsr(_) => "The file may be damaged; open it with the tool that wrote it and save it again.",
        }
    }
}
