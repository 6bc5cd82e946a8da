//! Rows of neighbours with distances, before they are weighed.

use super::super::SpatialError;

/// More edges than this are refused: about 1.6 GB in memory (in wasm 600 MB, of the 4 GB that it can address), far above any
/// neighbourhood that means something.
pub const MAX_EDGES: usize = if cfg!(target_arch = "wasm32") { 30_000_000 } else { 80_000_000 };

/// Row `i` lists the neighbours of cell `i`, ascending, each with its distance.
pub(super) struct Rows {
    pub indptr: Vec<usize>,
    pub neighbours: Vec<u32>,
    pub distances: Vec<f64>,
}

impl Rows {
    /// Rows of the given lengths, to be filled.
    pub fn of(degrees: &[usize]) -> Result<Self, SpatialError> {
        let indptr = pointers(degrees)?;
        let edges = indptr[degrees.len()];
        Ok(Self { indptr, neighbours: vec![0; edges], distances: vec![0.0; edges] })
    }

    /// The neighbours of one cell and their distances.
    pub fn row(&self, cell: u32) -> (&[u32], &[f64]) {
        let range = self.indptr[cell as usize]..self.indptr[cell as usize + 1];
        (&self.neighbours[range.clone()], &self.distances[range])
    }

    /// The same with only the edges that `keep` wants; it is asked row by row for `(cell, neighbour, distance)`.
    pub fn retain(&mut self, mut keep: impl FnMut(usize, u32, f64) -> bool) {
        let mut kept = 0;
        let mut start = 0;
        for cell in 0..self.indptr.len() - 1 {
            let end = self.indptr[cell + 1];
            for edge in start..end {
                if keep(cell, self.neighbours[edge], self.distances[edge]) {
                    self.neighbours[kept] = self.neighbours[edge];
                    self.distances[kept] = self.distances[edge];
                    kept += 1;
                }
            }
            start = end;
            self.indptr[cell + 1] = kept;
        }
        self.neighbours.truncate(kept);
        self.distances.truncate(kept);
    }
}

/// Row pointers from the number of neighbours of every cell.
pub(super) fn pointers(degrees: &[usize]) -> Result<Vec<usize>, SpatialError> {
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
