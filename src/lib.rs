//! **resitu** puts dissociated cells back *in situ*: it translates between single-cell RNA-seq and spatial
//! transcriptomics and measures neighbourhoods, on the user's own machine, natively and in the browser.
//!
//! Data flow one way, and so do the dependencies between the rooms of this crate:
//!
//! `file → io → cells (in chunks) → rank → model → translate → spatial → io (writers)`
//!
//! | room | what it knows |
//! |---|---|
//! | [`cells`] | a data set in memory: sparse values, names, annotations, coordinates; also the simulator |
//! | [`genes`] | gene identity and vocabularies |
//! | [`io`] | bytes ↔ cells: readers over a random-access source, writers |
//! | [`rank`] | rank-value encoding: cells → tokens |
//! | [`model`] | encoder, heads and critics: forward passes only |
//! | [`bundle`] | the `.resitu` file |
//! | [`spatial`] | the neighbour graph and the statistics on it |
//! | [`translate`] | cells + bundle → translated cells, in steps that can be cancelled |
//! | `train` | native only: pretraining, adversarial fine-tuning, evaluation, quantisation |
//! | `wasm` | the JavaScript surface |
//!
//! `cells`, `genes`, `rank`, `model` and `spatial` know neither files nor JavaScript. The same code runs natively and
//! in wasm: a number computed in the browser is the number the command line prints.

pub mod bundle;
pub mod cells;
mod error;
pub mod genes;
pub mod io;
pub mod model;
pub mod progress;
pub mod rank;
pub mod spatial;
#[cfg(feature = "train")]
pub mod train;
pub mod translate;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use error::{Error, Explain};
