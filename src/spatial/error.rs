use crate::Explain;

/// Why a neighbour graph or a statistic on it could not be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpatialError {
    #[error("No cell has a usable position.")]
    NoCoordinates,
    #[error("These cells have one position each, and no draws of where else they may be.")]
    NoLikelyPositions,
    #[error("{0}")]
    BadParameter(&'static str),
    #[error("There are {found} {what}, but {expected} were expected.")]
    LengthMismatch { what: &'static str, expected: usize, found: usize },
    #[error("This needs at least {needed} cells in a section, and there are {found}.")]
    TooFewCells { needed: usize, found: usize },
    #[error("No cell has a neighbour.")]
    NoNeighbours,
    #[error("The neighbour graph would have more than {limit} edges.")]
    TooManyEdges { limit: usize },
    #[error("The work was cancelled.")]
    Cancelled,
}

impl Explain for SpatialError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoCoordinates => "spatial.no-coordinates",
            Self::NoLikelyPositions => "spatial.no-likely-positions",
            Self::BadParameter(_) => "spatial.bad-parameter",
            Self::LengthMismatch { .. } => "spatial.length-mismatch",
            Self::TooFewCells { .. } => "spatial.too-few-cells",
            Self::NoNeighbours => "spatial.no-neighbours",
            Self::TooManyEdges { .. } => "spatial.too-many-edges",
            Self::Cancelled => "job.cancelled",
        }
    }
    fn hint(&self) -> &'static str {
        match self {
            Self::NoCoordinates => {
                "Use a file with finite positions in `obsm/spatial`, or translate dissociated cells first."
            }
            Self::NoLikelyPositions => {
                "Leave the draws out, or measure translated cells, or an h5ad file that a translation was saved as."
            }
            Self::BadParameter(_) => "Change the parameter as the message says and run again.",
            Self::LengthMismatch { .. } => "Positions, values, labels and sections need one entry for every cell.",
            Self::TooFewCells { .. } => "Use fewer neighbours, or a section with more cells.",
            Self::NoNeighbours => "Use a larger radius (it is in the units of the coordinates), or nearest neighbours.",
            Self::TooManyEdges { .. } => {
                "Use a smaller radius (it is in the units of the coordinates) or fewer neighbours."
            }
            Self::Cancelled => "Start it again when you like; nothing was changed.",
        }
    }
}
