//! The two sums over the graph that Moran's I and Geary's C are made of, for a few genes at a time.
//!
//! With `z = x − mean`: `cross = Σᵢ zᵢ Σⱼ wᵢⱼ zⱼ` and `weighted = Σᵢ (rᵢ + cᵢ) zᵢ²` (`r`, `c`: row and column sums).
//! Two ways to the same numbers, chosen by the data alone, so that a result never depends on the machine:
//! - **sparse**: only cells that express the gene are visited, and the mean is put in afterwards, O(non-zeros · degree);
//! - **dense**: eight genes side by side, centred first, O(edges) each but eight at once from one cache line.

use super::Graph;
use super::columns::Column;
use super::line::Line;

/// Genes side by side in the dense way: eight f64 fill one cache line.
pub(super) const LANES: usize = 8;

/// Above this share of expressing cells the dense way is quicker (measured on 17,000 cells × 313 genes).
const DENSE_SHARE: f64 = 0.1;

/// Putting the mean in afterwards cancels digits in the ratio of n·mean² to Σz²; above this ratio the dense way is
/// taken, so that at most three of sixteen digits are lost.
const MAX_CANCELLATION: f64 = 1e3;

/// A gene's values with what is needed of them everywhere.
pub(super) struct Gene {
    column: Column,
    mean: f64,
    /// Σz² over all cells.
    pub squares: f64,
    /// n Σz⁴ / (Σz²)².
    pub kurtosis: f64,
    pub constant: bool,
    pub finite: bool,
    /// Whether putting the mean in afterwards would cost digits.
    cancels: bool,
    dense: bool,
}

/// The two sums of one gene.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    pub cross: f64,
    pub weighted: f64,
}

impl Gene {
    /// Looks at one column of a matrix of `n` cells.
    pub fn new(column: Column, n: usize) -> Self {
        let zeros = (n - column.cells.len()) as f64;
        let finite = column.values.iter().all(|value| value.is_finite());
        let first = column.values.first().copied().unwrap_or(0.0);
        let constant = column.values.iter().all(|&value| value == first) && (zeros == 0.0 || first == 0.0);
        let mean = column.values.iter().map(|&value| f64::from(value)).sum::<f64>() / n as f64;
        let (mut squares, mut fourth) = (zeros * mean * mean, zeros * mean.powi(4));
        for &value in &column.values {
            let square = (f64::from(value) - mean) * (f64::from(value) - mean);
            squares += square;
            fourth += square * square;
        }
        let cancels = n as f64 * mean * mean > MAX_CANCELLATION * squares;
        let dense = cancels || column.cells.len() as f64 > DENSE_SHARE * n as f64;
        let kurtosis = n as f64 * fourth / (squares * squares);
        Self { column, mean, squares, kurtosis, constant, finite, cancels, dense }
    }

    pub fn column(&self) -> &Column {
        &self.column
    }

    /// Number of values other than 0.
    pub fn stored(&self) -> usize {
        self.column.cells.len()
    }

    /// Whether only the dense way is exact.
    pub fn cancels(&self) -> bool {
        self.cancels
    }

    /// Puts the mean in; `s0` is the sum of the weights.
    pub fn centre(&self, raw: Raw, s0: f64) -> Sums {
        let Raw { cross, linear, quadratic } = raw;
        let mean = self.mean;
        Sums {
            cross: cross - mean * linear + mean * mean * s0,
            weighted: quadratic - 2.0 * mean * linear + 2.0 * mean * mean * s0,
        }
    }

    /// Whether the statistics exist.
    pub fn varies(&self) -> bool {
        self.finite && !self.constant
    }
}

/// The sums of one gene before its mean is put in: `Σᵢ xᵢ Σⱼ wᵢⱼ xⱼ`, `Σ (rᵢ + cᵢ) xᵢ` and `Σ (rᵢ + cᵢ) xᵢ²`.
#[derive(Clone, Copy, Default)]
pub(super) struct Raw {
    pub cross: f64,
    pub linear: f64,
    pub quadratic: f64,
}

/// The sums of every gene.
pub(super) fn sums(graph: &Graph, genes: &[&Gene]) -> Vec<Sums> {
    let mut results = vec![Sums::default(); genes.len()];
    let dense: Vec<usize> = (0..genes.len()).filter(|&i| genes[i].dense).collect();
    for lanes in dense.chunks(LANES) {
        let members: Vec<&Gene> = lanes.iter().map(|&i| genes[i]).collect();
        let centred = Centred::new(&members, graph.n_cells(), |cell| cell as usize);
        for (&i, sums) in lanes.iter().zip(centred.sums(graph)) {
            results[i] = sums;
        }
    }
    if dense.len() < genes.len() {
        let mut values = vec![0.0; graph.n_cells()];
        for i in (0..genes.len()).filter(|&i| !genes[i].dense) {
            results[i] = sparse_sums(graph, genes[i], &mut values);
        }
    }
    results
}

/// The sparse way. `values` is all zero before and after.
fn sparse_sums(graph: &Graph, gene: &Gene, values: &mut [f64]) -> Sums {
    let (rows, columns) = graph.margins();
    let entries = || gene.column.cells.iter().map(|&cell| cell as usize).zip(&gene.column.values);
    entries().for_each(|(cell, &value)| values[cell] = f64::from(value));
    let mut raw = Raw::default();
    for (cell, &value) in entries() {
        let value = f64::from(value);
        let (neighbours, weights) = graph.row(cell);
        let lag: f64 = neighbours.iter().zip(weights).map(|(&other, weight)| weight * values[other as usize]).sum();
        let margin = rows[cell] + columns[cell];
        raw.cross += value * lag;
        raw.linear += margin * value;
        raw.quadratic += margin * value * value;
    }
    entries().for_each(|(cell, _)| values[cell] = 0.0);
    gene.centre(raw, graph.moments().s0)
}

/// Up to eight genes, centred, side by side: `z[cell][lane]`; unused lanes are zero.
pub(super) struct Centred {
    pub z: Vec<Line<[f64; LANES]>>,
    pub lanes: usize,
}

impl Centred {
    pub fn new(genes: &[&Gene], n: usize, place: impl Fn(u32) -> usize) -> Self {
        let mut background = [0.0; LANES];
        background.iter_mut().zip(genes).for_each(|(background, gene)| *background = -gene.mean);
        let mut z = vec![Line(background); n];
        for (lane, gene) in genes.iter().enumerate() {
            for (&cell, &value) in gene.column.cells.iter().zip(&gene.column.values) {
                z[place(cell)].0[lane] = f64::from(value) - gene.mean;
            }
        }
        Self { z, lanes: genes.len() }
    }

    fn lag(&self, graph: &Graph, cell: usize) -> [f64; LANES] {
        let (neighbours, weights) = graph.row(cell);
        let mut lag = [0.0; LANES];
        for (&other, &weight) in neighbours.iter().zip(weights) {
            let z = &self.z[other as usize].0;
            (0..LANES).for_each(|lane| lag[lane] += weight * z[lane]);
        }
        lag
    }

    fn sums(&self, graph: &Graph) -> Vec<Sums> {
        let (rows, columns) = graph.margins();
        let (mut cross, mut weighted) = ([0.0; LANES], [0.0; LANES]);
        for (cell, Line(z)) in self.z.iter().enumerate() {
            let lag = self.lag(graph, cell);
            let margin = rows[cell] + columns[cell];
            for lane in 0..LANES {
                cross[lane] += z[lane] * lag[lane];
                weighted[lane] += margin * z[lane] * z[lane];
            }
        }
        (0..self.lanes).map(|lane| Sums { cross: cross[lane], weighted: weighted[lane] }).collect()
    }
}

/// Up to eight genes made ready for shuffling the *rows* of the weights, as squidpy does: the lags are computed once.
pub(super) struct ShuffledRows<'a> {
    graph: &'a Graph,
    centred: Centred,
    lags: Vec<Line<[f64; LANES]>>,
    /// `Σⱼ cⱼ zⱼ²`, which such a shuffle does not change.
    by_column: [f64; LANES],
}

impl<'a> ShuffledRows<'a> {
    /// Takes at most [`LANES`] genes. O(edges).
    pub fn new(graph: &'a Graph, genes: &[&Gene]) -> Self {
        let centred = Centred::new(genes, graph.n_cells(), |cell| cell as usize);
        let lags = (0..graph.n_cells()).map(|cell| Line(centred.lag(graph, cell))).collect();
        let mut by_column = [0.0; LANES];
        for (Line(z), sum) in centred.z.iter().zip(graph.margins().1) {
            (0..LANES).for_each(|lane| by_column[lane] += sum * z[lane] * z[lane]);
        }
        Self { graph, centred, lags, by_column }
    }

    /// The sums when cell `i` has the row of weights of cell `rows[i]`. O(cells).
    pub fn sums(&self, rows: &[u32]) -> Vec<Sums> {
        let row_sums = self.graph.margins().0;
        let (mut cross, mut weighted) = ([0.0; LANES], self.by_column);
        for (Line(z), &row) in self.centred.z.iter().zip(rows) {
            let (lag, sum) = (&self.lags[row as usize].0, row_sums[row as usize]);
            for lane in 0..LANES {
                cross[lane] += z[lane] * lag[lane];
                weighted[lane] += sum * z[lane] * z[lane];
            }
        }
        (0..self.centred.lanes).map(|lane| Sums { cross: cross[lane], weighted: weighted[lane] }).collect()
    }
}
