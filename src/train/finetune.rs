//! Adversarial fine-tuning: one step of the translator, some of its critics, and the choice of the checkpoint.

use std::ops::ControlFlow;

use burn::module::Module;
use burn::optim::grad_clipping::GradientClippingConfig;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::TrainError;
use super::config::{FinetuneSettings, LossWeights, Technology};
use super::critics::Critics;
use super::groups::Data;
use super::infer::{embed, panel_tensor};
use super::losses;
use super::sampler::{Pairing, Sampler};
use super::schedule::warm_then_decay;
use super::validate::{Validation, validate};
use crate::Error;
use crate::model::{EncoderConfig, TranslatorModel};
use crate::progress::{Progress, Tick};

/// Losses of a stretch of steps, and the validation that ended it.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct LogEntry {
    pub step: usize,
    /// Mean of each loss since the entry before, unweighted.
    pub losses: Vec<(String, f64)>,
    pub validation: Validation,
}

/// The model at its best validation, and how it got there.
pub struct Finetuned {
    pub model: TranslatorModel,
    pub best_step: usize,
    pub log: Vec<LogEntry>,
    /// The run ended early: the weights are the best so far, or the latest if none was validated.
    pub cancelled: bool,
}

/// Fine-tunes a translator. Same seed, data and device: same weights.
///
/// # Errors
/// [`TrainError::Diverged`], [`TrainError::BadData`] if a split is empty.
pub fn finetune(
    model: TranslatorModel,
    encoder: &EncoderConfig,
    data: &Data,
    settings: &FinetuneSettings,
    seed: u64,
    device: &Device,
    tick: Tick,
) -> Result<Finetuned, Error> {
    device.seed(seed);
    let mut run = Run {
        rng: ChaCha8Rng::seed_from_u64(seed),
        optimizer: AdamWConfig::new()
            .with_weight_decay(0.01)
            .with_grad_clipping(Some(GradientClippingConfig::Norm(1.0)))
            .init(),
        critics: Critics::new(settings, encoder.hidden, data.panel.len(), device),
        sampler: Sampler::new(data)?,
        panel: panel_tensor(data, encoder, device),
        encoder,
        data,
        settings,
        device,
    };
    let mut model = model;
    let mut best: Option<(f64, usize, TranslatorModel)> = None;
    let mut log = Vec::new();
    let mut sums = losses::Sums::default();
    let (mut cancelled, mut taken) = (false, 0);
    for step in 0..settings.steps {
        model = run.step(model, step, &mut sums)?;
        if (step + 1) % settings.validate_every == 0 || step + 1 == settings.steps {
            let validation = validate(&model.valid(), encoder, data, settings.validation_cells, seed, device)?;
            if best.as_ref().is_none_or(|(score, _, _)| validation.score < *score) {
                best = Some((validation.score, step + 1, model.clone()));
            }
            log.push(LogEntry { step: step + 1, losses: sums.take(), validation });
        }
        let progress = Progress { stage: "fine-tuning", done: step as u64 + 1, total: settings.steps as u64 };
        taken = step + 1;
        if let ControlFlow::Break(()) = tick(progress) {
            cancelled = true;
            break;
        }
    }
    let (best_step, model) = best.map_or((taken, model), |(_, step, model)| (step, model));
    Ok(Finetuned { model, best_step, log, cancelled })
}

struct Run<'a> {
    rng: ChaCha8Rng,
    optimizer: ModuleOptimizer,
    critics: Critics,
    sampler: Sampler<'a>,
    panel: Tensor<1, Int>,
    encoder: &'a EncoderConfig,
    data: &'a Data,
    settings: &'a FinetuneSettings,
    device: &'a Device,
}

impl Run<'_> {
    fn step(&mut self, model: TranslatorModel, step: usize, sums: &mut losses::Sums) -> Result<TranslatorModel, Error> {
        let weights = self.settings.weights;
        let pairing = self.sampler.draw(self.data, self.settings, &mut self.rng);
        let Pairing { dissociated, spatial, .. } = &pairing;
        let shift = self.encoder.special_tokens;
        let z_sc = embed(&model, dissociated, Technology::Dissociated, shift, self.device);
        let z_st = embed(&model, spatial, Technology::Spatial, shift, self.device);

        let table = model.encoder.gene_table();
        let of = |z: &Tensor<2>, technology| {
            model.expression.forward(z.clone(), table.clone(), self.panel.clone(), technology as usize)
        };
        let counts_sc = self.tensor(&dissociated.counts, self.data.panel.len());
        let counts_st = self.tensor(&spatial.counts, self.data.panel.len());
        let mut terms = losses::Terms::default();
        terms.add("reconstruction", weights.reconstruction, || {
            losses::multinomial(of(&z_sc, Technology::Dissociated), counts_sc.clone())
                + losses::multinomial(of(&z_st, Technology::Spatial), counts_st.clone())
        });
        terms.add("niche", weights.niche, || {
            let logits = model.niche.composition(model.niche.embed(z_st.clone()));
            losses::soft_cross_entropy(logits, self.tensor(&spatial.composition, self.data.states.len()))
        });
        terms.add("state", weights.state, || {
            losses::state_cross_entropy(model.niche.state(z_st.clone()), &spatial.state)
                + losses::state_cross_entropy(model.niche.state(z_sc.clone()), &dissociated.state)
        });

        // The translation: as many counts as the spatial cell it is paired with, so that depth gives nothing away.
        let paired = dissociated.len();
        let translated = of(&z_sc, Technology::Spatial);
        terms.add("contrast", weights.contrast, || losses::contrast(translated.clone(), counts_sc.clone()));
        if weights.adversarial > 0.0 || weights.domain > 0.0 {
            let real_counts = counts_st.clone().narrow(0, 0, paired);
            let fake = losses::sampled_profile(translated, &pairing.depths, &mut self.rng, self.device);
            let real_z = z_st.clone().narrow(0, 0, paired);
            self.critics.remember(real_counts.log1p(), fake.clone(), real_z, z_sc.clone());
            self.critics.train(weights, &mut self.rng)?;
            terms.add("adversarial", weights.adversarial, || self.critics.profile.forward(fake.clone()).mean().neg());
            terms.add("domain", weights.domain, || self.critics.domain.forward(z_sc.clone()).mean().neg());
        }

        let loss = terms.total().ok_or_else(|| TrainError::BadConfig("every loss is switched off".to_owned()))?;
        if !loss.clone().into_scalar::<f32>().is_finite() {
            return Err(TrainError::Diverged(step).into());
        }
        sums.add(&terms);
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let rate = warm_then_decay(self.settings.learning_rate, step, self.settings.steps);
        Ok(self.optimizer.step(rate, model, gradients))
    }

    fn tensor(&self, values: &[f32], width: usize) -> Tensor<2> {
        let rows = values.len() / width;
        Tensor::from_data(TensorData::new(values.to_vec(), [rows, width]), self.device)
    }
}

/// The weights without critics: the ablation that is always printed beside the result.
pub fn without_critics(weights: LossWeights) -> LossWeights {
    LossWeights { adversarial: 0.0, domain: 0.0, ..weights }
}
