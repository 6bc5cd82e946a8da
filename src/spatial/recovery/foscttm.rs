//! Whether the nearest translated cell is the cell's own translation.

use super::{parallel, profiles::at_least, profiles::n_rows, profiles::squared_distance};
use crate::spatial::SpatialError;

/// Fraction of samples closer than the true match, for paired rows of `a` and `b` (row-major, `d` wide): for each pair,
/// the share of other rows of `b` nearer to `aᵢ` than `bᵢ` is, and of `a` to `bᵢ`, averaged. 0 is perfect, 0.5 chance.
///
/// Distances are Euclidean; a row exactly as near as the match counts half, so that an embedding in one point scores
/// 0.5. Cost `O(n² d)`. Liu et al. 2019 (MMD-MA), doi:10.4230/LIPIcs.WABI.2019.10.
///
/// # Errors
/// `spatial.bad-parameter` for ragged or non-finite profiles; `spatial.length-mismatch`; `spatial.too-few-cells` with
/// fewer than two pairs.
pub fn foscttm(a: &[f32], b: &[f32], d: usize) -> Result<Vec<f64>, SpatialError> {
    let (n, n_b) = (n_rows(a, d)?, n_rows(b, d)?);
    if n != n_b {
        return Err(SpatialError::LengthMismatch { what: "paired profiles", expected: n, found: n_b });
    }
    at_least(2, n)?;
    let nearer = |from: &[f32], to: &[f32], cell: usize| {
        let origin = &from[cell * d..][..d];
        let own = squared_distance(origin, &to[cell * d..][..d]);
        let others = to.chunks_exact(d).enumerate().filter(|(other, _)| *other != cell);
        let points = others.map(|(_, other)| match squared_distance(origin, other) {
            distance if distance < own => 1.0,
            distance if distance == own => 0.5,
            _ => 0.0,
        });
        points.sum::<f64>() / (n - 1) as f64
    };
    Ok(parallel::map(n, |cell| (nearer(a, b, cell) + nearer(b, a, cell)) / 2.0))
}
