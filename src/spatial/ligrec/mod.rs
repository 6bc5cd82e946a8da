//! Ligand–receptor test: which labels could signal to which, by which pair?

mod blocks;
mod keys;
mod pairs;
mod sums;
mod test;

pub use pairs::{Complex, Pair, read_pairs};

use self::pairs::{Found, find};
use self::test::Test;
use super::composition::check_labels;
use super::significance::benjamini_hochberg;
use super::{Graph, SpatialError};
use crate::cells::Csr;
use crate::progress::Tick;

/// Results are pairs × labels × labels: more than this would fill the memory, and nobody could read them.
const MAX_RESULTS: usize = 50_000_000;

/// Over what expression is averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Between {
    /// The ligand over the cells of one label, the receptor over those of the other, wherever they lie: CellPhoneDB's and
    /// squidpy's `ligrec`.
    #[default]
    Labels,
    /// Both over the pairs of neighbours with the two labels, so that only cells that touch can signal.
    Neighbours,
}

/// How p comes from counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counting {
    /// `(permuted ≥ observed + 1) / (permutations + 1)`: a valid test, never 0 (Phipson & Smyth 2010).
    #[default]
    PlusOne,
    /// `(permuted > observed) / permutations`, as squidpy.
    Squidpy,
}

/// How to test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LigrecParams {
    pub between: Between,
    pub complex: Complex,
    /// A pair is tested for two labels only if each of its genes is expressed in at least this share of the cells of its
    /// label; squidpy's default is 0.01, CellPhoneDB's 0.1.
    pub threshold: f64,
    pub permutations: usize,
    pub counting: Counting,
    pub seed: u64,
}

impl Default for LigrecParams {
    fn default() -> Self {
        Self {
            between: Between::default(),
            complex: Complex::default(),
            threshold: 0.01,
            permutations: 1000,
            counting: Counting::default(),
            seed: 0,
        }
    }
}

impl LigrecParams {
    /// Refuses what cannot be meant, before any work.
    ///
    /// # Errors
    /// `spatial.bad-parameter` for a threshold outside 0..=1, no permutation or more than a million.
    pub fn check(&self) -> Result<(), SpatialError> {
        if !(0.0..=1.0).contains(&self.threshold) {
            return Err(SpatialError::BadParameter("The threshold is a share of cells, from 0 to 1."));
        }
        match self.permutations {
            1..=1_000_000 => Ok(()),
            _ => {
                Err(SpatialError::BadParameter("The ligand-receptor test needs between 1 and 1,000,000 permutations."))
            }
        }
    }
}

/// Matrices are pairs × labels × labels, row-major: pair, the label with the ligand, the label with the receptor.
#[derive(Debug, Clone, PartialEq)]
pub struct Ligrec {
    pub n_labels: usize,
    /// The pairs whose genes are measured, in the order of the table.
    pub pairs: Vec<Pair>,
    /// Mean of the ligand's and the receptor's mean; 0 where either is not above 0.
    pub means: Vec<f64>,
    /// NaN where not tested: a mean is not above 0, or a gene is expressed in fewer cells than the threshold.
    pub p: Vec<f64>,
    /// Benjamini–Hochberg over all that was tested. (Squidpy corrects within each pair of labels, if asked, and counts
    /// what was not tested as p = 1.)
    pub q: Vec<f64>,
    /// Pairs of the table without measured genes.
    pub not_measured: usize,
}

/// For each pair and each two labels, the mean expression of ligand and receptor, and how often labels shuffled within each
/// section give as much: CellPhoneDB's test (Efremova et al. 2020) with squidpy's conventions.
///
/// `values` are cells × genes, normalised as the caller likes; `genes` their symbols. Cells without a label (negative code)
/// count for nothing. A gene with a value that is not finite leaves its pairs untested, with mean NaN. With one label
/// nothing can vary: every p is 1. `Between::Neighbours` uses the graph without direction and weight.
///
/// Means are of the values as they are. To count permutations, values that are no whole numbers up to 131,072 are rounded by
/// less than 8 millionths of their gene's greatest value (and a thousandth of its median), in what was observed as well: sums
/// are then exact in any order, and what is equal counts as equal.
///
/// O(permutations · (values of the pairs' genes + pairs · labels²)) time, over neighbours times the degree; memory O(values
/// of the pairs' genes + results). The matrix is not made dense but for genes in an eighth of the cells or more: four bytes
/// a cell, about as much as their values took.
///
/// # Errors
/// `spatial.bad-parameter`: see [`LigrecParams::check`], or if no pair is measured, or for more than 50 million results;
/// `spatial.length-mismatch`; `job.cancelled`.
#[expect(clippy::too_many_arguments, reason = "a graph, values and labels with their names, and how")]
pub fn ligrec(
    graph: &Graph,
    values: &Csr,
    genes: &[String],
    pairs: &[Pair],
    (codes, n_labels): (&[i32], usize),
    sections: Option<&[u32]>,
    params: &LigrecParams,
    tick: Tick,
) -> Result<Ligrec, SpatialError> {
    params.check()?;
    check_labels(graph, codes, n_labels)?;
    let length = |what, expected, found| match expected == found {
        true => Ok(()),
        false => Err(SpatialError::LengthMismatch { what, expected, found }),
    };
    length("rows of values", codes.len(), values.n_rows())?;
    length("gene names", values.n_cols(), genes.len())?;
    length("section labels", codes.len(), sections.map_or(codes.len(), <[u32]>::len))?;

    let mut sums = vec![0.0f64; genes.len()];
    let (_, indices, stored) = values.parts();
    indices.iter().zip(stored).for_each(|(&gene, &value)| sums[gene as usize] += f64::from(value));
    let (found, not_measured) = find(pairs, genes, params.complex, |gene| sums[gene as usize]);
    if found.is_empty() {
        return Err(SpatialError::BadParameter("No pair has its genes among those of the cells."));
    }
    if found.len().checked_mul(n_labels * n_labels).is_none_or(|results| results > MAX_RESULTS) {
        return Err(SpatialError::BadParameter("Pairs times labels times labels is more than 50 million."));
    }
    // A value that is not finite would be in some permutations and not in others.
    let finite =
        |found: &Found| found.ligand.iter().chain(&found.receptor).all(|&gene| sums[gene as usize].is_finite());
    let usable: Vec<bool> = found.iter().map(finite).collect();
    let test = Test::new(graph, values, (&found, &usable), (codes, n_labels), sections, params);
    let (means, tested) = match n_labels {
        0..=16 => test.run::<u8, 256, 4>(params, tick),
        17..=32 => test.run::<u8, 1024, 4>(params, tick),
        33..=128 => test.run::<u8, 128, 8>(params, tick),
        129..=256 => test.run::<u8, 256, 8>(params, tick),
        _ => test.run::<u16, 1024, 8>(params, tick),
    }?;
    let n = params.permutations as f64;
    let mut p = vec![f64::NAN; means.len()];
    for (result, larger) in tested {
        p[result] = match params.counting {
            Counting::PlusOne => (f64::from(larger) + 1.0) / (n + 1.0),
            Counting::Squidpy => f64::from(larger) / n,
        };
    }
    Ok(Ligrec {
        n_labels,
        not_measured,
        means,
        q: benjamini_hochberg(&p),
        p,
        pairs: found.into_iter().map(|found| found.pair).collect(),
    })
}
