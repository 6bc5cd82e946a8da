//! One transformer layer as BERT has it: attention, add, norm; feed-forward, add, norm.

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Tensor, activation};

use super::EncoderConfig;

/// A post-norm encoder layer with ReLU.
#[derive(Module, Debug)]
pub struct EncoderLayer {
    query: Linear,
    key: Linear,
    value: Linear,
    attention_output: Linear,
    attention_norm: LayerNorm,
    intermediate: Linear,
    output: Linear,
    output_norm: LayerNorm,
    heads: usize,
}

impl EncoderLayer {
    pub fn new(config: &EncoderConfig, device: &Device) -> Self {
        let linear =
            |from, to| LinearConfig::new(from, to).with_initializer(super::encoder::bert_initializer()).init(device);
        let norm = || LayerNormConfig::new(config.hidden).with_epsilon(config.layer_norm_epsilon).init(device);
        Self {
            query: linear(config.hidden, config.hidden),
            key: linear(config.hidden, config.hidden),
            value: linear(config.hidden, config.hidden),
            attention_output: linear(config.hidden, config.hidden),
            attention_norm: norm(),
            intermediate: linear(config.hidden, config.feed_forward),
            output: linear(config.feed_forward, config.hidden),
            output_norm: norm(),
            heads: config.heads,
        }
    }

    /// # Shapes
    /// - `hidden`: `[batch, tokens, hidden]`
    /// - `padding_bias`: `[batch, 1, 1, tokens]`, 0 at real tokens and a large negative number at padding
    /// - output: `[batch, tokens, hidden]`
    pub fn forward(&self, hidden: Tensor<3>, padding_bias: Tensor<4>) -> Tensor<3> {
        let [batch, tokens, width] = hidden.dims();
        let split =
            |projected: Tensor<3>| projected.reshape([batch, tokens, self.heads, width / self.heads]).swap_dims(1, 2);
        let query = split(self.query.forward(hidden.clone()));
        let key = split(self.key.forward(hidden.clone()));
        let value = split(self.value.forward(hidden.clone()));

        let scale = ((width / self.heads) as f64).sqrt();
        let scores = query.matmul(key.swap_dims(2, 3)).div_scalar(scale) + padding_bias;
        let attended = activation::softmax(scores, 3).matmul(value);
        let attended = attended.swap_dims(1, 2).reshape([batch, tokens, width]);

        let hidden = self.attention_norm.forward(self.attention_output.forward(attended) + hidden);
        let widened = activation::relu(self.intermediate.forward(hidden.clone()));
        self.output_norm.forward(self.output.forward(widened) + hidden)
    }
}
