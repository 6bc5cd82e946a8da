//! How far two compositions are apart.

/// Jensen–Shannon distance `√(½ KL(p‖m) + ½ KL(q‖m))`, `m = (p + q) / 2`, logarithms to base 2: 0 for the same
/// composition, 1 for compositions without a common part.
///
/// `p` and `q` are weights of the same categories and are divided by their sums first. NaN when the lengths differ, a
/// weight is negative or not finite, or either sums to zero (a cell without neighbours has no composition).
///
/// Cost `O(len)`. As `scipy.spatial.distance.jensenshannon(p, q, base=2)`; Endres and Schindelin 2003,
/// doi:10.1109/TIT.2003.813506.
pub fn jensen_shannon_distance(p: &[f32], q: &[f32]) -> f64 {
    let (Some(total_p), Some(total_q)) = (total(p), total(q)) else { return f64::NAN };
    if p.len() != q.len() {
        return f64::NAN;
    }
    let bits = |part: f64, middle: f64| if part > 0.0 { part * (part / middle).log2() } else { 0.0 };
    let divergence: f64 = p
        .iter()
        .zip(q)
        .map(|(&p, &q)| {
            let (p, q) = (f64::from(p) / total_p, f64::from(q) / total_q);
            let middle = (p + q) / 2.0;
            (bits(p, middle) + bits(q, middle)) / 2.0
        })
        .sum();
    // Rounding can leave the bounds by a few ulps.
    divergence.clamp(0.0, 1.0).sqrt()
}

/// The sum of weights, if they can be divided by it.
fn total(weights: &[f32]) -> Option<f64> {
    let usable = weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0);
    let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    (usable && total > 0.0).then_some(total)
}
