//! Who counts as a neighbour, and what an edge weighs.

use super::super::SpatialError;

/// Positions and lengths beyond this are none: their squares would overflow.
pub(in super::super) const MAX_COORDINATE: f64 = 1e150;

/// More rings than this are refused: no neighbourhood of spots is that wide.
const MAX_RINGS: usize = 100;

/// Who counts as a neighbour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GraphKind {
    /// The `k` nearest other cells, directed: `j` may be a neighbour of `i` and not the reverse.
    Knn { k: usize },
    /// All other cells at a distance of at most `radius`, in the units of the positions.
    Radius { radius: f64 },
    /// The cells that share an edge of the Delaunay triangulation, symmetric; positions in the plane only. Cells at one
    /// position are one corner: neighbours of each other, and all of them of the cells at the other ends of its edges.
    /// (Qhull, which squidpy uses, leaves all but one of them without neighbours.) A section whose positions lie on one
    /// line has the path along it. Unpruned, cells on the outline have long edges: see [`GraphParams::max_length`].
    Delaunay,
    /// Spots on a lattice, as squidpy's `coord_type="grid"`: of the `neighbours` nearest those nearer than 1.3 times
    /// the median of all these distances in the section (6 for Visium's hexagons, 4 or 8 for squares); then everything
    /// that is reached in at most `rings` such steps. The distance is the number of steps.
    Grid { neighbours: usize, rings: usize },
}

/// What an edge weighs, before rows are standardised.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Weighting {
    /// 1.
    #[default]
    One,
    /// `exp(−d² / 2 bandwidth²)` with `d` its length, at least 10⁻³⁰⁸; the bandwidth is in the units of the positions
    /// (of a grid: steps).
    Gaussian { bandwidth: f64 },
    /// `1 / √(rᵢ cⱼ)` with `r` and `c` the numbers of edges out of `i` and into `j`: squidpy's `transform="spectral"`
    /// on symmetric graphs. (On others squidpy takes `c` for both and divides by 0 where nothing comes in.)
    Spectral,
}

/// How to build a graph. The default is squidpy's: six nearest neighbours; and rows standardised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GraphParams {
    pub kind: GraphKind,
    /// Leave out edges shorter or longer than this, in the units of the positions. Not for grids.
    pub min_length: Option<f64>,
    pub max_length: Option<f64>,
    /// Leave out edges longer than this percentile (0 to 100, interpolated linearly) of the lengths in their section,
    /// after the two above. Not for grids. Squidpy counts the n zeros of the diagonal as lengths too, which
    /// [`squidpy_percentile`](Self::squidpy_percentile) translates.
    pub percentile: Option<f64>,
    /// Add the reverse of every edge.
    pub symmetric: bool,
    pub weighting: Weighting,
    /// Divide each row of weights by its sum, as the analytic variances assume.
    pub row_standardise: bool,
}

impl Default for GraphParams {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl GraphParams {
    /// [`Default::default`], for constants.
    pub const DEFAULT: Self = Self {
        kind: GraphKind::Knn { k: 6 },
        min_length: None,
        max_length: None,
        percentile: None,
        symmetric: false,
        weighting: Weighting::One,
        row_standardise: true,
    };

    /// Refuses what cannot be meant, before any work.
    ///
    /// # Errors
    /// `spatial.bad-parameter` for 0 neighbours or rings, for a radius, bandwidth or length that is not a positive
    /// number (a minimum may be 0), for a percentile outside 0 to 100, and for a grid whose edges are to be chosen by
    /// length.
    pub fn check(&self) -> Result<(), SpatialError> {
        let bad = |what| Err(SpatialError::BadParameter(what));
        let positive = |value: f64| value > 0.0 && value <= MAX_COORDINATE;
        match self.kind {
            GraphKind::Knn { k: 0 } => return bad("The number of neighbours must be at least 1."),
            GraphKind::Radius { radius } if !positive(radius) => return bad("The radius must be a positive number."),
            GraphKind::Grid { neighbours: 0, .. } => return bad("The number of neighbours must be at least 1."),
            GraphKind::Grid { rings, .. } if !(1..=MAX_RINGS).contains(&rings) => {
                return bad("A grid needs between 1 and 100 rings.");
            }
            GraphKind::Grid { .. } if self.prunes() => {
                return bad("The edges of a grid have steps for lengths and cannot be chosen by length.");
            }
            _ => {}
        }
        if self.max_length.is_some_and(|length| !positive(length))
            || self.min_length.is_some_and(|length| !positive(length) && length != 0.0)
            || self.min_length.zip(self.max_length).is_some_and(|(min, max)| min > max)
        {
            return bad("The lengths of edges must be positive numbers, the smaller one first.");
        }
        if self.percentile.is_some_and(|percentile| !(0.0..=100.0).contains(&percentile)) {
            return bad("The percentile must lie between 0 and 100.");
        }
        match self.weighting {
            Weighting::Gaussian { bandwidth } if !positive(bandwidth) => {
                bad("The bandwidth must be a positive number.")
            }
            _ => Ok(()),
        }
    }

    pub(super) fn prunes(&self) -> bool {
        self.min_length.is_some() || self.max_length.is_some() || self.percentile.is_some()
    }

    /// The percentile of ours that leaves out the same edges as squidpy's `percentile` on a section of `cells` cells
    /// with `edges` directed edges: squidpy takes it over these lengths and one 0 for every cell.
    pub fn squidpy_percentile(percentile: f64, cells: usize, edges: usize) -> f64 {
        let place = percentile / 100.0 * ((cells + edges) as f64 - 1.0) - cells as f64;
        (100.0 * place / (edges as f64 - 1.0)).clamp(0.0, 100.0)
    }
}
