//! Whether a classifier can tell two clouds of profiles apart.

use super::{
    auc::auc,
    logistic::Logistic,
    parallel,
    profiles::{at_least, n_rows},
};
use crate::spatial::{
    SpatialError,
    shuffle::{generator, shuffle},
};

/// Classifier two-sample test: the cross-validated AUC of a logistic regression that tells rows of `b` from rows of
/// `a`. 0.5 is best (it cannot), 1 worst; by chance it can be a little below 0.5.
///
/// Each sample is dealt into `folds` at random (seeded), so every fold has the proportions of the whole. Features are
/// standardised by the training folds alone; the penalty is scikit-learn's `C = 1`. The AUC is the mean over folds:
/// pooling scores of different fits would bias it. A linear classifier sees shifts of means and of linear
/// combinations, not of shape: report it beside [`mmd_rbf`](super::mmd_rbf).
///
/// `a` and `b` are row-major, `d` wide. Cost about `100 · folds · n · d`. Lopez-Paz and Oquab 2017, arXiv:1610.06545.
///
/// # Errors
/// As [`cross_validated_auc`]; `spatial.too-few-cells` unless each sample has a row for each fold.
pub fn classifier_two_sample_auc(a: &[f32], b: &[f32], d: usize, folds: usize, seed: u64) -> Result<f64, SpatialError> {
    let (n_a, n_b) = (n_rows(a, d)?, n_rows(b, d)?);
    if !(2..=1000).contains(&folds) {
        return Err(SpatialError::BadParameter("Cross-validation needs 2 to 1000 folds."));
    }
    at_least(folds, n_a.min(n_b))?;
    let aucs = cross_validated_auc(a, b, d, &deal(n_a, folds, seed, 0), &deal(n_b, folds, seed, 1))?;
    Ok(aucs.iter().sum::<f64>() / aucs.len() as f64)
}

/// The AUC in each fold, ascending by fold, with the folds given: deal whole sections or patients into folds where
/// cells of one are alike.
///
/// `fold_a[i]` is the fold in which row `i` of `a` is tested. Each fold's regression is fitted on all other folds. As
/// `cross_val_score(make_pipeline(StandardScaler(), LogisticRegression()), scoring="roc_auc")` of scikit-learn.
///
/// # Errors
/// `spatial.bad-parameter` for ragged or non-finite profiles, or folds that do not leave both samples to fit and to
/// test on; `spatial.length-mismatch` when folds and rows differ in number.
pub fn cross_validated_auc(
    a: &[f32],
    b: &[f32],
    d: usize,
    fold_a: &[u32],
    fold_b: &[u32],
) -> Result<Vec<f64>, SpatialError> {
    for (values, folds) in [(a, fold_a), (b, fold_b)] {
        let expected = n_rows(values, d)?;
        if folds.len() != expected {
            return Err(SpatialError::LengthMismatch { what: "folds", expected, found: folds.len() });
        }
    }
    let [folds, others] = [fold_a, fold_b].map(|folds| {
        let mut folds = folds.to_vec();
        folds.sort_unstable();
        folds.dedup();
        folds
    });
    if folds != others || folds.len() < 2 {
        return Err(SpatialError::BadParameter("At least two folds are needed, and both samples in each of them."));
    }
    Ok(parallel::map(folds.len(), |index| {
        let test = folds[index];
        let (mut train, positive) = rows(a, b, d, |row_a| fold_a[row_a] != test, |row_b| fold_b[row_b] != test);
        let scaler = Scaler::fit(&train, d);
        scaler.apply(&mut train);
        let model = Logistic::fit(&train, d, &positive);
        let (mut test, positive) = rows(a, b, d, |row_a| fold_a[row_a] == test, |row_b| fold_b[row_b] == test);
        scaler.apply(&mut test);
        let scores: Vec<f64> = test.chunks_exact(d).map(|row| model.score(row)).collect();
        auc(&scores, &positive)
    }))
}

/// Equal folds at random.
fn deal(n: usize, folds: usize, seed: u64, stream: u64) -> Vec<u32> {
    let mut dealt: Vec<u32> = (0..n).map(|row| (row % folds) as u32).collect();
    shuffle(&mut dealt, &mut generator(seed, stream));
    dealt
}

/// The chosen rows of `a`, then of `b`; those of `b` are positive.
fn rows(
    a: &[f32],
    b: &[f32],
    d: usize,
    of_a: impl Fn(usize) -> bool,
    of_b: impl Fn(usize) -> bool,
) -> (Vec<f32>, Vec<bool>) {
    let rows_a = a.chunks_exact(d).enumerate().filter(|(row, _)| of_a(*row)).map(|(_, row)| (row, false));
    let rows_b = b.chunks_exact(d).enumerate().filter(|(row, _)| of_b(*row)).map(|(_, row)| (row, true));
    let (mut values, mut positive) = (Vec::new(), Vec::new());
    for (row, is_b) in rows_a.chain(rows_b) {
        values.extend_from_slice(row);
        positive.push(is_b);
    }
    (values, positive)
}

/// Brings each column to mean 0 and variance 1; a constant column becomes 0.
struct Scaler {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

impl Scaler {
    fn fit(values: &[f32], d: usize) -> Self {
        let n = (values.len() / d) as f64;
        let mut mean = vec![0.0; d];
        for row in values.chunks_exact(d) {
            mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value) / n);
        }
        let mut variance = vec![0.0; d];
        for row in values.chunks_exact(d) {
            let columns = variance.iter_mut().zip(&mean).zip(row);
            columns.for_each(|((sum, mean), value)| *sum += (f64::from(*value) - mean).powi(2) / n);
        }
        // A constant column's variance is rounding: far below what f32 values can differ by.
        let deviation = variance
            .iter()
            .zip(&mean)
            .map(|(variance, mean)| if *variance > (1e-10 * mean).powi(2) { variance.sqrt() } else { f64::INFINITY });
        Self { deviation: deviation.collect(), mean }
    }

    fn apply(&self, values: &mut [f32]) {
        for row in values.chunks_exact_mut(self.mean.len()) {
            let columns = row.iter_mut().zip(&self.mean).zip(&self.deviation);
            columns.for_each(|((value, mean), deviation)| *value = ((f64::from(*value) - mean) / deviation) as f32);
        }
    }
}
