//! The network: encoder, heads and critics. Forward passes only; knows neither files nor genes nor JavaScript.

mod config;
mod critic;
mod encoder;
mod error;
mod heads;
mod layer;
mod masked_gene;
mod translator;
mod weights;

pub use config::{EncoderConfig, TranslatorConfig};
pub use critic::Critic;
pub use encoder::Encoder;
pub use error::ModelError;
pub use heads::{ExpressionHead, NicheHead};
pub use layer::EncoderLayer;
pub use masked_gene::{MaskedGeneHead, PretrainingModel};
pub use translator::{CellStates, TranslatorModel};
pub use weights::{NamedTensor, export_weights, load_weights};

pub use burn::tensor::{Device, Tensor};
