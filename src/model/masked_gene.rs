//! Masked-gene prediction, the pretraining task: BERT's tied decoder.

use burn::module::{Module, Param};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Bool, Device, Int, Tensor, activation};

use super::{Encoder, EncoderConfig, ModelError};

/// Transform, norm, and the token embedding as decoder with a bias.
#[derive(Module, Debug)]
pub struct MaskedGeneHead {
    transform: Linear,
    norm: LayerNorm,
    bias: Param<Tensor<1>>,
}

/// An encoder with its masked-gene head.
#[derive(Module, Debug)]
pub struct PretrainingModel {
    pub encoder: Encoder,
    pub head: MaskedGeneHead,
}

impl MaskedGeneHead {
    pub fn new(config: &EncoderConfig, device: &Device) -> Self {
        Self {
            transform: LinearConfig::new(config.hidden, config.hidden)
                .with_initializer(super::encoder::bert_initializer())
                .init(device),
            norm: LayerNormConfig::new(config.hidden).with_epsilon(config.layer_norm_epsilon).init(device),
            bias: Param::from_tensor(Tensor::zeros([config.vocabulary], device)),
        }
    }

    /// # Shapes
    /// - `hidden`: `[positions, hidden]`: only the masked positions, never the whole batch
    /// - `gene_table`: `[vocabulary, hidden]`
    /// - output: logits `[positions, vocabulary]`
    pub fn forward(&self, hidden: Tensor<2>, gene_table: Tensor<2>) -> Tensor<2> {
        let transformed = self.norm.forward(activation::relu(self.transform.forward(hidden)));
        transformed.matmul(gene_table.transpose()) + self.bias.val().unsqueeze::<2>()
    }
}

impl PretrainingModel {
    /// # Errors
    /// As [`EncoderConfig::check`].
    pub fn new(config: &EncoderConfig, device: &Device) -> Result<Self, ModelError> {
        Ok(Self { encoder: Encoder::new(config, device)?, head: MaskedGeneHead::new(config, device) })
    }

    /// Mean cross-entropy of the true genes at the masked positions.
    ///
    /// # Shapes
    /// - `tokens`, `types`, `padding`: as [`Encoder::forward`], with `<mask>` at the masked positions
    /// - `masked`: `[n]`, flat positions `cell * length + position`; `truth`: `[n]`, the tokens that stood there
    pub fn loss(
        &self,
        tokens: Tensor<2, Int>,
        types: Tensor<2, Int>,
        padding: Tensor<2, Bool>,
        masked: Tensor<1, Int>,
        truth: Tensor<1, Int>,
    ) -> Tensor<1> {
        let hidden = self.encoder.forward(tokens, types, padding);
        let [batch, length, width] = hidden.dims();
        let at_masks = hidden.reshape([batch * length, width]).select(0, masked);
        let logits = self.head.forward(at_masks, self.encoder.gene_table());
        let n = truth.dims()[0];
        let log_probabilities = activation::log_softmax(logits, 1);
        log_probabilities.gather(1, truth.reshape([n, 1])).mean().neg()
    }
}
