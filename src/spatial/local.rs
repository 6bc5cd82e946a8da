//! What the local statistics share: parameters, the dense values of one gene, and going over genes and cells.

use super::autocorrelation::{Score, Undefined, correct_one};
use super::columns::{Column, blocks, columns};
use super::conditional::{Draws, Reference, Standing};
use super::parallel::{Meter, for_each};
use super::significance::Tail;
use super::{Graph, SpatialError};
use crate::cells::Csr;
use crate::progress::Tick;

/// Cells in one piece of work.
const PIECE: usize = 8192;
/// More permutations than this are refused.
const MAX_PERMUTATIONS: usize = 1_000_000;

/// How to test a local statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalParams {
    /// Conditional permutations; 0: analytic p-values alone. Esda's default is 999.
    pub permutations: usize,
    pub tail: Tail,
    pub seed: u64,
}

impl Default for LocalParams {
    fn default() -> Self {
        Self { permutations: 999, tail: Tail::Two, seed: 0 }
    }
}

impl LocalParams {
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

/// One gene, dense over the cells.
pub(super) struct Values {
    pub x: Vec<f64>,
    pub mean: f64,
    /// Σ (x − mean)².
    pub squares: f64,
    /// n Σ (x − mean)⁴ / squares².
    pub kurtosis: f64,
    pub undefined: Option<Undefined>,
}

impl Values {
    pub fn new(column: &Column, n: usize) -> Self {
        let mut x = vec![0.0; n];
        for (&cell, &value) in column.cells.iter().zip(&column.values) {
            x[cell as usize] = f64::from(value);
        }
        let undefined = if x.iter().any(|value| !value.is_finite()) {
            Some(Undefined::NotFinite)
        } else if x.iter().all(|value| *value == x[0]) {
            Some(Undefined::Constant)
        } else {
            None
        };
        let mean = x.iter().sum::<f64>() / n as f64;
        let squares: f64 = x.iter().map(|x| (x - mean) * (x - mean)).sum();
        let fourth: f64 = x.iter().map(|x| (x - mean).powi(4)).sum();
        Self { mean, squares, kurtosis: n as f64 * fourth / (squares * squares), x, undefined }
    }

    /// `Σ wⱼ xⱼ` over the neighbours of a cell, `Σ w` and `Σ w²`.
    pub fn lag(&self, graph: &Graph, cell: usize) -> (f64, f64, f64) {
        let (neighbours, weights) = graph.row(cell);
        neighbours.iter().zip(weights).fold((0.0, 0.0, 0.0), |(lag, sum, squares), (&other, &weight)| {
            (lag + weight * self.x[other as usize], sum + weight, squares + weight * weight)
        })
    }
}

/// Computes the score of every cell with neighbours for every gene, corrected over the cells of a gene.
///
/// `score(values, cell, standing)` is asked for cells that have neighbours, in genes that vary.
pub(super) fn each_gene(
    graph: &Graph,
    values: &Csr,
    params: &LocalParams,
    stage: &'static str,
    tick: Tick,
    score: impl Fn(&Values, usize, Option<&Standing>) -> Score + Sync,
    mut take: impl FnMut(&Values, Vec<Score>),
) -> Result<(), SpatialError> {
    params.check()?;
    let n = graph.n_cells();
    if values.n_rows() != n {
        return Err(SpatialError::LengthMismatch { what: "rows of values", expected: n, found: values.n_rows() });
    }
    if n < 4 {
        return Err(SpatialError::TooFewCells { needed: 4, found: n });
    }
    let draws = match params.permutations {
        0 => None,
        permutations => Some(Draws::new(graph, permutations, params.seed)?),
    };
    let mut meter = Meter::new(tick, stage, values.n_cols() as u64 * n as u64);
    let parts: Vec<_> = (0..n).step_by(PIECE).map(|start| start..n.min(start + PIECE)).collect();
    for block in blocks(values) {
        for column in columns(values, block) {
            let gene = Values::new(&column, n);
            let mut scores = Vec::with_capacity(n);
            if gene.undefined.is_some() {
                scores.resize(n, Score::NAN);
                meter.add(n as u64)?;
            } else {
                let reference = draws.as_ref().map(|draws| Reference::new(draws, graph, &gene.x));
                let of_cell = |cell: usize| match graph.row(cell).0.is_empty() {
                    true => Score::NAN,
                    false => {
                        let standing = reference.as_ref().map(|reference| reference.standing(graph, cell));
                        score(&gene, cell, standing.as_ref())
                    }
                };
                let work = |part: &std::ops::Range<usize>| part.clone().map(of_cell).collect::<Vec<_>>();
                for_each(&parts, &mut meter, |part| part.len() as u64, work, |part| scores.extend(part))?;
                correct_one(&mut scores.iter_mut().collect::<Vec<_>>());
            }
            take(&gene, scores);
        }
    }
    Ok(())
}
