//! From z values and permutations to p-values, and from p to false discovery rates.

use statrs::function::erf::erfc;

/// Which deviations count against the null hypothesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tail {
    /// Both directions: `2 · P(Z > |z|)`, as esda's `Moran`.
    #[default]
    Two,
    /// The direction that was observed: `P(Z > |z|)`, as squidpy's default and esda's `Geary`.
    One,
}

/// Upper tail of the standard normal distribution, `P(Z > z)`. Exact to rounding far out, where `1 − Φ(z)` is 0;
/// underflows to 0 only beyond z = 38.
pub fn survival(z: f64) -> f64 {
    0.5 * erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

/// The p-value of a z value; NaN for NaN.
pub fn p_of_z(z: f64, tail: Tail) -> f64 {
    match tail {
        Tail::One => survival(z.abs()),
        Tail::Two => 2.0 * survival(z.abs()),
    }
}

/// The p-value from how many of `permutations` statistics were at least, and how many at most, the observed one:
/// `(min(at_least, at_most) + 1) / (permutations + 1)`.
///
/// This folded p takes the direction from the data, so under the null hypothesis it is below α with probability 2α.
/// `Tail::Two` doubles it (at most 1), which puts that right; esda and squidpy never double it.
///
/// Ties count for both tails. esda and squidpy take `permutations − at_least` for the lower one and so leave them out:
/// where all permutations give the observed value, as for a gene that one cell of a lattice expresses, they find
/// `1 / (permutations + 1)` and this finds 1. Without ties they agree.
pub fn p_of_permutations(at_least: usize, at_most: usize, permutations: usize, tail: Tail) -> f64 {
    let folded = ((at_least.min(at_most) as f64 + 1.0) / (permutations as f64 + 1.0)).min(1.0);
    match tail {
        Tail::One => folded,
        Tail::Two => (2.0 * folded).min(1.0),
    }
}

/// False discovery rates by Benjamini & Hochberg (1995). NaN stays NaN and does not count as a test.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).filter(|&i| !p[i].is_nan()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let tests = order.len() as f64;
    let mut q = vec![f64::NAN; p.len()];
    let mut least = 1.0f64;
    for (rank, &i) in order.iter().enumerate().rev() {
        least = least.min(p[i] * tests / (rank as f64 + 1.0));
        q[i] = least;
    }
    q
}
