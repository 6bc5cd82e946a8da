//! Interaction matrix: how often cells of one label have neighbours of another.

use super::composition::check_labels;
use super::{Graph, SpatialError};

/// What an edge counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EdgeValue {
    /// 1, as squidpy's default.
    #[default]
    One,
    /// Its weight (which row standardisation may have changed).
    Weight,
}

/// Sums over directed edges from label (row) to neighbour's label (column), labels × labels, row-major.
///
/// As squidpy's `interaction_matrix`: edges that touch a cell without label (negative code) are left out. With
/// `normalised`, each row is divided by its sum; a row without edges is then NaN. O(edges + labels²).
///
/// # Errors
/// `spatial.length-mismatch`, `spatial.bad-parameter`, as [`composition`](super::composition()).
pub fn interactions(
    graph: &Graph,
    codes: &[i32],
    n_labels: usize,
    edge: EdgeValue,
    normalised: bool,
) -> Result<Vec<f64>, SpatialError> {
    check_labels(graph, codes, n_labels)?;
    let mut sums = sum_edges(graph, codes, n_labels, edge);
    if normalised {
        for row in sums.chunks_exact_mut(n_labels) {
            let total: f64 = row.iter().sum();
            row.iter_mut().for_each(|sum| *sum /= total);
        }
    }
    Ok(sums)
}

/// The sums themselves; the labels have been checked.
pub(super) fn sum_edges(graph: &Graph, codes: &[i32], n_labels: usize, edge: EdgeValue) -> Vec<f64> {
    let mut sums = vec![0.0; n_labels * n_labels];
    for (cell, &code) in codes.iter().enumerate() {
        let Ok(from) = usize::try_from(code) else { continue };
        let (neighbours, weights) = graph.row(cell);
        for (&other, &weight) in neighbours.iter().zip(weights) {
            if let Ok(to) = usize::try_from(codes[other as usize]) {
                sums[from * n_labels + to] += if edge == EdgeValue::One { 1.0 } else { weight };
            }
        }
    }
    sums
}
