//! The scores by which translations are judged: pure functions on slices, one file per question.
//!
//! | question | score |
//! |---|---|
//! | are cells put beside the cells they came from? | [`neighbour_hits`], [`contact_scores`], [`distance_spearman`], [`foscttm()`] |
//! | is the neighbourhood made of the right kinds? | [`jensen_shannon_distance`], [`macro_f1`] |
//! | do translated profiles look like the target technology? | [`classifier_two_sample_auc`], [`mmd_rbf`], [`wasserstein_per_gene`] |
//! | do they stay themselves? | [`knn_label_agreement`] |
//! | how sure is the mean? | [`bootstrap_interval`] |
//!
//! Profiles are row-major: `values[row * d + column]`. Sums are in f64. What is random takes a seed, and the same seed
//! means the same result on every machine and number of threads. A single number that is undefined is NaN; arguments
//! that do not fit together are a [`SpatialError`](super::SpatialError).

mod auc;
mod bootstrap;
mod contacts;
mod divergence;
mod draw;
mod foscttm;
mod labels;
mod logistic;
mod mmd;
mod parallel;
mod placement;
mod profiles;
mod ranks;
mod two_sample;
mod wasserstein;

pub use auc::auc;
pub use bootstrap::{Interval, bootstrap_interval};
pub use contacts::{Contacts, contact_scores};
pub use divergence::jensen_shannon_distance;
pub use foscttm::foscttm;
pub use labels::{knn_label_agreement, macro_f1};
pub use mmd::{Mmd, mmd_rbf};
pub use placement::{distance_spearman, neighbour_hits};
pub use two_sample::{classifier_two_sample_auc, cross_validated_auc};
pub use wasserstein::wasserstein_per_gene;
