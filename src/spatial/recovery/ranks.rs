//! Ranks with ties averaged, and Spearman's correlation from them.

/// Ranks from 1; equal values share the mean of their ranks (`scipy.stats.rankdata(method="average")`).
pub(super) fn average_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    // `==` and not `total_cmp`, so that 0 and −0 are tied.
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = start as f64 + (tied.len() as f64 + 1.0) / 2.0;
        tied.iter().for_each(|&item| ranks[item] = rank);
        start += tied.len();
    }
    ranks
}

/// Spearman's rank correlation of two lists of the same length; NaN when either is constant.
pub(super) fn spearman(a: &[f64], b: &[f64]) -> f64 {
    // With ties averaged, the mean rank is (n + 1) / 2 whatever the ties are.
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let (mut covariance, mut variance_a, mut variance_b) = (0.0, 0.0, 0.0);
    for (a, b) in average_ranks(a).into_iter().zip(average_ranks(b)) {
        let (a, b) = (a - mean, b - mean);
        covariance += a * b;
        variance_a += a * a;
        variance_b += b * b;
    }
    if variance_a > 0.0 && variance_b > 0.0 { covariance / (variance_a * variance_b).sqrt() } else { f64::NAN }
}
