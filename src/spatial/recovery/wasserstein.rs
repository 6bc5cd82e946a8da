//! How far each gene's distribution has moved.

use super::{parallel, profiles::at_least};
use crate::spatial::SpatialError;

/// For each gene, the 1-Wasserstein (earth mover's) distance `∫ |F_a − F_b|` between its values in the rows of `a` and
/// of `b`, in the units of the values.
///
/// `a` and `b` are row-major, `d` genes wide, with any numbers of rows. A gene with a value that is not finite gets
/// NaN. Not divided by the gene's spread: compare translations gene by gene, or divide by the distance of a baseline.
///
/// Cost `O(d · n log n)`. As `scipy.stats.wasserstein_distance` without weights.
///
/// # Errors
/// `spatial.bad-parameter` for ragged profiles; `spatial.too-few-cells` when either has no row.
pub fn wasserstein_per_gene(a: &[f32], b: &[f32], d: usize) -> Result<Vec<f64>, SpatialError> {
    if d == 0 || !a.len().is_multiple_of(d) || !b.len().is_multiple_of(d) {
        return Err(SpatialError::BadParameter("Profiles need whole rows of at least one value."));
    }
    at_least(1, a.len().min(b.len()) / d)?;
    Ok(parallel::map(d, |gene| distance(sorted(a, d, gene), sorted(b, d, gene))))
}

fn sorted(values: &[f32], d: usize, gene: usize) -> Vec<f64> {
    let mut column: Vec<f64> = values.iter().skip(gene).step_by(d).map(|&value| f64::from(value)).collect();
    column.sort_unstable_by(f64::total_cmp);
    column
}

/// The area between the distribution functions of two sorted samples.
fn distance(a: Vec<f64>, b: Vec<f64>) -> f64 {
    if a.iter().chain(&b).any(|value| !value.is_finite()) {
        return f64::NAN;
    }
    let (mut below_a, mut below_b, mut area) = (0, 0, 0.0);
    let mut previous: Option<f64> = None;
    loop {
        let next = match (a.get(below_a), b.get(below_b)) {
            (Some(&a), Some(&b)) => a.min(b),
            (Some(&rest), None) | (None, Some(&rest)) => rest,
            (None, None) => return area,
        };
        let gap = below_a as f64 / a.len() as f64 - below_b as f64 / b.len() as f64;
        area += gap.abs() * (next - previous.unwrap_or(next));
        // Through a match and not both at once: equal values are met again with a width of zero.
        if a.get(below_a) == Some(&next) {
            below_a += 1
        } else {
            below_b += 1
        }
        previous = Some(next);
    }
}
