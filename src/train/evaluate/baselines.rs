//! Trivial translators: what a method must beat to be worth its name.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::train::groups::{Data, Group, NO_STATE};
use crate::train::states::log_profiles;

/// For each cell a random reference cell of its state; any reference cell where the state is unknown or not there.
pub fn label_matched(cells: &Group, reference: &Group, seed: u64) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut by_state = vec![Vec::new(); 256];
    for (row, &state) in reference.state.iter().enumerate() {
        by_state[state as usize].push(row);
    }
    cells
        .state
        .iter()
        .map(|&state| {
            let pool = &by_state[state as usize];
            if state == NO_STATE || pool.is_empty() {
                rng.random_range(0..reference.len())
            } else {
                pool[rng.random_range(0..pool.len())]
            }
        })
        .collect()
}

/// For each cell the reference cell of the most similar profile over the panel: cosine of centred log profiles, each side
/// centred on its own mean, so that what differs between technologies everywhere does not count. Ties: the lower row.
pub fn nearest(cells: &Group, reference: &Group, data: &Data) -> Vec<usize> {
    let width = data.panel.len();
    let of = |group: &Group| directions(&log_profiles(&group.counts, width, data.panel_total), width);
    let (queries, references) = (of(cells), of(reference));
    queries
        .par_chunks_exact(width)
        .map(|query| {
            let mut best = (f32::NEG_INFINITY, 0);
            for (row, candidate) in references.chunks_exact(width).enumerate() {
                let likeness: f32 = query.iter().zip(candidate).map(|(a, b)| a * b).sum();
                if likeness > best.0 {
                    best = (likeness, row);
                }
            }
            best.1
        })
        .collect()
}

/// Rows centred on the column means and scaled to length 1.
fn directions(profiles: &[f32], width: usize) -> Vec<f32> {
    let n = (profiles.len() / width).max(1) as f64;
    let mut means = vec![0.0f64; width];
    for row in profiles.chunks_exact(width) {
        means.iter_mut().zip(row).for_each(|(mean, value)| *mean += f64::from(*value) / n);
    }
    let mut directions = profiles.to_vec();
    for row in directions.chunks_exact_mut(width) {
        row.iter_mut().zip(&means).for_each(|(value, mean)| *value -= *mean as f32);
        let length = row.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-12);
        row.iter_mut().for_each(|value| *value /= length);
    }
    directions
}
