//! The validation that chooses a checkpoint: held-out neighbourhoods and held-out translations, never the test's.

use burn::tensor::Device;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::config::Technology;
use super::groups::{Data, Group, NO_STATE};
use super::infer::{argmax_rows, infer, panel_tensor};
use super::losses::sample_poisson;
use crate::Error;
use crate::model::{EncoderConfig, TranslatorModel};
use crate::spatial::recovery::{classifier_two_sample_auc, jensen_shannon_distance};

/// Scores on the validation split.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Validation {
    /// Mean Jensen–Shannon distance between predicted and true composition of held-out spatial cells (0 best).
    pub composition_distance: f64,
    /// AUC of a classifier between translated held-out cells and held-out spatial cells of the same states (0.5 best).
    pub two_sample_auc: f64,
    /// Share of held-out labelled dissociated cells whose predicted state is their label's (1 best).
    pub state_accuracy: f64,
    /// What is minimised: `composition_distance + (two_sample_auc − 0.5) / 2 + (1 − state_accuracy) / 2`.
    pub score: f64,
}

/// Validates on at most `cells` cells of each kind.
pub fn validate(
    model: &TranslatorModel,
    encoder: &EncoderConfig,
    data: &Data,
    cells: usize,
    seed: u64,
    device: &Device,
) -> Result<Validation, Error> {
    let device = &device.clone().inner();
    let panel = panel_tensor(data, encoder, device);
    let (width, states) = (data.panel.len(), data.states.len());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let spatial = pool(&data.spatial_validation, cells, data, &mut rng);
    let said = infer(model, encoder, &spatial, Technology::Spatial, &panel, device)?;
    let distances = said.composition.chunks_exact(states).zip(spatial.composition.chunks_exact(states));
    let composition_distance =
        distances.map(|(p, q)| jensen_shannon_distance(p, q)).sum::<f64>() / spatial.len().max(1) as f64;

    let dissociated = pool(&data.dissociated_validation, cells, data, &mut rng);
    let said = infer(model, encoder, &dissociated, Technology::Dissociated, &panel, device)?;
    let predicted = argmax_rows(&said.state, states);
    let known: Vec<usize> = (0..dissociated.len()).filter(|&cell| dissociated.state[cell] != NO_STATE).collect();
    let right = known.iter().filter(|&&cell| predicted[cell] == dissociated.state[cell]).count();
    let state_accuracy = right as f64 / known.len().max(1) as f64;

    let (translated, real) = paired_profiles(&said.shares, &dissociated, &data.spatial_validation, width, &mut rng);
    let two_sample_auc = classifier_two_sample_auc(&translated, &real, width, 5, seed)?;
    let score = composition_distance + (two_sample_auc - 0.5).max(0.0) / 2.0 + (1.0 - state_accuracy) / 2.0;
    Ok(Validation { composition_distance, two_sample_auc, state_accuracy, score })
}

/// Sampled `log1p` profiles of translated cells, and as many measured ones of the same states and depths.
///
/// Cells of unknown state are left out, and states that the spatial cells lack.
pub fn paired_profiles(
    shares: &[f32],
    cells: &Group,
    spatial: &[Group],
    width: usize,
    rng: &mut ChaCha8Rng,
) -> (Vec<f32>, Vec<f32>) {
    let mut by_state = vec![Vec::new(); 256];
    for (g, group) in spatial.iter().enumerate() {
        for (row, &state) in group.state.iter().enumerate() {
            by_state[state as usize].push((g, row));
        }
    }
    let (mut translated, mut real) = (Vec::new(), Vec::new());
    for (cell, shares) in shares.chunks_exact(width).enumerate() {
        let candidates = &by_state[cells.state[cell] as usize];
        if cells.state[cell] == NO_STATE || candidates.is_empty() {
            continue;
        }
        let (group, row) = candidates[rng.random_range(0..candidates.len())];
        let counts = &spatial[group].counts[row * width..(row + 1) * width];
        let depth: f32 = counts.iter().sum();
        real.extend(counts.iter().map(|count| count.ln_1p()));
        translated.extend(shares.iter().map(|share| sample_poisson(share * depth, rng).ln_1p()));
    }
    (translated, real)
}

/// The cells of several groups as one, at most `limit` of them.
fn pool(groups: &[Group], limit: usize, data: &Data, rng: &mut ChaCha8Rng) -> Group {
    let mut pooled = Group::default();
    for group in groups {
        pooled.append(group.clone());
    }
    let mut rows: Vec<usize> = (0..pooled.len()).collect();
    rows.shuffle(rng);
    rows.truncate(limit);
    pooled.select(&rows, data.panel.len(), data.states.len())
}
