//! F and G: the distribution of distances to the nearest point, of which the window's edge hides a part.

use super::EdgeCorrection;

/// One distance, and the distance from where it was measured to the edge of the window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    pub nearest: f64,
    pub margin: f64,
}

/// The share of distances of at most `r`, for every `r` of the ascending `radii`. NaN where it cannot be told.
///
/// - `Uncorrected`: all of them are taken as they are.
/// - `Border`: of those with `margin ≥ r`.
/// - `KaplanMeier`: `1 − Π (1 − events/at risk)` over the distances `s ≤ r` seen (`nearest ≤ margin`); at risk is what
///   has `min(nearest, margin) ≥ s`.
pub(super) fn distribution(reaches: &[Reach], radii: &[f64], correction: EdgeCorrection, curve: &mut Vec<f64>) {
    match correction {
        EdgeCorrection::KaplanMeier => kaplan_meier(reaches, radii, curve),
        EdgeCorrection::Border => {
            let mut margins: Vec<f64> = reaches.iter().map(|reach| reach.margin).collect();
            margins.sort_unstable_by(f64::total_cmp);
            // A distance counts for the radii from itself up to its margin.
            let mut starts = sorted(reaches.iter().filter(|reach| reach.nearest <= reach.margin).map(|r| r.nearest));
            let mut ends = sorted(reaches.iter().filter(|reach| reach.nearest <= reach.margin).map(|r| r.margin));
            starts.push(f64::INFINITY);
            ends.push(f64::INFINITY);
            curve.extend(radii.iter().map(|r| {
                let inner = margins.len() - margins.partition_point(|margin| margin < r);
                let found = starts.partition_point(|start| start <= r) - ends.partition_point(|end| end < r);
                found as f64 / inner as f64
            }));
        }
        _ => {
            let nearest = sorted(reaches.iter().map(|reach| reach.nearest));
            let n = nearest.len() as f64;
            curve.extend(radii.iter().map(|r| nearest.partition_point(|d| d <= r) as f64 / n));
        }
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn kaplan_meier(reaches: &[Reach], radii: &[f64], curve: &mut Vec<f64>) {
    let mut times: Vec<(f64, bool)> =
        reaches.iter().map(|reach| (reach.nearest.min(reach.margin), reach.nearest <= reach.margin)).collect();
    times.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let (mut place, mut survival) = (0, if times.is_empty() { f64::NAN } else { 1.0 });
    for r in radii {
        while let Some(&(time, _)) = times.get(place).filter(|(time, _)| time <= r) {
            let same = times[place..].iter().take_while(|other| other.0 == time);
            let (count, events) =
                same.fold((0, 0), |(count, events), other| (count + 1, events + usize::from(other.1)));
            survival *= 1.0 - events as f64 / (times.len() - place) as f64;
            place += count;
        }
        curve.push(1.0 - survival);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_estimates_of_a_few_distances() {
        let reach = |nearest, margin| Reach { nearest, margin };
        let reaches = [reach(1.0, 5.0), reach(2.0, 1.0), reach(3.0, 4.0), reach(f64::INFINITY, 3.5)];
        let radii = [0.0, 1.0, 3.0, 4.5, 6.0];
        let run = |correction| {
            let mut curve = Vec::new();
            distribution(&reaches, &radii, correction, &mut curve);
            curve
        };
        assert_eq!(run(EdgeCorrection::Uncorrected), [0.0, 0.25, 0.75, 0.75, 0.75]);
        let border = run(EdgeCorrection::Border);
        assert_eq!(border[..4], [0.0, 0.25, 2.0 / 3.0, 1.0]);
        assert!(border[4].is_nan());
        // At 1 one of four; at 3 one of the two left (1.0 censored, then 3.0 and 3.5).
        assert_eq!(run(EdgeCorrection::KaplanMeier), [0.0, 0.25, 0.625, 0.625, 0.625]);
    }
}
