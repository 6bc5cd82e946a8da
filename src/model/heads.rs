//! What is read off a cell's embedding: its profile on either technology, and its neighbourhood.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor, activation};

use super::TranslatorConfig;

/// Share of each gene in a cell's counts on a given technology.
///
/// `logit_g = h(z, technology) · (A e_g) + b[technology, g]` and a softmax over the genes asked for, so the panel is
/// free: any genes of the vocabulary. The gene loadings `A e_g` are shared by both technologies; only the bias (capture
/// efficiency of a gene) and an offset of `h` differ. That ties the meaning of `z` across technologies.
#[derive(Module, Debug)]
pub struct ExpressionHead {
    hidden: Linear,
    technology: Param<Tensor<2>>,
    gene: Linear,
    bias: Param<Tensor<2>>,
}

impl ExpressionHead {
    pub fn new(config: &TranslatorConfig, device: &Device) -> Self {
        let width = config.expression_hidden;
        Self {
            hidden: LinearConfig::new(config.encoder.hidden, width).init(device),
            technology: Param::from_tensor(Tensor::zeros([config.encoder.token_types, width], device)),
            gene: LinearConfig::new(config.encoder.hidden, width).with_bias(false).init(device),
            bias: Param::from_tensor(Tensor::zeros([config.encoder.token_types, config.encoder.vocabulary], device)),
        }
    }

    /// # Shapes
    /// - `z`: `[cells, hidden]`
    /// - `gene_table`: `[vocabulary, hidden]`; `genes`: `[panel]`, tokens
    /// - `technology`: 0 dissociated, 1 spatial
    /// - output: logits `[cells, panel]`; softmax gives shares
    pub fn forward(&self, z: Tensor<2>, gene_table: Tensor<2>, genes: Tensor<1, Int>, technology: usize) -> Tensor<2> {
        let offset = self.technology.val().narrow(0, technology, 1);
        let hidden = activation::relu(self.hidden.forward(z) + offset);
        let loadings = self.gene.forward(gene_table.select(0, genes.clone()));
        let bias = self.bias.val().narrow(0, technology, 1).select(1, genes);
        hidden.matmul(loadings.transpose()) + bias
    }

    /// Replaces the biases `[technologies, vocabulary]`, usually by log frequencies: a good place to start from.
    pub fn with_bias(mut self, bias: Tensor<2>) -> Self {
        self.bias = Param::initialized(self.bias.id, bias);
        self
    }
}

/// The neighbourhood that a cell's profile speaks of, and the cell's own state.
#[derive(Module, Debug)]
pub struct NicheHead {
    hidden: Linear,
    embedding: Linear,
    composition: Linear,
    state: Linear,
}

/// Unit vectors give logits no longer than the weights: this factor lets a confident niche be sharp.
const EMBEDDING_SCALE: f64 = 8.0;

impl NicheHead {
    pub fn new(config: &TranslatorConfig, device: &Device) -> Self {
        let width = config.encoder.hidden;
        Self {
            hidden: LinearConfig::new(width, width).init(device),
            embedding: LinearConfig::new(width, config.niche_embedding).init(device),
            composition: LinearConfig::new(config.niche_embedding, config.states).init(device),
            state: LinearConfig::new(width, config.states).init(device),
        }
    }

    /// The niche embedding, in which reference cells are looked up.
    ///
    /// # Shapes
    /// - `z`: `[cells, hidden]` → `[cells, niche_embedding]`, each row of length 1
    pub fn embed(&self, z: Tensor<2>) -> Tensor<2> {
        let embedded = self.embedding.forward(activation::relu(self.hidden.forward(z)));
        let length = embedded.clone().square().sum_dim(1).add_scalar(1e-12).sqrt();
        embedded / length
    }

    /// Logits of the neighbour composition `[cells, states]` from the niche embedding.
    pub fn composition(&self, embedding: Tensor<2>) -> Tensor<2> {
        self.composition.forward(embedding.mul_scalar(EMBEDDING_SCALE))
    }

    /// Logits of the cell's own state `[cells, states]`.
    pub fn state(&self, z: Tensor<2>) -> Tensor<2> {
        self.state.forward(z)
    }
}
