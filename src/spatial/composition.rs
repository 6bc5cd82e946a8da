//! What a cell's neighbourhood is made of: the share of each label among its neighbours.

use super::{Graph, SpatialError};

/// More levels are no grouping of cells, and the results, of size cells × levels and levels², could fill the memory.
const MAX_LABELS: usize = 1000;

/// Label shares around every cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    pub n_labels: usize,
    /// Cells × labels, row-major. A row sums to 1, or is NaN where a cell has no labelled neighbour.
    pub shares: Vec<f32>,
    /// Number of rows that are NaN.
    pub undefined: usize,
}

impl Composition {
    /// The shares around one cell.
    ///
    /// # Panics
    /// If there is no such cell: the caller loops over its own cells.
    pub fn row(&self, cell: usize) -> &[f32] {
        &self.shares[cell * self.n_labels..(cell + 1) * self.n_labels]
    }
}

/// The composition around every cell, by the weights of the graph; the cell itself does not count.
///
/// `codes[cell]` is in `0..n_labels`, or negative where the label is missing: such a neighbour is left out.
/// O(edges + cells · labels).
///
/// # Errors
/// `spatial.length-mismatch`, `spatial.bad-parameter` if a code is not below `n_labels` or there is no label.
pub fn composition(graph: &Graph, codes: &[i32], n_labels: usize) -> Result<Composition, SpatialError> {
    check_labels(graph, codes, n_labels)?;
    let mut shares = vec![0.0f32; codes.len() * n_labels];
    let mut undefined = 0;
    let mut sums = vec![0.0f64; n_labels];
    for (cell, row) in shares.chunks_exact_mut(n_labels).enumerate() {
        sums.fill(0.0);
        let (neighbours, weights) = graph.row(cell);
        for (&other, weight) in neighbours.iter().zip(weights) {
            if let Ok(code) = usize::try_from(codes[other as usize]) {
                sums[code] += weight;
            }
        }
        let total: f64 = sums.iter().sum();
        undefined += usize::from(total == 0.0);
        // 0 / 0 makes the row NaN, as documented.
        row.iter_mut().zip(&sums).for_each(|(share, sum)| *share = (sum / total) as f32);
    }
    Ok(Composition { n_labels, shares, undefined })
}

/// Who neighbours whom: the mean of [`composition`] over the cells of each label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelComposition {
    pub n_labels: usize,
    /// Labels × labels, row-major. A row sums to 1, or is NaN where no cell of the label has a labelled neighbour.
    pub shares: Vec<f64>,
    /// Cells of each label, with or without neighbours.
    pub counts: Vec<u32>,
}

/// The mean composition around the cells of each label; arguments, cost and errors as of [`composition`]. Cells without
/// a label, or without labelled neighbours, do not count.
pub fn label_composition(graph: &Graph, codes: &[i32], n_labels: usize) -> Result<LabelComposition, SpatialError> {
    let around = composition(graph, codes, n_labels)?;
    let mut shares = vec![0.0; n_labels * n_labels];
    let (mut with_neighbours, mut counts) = (vec![0u32; n_labels], vec![0u32; n_labels]);
    for (row, &code) in around.shares.chunks_exact(n_labels).zip(codes) {
        let Ok(label) = usize::try_from(code) else { continue };
        counts[label] += 1;
        if row.iter().any(|share| share.is_nan()) {
            continue;
        }
        with_neighbours[label] += 1;
        let sums = &mut shares[label * n_labels..(label + 1) * n_labels];
        sums.iter_mut().zip(row).for_each(|(sum, share)| *sum += f64::from(*share));
    }
    for (row, &cells) in shares.chunks_exact_mut(n_labels).zip(&with_neighbours) {
        // 0 / 0 makes the row NaN, as documented.
        row.iter_mut().for_each(|sum| *sum /= f64::from(cells));
    }
    Ok(LabelComposition { n_labels, shares, counts })
}

/// What every metric on labels asks of them.
pub(super) fn check_labels(graph: &Graph, codes: &[i32], n_labels: usize) -> Result<(), SpatialError> {
    let (expected, found) = (graph.n_cells(), codes.len());
    if found != expected {
        return Err(SpatialError::LengthMismatch { what: "labels", expected, found });
    }
    if n_labels == 0 {
        return Err(SpatialError::BadParameter("The labels have no level."));
    }
    if n_labels > MAX_LABELS {
        return Err(SpatialError::BadParameter("The labels have more than 1,000 levels."));
    }
    match codes.iter().any(|&code| code >= 0 && code as usize >= n_labels) {
        true => Err(SpatialError::BadParameter("A label code lies outside the levels.")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::GraphParams;

    #[test]
    fn label_composition_is_the_mean_over_the_cells_of_a_label() -> Result<(), SpatialError> {
        // A row of cells a a b, each with its direct neighbours; then one far off, without neighbours, of label c.
        let positions = [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [99.0, 0.0]];
        let kind = crate::spatial::GraphKind::Radius { radius: 1.0 };
        let graph = Graph::build(&positions, None, &GraphParams { kind, ..GraphParams::default() })?;
        let table = label_composition(&graph, &[0, 0, 1, 2], 3)?;
        assert_eq!(table.counts, [2, 1, 1]);
        assert_eq!(table.shares[..6], [0.75, 0.25, 0.0, 1.0, 0.0, 0.0]);
        assert!(table.shares[6..].iter().all(|share| share.is_nan()));
        Ok(())
    }
}
