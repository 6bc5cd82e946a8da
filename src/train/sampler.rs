//! Batches: dissociated cells, each paired with a spatial cell of its state, and further spatial cells.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::TrainError;
use super::config::FinetuneSettings;
use super::groups::{Data, Group, NO_STATE};
use crate::Error;

/// One step's cells. The first cells of `spatial` are paired with those of `dissociated`.
pub struct Pairing {
    pub dissociated: Group,
    pub spatial: Group,
    /// Total counts of each paired spatial cell.
    pub depths: Vec<f32>,
}

/// Draws batches.
///
/// Pairing by state keeps the critics from seeing that one collection has more T cells than the other, which no
/// translation of single cells could or should mend.
pub struct Sampler<'a> {
    /// Training spatial cells as (group, row), by state; the last list holds all.
    by_state: Vec<Vec<(u32, u32)>>,
    groups: Vec<&'a Group>,
}

impl<'a> Sampler<'a> {
    /// # Errors
    /// [`TrainError::BadData`] if a side has no cells.
    pub fn new(data: &'a Data) -> Result<Self, Error> {
        let groups: Vec<&Group> = std::iter::once(&data.reference).chain(&data.spatial).collect();
        let mut by_state = vec![Vec::new(); data.states.len() + 1];
        for (g, group) in groups.iter().enumerate() {
            for (row, &state) in group.state.iter().enumerate() {
                by_state[state as usize].push((g as u32, row as u32));
                by_state[data.states.len()].push((g as u32, row as u32));
            }
        }
        if by_state[data.states.len()].is_empty() || data.dissociated.iter().all(|group| group.is_empty()) {
            return Err(TrainError::BadData("a side of the pair has no cells to train on".to_owned()).into());
        }
        Ok(Self { by_state, groups })
    }

    /// One batch.
    pub fn draw(&self, data: &Data, settings: &FinetuneSettings, rng: &mut ChaCha8Rng) -> Pairing {
        let (width, states) = (data.panel.len(), data.states.len());
        let shares: f64 = data.dissociated.iter().filter(|group| !group.is_empty()).map(|group| group.share).sum();
        let mut rows = vec![Vec::new(); data.dissociated.len()];
        for _ in 0..settings.dissociated_per_step {
            let mut left = rng.random::<f64>() * shares;
            let mut chosen = 0;
            for (index, group) in data.dissociated.iter().enumerate().filter(|(_, group)| !group.is_empty()) {
                chosen = index;
                left -= group.share;
                if left < 0.0 {
                    break;
                }
            }
            rows[chosen].push(rng.random_range(0..data.dissociated[chosen].len()));
        }
        let mut dissociated = Group::default();
        for (group, rows) in data.dissociated.iter().zip(&rows) {
            dissociated.append(group.select(rows, width, states));
        }
        let mut spatial = Group::default();
        for cell in 0..settings.spatial_per_step {
            let state = dissociated.state.get(cell).copied().unwrap_or(NO_STATE) as usize;
            let all = &self.by_state[states];
            let pool = self.by_state.get(state).filter(|pool| state < states && !pool.is_empty()).unwrap_or(all);
            let (group, row) = pool[rng.random_range(0..pool.len())];
            spatial.append(self.groups[group as usize].select(&[row as usize], width, states));
        }
        for group in [&mut dissociated, &mut spatial] {
            group.tokens.iter_mut().for_each(|tokens| drop_tokens(tokens, settings.token_dropout, rng));
        }
        let depths = spatial.counts.chunks_exact(width).take(dissociated.len()).map(|cell| cell.iter().sum()).collect();
        Pairing { dissociated, spatial, depths }
    }
}

/// Leaves out a random share of a cell's tokens, at most `most` of them: shallow cells, and cells of other protocols, lack
/// genes too. A cell keeps at least its best token.
fn drop_tokens(tokens: &mut Vec<u32>, most: f64, rng: &mut ChaCha8Rng) {
    let share = rng.random::<f64>() * most;
    let mut first = true;
    tokens.retain(|_| std::mem::take(&mut first) || rng.random::<f64>() >= share);
}
