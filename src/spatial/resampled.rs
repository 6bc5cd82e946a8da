//! Any statistic of positions that are known only as a distribution: its mean and interval over draws of them, and its
//! null from random cells of the same labels.

use super::SpatialError;
use super::parallel::Meter;
use super::shuffle::{below, generator};
use crate::progress::Tick;

/// More numbers are not held, those of all draws together: 2 GB; 0.5 GB of the 4 GB that a browser tab has.
const MAX_NUMBERS: usize = if cfg!(target_arch = "wasm32") { 60_000_000 } else { 250_000_000 };

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResampleParams {
    pub draws: usize,
    pub seed: u64,
    /// Share of the draws that the interval holds: 0.95 from the 2.5 % to the 97.5 % quantile.
    pub level: f64,
}

impl Default for ResampleParams {
    fn default() -> Self {
        Self { draws: 200, seed: 0, level: 0.95 }
    }
}

impl ResampleParams {
    /// Refuses what cannot be meant, before any work.
    ///
    /// # Errors
    /// `spatial.bad-parameter` for fewer than 2 draws or more than a million, or a level that is not between 0 and 1.
    pub fn check(&self) -> Result<(), SpatialError> {
        if !(2..=1_000_000).contains(&self.draws) {
            return Err(SpatialError::BadParameter("An interval needs between 2 and 1,000,000 draws."));
        }
        match self.level > 0.0 && self.level < 1.0 {
            true => Ok(()),
            false => Err(SpatialError::BadParameter("The level of an interval lies between 0 and 1.")),
        }
    }
}

/// One entry for each number of the statistic.
#[derive(Debug, Clone, PartialEq)]
pub struct Resampled {
    /// Over the draws in which the number exists; NaN if it never does.
    pub mean: Vec<f64>,
    /// Population standard deviation.
    pub deviation: Vec<f64>,
    /// Quantiles, interpolated linearly as numpy does.
    pub low: Vec<f64>,
    pub high: Vec<f64>,
    /// Draws in which the number was NaN: an interval with many is one of the draws that happened to have it.
    pub undefined: Vec<usize>,
    /// How many draws there were.
    pub draws: usize,
}

/// Computes `statistic` on `draws` draws of the positions and summarises each of its numbers.
///
/// `positions(draw)` gives one position a cell, NaN where a cell has none: for translated cells their draws
/// (`Translation::draw_positions`), for the null [`label_matched`].
/// `statistic` gets them with the number of the draw and always gives equally many numbers. What it is, is the caller's: a
/// graph and Moran's I, say. Draws are one after the other, so that the statistic itself may use all threads.
///
/// The interval speaks of the doubt about positions alone, not of the doubt about expression or of another tissue.
///
/// O(draws · statistic) time, O(draws · numbers) memory.
///
/// # Errors
/// `spatial.bad-parameter`: see [`ResampleParams::check`]; also for more than 250 million numbers (60 million in the browser),
/// those of all draws together; `spatial.length-mismatch` if the statistic changes its length;
/// `job.cancelled`; whatever the closures fail with.
pub fn resampled<E: From<SpatialError>>(
    params: &ResampleParams,
    mut positions: impl FnMut(u64) -> Result<Vec<[f64; 2]>, E>,
    mut statistic: impl FnMut(&[[f64; 2]], u64) -> Result<Vec<f64>, E>,
    tick: Tick,
) -> Result<Resampled, E> {
    params.check()?;
    let mut meter = Meter::new(tick, "draws of the positions", params.draws as u64);
    let mut numbers: Vec<Vec<f64>> = Vec::new();
    for draw in 0..params.draws as u64 {
        let found = statistic(&positions(draw)?, draw)?;
        if draw == 0 {
            if found.len().saturating_mul(params.draws) > MAX_NUMBERS {
                return Err(SpatialError::BadParameter(
                    "These draws would hold too many numbers: take fewer draws, or fewer genes or distances.",
                )
                .into());
            }
            numbers = vec![Vec::new(); found.len()];
        }
        if found.len() != numbers.len() {
            let (expected, found) = (numbers.len(), found.len());
            return Err(SpatialError::LengthMismatch { what: "numbers of the statistic", expected, found }.into());
        }
        let defined = numbers.iter_mut().zip(found).filter(|(_, value)| !value.is_nan());
        defined.for_each(|(values, value)| values.push(value));
        meter.add(1)?;
    }
    let mut summary = Resampled {
        mean: Vec::with_capacity(numbers.len()),
        deviation: Vec::with_capacity(numbers.len()),
        low: Vec::with_capacity(numbers.len()),
        high: Vec::with_capacity(numbers.len()),
        undefined: Vec::with_capacity(numbers.len()),
        draws: params.draws,
    };
    for mut values in numbers {
        values.sort_unstable_by(f64::total_cmp);
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n; // 0 / 0: never defined
        summary.mean.push(mean);
        summary.deviation.push((values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt());
        let tail = (1.0 - params.level) / 2.0;
        summary.low.push(quantile(&values, tail));
        summary.high.push(quantile(&values, 1.0 - tail));
        summary.undefined.push(params.draws - values.len());
    }
    Ok(summary)
}

/// The quantile of sorted values, interpolated linearly; NaN of none.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let (lower, upper) = (sorted[place.floor() as usize], sorted[(place.ceil() as usize).min(last)]);
    lower + (upper - lower) * place.fract()
}

/// The null of a placement: every cell at the place of a random reference cell with its label, with replacement. What a
/// statistic reaches by these positions, it owes to the labels and not to the placement.
///
/// Codes of both are of the same levels. A cell without a label (negative code), or whose label no reference cell has, gets
/// NaN. O(cells + reference cells).
///
/// # Errors
/// `spatial.length-mismatch` unless every reference cell has a label and a position; `spatial.too-few-cells` without one;
/// `spatial.bad-parameter` for more than a million levels.
pub fn label_matched(
    codes: &[i32],
    reference_codes: &[i32],
    reference_positions: &[[f64; 2]],
    seed: u64,
    draw: u64,
) -> Result<Vec<[f64; 2]>, SpatialError> {
    if reference_codes.len() != reference_positions.len() {
        let (expected, found) = (reference_codes.len(), reference_positions.len());
        return Err(SpatialError::LengthMismatch { what: "reference positions", expected, found });
    }
    if reference_codes.is_empty() {
        return Err(SpatialError::TooFewCells { needed: 1, found: 0 });
    }
    let levels = reference_codes.iter().filter_map(|&code| usize::try_from(code).ok()).max().map_or(0, |most| most + 1);
    if levels > 1_000_000 {
        return Err(SpatialError::BadParameter("The labels have more than a million levels."));
    }
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); levels];
    for (&code, cell) in reference_codes.iter().zip(0..) {
        if let Ok(level) = usize::try_from(code) {
            members[level].push(cell);
        }
    }
    let mut generator = generator(seed, draw);
    let place = |&code: &i32| {
        let alike = usize::try_from(code).ok().and_then(|level| members.get(level)).filter(|alike| !alike.is_empty());
        match alike {
            Some(alike) => reference_positions[alike[below(alike.len() as u32, &mut generator) as usize] as usize],
            None => [f64::NAN; 2],
        }
    };
    Ok(codes.iter().map(place).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::ignore;

    #[test]
    fn intervals_are_the_quantiles_of_the_draws() -> Result<(), SpatialError> {
        let params = ResampleParams { draws: 101, ..ResampleParams::default() };
        // The x of one cell runs through 0, 1, … 100; a second number exists in the last draw alone, a third never.
        let numbers =
            |xy: &[[f64; 2]], draw: u64| Ok(vec![xy[0][0], if draw == 100 { 7.0 } else { f64::NAN }, f64::NAN]);
        let found = resampled(&params, |draw| Ok(vec![[draw as f64, 0.0]]), numbers, &mut ignore)?;
        // The levels 0.025 and 0.975 are no binary fractions: the last digit is theirs.
        let near = |value: f64, expected: f64| (value - expected).abs() < 1e-12;
        assert!(found.mean[0] == 50.0 && near(found.low[0], 2.5) && near(found.high[0], 97.5));
        assert!((found.deviation[0] - 850f64.sqrt()).abs() < 1e-12, "the variance of 0..=100 is (101² − 1) / 12");
        assert_eq!((found.mean[1], found.low[1], found.undefined[1]), (7.0, 7.0, 100));
        assert!(found.mean[2].is_nan() && found.high[2].is_nan() && found.undefined[2] == 101);
        Ok(())
    }

    #[test]
    fn what_cannot_be_meant_and_cancellation_end_it() {
        let here = |_| Ok::<_, SpatialError>(vec![[0.0, 0.0]]);
        for params in [
            ResampleParams { draws: 1, ..ResampleParams::default() },
            ResampleParams { level: 1.0, ..ResampleParams::default() },
        ] {
            assert!(resampled(&params, here, |_, _| Ok(vec![]), &mut ignore).is_err());
        }
        let vast = ResampleParams { draws: 1_000_000, ..ResampleParams::default() };
        let found = resampled(&vast, here, |_, _| Ok(vec![0.0; 1_000]), &mut ignore);
        assert!(matches!(found, Err(SpatialError::BadParameter(_))));
        let uneven = |_: &[[f64; 2]], draw: u64| Ok(vec![0.0; draw as usize]);
        let found = resampled(&ResampleParams::default(), here, uneven, &mut ignore);
        assert!(matches!(found, Err(SpatialError::LengthMismatch { .. })));
        let stop = &mut |_| std::ops::ControlFlow::Break(());
        let found = resampled(&ResampleParams::default(), here, |_, _| Ok(vec![]), stop);
        assert_eq!(found, Err(SpatialError::Cancelled));
    }

    #[test]
    fn the_null_keeps_labels_and_forgets_places() -> Result<(), SpatialError> {
        let reference: Vec<[f64; 2]> = (0..100).map(|i| [f64::from(i), f64::from(i % 2)]).collect();
        let reference_codes: Vec<i32> = (0..100).map(|i| i % 2).collect();
        let codes = [0, 1, -1, 2, 0, 1];
        let null = |draw| label_matched(&codes, &reference_codes, &reference, 1, draw);
        let (first, second) = (null(0)?, null(1)?);
        for (place, code) in first.iter().zip(codes) {
            assert!(if code == 0 || code == 1 { place[1] == f64::from(code) } else { place[0].is_nan() });
        }
        assert_ne!(first[0], second[0]);
        assert_eq!(null(0)?[0], first[0]);
        assert!(label_matched(&codes, &[], &[], 1, 0).is_err());
        Ok(())
    }
}
