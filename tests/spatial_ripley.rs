//! Ripley's functions on patterns whose answer is known, on null data, and where data are degenerate.

use std::f64::consts::PI;
use std::ops::ControlFlow;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use resitu::progress::ignore;
use resitu::spatial::SpatialError;
use resitu::spatial::ripley::{EdgeCorrection::*, *};

const SQUARE: WindowKind = WindowKind::Rectangle { low: [0.0, 0.0], high: [1.0, 1.0] };

fn unit(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// Uniform points in the unit square.
fn uniform(n: usize, seed: u64) -> Vec<[f64; 2]> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| [unit(&mut random), unit(&mut random)]).collect()
}

/// A Thomas process in the unit square: parents, and children around them with a standard deviation of 0.02.
fn clustered(seed: u64) -> Vec<[f64; 2]> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let parents = uniform(20, seed + 1000);
    let mut children = Vec::new();
    while children.len() < 100 {
        let parent = parents[(random.next_u32() % 20) as usize];
        let (radius, angle) = (0.02 * (-2.0 * unit(&mut random).max(1e-300).ln()).sqrt(), 2.0 * PI * unit(&mut random));
        let child = [parent[0] + radius * angle.cos(), parent[1] + radius * angle.sin()];
        if child.iter().all(|v| (0.0..=1.0).contains(v)) {
            children.push(child);
        }
    }
    children
}

/// Uniform points, none within 0.05 of an earlier one.
fn regular(seed: u64) -> Vec<[f64; 2]> {
    let mut kept: Vec<[f64; 2]> = Vec::new();
    for p in uniform(100_000, seed) {
        if kept.len() < 100 && kept.iter().all(|q| (p[0] - q[0]).hypot(p[1] - q[1]) > 0.05) {
            kept.push(p);
        }
    }
    kept
}

fn params(function: RipleyFunction, correction: EdgeCorrection) -> RipleyParams {
    RipleyParams { function, correction: Some(correction), window: SQUARE, simulations: 0, ..RipleyParams::default() }
}

fn run(positions: &[[f64; 2]], params: &RipleyParams) -> Ripley {
    ripley(positions, &vec![0; positions.len()], 1, None, params, &mut ignore).expect("a result")
}

#[track_caller]
fn agree(a: &[f64], b: &[f64], relative: f64) {
    assert_eq!(a.len(), b.len());
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= relative * b.abs().max(1e-3) || (a.is_nan() && b.is_nan()), "entry {i}: {a} {b}");
    }
}

/// Over 300 patterns of independent uniform points the mean of a corrected estimate lies within 4.5 standard errors of the
/// truth at every distance; without correction it lies more than ten below at the greatest.
#[test]
fn corrected_estimates_are_unbiased_and_uncorrected_ones_are_not() {
    use RipleyFunction::*;
    // F and G are ratios of random numbers: their bias is of order 1/n, here below 0.004.
    for (function, correction, ratio_bias) in [
        (K, Isotropic, 0.0),
        (K, Translation, 0.0),
        (K, Border, 0.0005),
        (K, Uncorrected, 0.0),
        (PairCorrelation, Isotropic, 0.0),
        (PairCorrelation, Translation, 0.0),
        (PairCorrelation, Uncorrected, 0.0),
        (F, KaplanMeier, 0.004),
        (F, Border, 0.004),
        (F, Uncorrected, 0.0),
        (G, KaplanMeier, 0.004),
        (G, Border, 0.004),
        (G, Uncorrected, 0.0),
    ] {
        let greatest = if matches!(function, F | G) { 0.1 } else { 0.25 };
        let base = RipleyParams { steps: 11, max_distance: Some(greatest), ..params(function, correction) };
        let mut sums = [[0.0f64; 2]; 11];
        let mut truth = Vec::new();
        for seed in 0..300 {
            let found = run(&uniform(100, seed), &RipleyParams { seed, probes: Probes::Random(200), ..base.clone() });
            truth.clone_from(&found.curves[0].theoretical);
            sums.iter_mut().zip(&found.curves[0].value).for_each(|(sum, v)| {
                sum[0] += v;
                sum[1] += v * v;
            });
        }
        // G counts the other 99 points; at distance 0 pair correlations hardly have a variance.
        if function == G {
            truth = (0..11).map(|i| -(-99.0 * PI * (0.01 * f64::from(i)).powi(2)).exp_m1()).collect();
        }
        let (mut worst, mut last) = (0.0f64, 0.0);
        for step in 2..11 {
            let (mean, square) = (sums[step][0] / 300.0, sums[step][1] / 300.0);
            let error = ((square - mean * mean) / 299.0).sqrt();
            let off = mean - truth[step];
            worst = worst.max((off.abs() - ratio_bias).max(0.0) / error);
            last = off / error;
        }
        match correction {
            Uncorrected => assert!(last < -10.0, "{function:?} without correction: {last} standard errors"),
            _ => assert!(worst < 4.5, "{function:?} {correction:?}: {worst} standard errors"),
        }
    }
}

/// On null data a test at 5 % rejects in 5 % of cases, here ± 3.3 standard errors of 400 patterns.
#[test]
fn the_tests_keep_their_level() {
    use RipleyFunction::*;
    for (function, correction) in [(L, Isotropic), (G, KaplanMeier), (F, KaplanMeier), (PairCorrelation, Isotropic)] {
        let (mut global, mut pointwise, mut outside, mut outside_global) = (0, 0, 0, 0);
        for seed in 0..400 {
            let greatest = Some(if matches!(function, F | G) { 0.1 } else { 0.2 });
            let probes = Probes::Random(100);
            let base = RipleyParams {
                steps: 6,
                simulations: 39,
                seed,
                probes,
                max_distance: greatest,
                ..params(function, correction)
            };
            let found = run(&uniform(60, 7000 + seed), &base);
            let curve = &found.curves[0];
            let test = curve.test.as_ref().expect("a test");
            global += usize::from(test.global_p <= 0.05);
            pointwise += usize::from(test.p[3] <= 0.05);
            outside += usize::from(curve.value[3] < test.low[3] || curve.value[3] > test.high[3]);
            outside_global += usize::from(test.deviation > test.global_half_width);
        }
        for (name, count) in
            [("global", global), ("pointwise", pointwise), ("envelope", outside), ("band", outside_global)]
        {
            assert!((6..=34).contains(&count), "{function:?}, {name}: {count} of 400");
        }
    }
}

#[test]
fn clusters_and_regular_patterns_are_found() {
    for (function, correction) in [
        (RipleyFunction::L, Isotropic),
        (RipleyFunction::G, KaplanMeier),
        (RipleyFunction::PairCorrelation, Translation),
    ] {
        let base = RipleyParams { simulations: 99, max_distance: Some(0.1), steps: 21, ..params(function, correction) };
        for seed in 0..5 {
            let found = run(&clustered(seed), &base);
            let curve = &found.curves[0];
            assert!(curve.value[8] > curve.theoretical[8], "{function:?} clustered, seed {seed}");
            assert_eq!(curve.test.as_ref().expect("a test").global_p, 0.01, "{function:?} clustered, seed {seed}");
            let found = run(&regular(seed), &base);
            let curve = &found.curves[0];
            let test = curve.test.as_ref().expect("a test");
            assert!(curve.value[9] < test.low[9], "{function:?} regular, seed {seed}");
            // The global test of g looks at the greatest deviation, which chance has near 0: it is weak here.
            let level = if function == RipleyFunction::PairCorrelation { 1.0 } else { 0.05 };
            assert!(test.global_p <= level, "{function:?} regular, seed {seed}: {}", test.global_p);
        }
    }
}

/// All cells lie in the left half of the window: against uniform points everything is a cluster, against labels dealt out
/// to the cells a random label is not.
#[test]
fn the_two_nulls_ask_different_questions() {
    let positions: Vec<[f64; 2]> = uniform(300, 5).into_iter().map(|p| [p[0] * p[0] * 0.5, p[1]]).collect();
    let codes: Vec<i32> = uniform(300, 6).iter().map(|p| i32::from(p[0] < 0.3)).collect();
    let test = |null| {
        let base = RipleyParams { simulations: 99, null, ..params(RipleyFunction::L, Isotropic) };
        let found = ripley(&positions, &codes, 2, None, &base, &mut ignore).expect("a result");
        found.curves.iter().map(|curve| curve.test.as_ref().expect("a test").global_p).collect::<Vec<_>>()
    };
    assert!(test(PointNull::Uniform).iter().all(|p| *p == 0.01));
    assert!(test(PointNull::Labels).iter().all(|p| *p > 0.05));
}

#[test]
fn a_lattice_has_its_known_answers() {
    let positions: Vec<[f64; 2]> = (0..441).map(|i| [f64::from(i % 21), f64::from(i / 21)]).collect();
    let window = WindowKind::Rectangle { low: [-0.5; 2], high: [20.5; 2] };
    let base = |function, correction| RipleyParams {
        window: window.clone(),
        max_distance: Some(3.0),
        steps: 13,
        ..params(function, correction)
    };
    // In steps of ¼: 4 neighbours at 1, 8 from 1.5, 12 from 2, 20 from 2.25, 24 … 28 from 2.83 and 3.
    let counts = [0.0, 0.0, 0.0, 0.0, 4.0, 4.0, 8.0, 8.0, 12.0, 20.0, 20.0, 20.0, 28.0];
    let k = run(&positions, &base(RipleyFunction::K, Border));
    agree(&k.curves[0].value, &counts.map(|count| count * 441.0 / 440.0), 1e-12);
    let g = run(&positions, &base(RipleyFunction::G, KaplanMeier));
    agree(&g.curves[0].value[..5], &[0.0, 0.0, 0.0, 0.0, 1.0], 1e-12);
    // From the middle of four cells it is √½ to the nearest.
    let middle = Probes::At((0..100).map(|i| [f64::from(i % 10) + 5.5, f64::from(i / 10) + 5.5]).collect());
    let f = run(&positions, &RipleyParams { probes: middle, ..base(RipleyFunction::F, KaplanMeier) });
    agree(&f.curves[0].value[..4], &[0.0, 0.0, 0.0, 1.0], 1e-12);
}

#[test]
fn curves_do_not_depend_on_order_place_direction_or_unit() {
    let positions = uniform(200, 3);
    let codes: Vec<i32> = (0..200).map(|i| i % 3).collect();
    let (sine, cosine) = 0.6f64.sin_cos();
    let turn = |p: [f64; 2]| [cosine * p[0] - sine * p[1] + 40.0, sine * p[0] + cosine * p[1] - 7.0];
    let probes = uniform(150, 4);
    for (function, correction) in [
        (RipleyFunction::K, Isotropic),
        (RipleyFunction::L, Translation),
        (RipleyFunction::K, Border),
        (RipleyFunction::PairCorrelation, Isotropic),
        (RipleyFunction::G, KaplanMeier),
        (RipleyFunction::F, KaplanMeier),
    ] {
        for between in [Between::Same, Between::All] {
            if function == RipleyFunction::F && between == Between::All {
                continue;
            }
            let base = RipleyParams { window: WindowKind::ConvexHull, between, ..params(function, correction) };
            let run = |positions: Vec<[f64; 2]>, codes: &[i32], probes: Vec<[f64; 2]>, scale: f64| {
                let base = RipleyParams { probes: Probes::At(probes), max_distance: Some(0.2 * scale), ..base.clone() };
                let base = RipleyParams { bandwidth: Some(0.03 * scale), ..base };
                let found = ripley(&positions, codes, 3, None, &base, &mut ignore).expect("a result");
                found.curves.into_iter().flat_map(|curve| curve.value).collect::<Vec<_>>()
            };
            let expected = run(positions.clone(), &codes, probes.clone(), 1.0);
            let reversed = codes.iter().rev().copied().collect::<Vec<_>>();
            agree(&run(positions.iter().rev().copied().collect(), &reversed, probes.clone(), 1.0), &expected, 1e-9);
            let moved = |points: &[[f64; 2]]| points.iter().map(|p| turn(*p)).collect::<Vec<_>>();
            agree(&run(moved(&positions), &codes, moved(&probes), 1.0), &expected, 1e-7);
            let scaled = |points: &[[f64; 2]]| points.iter().map(|p| p.map(|v| v * 1000.0)).collect::<Vec<_>>();
            let (power, found) = match function {
                RipleyFunction::K => (1e6, run(scaled(&positions), &codes, scaled(&probes), 1000.0)),
                RipleyFunction::L => (1e3, run(scaled(&positions), &codes, scaled(&probes), 1000.0)),
                _ => (1.0, run(scaled(&positions), &codes, scaled(&probes), 1000.0)),
            };
            agree(&found, &expected.iter().map(|v| v * power).collect::<Vec<_>>(), 1e-9);
        }
    }
}

/// From one label to itself, all-pairs curves are those of the label alone.
#[test]
fn cross_curves_hold_the_curves_of_each_label() {
    let positions = uniform(150, 9);
    let codes: Vec<i32> = (0..150).map(|i| i % 2).collect();
    for (function, correction) in
        [(RipleyFunction::L, Isotropic), (RipleyFunction::K, Border), (RipleyFunction::G, Border)]
    {
        let run = |between| {
            let base = RipleyParams { between, max_distance: Some(0.2), ..params(function, correction) };
            ripley(&positions, &codes, 2, None, &base, &mut ignore).expect("a result").curves
        };
        let (same, all) = (run(Between::Same), run(Between::All));
        assert_eq!(all.iter().map(|c| (c.label, c.neighbour)).collect::<Vec<_>>(), [(0, 0), (0, 1), (1, 0), (1, 1)]);
        agree(&all[0].value, &same[0].value, 1e-9);
        agree(&all[3].value, &same[1].value, 1e-9);
    }
}

#[test]
fn sections_are_pooled_and_cells_that_cannot_be_used_left_out() {
    let mut positions = uniform(120, 12);
    for (function, correction) in [(RipleyFunction::L, Isotropic), (RipleyFunction::G, KaplanMeier)] {
        let base =
            RipleyParams { window: WindowKind::ConvexHull, max_distance: Some(0.2), ..params(function, correction) };
        let once = run(&positions[..120], &base);
        positions.truncate(120);
        positions.extend_from_within(..);
        // No position, no label, and a section of two cells, which has no window.
        positions.extend([[f64::NAN, 1.0], [0.5, 0.5], [3.0, 3.0], [4.0, 4.0]]);
        let mut codes = vec![0; 241];
        codes.extend([-1, 0, 0]);
        let sections: Vec<u32> = (0..244)
            .map(|i| {
                if i < 120 {
                    0
                } else if i < 242 {
                    3
                } else {
                    9
                }
            })
            .collect();
        let twice = ripley(&positions, &codes, 1, Some(&sections), &base, &mut ignore).expect("a result");
        agree(&twice.curves[0].value, &once.curves[0].value, 1e-9);
        assert_eq!((twice.without_position, twice.without_label, twice.outside_window), (1, 1, 2));
        assert_eq!(twice.counts, [240]);
        positions.truncate(120);
    }
}

#[test]
fn a_label_without_cells_has_no_curve_and_one_with_a_single_cell_no_pairs() {
    let positions = uniform(50, 1);
    let mut codes = vec![0; 50];
    codes[7] = 2;
    for (function, correction) in
        [(RipleyFunction::L, Isotropic), (RipleyFunction::G, KaplanMeier), (RipleyFunction::F, Border)]
    {
        let base = RipleyParams { simulations: 9, ..params(function, correction) };
        let found = ripley(&positions, &codes, 3, None, &base, &mut ignore).expect("a result");
        assert!(found.curves[1].value.iter().all(|v| v.is_nan()), "{function:?}");
        assert!(found.curves[1].test.as_ref().expect("a test").global_p.is_nan());
        let single = &found.curves[2].value;
        match function {
            RipleyFunction::L => assert!(single.iter().all(|v| v.is_nan())),
            RipleyFunction::G => assert!(single.iter().all(|v| *v == 0.0)),
            _ => assert!(single[0] == 0.0),
        }
    }
}

#[test]
fn the_seed_decides_and_cells_on_one_spot_are_neighbours_at_0() {
    let base = RipleyParams { simulations: 19, ..params(RipleyFunction::L, Isotropic) };
    let positions = uniform(80, 2);
    assert_eq!(run(&positions, &base), run(&positions, &base));
    assert_ne!(run(&positions, &base), run(&positions, &RipleyParams { seed: 1, ..base.clone() }));
    let twice = [positions.clone(), positions].concat();
    let g = run(&twice, &params(RipleyFunction::G, KaplanMeier));
    assert!(g.curves[0].value.iter().all(|v| *v == 1.0));
    let k = run(&twice, &params(RipleyFunction::K, Isotropic));
    agree(&k.curves[0].value[..1], &[160.0 / (160.0 * 159.0)], 1e-12);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let positions = uniform(30, 0);
    let good = params(RipleyFunction::L, Isotropic);
    let refused = |params: RipleyParams| {
        let found = ripley(&positions, &[0; 30], 1, None, &params, &mut ignore);
        assert!(matches!(found, Err(SpatialError::BadParameter(_))), "{params:?}");
    };
    refused(RipleyParams { correction: Some(KaplanMeier), ..good.clone() });
    refused(RipleyParams { correction: Some(Border), function: RipleyFunction::PairCorrelation, ..good.clone() });
    refused(RipleyParams { correction: Some(Isotropic), function: RipleyFunction::G, ..good.clone() });
    refused(RipleyParams { correction: None, function: RipleyFunction::F, between: Between::All, ..good.clone() });
    refused(RipleyParams { max_distance: Some(0.0), ..good.clone() });
    refused(RipleyParams { max_distance: Some(f64::NAN), ..good.clone() });
    refused(RipleyParams { steps: 1, ..good.clone() });
    refused(RipleyParams { alpha: 1.0, ..good.clone() });
    refused(RipleyParams { simulations: 100_000, steps: 10_000, ..good.clone() });
    refused(RipleyParams { window: WindowKind::Rectangle { low: [0.0; 2], high: [0.0, 1.0] }, ..good.clone() });
    refused(RipleyParams { window: WindowKind::Polygon(vec![[0.0, 0.0], [1.0, 1.0]]), ..good.clone() });
    let l = vec![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.6, 0.3]];
    refused(RipleyParams { window: WindowKind::Polygon(l), correction: Some(Translation), ..good.clone() });
    let line: Vec<[f64; 2]> = (0..30).map(|i| [f64::from(i), 0.0]).collect();
    let hull = RipleyParams { window: WindowKind::ConvexHull, ..good.clone() };
    assert!(matches!(ripley(&line, &[0; 30], 1, None, &hull, &mut ignore), Err(SpatialError::BadParameter(_))));
    let far: Vec<[f64; 2]> = positions.iter().map(|p| [p[0] + 5.0, p[1]]).collect();
    assert!(matches!(ripley(&far, &[0; 30], 1, None, &good, &mut ignore), Err(SpatialError::TooFewCells { .. })));
    assert!(matches!(ripley(&[], &[], 1, None, &good, &mut ignore), Err(SpatialError::NoCoordinates)));
    assert!(matches!(ripley(&far, &[0; 29], 1, None, &good, &mut ignore), Err(SpatialError::LengthMismatch { .. })));
    let stop = &mut |_| ControlFlow::Break(());
    assert!(matches!(ripley(&positions, &[0; 30], 1, None, &good, stop), Err(SpatialError::Cancelled)));
}
