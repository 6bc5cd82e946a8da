//! The neighbour graph: which cells lie beside which, with weights.

mod bins;
mod corners;
mod delaunay;
mod edges;
mod grid;
mod neighbours;
mod params;
mod prune;
mod rows;
mod undirected;
mod weights;

pub use params::{GraphKind, GraphParams, Weighting};
pub use rows::MAX_EDGES;
pub use weights::Moments;

pub(super) use params::MAX_COORDINATE;
pub(super) use undirected::Undirected;

use self::edges::find;
use self::prune::{prune, symmetric};
use self::rows::Rows;
use self::weights::{margins, moments, standardise_rows, weigh};
use super::SpatialError;

/// A directed, weighted graph over cells; row `i` lists the neighbours of cell `i`, sorted by index.
///
/// Invariants: no cell is its own neighbour, no neighbour repeats in a row, weights are finite and positive. A cell
/// without neighbours has an empty row.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    indptr: Vec<usize>,
    neighbours: Vec<u32>,
    weights: Vec<f64>,
    distances: Option<Vec<f64>>,
    row_sums: Vec<f64>,
    column_sums: Vec<f64>,
    moments: Moments,
    row_standardised: bool,
    without_position: usize,
}

impl Graph {
    /// Finds the neighbours of every cell, in the plane or in space. Exact; O(n log n + edges) time, O(n + edges) memory.
    ///
    /// - `positions`: one a cell, in any unit. A position that is not finite (or beyond 10¹⁵⁰) is no position: that cell
    ///   gets an empty row, is nobody's neighbour, and is counted in [`Graph::without_position`].
    /// - `sections`: one id a cell; cells of different sections are never neighbours (block-diagonal weights).
    /// - Ties in distance go to the lower index. Cells at one position are neighbours at distance 0.
    /// - In a section of `m` cells, `Knn` and `Grid` find at most `m − 1` neighbours.
    ///
    /// # Errors
    /// `spatial.bad-parameter` (see [`GraphParams::check`]; also a Delaunay graph of positions in space),
    /// `spatial.length-mismatch` if `sections` has another length, `spatial.no-coordinates` if no position is finite,
    /// `spatial.too-few-cells` if `Knn` or `Grid` has no section with more cells than neighbours,
    /// `spatial.no-neighbours` if the graph would have no edge, `spatial.too-many-edges` above [`MAX_EDGES`].
    pub fn build<const D: usize>(
        positions: &[[f64; D]],
        sections: Option<&[u32]>,
        params: &GraphParams,
    ) -> Result<Self, SpatialError> {
        params.check()?;
        if let Some(sections) = sections
            && sections.len() != positions.len()
        {
            let (expected, found) = (positions.len(), sections.len());
            return Err(SpatialError::LengthMismatch { what: "section labels", expected, found });
        }
        if u32::try_from(positions.len()).is_err() {
            return Err(SpatialError::TooManyEdges { limit: MAX_EDGES });
        }
        let usable = |position: &[f64; D]| position.iter().all(|value| value.abs() <= MAX_COORDINATE);
        let mut cells: Vec<u32> = (0..positions.len() as u32).filter(|&i| usable(&positions[i as usize])).collect();
        if cells.is_empty() {
            return Err(SpatialError::NoCoordinates);
        }
        let without_position = positions.len() - cells.len();
        let section_of = |cell: u32| sections.map_or(0, |sections| sections[cell as usize]);
        cells.sort_by_key(|&cell| section_of(cell)); // stable: indices ascend within a section
        let groups: Vec<Vec<u32>> =
            cells.chunk_by(|&a, &b| section_of(a) == section_of(b)).map(<[u32]>::to_vec).collect();
        drop(cells);
        let largest = groups.iter().map(Vec::len).max().unwrap_or(0);
        match params.kind {
            GraphKind::Knn { k } | GraphKind::Grid { neighbours: k, .. } if largest <= k => {
                return Err(SpatialError::TooFewCells { needed: k.saturating_add(1), found: largest });
            }
            _ => {}
        }
        let mut rows = find(positions, &groups, params.kind)?;
        prune(&mut rows, &groups, params);
        drop(groups);
        if params.symmetric {
            rows = symmetric(&rows)?;
        }
        let Rows { indptr, neighbours, distances } = rows;
        if neighbours.is_empty() {
            return Err(SpatialError::NoNeighbours);
        }
        let weights = weigh(&indptr, &neighbours, &distances, params.weighting);
        let graph = Self::assemble(indptr, neighbours, weights, params.row_standardise);
        Ok(Self { without_position, distances: Some(distances), ..graph })
    }

    /// Takes ready-made rows, such as `obsp["spatial_connectivities"]` of a file. Entries of weight 0 must be left out.
    ///
    /// # Errors
    /// `spatial.bad-parameter` if an invariant of [`Graph`] does not hold, `spatial.no-neighbours` without an edge.
    pub fn from_rows(
        indptr: Vec<usize>,
        neighbours: Vec<u32>,
        weights: Vec<f64>,
        row_standardise: bool,
    ) -> Result<Self, SpatialError> {
        let bad = |what| Err(SpatialError::BadParameter(what));
        if indptr.first() != Some(&0)
            || indptr.last() != Some(&neighbours.len())
            || weights.len() != neighbours.len()
            || indptr.windows(2).any(|row| row[1] < row[0])
        {
            return bad("The rows of the graph contradict its edges.");
        }
        if weights.iter().any(|weight| !(weight.is_finite() && *weight > 0.0)) {
            return bad("The weights of the graph must be positive numbers.");
        }
        let n = indptr.len() - 1;
        let mut edges: Vec<(u32, f64)> = neighbours.into_iter().zip(weights).collect();
        for (cell, row) in indptr.windows(2).enumerate() {
            let row = &mut edges[row[0]..row[1]];
            row.sort_unstable_by_key(|edge| edge.0);
            if row.windows(2).any(|pair| pair[0].0 == pair[1].0)
                || row.iter().any(|edge| edge.0 as usize >= n || edge.0 as usize == cell)
            {
                return bad("A row of the graph repeats a neighbour, names the cell itself or one that is not there.");
            }
        }
        if edges.is_empty() {
            return Err(SpatialError::NoNeighbours);
        }
        let (neighbours, weights) = edges.into_iter().unzip();
        Ok(Self::assemble(indptr, neighbours, weights, row_standardise))
    }

    fn assemble(indptr: Vec<usize>, neighbours: Vec<u32>, mut weights: Vec<f64>, row_standardise: bool) -> Self {
        if row_standardise {
            standardise_rows(&indptr, &mut weights);
        }
        let (row_sums, column_sums) = margins(&indptr, &neighbours, &weights);
        let moments = moments(&indptr, &neighbours, &weights, &row_sums, &column_sums);
        let row_standardised = row_standardise;
        Self {
            indptr,
            neighbours,
            weights,
            distances: None,
            row_sums,
            column_sums,
            moments,
            row_standardised,
            without_position: 0,
        }
    }

    /// Number of cells, those without neighbours included.
    pub fn n_cells(&self) -> usize {
        self.indptr.len() - 1
    }

    /// Number of directed edges.
    pub fn n_edges(&self) -> usize {
        self.neighbours.len()
    }

    /// Number of cells without neighbours.
    pub fn n_isolated(&self) -> usize {
        self.indptr.windows(2).filter(|row| row[0] == row[1]).count()
    }

    /// Number of cells whose position was not finite.
    pub fn without_position(&self) -> usize {
        self.without_position
    }

    /// Whether rows were divided by their sums.
    pub fn row_standardised(&self) -> bool {
        self.row_standardised
    }

    /// The neighbours of a cell, ascending, and their weights.
    ///
    /// # Panics
    /// If `cell >= n_cells()`: the caller loops over its own cells.
    pub fn row(&self, cell: usize) -> (&[u32], &[f64]) {
        let range = self.indptr[cell]..self.indptr[cell + 1];
        (&self.neighbours[range.clone()], &self.weights[range])
    }

    /// The three arrays, as of a CSR matrix: row pointers, neighbours, weights.
    pub fn parts(&self) -> (&[usize], &[u32], &[f64]) {
        (&self.indptr, &self.neighbours, &self.weights)
    }

    /// How far the neighbours are, aligned with the edges of [`Graph::parts`]: in the units of the positions, in steps
    /// on a grid. `None` for a graph made of ready-made rows.
    pub fn distances(&self) -> Option<&[f64]> {
        self.distances.as_deref()
    }

    /// The moments of the weights.
    pub fn moments(&self) -> Moments {
        self.moments
    }

    /// Sums of the weights by row and by column.
    pub fn margins(&self) -> (&[f64], &[f64]) {
        (&self.row_sums, &self.column_sums)
    }
}
