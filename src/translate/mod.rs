//! Cells and a translator → translated cells: checked first, then in steps that can be cancelled.
//!
//! A step is one batch of cells of similar length. Nothing is computed between steps, so the browser's worker can answer
//! messages there; natively the futures are driven by blocking.

mod batch;
mod card;
mod check;
mod embed;
mod error;
mod export;
mod job;
mod placement;
mod translation;
mod translator;
#[cfg(not(target_arch = "wasm32"))]
mod wait;

pub use card::{Card, CardReference};
pub use check::{CheckReport, CheckedGenes};
pub use embed::Embedded;
pub use error::TranslateError;
pub use export::{CsvRows, Export, Format, H5adRows, LIKELY_POSITIONS, ZIP_ENTRIES, close_zip, methods};
pub use job::{Job, Options, Step, Technology};
pub use placement::{LikelyPositions, POSITIONS_KEPT, Placement, Placer, Reference};
pub use translation::{NO_LABEL, Origin, Provenance, Translation, draw_positions};
pub use translator::Translator;
#[cfg(not(target_arch = "wasm32"))]
pub use wait::block_on;
