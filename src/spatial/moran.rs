//! Moran's I: do neighbours deviate from the mean in the same direction?
//!
//! `I = (n / S0) · Σᵢ zᵢ Σⱼ wᵢⱼ zⱼ / Σᵢ zᵢ²` with `z = x − mean(x)` over all `n` cells, those without neighbours
//! included (Moran 1950). About 1: smooth; `−1/(n−1)`: random; negative: a chequerboard.
//! Formulas of the null moments: Cliff & Ord 1981, as in esda 2.9 (`Moran`) and squidpy 1.8 (`spatial_autocorr`).

use super::Moments;

/// `I` from `cross = Σᵢ zᵢ Σⱼ wᵢⱼ zⱼ` and `squares = Σ z²`.
pub fn value(n: f64, s0: f64, cross: f64, squares: f64) -> f64 {
    n / s0 * cross / squares
}

/// `E[I] = −1 / (n − 1)`, under either null hypothesis.
pub fn expected(n: f64) -> f64 {
    -1.0 / (n - 1.0)
}

/// Variance if the values are independent draws of one normal distribution:
/// `(n² S1 − n S2 + 3 S0²) / ((n² − 1) S0²) − E[I]²`.
pub fn variance_normal(n: f64, moments: Moments) -> f64 {
    let Moments { s0, s1, s2 } = moments;
    let second = (n * n * s1 - n * s2 + 3.0 * s0 * s0) / ((n - 1.0) * (n + 1.0) * s0 * s0);
    second - expected(n) * expected(n)
}

/// Variance if the values at hand are put on the cells in random order; `kurtosis = n Σz⁴ / (Σz²)²`.
pub fn variance_random(n: f64, moments: Moments, kurtosis: f64) -> f64 {
    let Moments { s0, s1, s2 } = moments;
    let (n2, s02) = (n * n, s0 * s0);
    let normal_part = n * ((n2 - 3.0 * n + 3.0) * s1 - n * s2 + 3.0 * s02);
    let kurtosis_part = kurtosis * ((n2 - n) * s1 - 2.0 * n * s2 + 6.0 * s02);
    let second = (normal_part - kurtosis_part) / ((n - 1.0) * (n - 2.0) * (n - 3.0) * s02);
    second - expected(n) * expected(n)
}
