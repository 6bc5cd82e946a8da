//! T5: do translated cells look like measured ones, and stay themselves?

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{Contender, Estimate, Likeness, baselines};
use crate::Error;
use crate::spatial::recovery::{classifier_two_sample_auc, knn_label_agreement, mmd_rbf, wasserstein_per_gene};
use crate::train::groups::{Data, Group, NO_STATE};
use crate::train::map::mean_row;
use crate::train::validate::paired_profiles;

/// Samplings of counts, each with its own partners.
const SEEDS: u64 = 5;
const FOLDS: usize = 5;
const MMD_CELLS: usize = 1_000;
const NEIGHBOURS: usize = 10;

pub fn evaluate(contenders: &[Contender], data: &Data, cells: &Group, seed: u64) -> Result<Vec<Likeness>, Error> {
    let width = data.panel.len();
    let known: Vec<usize> = (0..cells.len()).filter(|&cell| cells.state[cell] != NO_STATE).collect();
    let labelled = cells.select(&known, width, data.states.len());
    let mut answers: Vec<(String, Vec<f32>)> = Vec::new();
    for contender in contenders {
        let shares = known.iter().flat_map(|&cell| contender.dissociated.shares[cell * width..][..width].to_vec());
        answers.push((contender.name.to_owned(), shares.collect()));
    }
    let reference = &data.reference;
    let copied = |rows: Vec<usize>| shares(&reference.select(&rows, width, data.states.len()).counts, width);
    answers.push(("copy of the cell's own panel counts".to_owned(), shares(&labelled.counts, width)));
    let nearest = baselines::nearest(&labelled, reference, data);
    answers.push(("nearest reference cell in shared genes".to_owned(), copied(nearest)));
    let random = baselines::label_matched(&labelled, reference, seed);
    answers.push(("random reference cell of the same state".to_owned(), copied(random)));
    let mean = mean_row(&shares(&reference.counts, width), width);
    answers.push(("mean profile".to_owned(), mean.repeat(labelled.len())));
    answers.iter().map(|(name, shares)| score(name, shares, data, &labelled, seed)).collect()
}

/// Every method gives shares; counts are sampled from all of them alike, at the depth of the measured partner.
fn score(name: &str, shares: &[f32], data: &Data, cells: &Group, seed: u64) -> Result<Likeness, Error> {
    let width = data.panel.len();
    let (mut aucs, mut mmds, mut wasserstein) = (Vec::new(), Vec::new(), 0.0);
    for sampling in 0..SEEDS {
        let mut rng = ChaCha8Rng::seed_from_u64(seed + sampling);
        let (translated, real) = paired_profiles(shares, cells, &data.spatial_test, width, &mut rng);
        aucs.push(classifier_two_sample_auc(&translated, &real, width, FOLDS, seed)?);
        mmds.push(mmd_rbf(&translated, &real, width, MMD_CELLS, seed)?.squared);
        let genes = wasserstein_per_gene(&translated, &real, width)?;
        wasserstein += genes.iter().sum::<f64>() / genes.len().max(1) as f64 / SEEDS as f64;
    }
    let log_shares: Vec<f32> = shares.iter().map(|share| (share * data.panel_total).ln_1p()).collect();
    Ok(Likeness {
        name: name.to_owned(),
        two_sample_auc: range(&aucs),
        mmd_squared: range(&mmds),
        wasserstein,
        label_agreement: knn_label_agreement(&log_shares, width, &cells.state, NEIGHBOURS)?,
    })
}

/// Mean, least and greatest.
fn range(values: &[f64]) -> Estimate {
    Estimate {
        mean: values.iter().sum::<f64>() / values.len().max(1) as f64,
        low: values.iter().copied().fold(f64::INFINITY, f64::min),
        high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    }
}

/// Counts as shares of their row; a row without counts is all zero.
fn shares(counts: &[f32], width: usize) -> Vec<f32> {
    let mut shares = counts.to_vec();
    for row in shares.chunks_exact_mut(width) {
        let total: f32 = row.iter().sum();
        if total > 0.0 {
            row.iter_mut().for_each(|value| *value /= total);
        }
    }
    shares
}
