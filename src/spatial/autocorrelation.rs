//! Moran's I and Geary's C of every gene, with p-values and false discovery rates.

use std::ops::Range;

use super::block::{Gene, Sums, sums};
use super::columns::{blocks, columns};
use super::parallel::{Meter, for_each, map_parts};
use super::permuted::{self, Group, Pairs};
use super::significance::{Tail, benjamini_hochberg, p_of_permutations, p_of_z};
use super::{Graph, SpatialError, geary, moran};
use crate::cells::Csr;
use crate::progress::Tick;

/// Genes in one piece of work between two ticks.
const PIECE: usize = 32;
/// More permutations than this are refused.
const MAX_PERMUTATIONS: usize = 1_000_000;

/// The null hypothesis behind the analytic variance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Variance {
    /// Values are independent draws of one normal distribution: the same for all genes. Squidpy's `var_norm`.
    #[default]
    Normality,
    /// The values at hand lie on the cells in random order: needs the kurtosis of each gene. esda's `VI_rand`.
    Randomisation,
}

/// What a permutation shuffles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Null {
    /// The values over the cells, as esda does and as the null hypothesis says.
    #[default]
    Values,
    /// The rows of the weight matrix, as squidpy does: cells keep their values and get the neighbours of another. This
    /// also breaks the symmetry of the graph, so its variance is larger or smaller than that of `Values`.
    Rows,
}

/// How to test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AutocorrelationParams {
    pub variance: Variance,
    pub tail: Tail,
    /// 0: analytic p-values alone.
    pub permutations: usize,
    pub null: Null,
    pub seed: u64,
}

impl AutocorrelationParams {
    /// Refuses what cannot be meant, before any work.
    ///
    /// # Errors
    /// `spatial.bad-parameter` for more than a million permutations.
    pub fn check(&self) -> Result<(), SpatialError> {
        match self.permutations {
            0..=MAX_PERMUTATIONS => Ok(()),
            _ => Err(SpatialError::BadParameter("At most 1,000,000 permutations can be asked for.")),
        }
    }
}

/// Why a gene has no statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undefined {
    /// All cells have one value.
    Constant,
    /// A value is NaN or infinite.
    NotFinite,
}

/// Both statistics of one gene. All numbers are NaN where `undefined` says why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Autocorrelation {
    pub moran: Score,
    pub geary: Score,
    pub undefined: Option<Undefined>,
}

/// One statistic and its test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// I or C.
    pub value: f64,
    /// Its expectation under the null hypothesis.
    pub expected: f64,
    /// Its variance under the null hypothesis; NaN if the graph leaves no room for any (all cells neighbours of all).
    pub variance: f64,
    pub z: f64,
    /// 0 beyond |z| = 38: rank by `z`.
    pub p: f64,
    /// False discovery rate over the genes that have a p-value.
    pub q: f64,
    pub simulated: Option<Simulated>,
}

/// The test by permutations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Simulated {
    /// Mean and population variance of the permuted statistic.
    pub mean: f64,
    pub variance: f64,
    /// `(value − mean) / √variance` and its p-value under a normal approximation.
    pub z: f64,
    pub p_z: f64,
    /// The p-value by counting: see [`p_of_permutations`](super::significance).
    pub p: f64,
    /// False discovery rate of `p`.
    pub q: f64,
}

impl Score {
    /// What does not exist: a constant gene, a cell without neighbours.
    pub const NAN: Self = Self {
        value: f64::NAN,
        expected: f64::NAN,
        variance: f64::NAN,
        z: f64::NAN,
        p: f64::NAN,
        q: f64::NAN,
        simulated: None,
    };
}

/// Moran's I and Geary's C of every gene (column) of `values`, one result a gene, in their order.
///
/// `values` is cells × genes, used as it is: normalise before. Sums are in f64. The mean is over all cells, those
/// without neighbours included. A constant gene, and a gene with a value that is not finite, has NaN everywhere and says
/// why. Permutations are the same for all genes and depend on `seed` alone, not on the machine or the threads.
///
/// Cost: O(stored values · degree) or, for genes in more than a tenth of the cells, O(edges); that again for every
/// permutation of `Null::Values`, O(cells) for one of `Null::Rows`. Memory: a part of the values, transposed.
///
/// # Errors
/// `spatial.bad-parameter`, `spatial.length-mismatch` if `values` has other cells than the graph,
/// `spatial.too-few-cells` below four cells, `job.cancelled`.
pub fn autocorrelation(
    graph: &Graph,
    values: &Csr,
    params: &AutocorrelationParams,
    tick: Tick,
) -> Result<Vec<Autocorrelation>, SpatialError> {
    params.check()?;
    let n = graph.n_cells();
    if values.n_rows() != n {
        return Err(SpatialError::LengthMismatch { what: "rows of values", expected: n, found: values.n_rows() });
    }
    if n < 4 {
        return Err(SpatialError::TooFewCells { needed: 4, found: n });
    }
    let total = values.n_cols() as u64 * (1 + params.permutations as u64);
    let mut meter = Meter::new(tick, "spatial autocorrelation", total);
    let mut results = Vec::with_capacity(values.n_cols());
    for block in blocks(values) {
        let genes: Vec<Gene> = columns(values, block).into_iter().map(|column| Gene::new(column, n)).collect();
        test(graph, &genes, params, &mut meter, &mut results)?;
    }
    correct(&mut results);
    Ok(results)
}

/// Tests the genes of one block and appends a result for each.
fn test(
    graph: &Graph,
    genes: &[Gene],
    params: &AutocorrelationParams,
    meter: &mut Meter,
    results: &mut Vec<Autocorrelation>,
) -> Result<(), SpatialError> {
    let varying: Vec<(usize, &Gene)> = genes.iter().enumerate().filter(|(_, gene)| gene.varies()).collect();
    let first = results.len();
    results.extend(genes.iter().map(|gene| Autocorrelation {
        moran: Score::NAN,
        geary: Score::NAN,
        undefined: match (gene.finite, gene.constant) {
            (false, _) => Some(Undefined::NotFinite),
            (true, true) => Some(Undefined::Constant),
            (true, false) => None,
        },
    }));
    meter.add((genes.len() - varying.len()) as u64 * (1 + params.permutations as u64))?;

    let pieces: Vec<&[(usize, &Gene)]> = varying.chunks(PIECE).collect();
    let mut observed = Vec::with_capacity(varying.len());
    let work = |piece: &&[(usize, &Gene)]| sums(graph, &members(piece));
    for_each(&pieces, meter, |piece| piece.len() as u64, work, |piece| observed.extend(piece))?;
    for ((place, gene), sums) in varying.iter().zip(observed) {
        let (moran, geary) = statistics(graph, gene, sums);
        results[first + place].moran = analytic_moran(graph, gene, moran, params);
        results[first + place].geary = analytic_geary(graph, gene, geary, params);
    }
    if params.permutations == 0 {
        return Ok(());
    }
    let mut tallies: Vec<[Tally; 2]> = varying
        .iter()
        .map(|(place, _)| [Tally::new(&results[first + place].moran), Tally::new(&results[first + place].geary)])
        .collect();
    permute(graph, &members(&varying), params, meter, |gene, sums| {
        let (moran, geary) = statistics(graph, varying[gene].1, sums);
        tallies[gene][0].add(moran);
        tallies[gene][1].add(geary);
    })?;
    for ((place, _), [moran, geary]) in varying.iter().zip(&tallies) {
        results[first + place].moran.simulated = Some(moran.finish(params.tail));
        results[first + place].geary.simulated = Some(geary.finish(params.tail));
    }
    Ok(())
}

fn members<'a>(piece: &[(usize, &'a Gene)]) -> Vec<&'a Gene> {
    piece.iter().map(|(_, gene)| *gene).collect()
}

/// Hands the sums of each gene under each permutation to `take`; those of one gene in the order of the permutations.
fn permute(
    graph: &Graph,
    genes: &[&Gene],
    params: &AutocorrelationParams,
    meter: &mut Meter,
    mut take: impl FnMut(usize, Sums),
) -> Result<(), SpatialError> {
    let pairs = Pairs::new(graph);
    let n = graph.n_cells();
    let groups = match params.null {
        Null::Values => permuted::groups(genes, n),
        Null::Rows => permuted::groups_of_rows(genes.len()),
    };
    let together = permuted::together(n);
    for first in (0..params.permutations).step_by(together) {
        let count = together.min(params.permutations - first);
        let draw = |part: Range<usize>| permuted::shuffle(n, params.seed, (first + part.start) as u64);
        let shuffles: Vec<Vec<u32>> = map_parts(count, 1, draw);
        // Pieces of one group follow each other: a gene's sums come in the order of the permutations.
        let of_group = |(place, group): (usize, &Group)| group.pieces(count).map(move |piece| (place, piece));
        let pieces: Vec<(usize, Range<usize>)> = groups.iter().enumerate().flat_map(of_group).collect();
        let work = |(group, piece): &(usize, Range<usize>)| {
            let shuffles = &shuffles[piece.clone()];
            let sums = match params.null {
                Null::Values => permuted::values(graph, &pairs, genes, &groups[*group], shuffles),
                Null::Rows => permuted::rows(graph, genes, &groups[*group], shuffles),
            };
            (*group, sums)
        };
        for_each(
            &pieces,
            meter,
            |(group, piece)| (piece.len() * groups[*group].genes.len()) as u64,
            work,
            |(group, permuted)| {
                for sums in permuted {
                    groups[group].genes.iter().zip(sums).for_each(|(&gene, sums)| take(gene, sums));
                }
            },
        )?;
    }
    Ok(())
}

fn statistics(graph: &Graph, gene: &Gene, sums: Sums) -> (f64, f64) {
    let (n, s0) = (graph.n_cells() as f64, graph.moments().s0);
    let moran = moran::value(n, s0, sums.cross, gene.squares);
    (moran, geary::value(n, s0, sums.weighted, sums.cross, gene.squares))
}

fn analytic_moran(graph: &Graph, gene: &Gene, value: f64, params: &AutocorrelationParams) -> Score {
    let n = graph.n_cells() as f64;
    let variance = match params.variance {
        Variance::Normality => moran::variance_normal(n, graph.moments()),
        Variance::Randomisation => moran::variance_random(n, graph.moments(), gene.kurtosis),
    };
    // The variance is a difference of terms of order 1/n²: below this nothing but rounding is left of it, and the
    // statistic cannot vary (all cells are neighbours of all).
    let floor = 1e-9 / (n * n);
    score(value, moran::expected(n), variance, floor, params.tail)
}

fn analytic_geary(graph: &Graph, gene: &Gene, value: f64, params: &AutocorrelationParams) -> Score {
    let n = graph.n_cells() as f64;
    let variance = match params.variance {
        Variance::Normality => geary::variance_normal(n, graph.moments()),
        Variance::Randomisation => geary::variance_random(n, graph.moments(), gene.kurtosis),
    };
    // As above, with terms of order 1/n.
    score(value, geary::EXPECTED, variance, 1e-11 / n, params.tail)
}

fn score(value: f64, expected: f64, variance: f64, floor: f64, tail: Tail) -> Score {
    let variance = if variance > floor { variance } else { f64::NAN };
    let z = (value - expected) / variance.sqrt();
    Score { value, expected, variance, z, p: p_of_z(z, tail), q: f64::NAN, simulated: None }
}

/// What is kept of the permuted values of one statistic.
pub(super) struct Tally {
    observed: f64,
    /// Deviations are taken from here, near the mean, so that the sum of squares keeps its digits.
    expected: f64,
    permutations: usize,
    at_least: usize,
    at_most: usize,
    sum: f64,
    squares: f64,
}

impl Tally {
    pub fn new(score: &Score) -> Self {
        let Score { value: observed, expected, .. } = *score;
        Self { observed, expected, permutations: 0, at_least: 0, at_most: 0, sum: 0.0, squares: 0.0 }
    }

    pub fn add(&mut self, permuted: f64) {
        let deviation = permuted - self.expected;
        self.permutations += 1;
        // Sums in another order differ in their last digits: what is equal but for that is equal.
        let slack = self.slack();
        self.at_least += usize::from(permuted >= self.observed - slack);
        self.at_most += usize::from(permuted <= self.observed + slack);
        self.sum += deviation;
        self.squares += deviation * deviation;
    }

    fn slack(&self) -> f64 {
        1e-12 * self.observed.abs().max(1.0)
    }

    pub fn finish(&self, tail: Tail) -> Simulated {
        let n = self.permutations as f64;
        let shift = self.sum / n;
        let (mean, variance) = (self.expected + shift, (self.squares / n - shift * shift).max(0.0));
        let z = if variance.sqrt() > self.slack() { (self.observed - mean) / variance.sqrt() } else { f64::NAN };
        let p = p_of_permutations(self.at_least, self.at_most, self.permutations, tail);
        Simulated { mean, variance, z, p_z: p_of_z(z, tail), p, q: f64::NAN }
    }
}

/// Fills in the false discovery rates (`q`), over all of `results`.
///
/// [`autocorrelation`] has done so already; who tests genes in parts does it once more over all of them.
pub fn correct(results: &mut [Autocorrelation]) {
    correct_one(&mut results.iter_mut().map(|result| &mut result.moran).collect::<Vec<_>>());
    correct_one(&mut results.iter_mut().map(|result| &mut result.geary).collect::<Vec<_>>());
}

/// Over one family of tests.
pub(super) fn correct_one(scores: &mut [&mut Score]) {
    let p: Vec<f64> = scores.iter().map(|score| score.p).collect();
    let simulated: Vec<f64> = scores.iter().map(|score| score.simulated.map_or(f64::NAN, |test| test.p)).collect();
    let (q, simulated_q) = (benjamini_hochberg(&p), benjamini_hochberg(&simulated));
    for (i, score) in scores.iter_mut().enumerate() {
        score.q = q[i];
        if let Some(test) = &mut score.simulated {
            test.q = simulated_q[i];
        }
    }
}
