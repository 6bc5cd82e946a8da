//! Neighbourhood enrichment: do two labels lie side by side more often than if labels were dealt out at random?

use super::composition::check_labels;
use super::interactions::sum_edges;
use super::parallel::{Meter, for_each};
use super::shuffle::{generator, shuffle};
use super::{EdgeValue, Graph, SpatialError};
use crate::progress::Tick;

/// Permutations in one piece of work between two ticks.
const CHUNK: usize = 8;

/// How to test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnrichmentParams {
    /// Squidpy's default is 1,000.
    pub permutations: usize,
    pub seed: u64,
}

impl Default for EnrichmentParams {
    fn default() -> Self {
        Self { permutations: 1000, seed: 0 }
    }
}

impl EnrichmentParams {
    /// Refuses what cannot be meant, before any work.
    ///
    /// # Errors
    /// `spatial.bad-parameter` for fewer than 2 permutations or more than a million.
    pub fn check(&self) -> Result<(), SpatialError> {
        match self.permutations {
            2..=1_000_000 => Ok(()),
            _ => Err(SpatialError::BadParameter("Enrichment needs between 2 and 1,000,000 permutations.")),
        }
    }
}

/// All matrices are labels × labels, row-major: row = the cell's label, column = its neighbour's.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrichment {
    pub n_labels: usize,
    /// Directed edges counted.
    pub counts: Vec<f64>,
    /// Mean and population standard deviation of the counts over the permutations.
    pub mean: Vec<f64>,
    pub deviation: Vec<f64>,
    /// `(counts − mean) / deviation`; NaN where the permuted counts never vary.
    pub z: Vec<f64>,
}

/// Enrichment as squidpy's `nhood_enrichment`: every edge counts 1 whatever its weight, labels are shuffled within each
/// section, `z` is by the population standard deviation. Cells without a label (negative code) keep their place and
/// count for nothing. Squidpy shuffles on from one permutation to the next; here each starts from the data, with its own
/// random stream, which is the same null hypothesis.
///
/// O(permutations · edges) time; O(permutations in a piece · labels²) memory.
///
/// # Errors
/// `spatial.bad-parameter`, `spatial.length-mismatch`, `job.cancelled`.
pub fn enrichment(
    graph: &Graph,
    codes: &[i32],
    n_labels: usize,
    sections: Option<&[u32]>,
    params: &EnrichmentParams,
    tick: Tick,
) -> Result<Enrichment, SpatialError> {
    params.check()?;
    check_labels(graph, codes, n_labels)?;
    if let Some(sections) = sections
        && sections.len() != codes.len()
    {
        let (expected, found) = (codes.len(), sections.len());
        return Err(SpatialError::LengthMismatch { what: "section labels", expected, found });
    }
    let counts = sum_edges(graph, codes, n_labels, EdgeValue::One);
    let groups = labelled_by_section(codes, sections);

    let mut meter = Meter::new(tick, "neighbourhood enrichment", params.permutations as u64);
    let all: Vec<u64> = (0..params.permutations as u64).collect();
    let chunks: Vec<&[u64]> = all.chunks(CHUNK).collect();
    // Sums of the deviations from the observed counts, and of their squares: integers, hence exact in any order.
    let mut sums = vec![(0.0, 0.0); counts.len()];
    let deviations = |chunk: &&[u64]| {
        let mut part = vec![(0.0, 0.0); counts.len()];
        for &permutation in *chunk {
            let shuffled = shuffle_within(codes, &groups, params.seed, permutation);
            let permuted = sum_edges(graph, &shuffled, n_labels, EdgeValue::One);
            add(
                &mut part,
                permuted.iter().zip(&counts).map(|(permuted, observed)| {
                    let difference = permuted - observed;
                    (difference, difference * difference)
                }),
            );
        }
        part
    };
    for_each(&chunks, &mut meter, |chunk| chunk.len() as u64, deviations, |part| add(&mut sums, part.into_iter()))?;
    let n = params.permutations as f64;
    let shift: Vec<f64> = sums.iter().map(|sum| sum.0 / n).collect();
    let deviation: Vec<f64> = sums.iter().map(|sum| ((sum.1 - sum.0 * sum.0 / n) / n).max(0.0).sqrt()).collect();
    let mean = counts.iter().zip(&shift).map(|(count, shift)| count + shift).collect();
    let z = shift.iter().zip(&deviation).map(|(shift, sd)| if *sd > 0.0 { -shift / sd } else { f64::NAN }).collect();
    Ok(Enrichment { n_labels, counts, mean, deviation, z })
}

fn add(sums: &mut [(f64, f64)], parts: impl Iterator<Item = (f64, f64)>) {
    for (sum, part) in sums.iter_mut().zip(parts) {
        sum.0 += part.0;
        sum.1 += part.1;
    }
}

/// The labelled cells of each section.
fn labelled_by_section(codes: &[i32], sections: Option<&[u32]>) -> Vec<Vec<usize>> {
    let section_of = |cell: usize| sections.map_or(0, |sections| sections[cell]);
    let mut cells: Vec<usize> = (0..codes.len()).filter(|&cell| codes[cell] >= 0).collect();
    cells.sort_by_key(|&cell| section_of(cell));
    cells.chunk_by(|&a, &b| section_of(a) == section_of(b)).map(<[usize]>::to_vec).collect()
}

fn shuffle_within(codes: &[i32], groups: &[Vec<usize>], seed: u64, permutation: u64) -> Vec<i32> {
    let mut generator = generator(seed, permutation);
    let mut shuffled = codes.to_vec();
    for cells in groups {
        let mut labels: Vec<i32> = cells.iter().map(|&cell| codes[cell]).collect();
        shuffle(&mut labels, &mut generator);
        cells.iter().zip(labels).for_each(|(&cell, label)| shuffled[cell] = label);
    }
    shuffled
}
