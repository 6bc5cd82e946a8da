//! A tissue to measure on: cells at the density of a section, with labels and genes that follow the place.

use resitu::cells::Csr;

/// The side of the square that holds `n` cells, 10 µm apart on average.
pub fn side_um(n: usize) -> f64 {
    10.0 * (n as f64).sqrt()
}

/// Uniform numbers below 1 (splitmix64): the same on every machine.
pub struct Uniform(pub u64);

impl Uniform {
    pub fn draw(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// `n` scattered cells in µm.
pub fn positions(n: usize) -> Vec<[f64; 2]> {
    let (side, mut uniform) = (side_um(n), Uniform(1));
    (0..n).map(|_| [side * uniform.draw(), side * uniform.draw()]).collect()
}

/// A label for each cell: stripes across the tissue, one cell in two of any label.
pub fn labels(positions: &[[f64; 2]], n_labels: usize) -> Vec<i32> {
    let (side, mut uniform) = (side_um(positions.len()), Uniform(2));
    let label = |p: &[f64; 2]| {
        let place = if uniform.draw() < 0.5 { uniform.draw() } else { p[0] / side };
        (place * n_labels as f64) as i32
    };
    positions.iter().map(label).collect()
}

/// Counts of `genes` genes, each in about `share` of the cells.
///
/// # Errors
/// None for sizes that fit in memory; the type is that of [`Csr::from_dense`].
pub fn counts(positions: &[[f64; 2]], genes: usize, share: f64) -> Result<Csr, impl std::error::Error> {
    let mut uniform = Uniform(3);
    let mut dense = Vec::with_capacity(positions.len() * genes);
    for p in positions {
        for gene in 0..genes {
            let wave = 1.0 + (p[0] / 100.0 + gene as f64).sin();
            let expressed = uniform.draw() < share * wave;
            dense.push(if expressed { 1.0 + (3.0 * uniform.draw()).floor() as f32 } else { 0.0 });
        }
    }
    Csr::from_dense(genes, &dense)
}
