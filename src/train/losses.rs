//! The losses of fine-tuning, each a mean over cells.

use burn::tensor::{Device, Int, Tensor, TensorData, activation};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};

use super::groups::NO_STATE;

/// Negative log-likelihood a count: `−Σ x_g log p_g / Σ x_g`, over the cells that have counts.
///
/// # Shapes
/// `logits`, `counts`: `[cells, panel]`
pub fn multinomial(logits: Tensor<2>, counts: Tensor<2>) -> Tensor<1> {
    let totals = counts.clone().sum_dim(1);
    let counted = totals.clone().greater_elem(0.0).float();
    let each = (activation::log_softmax(logits, 1) * counts).sum_dim(1) / totals.clamp_min(1.0);
    each.sum().neg() / counted.sum().clamp_min(1.0)
}

/// Cross-entropy against a distribution.
///
/// # Shapes
/// `logits`, `target`: `[cells, states]`; rows of `target` sum to 1
pub fn soft_cross_entropy(logits: Tensor<2>, target: Tensor<2>) -> Tensor<1> {
    (activation::log_softmax(logits, 1) * target).sum_dim(1).mean().neg()
}

/// Cross-entropy against known states; cells of [`NO_STATE`] do not count.
pub fn state_cross_entropy(logits: Tensor<2>, states: &[u8]) -> Tensor<1> {
    let device = logits.device();
    let known = states.iter().filter(|&&state| state != NO_STATE).count().max(1);
    let [cells, width] = logits.dims();
    let mut target = vec![0.0f32; cells * width];
    for (cell, &state) in states.iter().enumerate().filter(|(_, state)| **state != NO_STATE) {
        target[cell * width + state as usize] = 1.0;
    }
    let target = Tensor::from_data(TensorData::new(target, [cells, width]), &device);
    (activation::log_softmax(logits, 1) * target).sum().neg().div_scalar(known as f64)
}

/// InfoNCE: among a batch's sources, a translation resembles its own most. Likeness is the cosine of centred log profiles,
/// so that what all cells share does not count.
///
/// # Shapes
/// `translated` (logits), `source` (counts): `[cells, panel]`
pub fn contrast(translated: Tensor<2>, source: Tensor<2>) -> Tensor<1> {
    const TEMPERATURE: f64 = 0.1;
    let cells = source.dims()[0];
    let totals = source.clone().sum_dim(1).clamp_min(1.0);
    let source = (source / totals).mul_scalar(100.0).log1p();
    let translated = activation::softmax(translated, 1).mul_scalar(100.0).log1p();
    let direction = |profiles: Tensor<2>| {
        let centred = profiles.clone() - profiles.mean_dim(0);
        let length = centred.clone().square().sum_dim(1).add_scalar(1e-8).sqrt();
        centred / length
    };
    let likeness = direction(translated).matmul(direction(source).transpose()).div_scalar(TEMPERATURE);
    let own = Tensor::<1, Int>::arange(0..cells as i64, &likeness.device()).reshape([cells, 1]);
    activation::log_softmax(likeness, 1).gather(1, own).mean().neg()
}

/// `log1p` of a sampled count profile whose gradient is that of its expectation: rates `λ = shares · depth`, counts
/// `k ~ Poisson(λ)`, value `log1p(λ + stop(k − λ))`. Real profiles are counts; without the sampling a critic would tell a
/// translation by its smoothness alone.
pub fn sampled_profile(logits: Tensor<2>, depths: &[f32], rng: &mut ChaCha8Rng, device: &Device) -> Tensor<2> {
    let [cells, width] = logits.dims();
    let depth = Tensor::<2>::from_data(TensorData::new(depths.to_vec(), [cells, 1]), device);
    let rates = activation::softmax(logits, 1) * depth;
    // Reading back cannot fail on the devices that training runs on short of losing the device; zeros then train nothing.
    let values = rates.clone().inner().try_into_vec_as::<f32>().unwrap_or_default();
    let noise: Vec<f32> = values.iter().map(|&rate| sample_poisson(rate, rng) - rate).collect();
    if noise.len() != cells * width {
        return rates.log1p();
    }
    let noise = Tensor::from_data(TensorData::new(noise, [cells, width]), device);
    (rates + noise).clamp_min(0.0).log1p()
}

/// A Poisson count; 0 where the rate is not a positive number.
pub fn sample_poisson(rate: f32, rng: &mut ChaCha8Rng) -> f32 {
    match Poisson::new(rate) {
        Ok(poisson) => poisson.sample(rng),
        Err(_) => {
            // Draws stay aligned whether or not a rate vanishes.
            let _: f32 = rng.random();
            0.0
        }
    }
}

/// The losses of one step.
#[derive(Default)]
pub struct Terms {
    terms: Vec<(&'static str, f64, Tensor<1>)>,
}

impl Terms {
    /// Computes a loss unless its weight is zero.
    pub fn add(&mut self, name: &'static str, weight: f64, loss: impl FnOnce() -> Tensor<1>) {
        if weight > 0.0 {
            self.terms.push((name, weight, loss()));
        }
    }

    /// The weighted sum; `None` if every weight is zero.
    pub fn total(&self) -> Option<Tensor<1>> {
        self.terms.iter().map(|(_, weight, loss)| loss.clone().mul_scalar(*weight)).reduce(|a, b| a + b)
    }
}

/// Sums of losses over steps, for the log.
#[derive(Default)]
pub struct Sums {
    sums: Vec<(String, f64)>,
    steps: usize,
}

impl Sums {
    pub fn add(&mut self, terms: &Terms) {
        self.steps += 1;
        for (name, _, loss) in &terms.terms {
            let value = f64::from(loss.clone().into_scalar::<f32>());
            match self.sums.iter_mut().find(|(known, _)| known == name) {
                Some((_, sum)) => *sum += value,
                None => self.sums.push(((*name).to_owned(), value)),
            }
        }
    }

    /// The means since the last call.
    pub fn take(&mut self) -> Vec<(String, f64)> {
        let steps = std::mem::take(&mut self.steps).max(1) as f64;
        std::mem::take(&mut self.sums).into_iter().map(|(name, sum)| (name, sum / steps)).collect()
    }
}
