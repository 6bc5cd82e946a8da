//! Area under the ROC curve.

use super::ranks::average_ranks;

/// The chance that a random positive scores above a random negative, ties counting half (Mann–Whitney `U / (n₊ n₋)`).
///
/// NaN when the lengths differ, a score is NaN, or either class is empty. Cost `O(n log n)`. As
/// `sklearn.metrics.roc_auc_score`.
pub fn auc(scores: &[f64], positive: &[bool]) -> f64 {
    if scores.len() != positive.len() || scores.iter().any(|score| score.is_nan()) {
        return f64::NAN;
    }
    let n_positive = positive.iter().filter(|positive| **positive).count() as f64;
    let n_negative = positive.len() as f64 - n_positive;
    let ranks = average_ranks(scores);
    let sum: f64 = ranks.iter().zip(positive).filter(|(_, positive)| **positive).map(|(rank, _)| rank).sum();
    // 0 / 0 is the NaN of an empty class.
    (sum - n_positive * (n_positive + 1.0) / 2.0) / (n_positive * n_negative)
}
