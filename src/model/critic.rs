//! The Wasserstein critic, and its input gradient written out in forward operations.
//!
//! The gradient penalty of Gulrajani et al. (2017) needs the derivative, with respect to the critic's weights, of the
//! norm of the critic's gradient with respect to its input. Burn differentiates once; so the inner gradient is spelt out
//! here as a product of matrices, and one ordinary backward pass differentiates it.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor, activation};

/// Slope of the leaky ReLU below zero, as in the critics of WGAN-GP implementations.
const SLOPE: f64 = 0.2;

/// A small MLP `f(x) = w₃ · σ(W₂ σ(W₁ x + b₁) + b₂) + b₃` with leaky ReLU `σ`, and no batch statistics: the penalty
/// is per sample.
#[derive(Module, Debug)]
pub struct Critic {
    first: Linear,
    second: Linear,
    last: Linear,
}

impl Critic {
    pub fn new(input: usize, hidden: usize, device: &Device) -> Self {
        Self {
            first: LinearConfig::new(input, hidden).init(device),
            second: LinearConfig::new(hidden, hidden).init(device),
            last: LinearConfig::new(hidden, 1).init(device),
        }
    }

    /// # Shapes
    /// `[samples, input]` → `[samples, 1]`
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let first = activation::leaky_relu(self.first.forward(x), SLOPE);
        let second = activation::leaky_relu(self.second.forward(first), SLOPE);
        self.last.forward(second)
    }

    /// `∇ₓ f(x) = W₁ᵀ (σ′(a₁) ⊙ W₂ᵀ (σ′(a₂) ⊙ w₃))`, one row a sample.
    ///
    /// `σ′` is piecewise constant, so its own derivative is zero almost everywhere and it enters as a constant: the
    /// result is exact, and differentiable in the weights.
    ///
    /// # Shapes
    /// `[samples, input]` → `[samples, input]`
    pub fn input_gradient(&self, x: Tensor<2>) -> Tensor<2> {
        let first = self.first.forward(x);
        let second = self.second.forward(activation::leaky_relu(first.clone(), SLOPE));
        // Burn keeps weights as [input, output], so `x W` is the forward product and `g Wᵀ` the backward one.
        let at_second = slope(second) * self.last.weight.val().transpose();
        let at_first = slope(first) * at_second.matmul(self.second.weight.val().transpose());
        at_first.matmul(self.first.weight.val().transpose())
    }

    /// `mean((‖∇ₓ f(x̂)‖₂ − 1)²)` at `x̂ = ε real + (1 − ε) fake`.
    ///
    /// # Shapes
    /// - `real`, `fake`: `[samples, input]`; `mixing`: `[samples, 1]`, uniform in 0..1
    pub fn gradient_penalty(&self, real: Tensor<2>, fake: Tensor<2>, mixing: Tensor<2>) -> Tensor<1> {
        let between = real * mixing.clone() + fake * (mixing.neg() + 1.0);
        let gradient = self.input_gradient(between.detach());
        // The small constant keeps the root's derivative finite at a vanishing gradient.
        let norm = gradient.square().sum_dim(1).add_scalar(1e-12).sqrt();
        (norm - 1.0).square().mean()
    }
}

/// `σ′(a)`: 1 where `a > 0`, else the slope.
fn slope(preactivation: Tensor<2>) -> Tensor<2> {
    preactivation.detach().greater_elem(0.0).float().mul_scalar(1.0 - SLOPE).add_scalar(SLOPE)
}

#[cfg(test)]
mod tests;
