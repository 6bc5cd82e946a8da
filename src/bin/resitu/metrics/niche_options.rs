//! How many niches, of what.

use resitu::spatial::niches::KMeansParams;

use crate::failure::Failure;

/// How to cluster, by labels or by expression.
#[derive(clap::Args, Clone, Copy)]
pub struct NicheOptions {
    /// Number of niches, for --niches and --niches-of.
    #[arg(long, value_name = "K", default_value_t = 8)]
    niche_count: usize,
    /// Cluster shares or expression as they are, instead of divided by their standard deviation as squidpy does.
    #[arg(long)]
    pub niche_raw: bool,
}

impl NicheOptions {
    pub fn params(self, seed: u64) -> KMeansParams {
        KMeansParams { k: self.niche_count, seed, ..KMeansParams::default() }
    }

    /// Refuses what cannot be meant, before the file is opened.
    ///
    /// # Errors
    /// `spatial.bad-parameter`.
    pub fn check(self) -> Result<(), Failure> {
        Ok(self.params(0).check()?)
    }
}
