//! What lies around each cell, as a row of numbers.

use std::ops::Range;

use super::super::parallel::{Meter, for_each};
use super::super::{Graph, SpatialError, composition};
use crate::cells::Csr;
use crate::progress::Tick;

/// Cells in a piece of work.
const PIECE: usize = 4096;

/// More numbers than this are refused: 2 GB.
const MAX_VALUES: usize = 500_000_000;

/// Row-major, cells × width. A row without meaning (no neighbour, no label around) is NaN and belongs to no niche.
#[derive(Debug, Clone, PartialEq)]
pub struct Profiles {
    pub width: usize,
    pub values: Vec<f32>,
}

/// The mean and the inverse deviation of each column.
#[derive(Debug, Clone, PartialEq)]
pub struct Standard(Vec<(f64, f64)>);

impl Profiles {
    /// Number of cells.
    pub fn n_cells(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    /// Centres every column and divides it by its standard deviation over the cells that have a profile, as squidpy does
    /// before clustering, so that rare labels weigh as much as common ones. A constant column becomes 0. O(values).
    pub fn standardise(&mut self) {
        let standard = self.standard();
        self.standardise_by(&standard);
    }

    /// What [`Profiles::standardise`] subtracts and multiplies by.
    pub fn standard(&self) -> Standard {
        let whole: Vec<&[f32]> = self.values.chunks_exact(self.width.max(1)).filter(|row| is_whole(row)).collect();
        let n = whole.len() as f64;
        // Row by row, as they lie in memory; every column still adds its cells in their order.
        let sums = |add: &dyn Fn(usize, f64) -> f64| {
            let mut sums = vec![0.0; self.width];
            for row in &whole {
                let columns = sums.iter_mut().zip(row.iter()).enumerate();
                columns.for_each(|(column, (sum, &value))| *sum += add(column, f64::from(value)));
            }
            sums
        };
        let means: Vec<f64> = sums(&|_, value| value).into_iter().map(|sum| sum / n).collect();
        let squares = sums(&|column, value| (value - means[column]).powi(2));
        let scaled = |(&mean, squares): (&f64, f64)| {
            let deviation = (squares / n).sqrt();
            let scale = if deviation > 1e-12 * mean.abs().max(1e-12) { 1.0 / deviation } else { 0.0 };
            (mean, scale)
        };
        Standard(means.iter().zip(squares).map(scaled).collect())
    }

    /// Standardises by the columns of other profiles, so that both can be compared with the same centres.
    pub fn standardise_by(&mut self, standard: &Standard) {
        for row in self.values.chunks_exact_mut(self.width.max(1)) {
            for (value, (mean, scale)) in row.iter_mut().zip(&standard.0) {
                // NaN stays NaN.
                *value = ((f64::from(*value) - mean) * scale) as f32;
            }
        }
    }

    /// The mean profile of each cluster, row-major, clusters × width; NaN for one without cells. `codes` as [`KMeans::codes`],
    /// below `n`. O(values).
    ///
    /// # Errors
    /// `spatial.length-mismatch`; `spatial.bad-parameter` for a code that is not below `n`.
    ///
    /// [`KMeans::codes`]: super::KMeans::codes
    pub fn means(&self, codes: &[i32], n: usize) -> Result<Vec<f64>, SpatialError> {
        if codes.len() != self.n_cells() {
            let (expected, found) = (self.n_cells(), codes.len());
            return Err(SpatialError::LengthMismatch { what: "clusters", expected, found });
        }
        if codes.iter().any(|&code| code >= 0 && code as usize >= n) {
            return Err(SpatialError::BadParameter("A cluster code lies outside the clusters."));
        }
        let (mut means, mut sizes) = (vec![0.0f64; n * self.width], vec![0.0f64; n]);
        for (row, &code) in self.values.chunks_exact(self.width.max(1)).zip(codes) {
            let Ok(code) = usize::try_from(code) else { continue };
            sizes[code] += 1.0;
            let sums = means[code * self.width..].iter_mut().zip(row);
            sums.for_each(|(sum, value)| *sum += f64::from(*value));
        }
        // 0 / 0 makes the row NaN, as documented.
        let rows = means.chunks_exact_mut(self.width.max(1)).zip(&sizes);
        rows.for_each(|(row, size)| row.iter_mut().for_each(|sum| *sum /= size));
        Ok(means)
    }
}

/// Whether every number of a row is finite.
pub(super) fn is_whole(row: &[f32]) -> bool {
    row.iter().all(|value| value.is_finite())
}

/// The share of each label among a cell's neighbours: [`composition`](super::super::composition()).
///
/// # Errors
/// As there.
pub fn composition_profiles(graph: &Graph, codes: &[i32], n_labels: usize) -> Result<Profiles, SpatialError> {
    let found = composition(graph, codes, n_labels)?;
    Ok(Profiles { width: found.n_labels, values: found.shares })
}

/// The weighted mean expression of a cell's neighbours, of the chosen genes (columns of `values`): label-free, as UTAG
/// (Kim et al. 2022) and squidpy's flavour `utag` without its self-loop. The cell itself counts as one more neighbour of mean
/// weight if `with_self`. Normalise the values first: on raw counts large cells decide.
///
/// A cell without neighbours gets NaN (with itself: its own values). O(edges · expressed genes a cell), cells × genes memory.
///
/// # Errors
/// `spatial.length-mismatch`; `spatial.bad-parameter` for a gene that is not there, or no gene, or more than 500 million
/// numbers; `job.cancelled`.
pub fn expression_profiles(
    graph: &Graph,
    values: &Csr,
    genes: &[usize],
    with_self: bool,
    tick: Tick,
) -> Result<Profiles, SpatialError> {
    let (n, width) = (graph.n_cells(), genes.len());
    if values.n_rows() != n {
        return Err(SpatialError::LengthMismatch { what: "rows of values", expected: n, found: values.n_rows() });
    }
    if width == 0 || genes.iter().any(|&gene| gene >= values.n_cols()) {
        return Err(SpatialError::BadParameter("Profiles need genes, each a column of the matrix."));
    }
    if n.checked_mul(width).is_none_or(|size| size > MAX_VALUES) {
        return Err(SpatialError::BadParameter("Cells times genes is more than 500 million: choose fewer genes."));
    }
    let mut slots = vec![usize::MAX; values.n_cols()];
    genes.iter().enumerate().for_each(|(slot, &gene)| slots[gene] = slot);
    let pieces: Vec<Range<usize>> = (0..n).step_by(PIECE).map(|start| start..n.min(start + PIECE)).collect();
    let mut profiles = Vec::with_capacity(n * width);
    for_each(
        &pieces,
        &mut Meter::new(tick, "profiles", n as u64),
        |cells| cells.len() as u64,
        |cells| around(graph, values, (&slots, width), with_self, cells.clone()),
        |rows: Vec<f32>| profiles.extend(rows),
    )?;
    Ok(Profiles { width, values: profiles })
}

/// The profiles of some cells. `slots` are the places of the matrix' columns in a profile.
fn around(
    graph: &Graph,
    values: &Csr,
    (slots, width): (&[usize], usize),
    with_self: bool,
    cells: Range<usize>,
) -> Vec<f32> {
    let mut profiles = vec![0.0f32; cells.len() * width];
    let mut sums = vec![0.0f64; width];
    for (cell, profile) in cells.zip(profiles.chunks_exact_mut(width)) {
        sums.fill(0.0);
        let mut add = |cell: usize, weight: f64| {
            let (indices, stored) = values.row(cell);
            for (&gene, &value) in indices.iter().zip(stored) {
                if let Some(sum) = sums.get_mut(slots[gene as usize]) {
                    *sum += weight * f64::from(value);
                }
            }
        };
        let (neighbours, weights) = graph.row(cell);
        let mut total: f64 = weights.iter().sum();
        neighbours.iter().zip(weights).for_each(|(&other, &weight)| add(other as usize, weight));
        if with_self {
            let own = if neighbours.is_empty() { 1.0 } else { total / neighbours.len() as f64 };
            add(cell, own);
            total += own;
        }
        // 0 / 0 makes the row NaN, as documented.
        profile.iter_mut().zip(&sums).for_each(|(value, sum)| *value = (sum / total) as f32);
    }
    profiles
}
