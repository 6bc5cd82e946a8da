//! Native only: pretraining, adversarial fine-tuning, evaluation, quantisation.
//!
//! One TOML file ([`config::TrainingConfig`]) says what is trained on what; each step reads the checkpoint of the one
//! before and writes its own.

pub mod assemble;
mod batch;
mod card;
pub mod checkpoint;
pub mod config;
pub mod corpus;
mod critics;
mod error;
pub mod evaluate;
mod finetune;
mod frequencies;
pub mod groups;
mod infer;
mod losses;
mod map;
mod pretrain;
pub mod run;
mod sampler;
mod schedule;
mod standardise;
mod states;
mod validate;

pub use error::TrainError;
pub use finetune::Finetuned;
