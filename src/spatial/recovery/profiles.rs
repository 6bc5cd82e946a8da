//! Row-major profiles: their shape, and products of f32 rows summed in f64.

use crate::spatial::SpatialError;

/// The number of rows of `d` values.
///
/// # Errors
/// `spatial.bad-parameter` when `d` is zero, does not divide the length, or a value is not finite.
pub(super) fn n_rows(values: &[f32], d: usize) -> Result<usize, SpatialError> {
    if d == 0 || !values.len().is_multiple_of(d) {
        return Err(SpatialError::BadParameter("Profiles need whole rows of at least one value."));
    }
    if values.iter().any(|value| !value.is_finite()) {
        return Err(SpatialError::BadParameter("Profiles need finite values."));
    }
    Ok(values.len() / d)
}

/// Refuses fewer than `needed` cells.
pub(super) fn at_least(needed: usize, found: usize) -> Result<(), SpatialError> {
    if found < needed { Err(SpatialError::TooFewCells { needed, found }) } else { Ok(()) }
}

/// Partial sums, so that the compiler may use vector registers without being allowed to reorder a float sum.
const LANES: usize = 8;

/// `Σ term(aᵢ, bᵢ)` in a fixed order that does not depend on the machine.
#[inline(always)]
fn sum<A: Copy, B: Copy>(a: &[A], b: &[B], term: impl Fn(A, B) -> f64) -> f64 {
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(&a, &b)| term(a, b)).sum();
    let mut lanes = [0.0; LANES];
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            lanes[lane] += term(a[lane], b[lane]);
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// `Σ aᵢ bᵢ` of rows of the same length.
pub(super) fn dot<B: Copy + Into<f64>>(a: &[f32], b: &[B]) -> f64 {
    sum(a, b, |a, b| f64::from(a) * b.into())
}

/// `Σ (aᵢ - bᵢ)²` of rows of the same length.
pub(super) fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    sum(a, b, |a, b| (f64::from(a) - f64::from(b)).powi(2))
}
