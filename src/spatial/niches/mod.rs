//! Niches: kinds of neighbourhood, found by clustering what lies around each cell.
//!
//! [`profiles`] are what is clustered: label composition (as squidpy's flavour `neighborhood` and CytoMAP), or, without
//! labels, the mean expression of the neighbours (as UTAG). [`kmeans()`] clusters them; squidpy builds a second graph of
//! like neighbourhoods and runs Leiden on it, which is slower, needs a resolution instead of a number, and gives other
//! clusters.

mod kmeans;
mod profiles;
mod silhouette;

pub use kmeans::{KMeans, KMeansParams, kmeans, kmeans_from, nearest_centre};
pub use profiles::{Profiles, Standard, composition_profiles, expression_profiles};
pub use silhouette::silhouette;
