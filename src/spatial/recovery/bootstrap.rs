//! How sure a mean is.

use crate::spatial::shuffle::{below, generator};

/// A mean with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub mean: f64,
    pub low: f64,
    pub high: f64,
    /// How many values the mean is of: print it, so that values left out are seen.
    pub n: usize,
}

/// The mean of `values` with a 95 % percentile bootstrap interval from `draws` resamples with replacement.
///
/// Values that are not finite are left out; of none, everything is NaN. Percentiles interpolate linearly, as numpy.
/// Resampling cells takes them to be independent, but neighbours in one section are not: pass one value per section
/// or patch for an interval that speaks about new tissue.
///
/// Cost `O(draws · n)`. Efron and Tibshirani 1993, chapter 13; `scipy.stats.bootstrap(method="percentile")`.
pub fn bootstrap_interval(values: &[f64], draws: usize, seed: u64) -> Interval {
    let values: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n as f64;
    let Ok(bound) = u32::try_from(n) else { return Interval { mean, low: f64::NAN, high: f64::NAN, n } };
    if n == 0 || draws == 0 {
        return Interval { mean, low: f64::NAN, high: f64::NAN, n };
    }
    let mut generator = generator(seed, 0);
    let mut means: Vec<f64> = (0..draws)
        .map(|_| (0..n).map(|_| values[below(bound, &mut generator) as usize]).sum::<f64>() / n as f64)
        .collect();
    means.sort_unstable_by(f64::total_cmp);
    Interval { mean, low: quantile(&means, 0.025), high: quantile(&means, 0.975), n }
}

/// The quantile of sorted values, interpolated linearly; needs at least one.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (lower, upper) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    lower + (upper - lower) * place.fract()
}
