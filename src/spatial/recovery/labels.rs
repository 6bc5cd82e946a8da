//! Whether labels are predicted, and kept.

use super::{
    parallel,
    profiles::{at_least, dot, n_rows},
};
use crate::spatial::SpatialError;

/// Mean over classes of `F1 = 2 TP / (2 TP + FP + FN)`, each class weighing the same however rare it is.
///
/// Classes are `0..classes`. One that is neither in `truth` nor in `predicted` is left out; one that is only predicted
/// scores 0. A cell whose true label is `classes` or more (unlabelled) is left out altogether; such a prediction for a
/// labelled cell is a refusal and counts as a miss. NaN when the lengths differ or no cell is labelled.
///
/// Cost `O(n)`. As `sklearn.metrics.f1_score(average="macro")` with all labels in range.
pub fn macro_f1(truth: &[u8], predicted: &[u8], classes: usize) -> f64 {
    if truth.len() != predicted.len() {
        return f64::NAN;
    }
    // 256 entries take any code: what lies beyond `classes` is counted and then not read.
    let (mut hits, mut seen) = ([0u64; 256], [0u64; 256]);
    for (&truth, &predicted) in truth.iter().zip(predicted).filter(|(truth, _)| usize::from(**truth) < classes) {
        seen[usize::from(truth)] += 1;
        seen[usize::from(predicted)] += 1;
        hits[usize::from(truth)] += u64::from(truth == predicted);
    }
    // 2 TP + FP + FN is the number of times that a class is seen on either side.
    let present = seen.iter().zip(&hits).take(classes).filter(|(seen, _)| **seen > 0);
    let scores: Vec<f64> = present.map(|(&seen, &hits)| 2.0 * hits as f64 / seen as f64).collect();
    scores.iter().sum::<f64>() / scores.len() as f64
}

/// Rows whose products are taken together, so that each profile is fetched from memory once for all of them.
const BLOCK: usize = 8;

/// The share of cells whose own label is the most common among their `k` nearest other cells by cosine similarity.
///
/// `profiles` is row-major, `d` wide, one row per label. Equal similarities go to the earlier row; when labels are
/// equally common, the one with the nearest cell wins. A profile of zeros has no direction: its similarity to
/// everything is 0. NaN-free: profiles must be finite. Chance is about the share of the most common label.
///
/// Cost `O(n² d)` time, `O(n)` memory per thread.
///
/// # Errors
/// `spatial.bad-parameter` for ragged or non-finite profiles or `k = 0`; `spatial.length-mismatch`;
/// `spatial.too-few-cells` unless there are more than `k` cells.
pub fn knn_label_agreement<L: Copy + PartialEq + Sync>(
    profiles: &[f32],
    d: usize,
    labels: &[L],
    k: usize,
) -> Result<f64, SpatialError> {
    let n = n_rows(profiles, d)?;
    if labels.len() != n {
        return Err(SpatialError::LengthMismatch { what: "labels", expected: n, found: labels.len() });
    }
    if k == 0 {
        return Err(SpatialError::BadParameter("The number of neighbours must be at least 1."));
    }
    at_least(k + 1, n)?;
    let row = |row: usize| &profiles[row * d..][..d];
    let norms: Vec<f64> = (0..n).map(|cell| dot(row(cell), row(cell)).sqrt()).collect();
    let agreeing = parallel::map(n.div_ceil(BLOCK), |block| {
        let cells = block * BLOCK..n.min((block + 1) * BLOCK);
        let mut similarities = vec![Vec::with_capacity(n); cells.len()];
        for other in 0..n {
            for (cell, similarities) in cells.clone().zip(&mut similarities) {
                let scale = norms[cell] * norms[other];
                let similarity = if scale > 0.0 { dot(row(cell), row(other)) / scale } else { 0.0 };
                if cell != other {
                    similarities.push((similarity, other));
                }
            }
        }
        let agrees = |(cell, similarities): (usize, &mut Vec<_>)| majority(similarities, labels, k) == labels[cell];
        cells.zip(&mut similarities).map(agrees).filter(|agrees| *agrees).count()
    });
    Ok(agreeing.into_iter().sum::<usize>() as f64 / n as f64)
}

/// The most common label of the `k` most similar; needs `1 ≤ k ≤ similarities.len()`.
fn majority<L: Copy + PartialEq>(similarities: &mut [(f64, usize)], labels: &[L], k: usize) -> L {
    let nearest_first = |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    similarities.select_nth_unstable_by(k - 1, nearest_first);
    let nearest = &mut similarities[..k];
    nearest.sort_unstable_by(nearest_first);
    let mut winner = (labels[nearest[0].1], 0);
    // In order of nearness and replaced only by more votes: of labels equally common the nearest stays.
    for &(_, candidate) in nearest.iter() {
        let label = labels[candidate];
        let votes = nearest.iter().filter(|(_, cell)| labels[*cell] == label).count();
        if votes > winner.1 {
            winner = (label, votes);
        }
    }
    winner.0
}
