//! Spots on a lattice: the nearest ones that are not much farther than usual, and rings of them.

use super::super::SpatialError;
use super::prune::median;
use super::rows::{MAX_EDGES, Rows};

/// A neighbour must be nearer than this times the median, as in squidpy: between 1 and √2 for a square with 4.
const FARTHEST: f64 = 1.3;

/// Turns nearest neighbours into a grid graph: per section, edges not shorter than 1.3 medians are left out, then a
/// search in breadth from every cell collects what lies within `rings` steps; the steps become the distances.
pub(super) fn rings(mut near: Rows, groups: &[Vec<u32>], rings: usize) -> Result<Rows, SpatialError> {
    let mut limits = vec![0.0; near.indptr.len() - 1];
    for cells in groups {
        let mut lengths: Vec<f64> = cells.iter().flat_map(|&cell| near.row(cell).1).copied().collect();
        let limit = median(&mut lengths) * FARTHEST;
        cells.iter().for_each(|&cell| limits[cell as usize] = limit);
    }
    near.retain(|cell, _, length| length < limits[cell]);
    drop(limits);
    if rings == 1 {
        near.distances.fill(1.0);
        return Ok(near);
    }
    let n = near.indptr.len() - 1;
    let mut reached = Rows { indptr: Vec::with_capacity(n + 1), neighbours: Vec::new(), distances: Vec::new() };
    reached.indptr.push(0);
    let mut seen_from = vec![u32::MAX; n];
    let mut row: Vec<(u32, f64)> = Vec::new();
    for cell in 0..n as u32 {
        row.clear();
        row.push((cell, 0.0));
        seen_from[cell as usize] = cell;
        let mut place = 0;
        while let Some(&(here, steps)) = row.get(place).filter(|(_, steps)| *steps < rings as f64) {
            place += 1;
            for &other in near.row(here).0 {
                if std::mem::replace(&mut seen_from[other as usize], cell) != cell {
                    row.push((other, steps + 1.0));
                }
            }
        }
        if reached.neighbours.len() + row.len() > MAX_EDGES {
            return Err(SpatialError::TooManyEdges { limit: MAX_EDGES });
        }
        row.swap_remove(0);
        row.sort_unstable_by_key(|(other, _)| *other);
        reached.neighbours.extend(row.iter().map(|(other, _)| *other));
        reached.distances.extend(row.iter().map(|(_, steps)| *steps));
        reached.indptr.push(reached.neighbours.len());
    }
    Ok(reached)
}
