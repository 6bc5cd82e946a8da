//! Where an observed curve lies among simulated ones.

use super::RipleyTest;

/// An observed curve and the simulated ones.
pub(super) struct Envelope<'a> {
    value: &'a [f64],
    simulated: &'a [&'a [f64]],
}

impl<'a> Envelope<'a> {
    pub fn new(value: &'a [f64], simulated: &'a [&'a [f64]]) -> Self {
        Self { value, simulated }
    }

    pub fn test(&self, alpha: f64) -> RipleyTest {
        let (steps, m) = (self.value.len(), self.simulated.len());
        let rank = |level: f64| (level * (m as f64 + 1.0) * (1.0 + 1e-12)) as usize;
        let mut test = RipleyTest {
            mean: vec![f64::NAN; steps],
            low: vec![f64::NAN; steps],
            high: vec![f64::NAN; steps],
            p: vec![f64::NAN; steps],
            deviation: f64::NAN,
            global_p: f64::NAN,
            global_half_width: f64::NAN,
        };
        // Deviations of the data, then of the simulations.
        let mut deviations = vec![f64::NAN; m + 1];
        for step in 0..steps {
            let value = self.value[step];
            let mut column: Vec<f64> = self.simulated.iter().map(|curve| curve[step]).collect();
            if value.is_nan() || column.iter().any(|v| v.is_nan()) {
                continue; // at this distance a curve does not exist: it tells nothing about any
            }
            let sum: f64 = column.iter().sum();
            let centre = (sum + value) / (m as f64 + 1.0);
            for (deviation, v) in deviations.iter_mut().zip([value].iter().chain(&column)) {
                *deviation = deviation.max((v - centre).abs()); // max drops NaN
            }
            column.sort_unstable_by(f64::total_cmp);
            test.mean[step] = sum / m as f64;
            let outer = rank(alpha / 2.0).clamp(1, m.div_ceil(2).max(1));
            (test.low[step], test.high[step]) = (column[outer - 1], column[m - outer]);
            let above = column.iter().filter(|v| **v >= value).count();
            let below = column.iter().filter(|v| **v <= value).count();
            test.p[step] = (2.0 * (1 + above.min(below)) as f64 / (m as f64 + 1.0)).min(1.0);
        }
        let observed = deviations[0];
        if !observed.is_nan() {
            test.deviation = observed;
            let simulated = &mut deviations[1..];
            let as_far = simulated.iter().filter(|deviation| **deviation >= observed).count();
            test.global_p = (1 + as_far) as f64 / (m as f64 + 1.0);
            simulated.sort_unstable_by(f64::total_cmp);
            let allowed = rank(alpha);
            test.global_half_width = if allowed == 0 { f64::INFINITY } else { simulated[m - allowed.min(m)] };
        }
        test
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_counted_with_the_data_among_the_simulations() {
        // 19 flat curves 1..19, the data at 30: outside, as far as can be.
        let curves: Vec<[f64; 2]> = (1..20).map(|i| [0.0, f64::from(i)]).collect();
        let curves: Vec<&[f64]> = curves.iter().map(|curve| &curve[..]).collect();
        let test = Envelope::new(&[0.0, 30.0], &curves).test(0.1);
        assert_eq!((test.low[1], test.high[1], test.mean[1]), (1.0, 19.0, 10.0));
        assert_eq!((test.p[0], test.p[1]), (1.0, 0.1));
        assert_eq!((test.global_p, test.deviation), (0.05, 19.0));
        // The second largest of the simulated deviations from 11.
        assert_eq!(test.global_half_width, 9.0);
        assert_eq!(Envelope::new(&[0.0, 30.0], &curves).test(0.01).global_half_width, f64::INFINITY);
    }

    #[test]
    fn a_distance_without_a_value_tells_nothing() {
        let test = Envelope::new(&[f64::NAN, 1.0], &[&[0.0, 1.0], &[5.0, 1.0]]).test(0.5);
        assert!(test.mean[0].is_nan() && test.p[0].is_nan());
        assert_eq!((test.global_p, test.deviation), (1.0, 0.0));
    }
}
