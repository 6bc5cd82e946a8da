//! Getis–Ord G and G*: is there much of a gene round a cell? One value for every cell and gene.
//!
//! `Gᵢ = Σⱼ wᵢⱼ xⱼ / Σ_{j≠i} xⱼ` (Getis & Ord 1992); G* counts the cell itself as well. Tested, by its mean and standard
//! deviation over the `N` cells that may be neighbours (without the cell for G, with it for G*), with
//! `z = (Σ w x − W mean) / (sd · √((N Σ w² − W²)/(N − 1)))`, `W = Σ w` (Ord & Getis 1995). With weights of 1 that is esda's
//! `G_Local(transform="B")`; with standardised rows esda takes `W` for `Σ w²` also, as if a mean of six values varied as
//! much as one, and its |z| comes out too small.

use super::autocorrelation::{Score, Undefined};
use super::conditional::Standing;
use super::local::{LocalParams, Values, each_gene};
use super::significance::p_of_z;
use super::{Graph, SpatialError};
use crate::cells::Csr;
use crate::progress::Tick;

/// G or G* of one gene.
#[derive(Debug, Clone, PartialEq)]
pub struct GetisOrd {
    /// One a cell. NaN for cells without neighbours. `value`, `expected` and `variance` are NaN where the sum of the
    /// gene is 0 (which needs negative values); `z` is not.
    pub scores: Vec<Score>,
    /// Why all is NaN.
    pub undefined: Option<Undefined>,
}

/// Getis–Ord statistics of every gene (column) of `values`, one result a gene: pick genes with [`Csr::columns`] before.
///
/// With `star` the cell itself counts with the largest weight of its row, and where rows are standardised they are
/// again: 1/(k + 1) each among k neighbours of equal weight, as in esda. The permutations leave the cell's own value in
/// its place, so G and G* have the same simulated p. Everything else, the cost included, as
/// [`local_moran`](super::local_moran()).
///
/// # Errors
/// As [`local_moran`](super::local_moran()).
pub fn getis_ord(
    graph: &Graph,
    values: &Csr,
    star: bool,
    params: &LocalParams,
    tick: Tick,
) -> Result<Vec<GetisOrd>, SpatialError> {
    let mut results = Vec::with_capacity(values.n_cols());
    let score =
        |gene: &Values, cell: usize, standing: Option<&Standing>| of_cell(graph, gene, cell, star, standing, params);
    each_gene(graph, values, params, "Getis–Ord", tick, score, |gene, scores| {
        results.push(GetisOrd { scores, undefined: gene.undefined });
    })?;
    Ok(results)
}

fn of_cell(
    graph: &Graph,
    gene: &Values,
    cell: usize,
    star: bool,
    standing: Option<&Standing>,
    params: &LocalParams,
) -> Score {
    let (lag, sum, squares) = gene.lag(graph, cell);
    let (all, x) = (graph.n_cells() as f64, gene.x[cell]);
    // Weighted sum and weights with the cell's own; the sum over neighbours enters as `scale · lag + own`.
    let own_weight = if star { graph.row(cell).1.iter().copied().fold(0.0, f64::max) } else { 0.0 };
    let scale = if star && graph.row_standardised() { 1.0 / (sum + own_weight) } else { 1.0 };
    let own = scale * own_weight * x;
    let weighted = scale * lag + own;
    let (sum, squares) = (scale * (sum + own_weight), scale * scale * (squares + own_weight * own_weight));

    // Mean and variance of those who may be neighbours.
    let left_out = if star { 0.0 } else { 1.0 };
    let n = all - left_out;
    let deviation = left_out * (x - gene.mean);
    let mean = gene.mean - deviation / n;
    let variance = (gene.squares - deviation * deviation * all / n).max(0.0) / n;
    let spread = variance * (n * squares - sum * sum) / (n - 1.0);
    // The spread is a difference: below this nothing but rounding is left of it.
    let spread = if spread > 1e-12 * variance * n * squares / (n - 1.0) { spread } else { f64::NAN };
    let z = (weighted - sum * mean) / spread.sqrt();

    let total = n * mean;
    let total = if total.abs() > 1e-12 * (all * gene.squares).sqrt() { total } else { f64::NAN };
    let value = weighted / total;
    let simulated = standing.map(|standing| standing.test(value, scale / total, own / total, params.tail));
    Score {
        value,
        expected: sum / n,
        variance: spread / (total * total),
        z,
        p: p_of_z(z, params.tail),
        q: f64::NAN,
        simulated,
    }
}
