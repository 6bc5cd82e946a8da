//! Geary's C: how far apart are the values of neighbours?
//!
//! `C = (n − 1) · Σᵢⱼ wᵢⱼ (xᵢ − xⱼ)² / (2 · S0 · Σᵢ zᵢ²)` (Geary 1954). Near 0: smooth; 1: random; above 1: neighbours
//! differ. With `r` and `c` the row and column sums of `w`,
//! `Σ wᵢⱼ (xᵢ − xⱼ)² = Σᵢ (rᵢ + cᵢ) zᵢ² − 2 Σᵢ zᵢ Σⱼ wᵢⱼ zⱼ`, so C costs nothing beside Moran's I.
//! Formulas of the null moments: Cliff & Ord 1981, as in esda 2.9 (`Geary`) and squidpy since 1.8.2 (before, squidpy
//! used the variance of Moran's I).

use super::Moments;

/// `C` from `weighted = Σ (rᵢ + cᵢ) zᵢ²`, `cross = Σᵢ zᵢ Σⱼ wᵢⱼ zⱼ` and `squares = Σ z²`.
pub fn value(n: f64, s0: f64, weighted: f64, cross: f64, squares: f64) -> f64 {
    (n - 1.0) * (weighted - 2.0 * cross) / (2.0 * s0 * squares)
}

/// `E[C] = 1`, under either null hypothesis.
pub const EXPECTED: f64 = 1.0;

/// Variance if the values are independent draws of one normal distribution:
/// `((2 S1 + S2)(n − 1) − 4 S0²) / (2 (n + 1) S0²)`.
pub fn variance_normal(n: f64, moments: Moments) -> f64 {
    let Moments { s0, s1, s2 } = moments;
    ((2.0 * s1 + s2) * (n - 1.0) - 4.0 * s0 * s0) / (2.0 * (n + 1.0) * s0 * s0)
}

/// Variance if the values at hand are put on the cells in random order; `kurtosis = n Σz⁴ / (Σz²)²`.
pub fn variance_random(n: f64, moments: Moments, kurtosis: f64) -> f64 {
    let Moments { s0, s1, s2 } = moments;
    let (n2, s02) = (n * n, s0 * s0);
    let a = (n - 1.0) * s1 * (n2 - 3.0 * n + 3.0 - (n - 1.0) * kurtosis);
    let b = (n - 1.0) * s2 * (n2 + 3.0 * n - 6.0 - (n2 - n + 2.0) * kurtosis) / 4.0;
    let c = s02 * (n2 - 3.0 - (n - 1.0) * (n - 1.0) * kurtosis);
    (a - b + c) / (n * (n - 2.0) * (n - 3.0) * s02)
}
