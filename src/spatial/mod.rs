//! The neighbour graph and the statistics on it; one file per metric, each with its formula, convention, cost and
//! reference. It knows neither files nor JavaScript.

mod autocorrelation;
mod block;
mod co_occurrence;
mod columns;
mod composition;
mod enrichment;
mod error;
pub mod geary;
mod graph;
mod interactions;
pub mod moran;
mod neighbours;
mod pair_counts;
mod parallel;
mod pattern;
mod quick;
pub mod recovery;
mod shuffle;
pub mod significance;
mod tiles;
mod weights;

pub use autocorrelation::{Autocorrelation, AutocorrelationParams, Null, Score, Simulated, Undefined, Variance};
pub use autocorrelation::{autocorrelation, correct};
pub use co_occurrence::{CoOccurrence, CoOccurrenceParams, Intervals, co_occurrence};
pub use composition::{Composition, LabelComposition, composition, label_composition};
pub use enrichment::{Enrichment, EnrichmentParams, enrichment};
pub use error::SpatialError;
pub use graph::{Graph, GraphKind, GraphParams, MAX_EDGES};
pub use interactions::{EdgeValue, interactions};
pub use significance::Tail;
pub use weights::Moments;
