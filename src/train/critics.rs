//! The two critics and their training: one on profiles, one on `z`.

use std::collections::VecDeque;

use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::TrainError;
use super::config::{FinetuneSettings, LossWeights};
use crate::Error;
use crate::model::Critic;

/// Steps whose cells a critic still learns from: its batches are then larger than the translator's, at no cost.
const REMEMBERED: usize = 6;
/// Weight of the gradient penalty, as in Gulrajani et al. 2017.
const PENALTY: f64 = 10.0;

/// Real and translated cells of one step, detached.
struct Memory {
    real: Tensor<2>,
    fake: Tensor<2>,
}

/// Both critics with their optimisers.
pub struct Critics {
    /// Tells measured from translated profiles (`log1p` counts).
    pub profile: Critic,
    /// Tells the `z` of spatial from that of dissociated cells.
    pub domain: Critic,
    profile_optimizer: ModuleOptimizer,
    domain_optimizer: ModuleOptimizer,
    profiles: VecDeque<Memory>,
    embeddings: VecDeque<Memory>,
    steps: usize,
    learning_rate: f64,
}

impl Critics {
    pub fn new(settings: &FinetuneSettings, hidden: usize, panel: usize, device: &Device) -> Self {
        let optimizer = || AdamWConfig::new().with_beta_1(0.5).with_beta_2(0.9).with_weight_decay(0.0).init();
        Self {
            profile: Critic::new(panel, settings.critic_hidden, device),
            domain: Critic::new(hidden, settings.critic_hidden, device),
            profile_optimizer: optimizer(),
            domain_optimizer: optimizer(),
            profiles: VecDeque::new(),
            embeddings: VecDeque::new(),
            steps: settings.critic_steps,
            learning_rate: settings.critic_learning_rate,
        }
    }

    /// Keeps a step's cells to learn from.
    pub fn remember(&mut self, real: Tensor<2>, fake: Tensor<2>, real_z: Tensor<2>, fake_z: Tensor<2>) {
        for (memories, real, fake) in [(&mut self.profiles, real, fake), (&mut self.embeddings, real_z, fake_z)] {
            memories.push_back(Memory { real: real.detach(), fake: fake.detach() });
            if memories.len() > REMEMBERED {
                memories.pop_front();
            }
        }
    }

    /// Some updates of each critic that is in use, by the remembered cells.
    pub fn train(&mut self, weights: LossWeights, rng: &mut ChaCha8Rng) -> Result<(), Error> {
        for _ in 0..self.steps {
            if weights.adversarial > 0.0 {
                self.profile =
                    update(self.profile.clone(), &self.profiles, &mut self.profile_optimizer, self.learning_rate, rng)?;
            }
            if weights.domain > 0.0 {
                self.domain =
                    update(self.domain.clone(), &self.embeddings, &mut self.domain_optimizer, self.learning_rate, rng)?;
            }
        }
        Ok(())
    }
}

/// One step on `E[f(fake)] − E[f(real)] + λ · penalty`.
fn update(
    critic: Critic,
    memories: &VecDeque<Memory>,
    optimizer: &mut ModuleOptimizer,
    learning_rate: f64,
    rng: &mut ChaCha8Rng,
) -> Result<Critic, Error> {
    let real = Tensor::cat(memories.iter().map(|memory| memory.real.clone()).collect(), 0);
    let fake = Tensor::cat(memories.iter().map(|memory| memory.fake.clone()).collect(), 0);
    let cells = real.dims()[0];
    let mixing: Vec<f32> = (0..cells).map(|_| rng.random()).collect();
    let mixing = Tensor::from_data(TensorData::new(mixing, [cells, 1]), &real.device());
    let loss = critic.forward(fake.clone()).mean() - critic.forward(real.clone()).mean()
        + critic.gradient_penalty(real, fake, mixing).mul_scalar(PENALTY);
    if !loss.clone().into_scalar::<f32>().is_finite() {
        return Err(TrainError::BadData("a critic's loss is not a number".to_owned()).into());
    }
    let gradients = GradientsParams::from_grads(loss.backward(), &critic);
    Ok(optimizer.step(learning_rate, critic, gradients))
}
