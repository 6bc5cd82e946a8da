//! Pretraining: masked genes of dissociated and spatial cells, both technologies in every batch.

use std::ops::ControlFlow;

use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::TrainError;
use super::batch::Batch;
use super::config::PretrainSettings;
use super::schedule::warm_then_decay;
use crate::Error;
use crate::model::{EncoderConfig, PretrainingModel};
use crate::progress::{Progress, Tick};

const MASK: i32 = 1;
/// Cells with fewer genes teach nothing about context.
const FEWEST_TOKENS: usize = 8;

/// A cell to learn from: positions in the vocabulary, best first, and its technology.
pub struct PretrainingCell {
    pub genes: Vec<u32>,
    pub technology: i32,
}

/// The mean loss of every tenth of the run, in nats a masked gene: what a model card shows.
pub struct PretrainingLog {
    pub losses: Vec<f64>,
    pub cells: usize,
    /// Steps taken: fewer than asked for if the run was cancelled.
    pub steps: usize,
}

/// Trains from scratch. Same seed, cells and device: same weights.
///
/// # Errors
/// [`TrainError::Diverged`], [`TrainError::BadData`] without usable cells. A cancelled run gives the model as it is.
pub fn pretrain(
    config: &EncoderConfig,
    settings: &PretrainSettings,
    cells: &[PretrainingCell],
    seed: u64,
    device: &Device,
    tick: Tick,
) -> Result<(PretrainingModel, PretrainingLog), Error> {
    let usable: Vec<&PretrainingCell> = cells.iter().filter(|cell| cell.genes.len() >= FEWEST_TOKENS).collect();
    if usable.len() < settings.cells_per_step {
        return Err(TrainError::BadData("too few cells have enough genes".to_owned()).into());
    }
    device.seed(seed);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut model = PretrainingModel::new(config, device)?;
    let mut optimizer = AdamWConfig::new().with_weight_decay(0.01).init();
    let mut order: Vec<usize> = Vec::new();
    let (mut losses, mut sum, mut in_sum) = (Vec::new(), 0.0, 0);
    for step in 0..settings.steps {
        let mut drawn = Vec::with_capacity(settings.cells_per_step);
        while drawn.len() < settings.cells_per_step {
            if order.is_empty() {
                order = (0..usable.len()).collect();
                order.shuffle(&mut rng);
            }
            drawn.extend(order.pop().map(|index| usable[index]));
        }
        let masked = MaskedBatch::new(&drawn, config, settings.masked_share, &mut rng, device);
        let loss = model.loss(masked.batch.tokens, masked.batch.types, masked.batch.padding, masked.at, masked.truth);
        let value = f64::from(loss.clone().into_scalar::<f32>());
        if !value.is_finite() {
            return Err(TrainError::Diverged(step).into());
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let rate = warm_then_decay(settings.learning_rate, step, settings.steps);
        model = optimizer.step(rate, model, gradients);
        sum += value;
        in_sum += 1;
        if (step + 1) % (settings.steps / 10).max(1) == 0 {
            losses.push(sum / f64::from(in_sum));
            (sum, in_sum) = (0.0, 0);
        }
        let progress = Progress { stage: "pretraining", done: step as u64 + 1, total: settings.steps as u64 };
        if let ControlFlow::Break(()) = tick(progress) {
            return Ok((model, PretrainingLog { losses, cells: usable.len(), steps: step + 1 }));
        }
    }
    Ok((model, PretrainingLog { losses, cells: usable.len(), steps: settings.steps }))
}

struct MaskedBatch {
    batch: Batch,
    at: Tensor<1, Int>,
    truth: Tensor<1, Int>,
}

impl MaskedBatch {
    /// BERT's rule: of the chosen positions 80 % become `<mask>`, 10 % another gene, 10 % stay.
    fn new(
        cells: &[&PretrainingCell],
        config: &EncoderConfig,
        masked_share: f64,
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Self {
        let shift = config.special_tokens;
        let mut tokens: Vec<Vec<i32>> =
            cells.iter().map(|cell| cell.genes.iter().map(|&gene| (gene as usize + shift) as i32).collect()).collect();
        let length = tokens.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let (mut at, mut truth) = (Vec::new(), Vec::new());
        for (cell, genes) in tokens.iter_mut().enumerate() {
            for (position, gene) in genes.iter_mut().enumerate() {
                if rng.random::<f64>() >= masked_share {
                    continue;
                }
                at.push((cell * length + position) as i32);
                truth.push(*gene);
                match rng.random_range(0..10) {
                    0 => *gene = rng.random_range(shift..config.vocabulary) as i32,
                    1 => {}
                    _ => *gene = MASK,
                }
            }
        }
        if at.is_empty() {
            // A batch of short cells may by chance hide nothing; every step needs one gene to predict.
            at.push(0);
            truth.push(tokens[0][0]);
            tokens[0][0] = MASK;
        }
        let technologies: Vec<i32> = cells.iter().map(|cell| cell.technology).collect();
        let n = at.len();
        Self {
            batch: Batch::from_tokens(&tokens, &technologies, device),
            at: Tensor::from_data(TensorData::new(at, [n]), device),
            truth: Tensor::from_data(TensorData::new(truth, [n]), device),
        }
    }
}
