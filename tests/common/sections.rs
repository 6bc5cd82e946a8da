//! Generated sections that several tests of the spatial statistics measure.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use resitu::cells::Csr;
use resitu::spatial::{GraphKind, GraphParams};

pub const DEFAULT: GraphParams = GraphParams::DEFAULT;

pub fn knn(k: usize) -> GraphParams {
    GraphParams { kind: GraphKind::Knn { k }, ..DEFAULT }
}

pub fn radius(radius: f64) -> GraphParams {
    GraphParams { kind: GraphKind::Radius { radius }, ..DEFAULT }
}

/// From 0 to 1.
pub fn uniform(generator: &mut ChaCha8Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// Uniform in a square of 100.
pub fn scatter(n: usize, seed: u64) -> Vec<[f64; 2]> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| [100.0 * uniform(&mut generator), 100.0 * uniform(&mut generator)]).collect()
}

/// Small counts: even genes follow a wave through the plane, odd ones nothing.
pub fn counts(positions: &[[f64; 2]], genes: usize, seed: u64) -> Csr {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let dense: Vec<f32> = positions
        .iter()
        .flat_map(|p| (0..genes).map(|gene| (gene, *p)).collect::<Vec<_>>())
        .map(|(gene, p)| {
            let wave = if gene % 2 == 0 { 1.0 + (p[0] / 15.0 + gene as f64).sin() } else { 1.0 };
            (uniform(&mut generator) * 5.0 * wave * (gene + 6) as f64 / (genes + 5) as f64).round() as f32
        })
        .collect();
    Csr::from_dense(genes, &dense).expect("a matrix")
}

/// Labels that follow nothing.
pub fn random_labels(n: usize, n_labels: u32, seed: u64) -> Vec<i32> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| (generator.next_u32() % n_labels) as i32).collect()
}

/// A permutation of n cells, where n has no divisor in common with 77.
pub fn order(n: usize) -> Vec<usize> {
    (0..n).map(|cell| cell * 77 % n).collect()
}

/// The rows of a matrix in that order.
pub fn reordered(values: &Csr, order: &[usize]) -> Csr {
    let mut moved = Csr::empty(values.n_cols());
    for &cell in order {
        let (genes, row) = values.row(cell);
        moved.push_row(genes.iter().copied().zip(row.iter().copied())).expect("a row of the matrix");
    }
    moved
}
