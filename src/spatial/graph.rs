//! The neighbour graph: which cells lie beside which, with weights.

use std::collections::BinaryHeap;

use super::SpatialError;
use super::neighbours::Sites;
use super::weights::{Moments, margins, moments, standardise_rows};

/// More edges than this are refused: about 1 GB in memory (in wasm 360 MB, of the 4 GB that it can address), far above any
/// neighbourhood that means something.
pub const MAX_EDGES: usize = if cfg!(target_arch = "wasm32") { 30_000_000 } else { 80_000_000 };

/// Positions beyond this are no positions: their squared distances would overflow.
const MAX_COORDINATE: f64 = 1e150;

/// Who counts as a neighbour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GraphKind {
    /// The `k` nearest other cells, directed: `j` may be a neighbour of `i` and not the reverse.
    Knn { k: usize },
    /// All other cells at a distance of at most `radius`, in the units of the positions.
    Radius { radius: f64 },
}

/// How to build a graph. The default is squidpy's: six nearest neighbours, rows standardised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GraphParams {
    pub kind: GraphKind,
    /// Divide each row of weights by its sum, as the analytic variances assume.
    pub row_standardise: bool,
}

impl Default for GraphParams {
    fn default() -> Self {
        Self { kind: GraphKind::Knn { k: 6 }, row_standardise: true }
    }
}

impl GraphParams {
    /// Refuses what cannot be meant, before any work.
    ///
    /// # Errors
    /// `spatial.bad-parameter` if `k` is 0 or the radius is not a positive finite number.
    pub fn check(&self) -> Result<(), SpatialError> {
        match self.kind {
            GraphKind::Knn { k: 0 } => Err(SpatialError::BadParameter("The number of neighbours must be at least 1.")),
            GraphKind::Radius { radius } if !(radius > 0.0 && radius <= MAX_COORDINATE) => {
                Err(SpatialError::BadParameter("The radius must be a positive number."))
            }
            _ => Ok(()),
        }
    }
}

/// A directed, weighted graph over cells; row `i` lists the neighbours of cell `i`, sorted by index.
///
/// Invariants: no cell is its own neighbour, no neighbour repeats in a row, weights are finite and positive. A cell
/// without neighbours has an empty row.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    indptr: Vec<usize>,
    neighbours: Vec<u32>,
    weights: Vec<f64>,
    row_sums: Vec<f64>,
    column_sums: Vec<f64>,
    moments: Moments,
    row_standardised: bool,
    without_position: usize,
}

impl Graph {
    /// Finds the neighbours of every cell. Exact; O(n log n + edges) time, O(n + edges) memory.
    ///
    /// - `positions`: one a cell, in any unit. A position that is not finite is no position: that cell gets an empty
    ///   row, is nobody's neighbour, and is counted in [`Graph::without_position`].
    /// - `sections`: one id a cell; cells of different sections are never neighbours (block-diagonal weights).
    /// - Ties in distance go to the lower index. Cells at one position are neighbours at distance 0.
    /// - In a section of `m` cells, `Knn` finds at most `m − 1` neighbours.
    ///
    /// # Errors
    /// `spatial.bad-parameter` (see [`GraphParams::check`]), `spatial.length-mismatch` if `sections` has another
    /// length, `spatial.no-coordinates` if no position is finite, `spatial.too-few-cells` if `Knn` has no section with
    /// more than `k` cells, `spatial.no-neighbours` if the graph would have no edge, `spatial.too-many-edges` above
    /// [`MAX_EDGES`].
    pub fn build(positions: &[[f64; 2]], sections: Option<&[u32]>, params: &GraphParams) -> Result<Self, SpatialError> {
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
        let usable = |position: &[f64; 2]| position.iter().all(|value| value.abs() <= MAX_COORDINATE);
        let mut cells: Vec<u32> = (0..positions.len() as u32).filter(|&i| usable(&positions[i as usize])).collect();
        if cells.is_empty() {
            return Err(SpatialError::NoCoordinates);
        }
        let without_position = positions.len() - cells.len();
        let section_of = |cell: u32| sections.map_or(0, |sections| sections[cell as usize]);
        cells.sort_by_key(|&cell| section_of(cell)); // stable: indices ascend within a section
        let groups: Vec<Sites> = cells
            .chunk_by(|&a, &b| section_of(a) == section_of(b))
            .map(|section| Sites::new(positions, section.to_vec()))
            .collect();
        let largest = cells.chunk_by(|&a, &b| section_of(a) == section_of(b)).map(<[u32]>::len).max().unwrap_or(0);
        drop(cells);
        let (indptr, mut neighbours) = match params.kind {
            GraphKind::Knn { k } if largest <= k => {
                return Err(SpatialError::TooFewCells { needed: k.saturating_add(1), found: largest });
            }
            GraphKind::Knn { k } => nearest(positions.len(), &groups, k)?,
            GraphKind::Radius { radius } => within(positions.len(), &groups, radius)?,
        };
        if neighbours.is_empty() {
            return Err(SpatialError::NoNeighbours);
        }
        for row in indptr.windows(2) {
            neighbours[row[0]..row[1]].sort_unstable();
        }
        let weights = vec![1.0; neighbours.len()];
        Ok(Self { without_position, ..Self::assemble(indptr, neighbours, weights, params.row_standardise) })
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
        Self { indptr, neighbours, weights, row_sums, column_sums, moments, row_standardised, without_position: 0 }
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

    /// The moments of the weights.
    pub fn moments(&self) -> Moments {
        self.moments
    }

    /// Sums of the weights by row and by column.
    pub fn margins(&self) -> (&[f64], &[f64]) {
        (&self.row_sums, &self.column_sums)
    }
}

/// Row pointers from the number of neighbours of every cell.
fn pointers(degrees: &[usize]) -> Result<Vec<usize>, SpatialError> {
    let mut indptr = Vec::with_capacity(degrees.len() + 1);
    let mut total = 0usize;
    indptr.push(0);
    for degree in degrees {
        total = total.saturating_add(*degree);
        if total > MAX_EDGES {
            return Err(SpatialError::TooManyEdges { limit: MAX_EDGES });
        }
        indptr.push(total);
    }
    Ok(indptr)
}

fn nearest(n: usize, groups: &[Sites], k: usize) -> Result<(Vec<usize>, Vec<u32>), SpatialError> {
    let mut degrees = vec![0; n];
    for sites in groups {
        let cells = sites.cells();
        for &cell in cells {
            degrees[cell as usize] = k.min(cells.len() - 1);
        }
    }
    let indptr = pointers(&degrees)?;
    let mut neighbours = vec![0; indptr[n]];
    let mut found = BinaryHeap::new();
    for sites in groups {
        let k = k.min(sites.cells().len() - 1);
        if k == 0 {
            continue;
        }
        for site in 0..sites.len() {
            for &cell in sites.members(site) {
                sites.nearest(site, cell, k, &mut found);
                let row = &mut neighbours[indptr[cell as usize]..indptr[cell as usize + 1]];
                row.iter_mut().zip(&found).for_each(|(place, neighbour)| *place = neighbour.cell);
            }
        }
    }
    Ok((indptr, neighbours))
}

fn within(n: usize, groups: &[Sites], radius: f64) -> Result<(Vec<usize>, Vec<u32>), SpatialError> {
    let mut degrees = vec![0; n];
    // Counted before anything is allocated, and given up as soon as there are too many: a radius in the wrong unit
    // would otherwise ask for n² edges.
    let mut total = 0usize;
    for sites in groups {
        for site in 0..sites.len() {
            let mut near = 0usize;
            let members = sites.members(site);
            sites.within(site, radius, &mut |other| {
                near += sites.members(other).len();
                (near - 1).saturating_mul(members.len()) <= MAX_EDGES
            });
            total = total.saturating_add((near - 1).saturating_mul(members.len()));
            if total > MAX_EDGES {
                return Err(SpatialError::TooManyEdges { limit: MAX_EDGES });
            }
            for &cell in members {
                degrees[cell as usize] = near - 1;
            }
        }
    }
    let indptr = pointers(&degrees)?;
    let mut neighbours = vec![0; indptr[n]];
    let mut near = Vec::new();
    for sites in groups {
        for site in 0..sites.len() {
            near.clear();
            sites.within(site, radius, &mut |other| {
                near.extend_from_slice(sites.members(other));
                true
            });
            for &cell in sites.members(site) {
                let row = &mut neighbours[indptr[cell as usize]..indptr[cell as usize + 1]];
                let others = near.iter().filter(|&&other| other != cell);
                row.iter_mut().zip(others).for_each(|(place, other)| *place = *other);
            }
        }
    }
    Ok((indptr, neighbours))
}
