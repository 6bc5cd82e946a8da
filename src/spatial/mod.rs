//! The neighbour graph and the statistics on it; one file per metric, each with its formula, convention, cost and
//! reference. It knows neither files nor JavaScript.

mod assortativity;
mod autocorrelation;
mod block;
mod centrality;
mod co_occurrence;
mod columns;
mod composition;
mod delaunay;
mod edges;
mod enrichment;
mod error;
pub mod geary;
mod graph;
mod graph_params;
mod grid;
mod interactions;
pub mod moran;
mod nearest;
mod neighbours;
mod pair_counts;
mod parallel;
mod pattern;
mod prune;
mod quick;
pub mod recovery;
pub mod ripley;
mod shuffle;
pub mod significance;
mod tiles;
mod undirected;
mod weights;
mod window;

pub use assortativity::assortativity;
pub use autocorrelation::{Autocorrelation, AutocorrelationParams, Null, Score, Simulated, Undefined, Variance};
pub use autocorrelation::{autocorrelation, correct};
pub use centrality::{Centrality, centrality};
pub use co_occurrence::{CoOccurrence, CoOccurrenceParams, Intervals, co_occurrence};
pub use composition::{Composition, LabelComposition, composition, label_composition};
pub use enrichment::{Enrichment, EnrichmentParams, enrichment};
pub use error::SpatialError;
pub use graph::{Graph, MAX_EDGES};
pub use graph_params::{GraphKind, GraphParams, Weighting};
pub use interactions::{EdgeValue, interactions};
pub use significance::Tail;
pub use weights::Moments;
