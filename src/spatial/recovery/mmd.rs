//! Whether two clouds of profiles are one.

use super::{
    draw::sample,
    parallel,
    profiles::{at_least, n_rows, squared_distance},
};
use crate::spatial::SpatialError;

/// A maximum mean discrepancy and the bandwidth that it was measured at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mmd {
    /// The unbiased estimate of MMD². 0 is expected of two samples of one distribution, so it can be a little negative.
    pub squared: f64,
    /// `σ` of the Gaussian kernel, in the units of the profiles. Values at different bandwidths are not comparable.
    pub bandwidth: f64,
}

/// Unbiased MMD² with the kernel `exp(−‖x − y‖² / (2σ²))`, `σ` by the median heuristic.
///
/// At most `sample_size` rows of each are used, drawn with `seed` without replacement. `σ` is the median Euclidean
/// distance over all pairs of the pooled sample that do not coincide: baselines copy profiles, and copies would pull
/// the median to zero. When all rows coincide, MMD² is 0 and `σ` 0.
///
/// `a` and `b` are row-major, `d` wide. Cost `O(m² d)` time and `O(m²)` memory for `m` pooled rows. Gretton et al. 2012,
/// JMLR 13:723–773, equation 3.
///
/// # Errors
/// `spatial.bad-parameter` for ragged or non-finite profiles; `spatial.too-few-cells` with fewer than two rows of
/// either.
pub fn mmd_rbf(a: &[f32], b: &[f32], d: usize, sample_size: usize, seed: u64) -> Result<Mmd, SpatialError> {
    let (n_a, n_b) = (n_rows(a, d)?, n_rows(b, d)?);
    at_least(2, n_a.min(n_b).min(sample_size))?;
    let rows_a = sample(n_a, sample_size, seed, 0);
    let rows: Vec<&[f32]> = rows_a
        .iter()
        .map(|row| &a[row * d..][..d])
        .chain(sample(n_b, sample_size, seed, 1).iter().map(|row| &b[row * d..][..d]))
        .collect();
    let squared = parallel::map(rows.len(), |row| {
        rows[..row].iter().map(|other| squared_distance(rows[row], other)).collect::<Vec<f64>>()
    });
    let Some(bandwidth) = median_distance(&squared) else { return Ok(Mmd { squared: 0.0, bandwidth: 0.0 }) };

    let (mut within_a, mut within_b, mut between) = (0.0, 0.0, 0.0);
    for (row, squared) in squared.iter().enumerate() {
        for (other, squared) in squared.iter().enumerate() {
            let kernel = (-squared / (2.0 * bandwidth * bandwidth)).exp();
            match (other < rows_a.len(), row < rows_a.len()) {
                (true, true) => within_a += kernel,
                (true, false) => between += kernel,
                _ => within_b += kernel,
            }
        }
    }
    let (m, n) = (rows_a.len() as f64, (rows.len() - rows_a.len()) as f64);
    // Each pair within a sample was met once, and counts twice.
    let squared = 2.0 * within_a / (m * (m - 1.0)) + 2.0 * within_b / (n * (n - 1.0)) - 2.0 * between / (m * n);
    Ok(Mmd { squared, bandwidth })
}

/// The median of the distances that are not zero, of an even number the mean of the middle two.
fn median_distance(squared: &[Vec<f64>]) -> Option<f64> {
    let mut distances: Vec<f64> = squared.iter().flatten().copied().filter(|distance| *distance > 0.0).collect();
    if distances.is_empty() {
        return None;
    }
    let (middle, even) = (distances.len() / 2, distances.len().is_multiple_of(2));
    let (below, &mut upper, _) = distances.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = if even { below.iter().copied().fold(0.0, f64::max) } else { upper };
    Some((lower.sqrt() + upper.sqrt()) / 2.0)
}
