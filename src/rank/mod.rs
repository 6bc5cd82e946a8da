//! Rank-value encoding: from the counts of a cell to the genes it is best described by, in order.

mod encoder;
mod error;

pub use encoder::{RankEncoder, encode, row_total};
pub use error::RankError;
