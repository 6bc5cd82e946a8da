//! The foundation encoder: tokens of a cell → one vector a token, and their mean.

use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, Initializer, LayerNorm, LayerNormConfig};
use burn::tensor::{Bool, Device, Int, Tensor};

use super::{EncoderConfig, EncoderLayer, ModelError};

/// Added to the attention score of a padded position: far below any real score, yet finite, so that a row of padding
/// alone gives uniform attention and not NaN.
const PADDING_BIAS: f64 = -1e9;

/// BERT's initialisation: normal with deviation 0.02.
pub(super) fn bert_initializer() -> Initializer {
    Initializer::Normal { mean: 0.0, std: 0.02 }
}

/// A Geneformer-style encoder; the token-type embedding is the technology token.
#[derive(Module, Debug)]
pub struct Encoder {
    token_embedding: Embedding,
    position_embedding: Embedding,
    type_embedding: Embedding,
    embedding_norm: LayerNorm,
    layers: Vec<EncoderLayer>,
}

impl Encoder {
    /// A randomly initialised encoder.
    ///
    /// # Errors
    /// As [`EncoderConfig::check`].
    pub fn new(config: &EncoderConfig, device: &Device) -> Result<Self, ModelError> {
        config.check()?;
        let table = |rows| EmbeddingConfig::new(rows, config.hidden).with_initializer(bert_initializer()).init(device);
        Ok(Self {
            token_embedding: table(config.vocabulary),
            position_embedding: table(config.positions),
            type_embedding: table(config.token_types),
            embedding_norm: LayerNormConfig::new(config.hidden).with_epsilon(config.layer_norm_epsilon).init(device),
            layers: (0..config.layers).map(|_| EncoderLayer::new(config, device)).collect(),
        })
    }

    /// # Shapes
    /// - `tokens`: `[batch, tokens]`, padded with 0
    /// - `types`: `[batch, tokens]`, the technology of the cell at every position
    /// - `padding`: `[batch, tokens]`, true where padded
    /// - output: `[batch, tokens, hidden]`; padded positions hold numbers without meaning
    ///
    /// Tokens and types must be inside their tables and the length within `positions`: the callers check.
    pub fn forward(&self, tokens: Tensor<2, Int>, types: Tensor<2, Int>, padding: Tensor<2, Bool>) -> Tensor<3> {
        let [batch, length] = tokens.dims();
        let device = tokens.device();
        let positions = Tensor::<1, Int>::arange(0..length as i64, &device).unsqueeze::<2>();
        let embedded = self.token_embedding.forward(tokens)
            + self.type_embedding.forward(types)
            + self.position_embedding.forward(positions);
        let bias = padding.float().mul_scalar(PADDING_BIAS).reshape([batch, 1, 1, length]);
        let embedded = self.embedding_norm.forward(embedded);
        self.layers.iter().fold(embedded, |hidden, layer| layer.forward(hidden, bias.clone()))
    }

    /// The mean over real tokens; a cell without tokens gives zeros.
    ///
    /// # Shapes
    /// - `hidden`: `[batch, tokens, hidden]`, `padding`: `[batch, tokens]`
    /// - output: `[batch, hidden]`
    pub fn pool(hidden: Tensor<3>, padding: Tensor<2, Bool>) -> Tensor<2> {
        let [batch, length, width] = hidden.dims();
        let real = padding.bool_not().float();
        let count = real.clone().sum_dim(1).clamp_min(1.0);
        let sum = real.reshape([batch, 1, length]).matmul(hidden).reshape([batch, width]);
        sum / count
    }

    /// The token embedding table `[vocabulary, hidden]`, shared with the decoders.
    pub fn gene_table(&self) -> Tensor<2> {
        self.token_embedding.weight.val()
    }
}
