//! Whether cells are placed beside the cells they were beside.

use super::{draw::sample, parallel, profiles::at_least, ranks::spearman};
use crate::spatial::SpatialError;

/// For each cell, the share of its `k` nearest cells in truth that are among its `k` nearest where it was placed:
/// `|kNN_true ∩ kNN_placed| / k`. 1 is perfect; chance is `k / (n − 1)`.
///
/// A cell whose true or placed position is not finite gets NaN and is nobody's neighbour; `n` counts the others.
///
/// **Ties.** Where several cells lie exactly at the distance of the k-th neighbour, the value is the expectation over
/// random choices among them, independent in truth and in placement; computed, not drawn, so it needs no seed and adds
/// no noise. Placing every cell at one position therefore scores exactly chance, and the order of the cells in the
/// file carries nothing. On a regular grid even a perfect placement stays below 1; its ceiling is
/// `neighbour_hits(true_xy, true_xy, k)`.
///
/// Cost `O(n²)` time (about a second for 8,000 cells on two cores), `O(n)` memory per thread. Also known as the overlap
/// or the recall of nearest neighbours.
///
/// # Errors
/// `spatial.length-mismatch`; `spatial.bad-parameter` for `k = 0`; `spatial.too-few-cells` unless more than `k` cells
/// have both positions.
pub fn neighbour_hits(true_xy: &[[f64; 2]], placed_xy: &[[f64; 2]], k: usize) -> Result<Vec<f64>, SpatialError> {
    if k == 0 {
        return Err(SpatialError::BadParameter("The number of neighbours must be at least 1."));
    }
    let cells = Cells::new(true_xy, placed_xy)?;
    at_least(k + 1, cells.index.len())?;
    let hits = parallel::map(cells.index.len(), |cell| {
        let truth = Nearest::new(distances(&cells.truth, cell), k);
        let placed = Nearest::new(distances(&cells.placed, cell), k);
        let shared = truth.distances.iter().zip(&placed.distances).map(|(&a, &b)| truth.share(a) * placed.share(b));
        shared.sum::<f64>() / k as f64
    });
    let mut all = vec![f64::NAN; true_xy.len()];
    cells.index.iter().zip(hits).for_each(|(&cell, hits)| all[cell] = hits);
    Ok(all)
}

/// For up to `sample_size` cells drawn with `seed`, Spearman's correlation between the distances to all other cells in
/// truth and where they were placed; ties share their mean rank. 1 is perfect up to any monotone change of distance.
///
/// In the order of the drawn cells in the input. Cells without two finite positions are neither drawn nor measured to.
/// NaN where all distances of a row are equal (all cells placed at one position): undefined, and not to be dropped
/// silently from a mean.
///
/// Cost `O(sample_size · n log n)`.
///
/// # Errors
/// `spatial.length-mismatch`; `spatial.too-few-cells` with fewer than three cells that have both positions.
pub fn distance_spearman(
    true_xy: &[[f64; 2]],
    placed_xy: &[[f64; 2]],
    sample_size: usize,
    seed: u64,
) -> Result<Vec<f64>, SpatialError> {
    let cells = Cells::new(true_xy, placed_xy)?;
    at_least(3, cells.index.len())?;
    let drawn = sample(cells.index.len(), sample_size, seed, 0);
    // Squares have the ranks of the distances.
    let row = |row: usize| spearman(&distances(&cells.truth, drawn[row]), &distances(&cells.placed, drawn[row]));
    Ok(parallel::map(drawn.len(), row))
}

/// The cells that have a finite position in truth and in placement.
struct Cells {
    index: Vec<usize>,
    truth: Vec<[f64; 2]>,
    placed: Vec<[f64; 2]>,
}

impl Cells {
    fn new(true_xy: &[[f64; 2]], placed_xy: &[[f64; 2]]) -> Result<Self, SpatialError> {
        if true_xy.len() != placed_xy.len() {
            return Err(SpatialError::LengthMismatch {
                what: "placed positions",
                expected: true_xy.len(),
                found: placed_xy.len(),
            });
        }
        let finite = |&cell: &usize| true_xy[cell].iter().chain(&placed_xy[cell]).all(|value| value.is_finite());
        let index: Vec<usize> = (0..true_xy.len()).filter(finite).collect();
        let truth = index.iter().map(|&cell| true_xy[cell]).collect();
        let placed = index.iter().map(|&cell| placed_xy[cell]).collect();
        Ok(Self { index, truth, placed })
    }
}

/// Squared distances from one cell to all others, itself left out.
fn distances(xy: &[[f64; 2]], cell: usize) -> Vec<f64> {
    let [x, y] = xy[cell];
    let others = xy[..cell].iter().chain(&xy[cell + 1..]);
    others.map(|other| (other[0] - x).powi(2) + (other[1] - y).powi(2)).collect()
}

/// One cell's k nearest, with the cells tied at the k-th distance held in shares.
struct Nearest {
    distances: Vec<f64>,
    kth: f64,
    tied_share: f64,
}

impl Nearest {
    /// Needs `1 ≤ k ≤ distances.len()`.
    fn new(distances: Vec<f64>, k: usize) -> Self {
        let mut scratch = distances.clone();
        let (_, &mut kth, _) = scratch.select_nth_unstable_by(k - 1, f64::total_cmp);
        let nearer = distances.iter().filter(|&&distance| distance < kth).count();
        let tied = distances.iter().filter(|&&distance| distance == kth).count();
        Self { distances, kth, tied_share: (k - nearer) as f64 / tied as f64 }
    }

    /// The chance that a cell at this distance is among the k nearest.
    fn share(&self, distance: f64) -> f64 {
        if distance < self.kth {
            1.0
        } else if distance == self.kth {
            self.tied_share
        } else {
            0.0
        }
    }
}
