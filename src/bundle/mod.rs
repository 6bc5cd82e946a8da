//! The `.resitu` file: a translator's weights, vocabulary, reference map and provenance. `docs/bundle-format.md` specifies it.

mod archive;
mod error;
mod huggingface;
mod manifest;
mod quantize;
mod read;
mod reference;
mod safetensors;
mod weights;
mod write;

pub use error::BundleError;
pub use huggingface::HuggingFaceModel;
pub use manifest::{
    Description, Direction, EntryDigest, Manifest, Niche, PanelGene, PlacementParams, Reads, Scheme, Section, Source,
    State, StoredTensor,
};
pub use quantize::{BLOCK, Quantized};
pub use read::Bundle;
pub use reference::Reference;
pub use weights::{Weight, Weights};
pub use write::Draft;
