//! The generator of the adversarial pair: encoder and heads, as the bundle carries them.

use burn::module::{Module, Param};
use burn::tensor::{Bool, Device, Int, Tensor, activation};

use super::{Encoder, ExpressionHead, ModelError, NicheHead, TranslatorConfig};

/// Encoder with an expression head and a niche head.
///
/// The mean of a cell's tokens differs little from cell to cell, and by a constant between technologies. `centre` and
/// `scale` take that off, so that the heads and critics see what differs: `z = (pooled − centre[technology]) · scale`.
#[derive(Module, Debug)]
pub struct TranslatorModel {
    pub encoder: Encoder,
    /// `[technologies, hidden]`
    centre: Param<Tensor<2>>,
    /// `[hidden]`
    scale: Param<Tensor<1>>,
    pub expression: ExpressionHead,
    pub niche: NicheHead,
}

/// What the model says of a batch of cells.
#[derive(Debug, Clone)]
pub struct CellStates {
    /// `[cells, panel]`: share of each panel gene in the cell's spatial counts; rows sum to 1.
    pub shares: Tensor<2>,
    /// `[cells, states]`: composition of the neighbourhood; rows sum to 1.
    pub composition: Tensor<2>,
    /// `[cells, states]`: probability of the cell's own state.
    pub state: Tensor<2>,
    /// `[cells, niche_embedding]`: unit vectors.
    pub embedding: Tensor<2>,
}

impl TranslatorModel {
    /// # Errors
    /// As [`TranslatorConfig::check`].
    pub fn new(config: &TranslatorConfig, device: &Device) -> Result<Self, ModelError> {
        config.check()?;
        Ok(Self {
            encoder: Encoder::new(&config.encoder, device)?,
            centre: Param::from_tensor(Tensor::zeros([config.encoder.token_types, config.encoder.hidden], device)),
            scale: Param::from_tensor(Tensor::ones([config.encoder.hidden], device)),
            expression: ExpressionHead::new(config, device),
            niche: NicheHead::new(config, device),
        })
    }

    /// The embedding `z` `[cells, hidden]`; arguments as [`Encoder::forward`].
    pub fn embed(&self, tokens: Tensor<2, Int>, types: Tensor<2, Int>, padding: Tensor<2, Bool>) -> Tensor<2> {
        let [cells, _] = types.dims();
        let technology = types.clone().slice([0..cells, 0..1]).reshape([cells]);
        let pooled = Encoder::pool(self.encoder.forward(tokens, types, padding.clone()), padding);
        (pooled - self.centre.val().select(0, technology)) * self.scale.val().unsqueeze::<2>()
    }

    /// Replaces centres and scale, usually by means and reciprocal deviations over training cells.
    pub fn with_standardisation(mut self, centre: Tensor<2>, scale: Tensor<1>) -> Self {
        self.centre = Param::initialized(self.centre.id, centre);
        self.scale = Param::initialized(self.scale.id, scale);
        self
    }

    /// Everything that is read off `z` for a panel of gene tokens, as the spatial technology would show it.
    pub fn read(&self, z: Tensor<2>, panel: Tensor<1, Int>) -> CellStates {
        let logits = self.expression.forward(z.clone(), self.encoder.gene_table(), panel, 1);
        let embedding = self.niche.embed(z.clone());
        CellStates {
            shares: activation::softmax(logits, 1),
            composition: activation::softmax(self.niche.composition(embedding.clone()), 1),
            state: activation::softmax(self.niche.state(z), 1),
            embedding,
        }
    }
}
