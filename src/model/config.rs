//! What a network is made of, as numbers that travel in the bundle's manifest.

use serde::{Deserialize, Serialize};

use super::ModelError;

/// A Geneformer-style BERT encoder: post-norm, ReLU, learned absolute positions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncoderConfig {
    /// Rows of the token embedding: special tokens and genes.
    pub vocabulary: usize,
    /// Tokens before the first gene: `<pad>` 0, `<mask>` 1, and with V2 `<cls>` 2 and `<eos>` 3.
    pub special_tokens: usize,
    pub layers: usize,
    pub hidden: usize,
    pub heads: usize,
    pub feed_forward: usize,
    /// Longest sequence.
    pub positions: usize,
    /// Rows of the token-type embedding. Geneformer has 2 and uses only 0; resitu's own encoders use it as the
    /// technology token of every position: 0 dissociated, 1 spatial.
    pub token_types: usize,
    pub layer_norm_epsilon: f64,
}

impl EncoderConfig {
    /// Geneformer V1-10M (gf-6L-30M-i2048).
    pub fn geneformer_v1_10m() -> Self {
        Self {
            vocabulary: 25_426,
            special_tokens: 2,
            layers: 6,
            hidden: 256,
            heads: 4,
            feed_forward: 512,
            positions: 2_048,
            token_types: 2,
            layer_norm_epsilon: 1e-12,
        }
    }

    /// Checks the numbers before anything is allocated from them.
    ///
    /// # Errors
    /// [`ModelError::BadConfig`] for zero or absurd sizes and heads that do not divide the hidden size.
    pub fn check(&self) -> Result<(), ModelError> {
        let sizes = [self.vocabulary, self.layers, self.hidden, self.heads, self.feed_forward, self.positions];
        if sizes.contains(&0) || self.token_types == 0 {
            return Err(ModelError::BadConfig("a size is zero"));
        }
        // The largest published Geneformer has 18 layers of 1,152: these caps leave room and stop bombs.
        if self.vocabulary > 1 << 18
            || self.layers > 64
            || self.hidden > 8_192
            || self.feed_forward > 32_768
            || self.positions > 1 << 16
            || self.token_types > 1_024
        {
            return Err(ModelError::BadConfig("a size is implausibly large"));
        }
        if !self.hidden.is_multiple_of(self.heads) {
            return Err(ModelError::BadConfig("the heads do not divide the hidden size"));
        }
        if self.special_tokens < 1 || self.special_tokens >= self.vocabulary {
            return Err(ModelError::BadConfig("the special tokens do not fit the vocabulary"));
        }
        if !(self.layer_norm_epsilon > 0.0 && self.layer_norm_epsilon < 1.0) {
            return Err(ModelError::BadConfig("the layer norm's epsilon is not a small positive number"));
        }
        Ok(())
    }
}

/// Encoder and heads of a translator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TranslatorConfig {
    pub encoder: EncoderConfig,
    /// States of cells that neighbourhoods are composed of.
    pub states: usize,
    /// Width of the expression head's hidden layer.
    pub expression_hidden: usize,
    /// Width of the niche embedding, in which reference cells are looked up.
    pub niche_embedding: usize,
}

impl TranslatorConfig {
    /// As [`EncoderConfig::check`], for the heads too.
    pub fn check(&self) -> Result<(), ModelError> {
        self.encoder.check()?;
        if self.encoder.token_types < 2 {
            return Err(ModelError::BadConfig("a translator needs two technology tokens"));
        }
        let sizes = [self.states, self.expression_hidden, self.niche_embedding];
        if sizes.contains(&0) || sizes.iter().any(|&size| size > 8_192) || self.states > 254 {
            return Err(ModelError::BadConfig("a head's size is zero or implausibly large"));
        }
        Ok(())
    }
}
