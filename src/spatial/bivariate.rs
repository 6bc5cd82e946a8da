//! Two genes in space: bivariate Moran's I and Lee's L of pairs of genes.
//!
//! With `x` and `y` deviations from the mean and `x̃ᵢ = Σⱼ wᵢⱼ xⱼ`:
//! - bivariate Moran: `I = (n / S0) Σᵢ xᵢ ỹᵢ / √(Σx² Σy²)`: is `y` high round cells in which `x` is high? Not symmetric. As
//!   esda 2.9 (`Moran_BV`), which has no `n / S0`: the same unless cells are isolated. With itself it is Moran's I.
//! - Lee: `L = n Σᵢ x̃ᵢ ỹᵢ / (Σᵢ rᵢ² √(Σx² Σy²))` with `r` the sums of rows: the correlation of both smoothed (Lee 2001), as
//!   esda's `Spatial_Pearson`. Symmetric.
//!
//! Null of I: the values of `y` are shuffled over the cells (as esda), whose moments are exact: `E = 0` and
//! `Var = (n / S0)² Σⱼ (aⱼ − ā)² / ((n − 1) Σx²)` with `aⱼ = Σᵢ wᵢⱼ xᵢ`. Null of L: the cells are shuffled, each with both
//! its values (as esda); `E = r (n Σw² / Σrᵢ² − 1)/(n − 1)` with `r` Pearson's correlation. Its variance is taken from the
//! permutations alone.

use super::autocorrelation::{Score, Tally, Undefined, correct_one};
use super::parallel::{Meter, for_each};
use super::quick::Quick;
use super::significance::{Tail, p_of_z};
use super::{Graph, SpatialError};
use crate::cells::Csr;
use crate::progress::Tick;

/// More permutations or pairs than this are refused.
const MAX_PERMUTATIONS: usize = 1_000_000;
const MAX_PAIRS: usize = 10_000_000;
/// Permutations in one piece of work.
const CHUNK: usize = 2;

/// How to test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BivariateParams {
    /// 0: the analytic p-value of Moran alone.
    pub permutations: usize,
    pub tail: Tail,
    pub seed: u64,
}

/// Both statistics of one pair. All numbers are NaN where `undefined` says why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bivariate {
    pub moran: Score,
    /// Without analytic variance, z and p.
    pub lee: Score,
    /// Why one of the two genes has no statistics.
    pub undefined: Option<Undefined>,
}

/// Both statistics of every pair `(x, y)` of columns of `values`, in their order. A gene may be paired with itself.
///
/// Sums are in f64. A constant gene, and one with a value that is not finite, makes its pairs NaN. Permutations are the
/// same for all pairs. False discovery rates are over all pairs.
///
/// O(edges · genes of the pairs per cell + cells · pairs), and again for every permutation; memory: the values of the
/// genes in the pairs, sparse, and a few numbers for every pair and gene.
///
/// # Errors
/// `spatial.bad-parameter` for more than a million permutations, ten million pairs or a gene that is not there,
/// `spatial.length-mismatch`, `spatial.too-few-cells` below four cells, `job.cancelled`.
pub fn bivariate(
    graph: &Graph,
    values: &Csr,
    pairs: &[(u32, u32)],
    params: &BivariateParams,
    tick: Tick,
) -> Result<Vec<Bivariate>, SpatialError> {
    if params.permutations > MAX_PERMUTATIONS || pairs.len() > MAX_PAIRS {
        return Err(SpatialError::BadParameter("At most 1,000,000 permutations of 10,000,000 pairs can be asked for."));
    }
    if pairs.iter().any(|&(x, y)| x.max(y) as usize >= values.n_cols()) {
        return Err(SpatialError::BadParameter("A pair names a gene that is not there."));
    }
    let n = graph.n_cells();
    if values.n_rows() != n {
        return Err(SpatialError::LengthMismatch { what: "rows of values", expected: n, found: values.n_rows() });
    }
    if n < 4 {
        return Err(SpatialError::TooFewCells { needed: 4, found: n });
    }
    let mut meter = Meter::new(tick, "bivariate autocorrelation", 1 + params.permutations as u64);
    let genes = Genes::new(values, pairs);
    let observed = genes.sums(graph, None);
    let spread = genes.spread(graph);
    let scales = Scales::new(graph);
    let mut results: Vec<Bivariate> =
        (0..pairs.len()).map(|pair| genes.analytic(scales, pair, observed[pair], &spread, params.tail)).collect();
    meter.add(1)?;
    if params.permutations > 0 {
        let mut tallies: Vec<[Tally; 2]> =
            results.iter().map(|result| [Tally::new(&result.moran), Tally::new(&result.lee)]).collect();
        let all: Vec<u64> = (0..params.permutations as u64).collect();
        let chunks: Vec<&[u64]> = all.chunks(CHUNK).collect();
        let work = |chunk: &&[u64]| {
            let evaluate = |&permutation: &u64| {
                let mut order: Vec<u32> = (0..n as u32).collect();
                Quick::new(params.seed, permutation).shuffle(&mut order);
                genes.sums(graph, Some(&order))
            };
            chunk.iter().map(evaluate).collect::<Vec<_>>()
        };
        for_each(
            &chunks,
            &mut meter,
            |chunk| chunk.len() as u64,
            work,
            |part| {
                for permuted in part {
                    for (pair, tally) in tallies.iter_mut().enumerate() {
                        let (moran, lee) = genes.statistics(scales, pair, permuted[pair]);
                        tally[0].add(moran);
                        tally[1].add(lee);
                    }
                }
            },
        )?;
        for (result, tally) in results.iter_mut().zip(&tallies).filter(|(result, _)| result.undefined.is_none()) {
            result.moran.simulated = Some(tally[0].finish(params.tail));
            result.lee.simulated = Some(tally[1].finish(params.tail));
        }
    }
    correct_one(&mut results.iter_mut().map(|result| &mut result.moran).collect::<Vec<_>>());
    correct_one(&mut results.iter_mut().map(|result| &mut result.lee).collect::<Vec<_>>());
    Ok(results)
}

/// The genes of the pairs, renumbered, cell by cell, with what is needed of them everywhere.
struct Genes {
    indptr: Vec<usize>,
    slots: Vec<u32>,
    values: Vec<f64>,
    means: Vec<f64>,
    /// Σ (x − mean)².
    squares: Vec<f64>,
    undefined: Vec<Option<Undefined>>,
    pairs: Vec<(u32, u32)>,
}

/// What turns sums over cells into statistics: `n / S0` and `n / Σ rᵢ²`; and n and Σ w².
#[derive(Clone, Copy)]
struct Scales {
    moran: f64,
    lee: f64,
    n: f64,
    weights: f64,
}

impl Scales {
    fn new(graph: &Graph) -> Self {
        let n = graph.n_cells() as f64;
        let smoothing: f64 = graph.margins().0.iter().map(|sum| sum * sum).sum();
        let weights = graph.parts().2.iter().map(|weight| weight * weight).sum();
        Self { moran: n / graph.moments().s0, lee: n / smoothing, n, weights }
    }
}

/// `Σ x ỹ`, `Σ x̃ ỹ` and `Σ x y` of one pair.
#[derive(Clone, Copy, Default)]
struct Sums {
    moran: f64,
    lee: f64,
    product: f64,
}

impl Genes {
    fn new(matrix: &Csr, pairs: &[(u32, u32)]) -> Self {
        let mut used: Vec<u32> = pairs.iter().flat_map(|&(x, y)| [x, y]).collect();
        used.sort_unstable();
        used.dedup();
        let mut slot_of = vec![u32::MAX; matrix.n_cols()];
        (0..).zip(&used).for_each(|(slot, &gene)| slot_of[gene as usize] = slot);
        let n = matrix.n_rows();
        let mut genes = Self {
            indptr: vec![0],
            slots: Vec::new(),
            values: Vec::new(),
            means: vec![0.0; used.len()],
            squares: vec![0.0; used.len()],
            undefined: vec![None; used.len()],
            pairs: pairs.iter().map(|&(x, y)| (slot_of[x as usize], slot_of[y as usize])).collect(),
        };
        for cell in 0..n {
            let (indices, values) = matrix.row(cell);
            let kept = indices.iter().zip(values).map(|(&gene, &value)| (slot_of[gene as usize], f64::from(value)));
            for (slot, value) in kept.filter(|(slot, _)| *slot != u32::MAX) {
                genes.slots.push(slot);
                genes.values.push(value);
                genes.means[slot as usize] += value;
                if !value.is_finite() {
                    genes.undefined[slot as usize] = Some(Undefined::NotFinite);
                }
            }
            genes.indptr.push(genes.slots.len());
        }
        genes.means.iter_mut().for_each(|mean| *mean /= n as f64);
        let (mut row, mut first) = (vec![0.0; used.len()], Vec::new());
        let mut varies = vec![false; used.len()];
        for cell in 0..n {
            genes.fill(cell, &mut row);
            if cell == 0 {
                first.clone_from(&row);
            }
            for (slot, value) in row.iter().enumerate() {
                varies[slot] |= *value != first[slot];
                let deviation = value - genes.means[slot];
                genes.squares[slot] += deviation * deviation;
            }
        }
        for (undefined, varies) in genes.undefined.iter_mut().zip(varies) {
            if !varies && undefined.is_none() {
                *undefined = Some(Undefined::Constant);
            }
        }
        genes
    }

    fn row(&self, cell: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.indptr[cell]..self.indptr[cell + 1];
        self.slots[range.clone()].iter().map(|&slot| slot as usize).zip(self.values[range].iter().copied())
    }

    /// The values of one cell, dense.
    fn fill(&self, cell: usize, row: &mut [f64]) {
        row.fill(0.0);
        self.row(cell).for_each(|(slot, value)| row[slot] += value);
    }

    /// The sums of every pair; with `order`, cell `order[i]` lies at place `i` where values are shuffled.
    fn sums(&self, graph: &Graph, order: Option<&[u32]>) -> Vec<Sums> {
        let mut sums = vec![Sums::default(); self.pairs.len()];
        let (mut here, mut lag) = (vec![0.0; self.means.len()], vec![0.0; self.means.len()]);
        for cell in 0..graph.n_cells() {
            self.fill(cell, &mut here);
            lag.fill(0.0);
            let (neighbours, weights) = graph.row(cell);
            for (&other, &weight) in neighbours.iter().zip(weights) {
                let from = order.map_or(other, |order| order[other as usize]);
                self.row(from as usize).for_each(|(slot, value)| lag[slot] += weight * value);
            }
            let sum = graph.margins().0[cell];
            for (slot, mean) in self.means.iter().enumerate() {
                here[slot] -= mean;
                lag[slot] -= mean * sum;
            }
            for (sums, &(x, y)) in sums.iter_mut().zip(&self.pairs) {
                let (x, y) = (x as usize, y as usize);
                sums.moran += here[x] * lag[y];
                sums.lee += lag[x] * lag[y];
                sums.product += here[x] * here[y];
            }
        }
        sums
    }

    /// `Σⱼ (aⱼ − ā)²` with `aⱼ = Σᵢ wᵢⱼ xᵢ`, of every gene that comes first in a pair.
    fn spread(&self, graph: &Graph) -> Vec<f64> {
        let mut wanted = vec![false; self.means.len()];
        self.pairs.iter().for_each(|&(x, _)| wanted[x as usize] = true);
        let n = graph.n_cells();
        let mut columns: Vec<Vec<(u32, f64)>> = vec![Vec::new(); self.means.len()];
        for cell in 0..n {
            for (slot, value) in self.row(cell).filter(|(slot, _)| wanted[*slot]) {
                columns[slot].push((cell as u32, value));
            }
        }
        let column_sums = graph.margins().1;
        let mut spread = vec![f64::NAN; self.means.len()];
        let mut a = vec![0.0; n];
        for (slot, column) in columns.iter().enumerate().filter(|(slot, _)| wanted[*slot]) {
            a.iter_mut().zip(column_sums).for_each(|(a, sum)| *a = -self.means[slot] * sum);
            for &(cell, value) in column {
                let (neighbours, weights) = graph.row(cell as usize);
                neighbours.iter().zip(weights).for_each(|(&other, weight)| a[other as usize] += weight * value);
            }
            let mean = a.iter().sum::<f64>() / n as f64;
            spread[slot] = a.iter().map(|a| (a - mean) * (a - mean)).sum();
        }
        spread
    }

    fn statistics(&self, scales: Scales, pair: usize, sums: Sums) -> (f64, f64) {
        let (x, y) = self.pairs[pair];
        let norm = (self.squares[x as usize] * self.squares[y as usize]).sqrt();
        (scales.moran * sums.moran / norm, scales.lee * sums.lee / norm)
    }

    fn analytic(&self, scales: Scales, pair: usize, sums: Sums, spread: &[f64], tail: Tail) -> Bivariate {
        let (x, y) = (self.pairs[pair].0 as usize, self.pairs[pair].1 as usize);
        let undefined = self.undefined[x].or(self.undefined[y]);
        if undefined.is_some() {
            return Bivariate { moran: Score::NAN, lee: Score::NAN, undefined };
        }
        let (moran, lee) = self.statistics(scales, pair, sums);
        let variance = scales.moran * scales.moran * spread[x] / ((scales.n - 1.0) * self.squares[x]);
        let z = if variance > 0.0 { moran / variance.sqrt() } else { f64::NAN };
        let moran = Score { value: moran, expected: 0.0, variance, z, p: p_of_z(z, tail), ..Score::NAN };
        let correlation = sums.product / (self.squares[x] * self.squares[y]).sqrt();
        let expected = correlation * (scales.lee * scales.weights - 1.0) / (scales.n - 1.0);
        Bivariate { moran, lee: Score { value: lee, expected, ..Score::NAN }, undefined: None }
    }
}
