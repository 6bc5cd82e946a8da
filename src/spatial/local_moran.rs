//! Local Moran's I (LISA): is a cell like its neighbours, and which way? One value for every cell and gene.
//!
//! `Iᵢ = (n − 1) zᵢ Σⱼ wᵢⱼ zⱼ / Σ z²` with `z = x − mean` (Anselin 1995), as esda 2.9 (`Moran_Local`). Its null moments
//! are those of Sokal, Oden & Thomson 1998, equations A3, A4, A7 and A8. They are for `n zᵢ Σ w z / Σ z²`, and esda
//! leaves them so; here they carry the factor `(n − 1)/n` of the statistic, and its square.

use super::autocorrelation::{Score, Undefined};
use super::local::{LocalParams, Values, each_gene};
use super::significance::p_of_z;
use super::{Graph, SpatialError};
use crate::cells::Csr;
use crate::progress::Tick;

/// What is random in the analytic moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LocalNull {
    /// The cell keeps its value, the others are shuffled, as the permutations do: esda's `EIc`, `VIc`.
    #[default]
    Conditional,
    /// All values are shuffled: esda's `EI`, `VI`.
    Total,
}

/// A cell's side of the mean, then its neighbours'; numbered as esda numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quadrant {
    HighHigh = 1,
    LowHigh = 2,
    LowLow = 3,
    HighLow = 4,
}

/// The local Moran's I of one gene.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalMoran {
    /// One a cell. NaN for cells without neighbours (esda: 0, with a p of 1/(permutations + 1)).
    pub scores: Vec<Score>,
    /// One a cell; a value at the mean counts as low. `None` for cells without neighbours.
    pub quadrants: Vec<Option<Quadrant>>,
    /// Why all is NaN.
    pub undefined: Option<Undefined>,
}

/// Local Moran's I of every gene (column) of `values`, one result a gene: pick genes with [`Csr::columns`] before.
///
/// A constant gene, and a gene with a value that is not finite, is NaN everywhere and says why. The false discovery
/// rates are over the cells of a gene. A draw that ties with the observation counts for both tails.
///
/// O(edges + permutations · (most neighbours + log permutations) + cells · log permutations) a gene where the weights of
/// a row are equal, O(edges · permutations) else. Memory: about 110 bytes a cell and gene for the results, one gene
/// dense.
///
/// # Errors
/// `spatial.bad-parameter`, `spatial.length-mismatch` if `values` has other cells than the graph,
/// `spatial.too-few-cells` below four cells, `job.cancelled`.
pub fn local_moran(
    graph: &Graph,
    values: &Csr,
    null: LocalNull,
    params: &LocalParams,
    tick: Tick,
) -> Result<Vec<LocalMoran>, SpatialError> {
    let mut results = Vec::with_capacity(values.n_cols());
    let n = graph.n_cells() as f64;
    let score = |gene: &Values, cell: usize, standing: Option<&super::conditional::Standing>| {
        let (lag, sum, squares) = gene.lag(graph, cell);
        let z = gene.x[cell] - gene.mean;
        let scale = (n - 1.0) * z / gene.squares;
        let value = scale * (lag - gene.mean * sum);
        let (expected, variance) = moments(n, z, gene, sum, squares, null);
        let variance = if variance > 0.0 { variance } else { f64::NAN };
        let deviation = (value - expected) / variance.sqrt();
        let simulated = standing.map(|standing| standing.test(value, scale, -scale * gene.mean * sum, params.tail));
        Score { value, expected, variance, z: deviation, p: p_of_z(deviation, params.tail), q: f64::NAN, simulated }
    };
    each_gene(graph, values, params, "local Moran's I", tick, score, |gene, scores| {
        let quadrant = |cell: usize| {
            let (lag, sum, _) = gene.lag(graph, cell);
            let known = gene.undefined.is_none() && !graph.row(cell).0.is_empty();
            known.then_some(match (gene.x[cell] > gene.mean, lag > gene.mean * sum) {
                (true, true) => Quadrant::HighHigh,
                (false, true) => Quadrant::LowHigh,
                (false, false) => Quadrant::LowLow,
                (true, false) => Quadrant::HighLow,
            })
        };
        let quadrants = (0..graph.n_cells()).map(quadrant).collect();
        results.push(LocalMoran { scores, quadrants, undefined: gene.undefined });
    })?;
    Ok(results)
}

/// Expectation and variance of `Iᵢ`; `sum` and `squares` are those of the cell's weights.
fn moments(n: f64, z: f64, gene: &Values, sum: f64, squares: f64, null: LocalNull) -> (f64, f64) {
    let factor = (n - 1.0) / n;
    let (expected, variance) = match null {
        LocalNull::Conditional => {
            let z2 = n * z * z / gene.squares; // in units of the variance
            let weights = squares - sum * sum / (n - 1.0);
            (-z2 * sum / (n - 1.0), z2 * n / (n - 2.0) * weights * (1.0 - z2 / (n - 1.0)))
        }
        LocalNull::Total => {
            let (m, b) = (n - 1.0, gene.kurtosis);
            let pairs = (sum * sum - squares) * (2.0 * b - n) / (m * (n - 2.0));
            (-sum / m, squares * (n - b) / m + pairs - (sum / m) * (sum / m))
        }
    };
    (factor * expected, factor * factor * variance)
}
