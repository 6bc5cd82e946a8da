//! Conditional permutation, the null of local statistics: a cell keeps its value and gets the values of others, drawn
//! without replacement, as neighbours (Anselin 1995).
//!
//! All cells and all genes share the same draws, as in esda. What a cell of `d` neighbours with equal weights is
//! compared with is then the same list of sums of `d` draws, except where the cell itself was drawn (the next one is
//! taken instead): the list is sorted once for each `d`, and a cell costs O(log permutations), not
//! O(permutations · d). Rows with unequal weights are summed one by one.

use std::collections::BTreeMap;

use super::autocorrelation::Simulated;
use super::shuffle::{below, generator};
use super::significance::{Tail, p_of_permutations, p_of_z};
use super::{Graph, SpatialError};

/// More draws than this are refused: 400 MB.
const MAX_DRAWN: usize = 100_000_000;

/// The draws: for each permutation one more cell than any cell has neighbours.
pub(super) struct Draws {
    permutations: usize,
    width: usize,
    drawn: Vec<u32>,
    /// Where each cell was drawn: places in `drawn`, `starts[cell]..starts[cell + 1]` of `places`.
    starts: Vec<usize>,
    places: Vec<u32>,
}

impl Draws {
    /// O(cells + permutations · most neighbours).
    ///
    /// # Errors
    /// `spatial.bad-parameter` if they would not fit in memory.
    pub fn new(graph: &Graph, permutations: usize, seed: u64) -> Result<Self, SpatialError> {
        let (n, indptr) = (graph.n_cells(), graph.parts().0);
        let width = 1 + indptr.windows(2).map(|row| row[1] - row[0]).max().unwrap_or(0);
        if permutations.saturating_mul(width) > MAX_DRAWN {
            return Err(SpatialError::BadParameter(
                "These are too many permutations for cells with so many neighbours.",
            ));
        }
        let mut random = generator(seed, 0);
        let mut cells: Vec<u32> = (0..n as u32).collect();
        let mut drawn = Vec::with_capacity(permutations * width);
        for _ in 0..permutations {
            for place in 0..width {
                cells.swap(place, place + below((n - place) as u32, &mut random) as usize);
            }
            drawn.extend_from_slice(&cells[..width]);
        }
        let mut starts = vec![0usize; n + 1];
        drawn.iter().for_each(|&cell| starts[cell as usize + 1] += 1);
        (0..n).for_each(|cell| starts[cell + 1] += starts[cell]);
        let (mut filled, mut places) = (starts.clone(), vec![0; drawn.len()]);
        for (place, &cell) in drawn.iter().enumerate() {
            places[filled[cell as usize]] = place as u32;
            filled[cell as usize] += 1;
        }
        Ok(Self { permutations, width, drawn, starts, places })
    }

    fn of(&self, permutation: usize) -> &[u32] {
        &self.drawn[permutation * self.width..(permutation + 1) * self.width]
    }
}

/// How an observed sum over neighbours stands among the drawn ones.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Standing {
    permutations: usize,
    /// Drawn sums that are smaller than the observed one, or equal.
    smaller: usize,
    equal: usize,
    /// Mean and population variance of the drawn sums.
    mean: f64,
    variance: f64,
}

impl Standing {
    /// The test of `scale · sum + shift`, whose observed value is `value`.
    ///
    /// Where most values are 0 the draws that equal the observation are many.
    pub fn test(&self, value: f64, scale: f64, shift: f64, tail: Tail) -> Simulated {
        let (mean, variance) = (scale * self.mean + shift, scale * scale * self.variance);
        let z = if variance > 0.0 { (value - mean) / variance.sqrt() } else { f64::NAN };
        let (at_least, at_most) = (self.permutations - self.smaller, self.smaller + self.equal);
        let p = p_of_permutations(at_least, at_most, self.permutations, tail);
        Simulated { mean, variance, z, p_z: p_of_z(z, tail), p, q: f64::NAN }
    }
}

/// The drawn sums of one gene.
pub(super) struct Reference<'a> {
    draws: &'a Draws,
    values: &'a [f64],
    mean: f64,
    /// For each number of neighbours that occurs with equal weights.
    by_degree: BTreeMap<usize, Sums>,
}

struct Sums {
    /// By permutation.
    drawn: Vec<f64>,
    sorted: Vec<f64>,
    /// Sums of the deviations from `degree · mean`, and of their squares.
    deviations: f64,
    squares: f64,
}

impl<'a> Reference<'a> {
    /// `values`: one a cell. O(permutations · (most neighbours + degrees · log permutations)).
    pub fn new(draws: &'a Draws, graph: &Graph, values: &'a [f64]) -> Self {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let mut by_degree = BTreeMap::new();
        for cell in 0..graph.n_cells() {
            let weights = graph.row(cell).1;
            if equal(weights) && !by_degree.contains_key(&weights.len()) {
                by_degree.insert(weights.len(), Sums::new(draws, values, weights.len(), mean));
            }
        }
        Self { draws, values, mean, by_degree }
    }

    /// How the weighted sum over the neighbours of `cell` stands. The cell must have neighbours.
    pub fn standing(&self, graph: &Graph, cell: usize) -> Standing {
        let (neighbours, weights) = graph.row(cell);
        match self.by_degree.get(&weights.len()).filter(|_| equal(weights)) {
            Some(sums) => self.shared(sums, cell, neighbours, weights),
            None => self.alone(cell, neighbours, weights),
        }
    }

    /// With equal weights the plain sums are compared, which are exact for counts: ties are ties.
    fn shared(&self, sums: &Sums, cell: usize, neighbours: &[u32], weights: &[f64]) -> Standing {
        let observed: f64 = neighbours.iter().map(|&other| self.values[other as usize]).sum();
        let mut smaller = sums.sorted.partition_point(|sum| *sum < observed);
        let mut not_larger = sums.sorted.partition_point(|sum| *sum <= observed);
        let (mut deviations, mut squares) = (sums.deviations, sums.squares);
        let (degree, middle) = (neighbours.len(), neighbours.len() as f64 * self.mean);
        for &place in &self.draws.places[self.draws.starts[cell]..self.draws.starts[cell + 1]] {
            let (permutation, place) = (place as usize / self.draws.width, place as usize % self.draws.width);
            if place >= degree {
                continue;
            }
            let was = sums.drawn[permutation];
            let instead = self.draws.of(permutation)[degree] as usize;
            let is = was - self.values[cell] + self.values[instead];
            smaller = smaller + usize::from(is < observed) - usize::from(was < observed);
            not_larger = not_larger + usize::from(is <= observed) - usize::from(was <= observed);
            deviations += is - was;
            squares += (is - middle) * (is - middle) - (was - middle) * (was - middle);
        }
        let n = self.draws.permutations as f64;
        let shift = deviations / n;
        let weight = weights[0];
        Standing {
            permutations: self.draws.permutations,
            smaller,
            equal: not_larger - smaller,
            mean: weight * (middle + shift),
            variance: weight * weight * (squares / n - shift * shift).max(0.0),
        }
    }

    fn alone(&self, cell: usize, neighbours: &[u32], weights: &[f64]) -> Standing {
        let sum = |cells: &mut dyn Iterator<Item = u32>| -> f64 {
            weights.iter().zip(cells).map(|(weight, other)| weight * self.values[other as usize]).sum()
        };
        let observed = sum(&mut neighbours.iter().copied());
        let middle = self.mean * weights.iter().sum::<f64>();
        let mut standing = Standing { permutations: self.draws.permutations, ..Standing::default() };
        let (mut deviations, mut squares) = (0.0, 0.0);
        for permutation in 0..self.draws.permutations {
            let mut others = self.draws.of(permutation).iter().copied().filter(|&other| other as usize != cell);
            let drawn = sum(&mut others);
            standing.smaller += usize::from(drawn < observed);
            standing.equal += usize::from(drawn == observed);
            deviations += drawn - middle;
            squares += (drawn - middle) * (drawn - middle);
        }
        let n = self.draws.permutations as f64;
        let shift = deviations / n;
        (standing.mean, standing.variance) = (middle + shift, (squares / n - shift * shift).max(0.0));
        standing
    }
}

impl Sums {
    fn new(draws: &Draws, values: &[f64], degree: usize, mean: f64) -> Self {
        let sum = |permutation| draws.of(permutation)[..degree].iter().map(|&cell| values[cell as usize]).sum();
        let drawn: Vec<f64> = (0..draws.permutations).map(sum).collect();
        let mut sorted = drawn.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let middle = degree as f64 * mean;
        let deviations = drawn.iter().map(|sum| sum - middle).sum();
        let squares = drawn.iter().map(|sum| (sum - middle) * (sum - middle)).sum();
        Self { drawn, sorted, deviations, squares }
    }
}

/// Whether all weights of a row are one number, and there is one.
fn equal(weights: &[f64]) -> bool {
    weights.first().is_some_and(|first| weights.iter().all(|weight| weight == first))
}
