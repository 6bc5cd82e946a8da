//! Co-occurrence agrees with squidpy 1.8.2 (`tests/reference/points.json`, made by `scripts/reference/points.py`), and
//! behaves as documented where data are degenerate.

mod common;

use std::ops::ControlFlow;

use common::sections::{random_labels, scatter};
use resitu::progress::ignore;
use resitu::spatial::*;
use serde_json::Value;

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

fn cells(case: &Value) -> (Vec<[f64; 2]>, Vec<i32>, usize) {
    let positions = floats(&case["x"]).into_iter().zip(floats(&case["y"])).map(|(x, y)| [x, y]).collect();
    let codes: Vec<i32> = floats(&case["labels"]).into_iter().map(|v| v as i32).collect();
    let n_labels = codes.iter().max().map_or(0, |max| *max as usize + 1);
    (positions, codes, n_labels)
}

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/points.json")).expect("the reference is JSON")
}

fn at(distances: &[f64]) -> CoOccurrenceParams {
    CoOccurrenceParams { intervals: Intervals::Distances(distances.to_vec()) }
}

#[track_caller]
fn agree(ours: &[f64], theirs: &[f64], relative: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= relative * b.abs(), "entry {i}: {a:e} here, {b:e} there");
    }
}

/// Squared distances decide in f64 on both sides: what is left is the order of two divisions.
#[test]
fn ratios_are_squidpys_in_f64_and_on_a_lattice() {
    for case in reference()["co_occurrence"].as_array().expect("cases") {
        let (positions, codes, n_labels) = cells(case);
        let params = at(&floats(&case["interval"]));
        let found = co_occurrence(&positions, &codes, n_labels, None, &params, &mut ignore).expect("a result");
        agree(&found.ratio, &floats(&case["occ"]), 1e-12);
    }
}

/// Squidpy computes in float32 here: the distances differ by 1e-7, and among 489,300 pairs one or two may lie between its
/// radius and ours.
#[test]
fn the_default_distances_are_squidpys() {
    let case = &reference()["co_occurrence_default"];
    let (positions, codes, n_labels) = cells(case);
    let params = CoOccurrenceParams::default();
    let found = co_occurrence(&positions, &codes, n_labels, None, &params, &mut ignore).expect("a result");
    agree(&found.interval, &floats(&case["interval"]), 1e-6);
    let pairs_at = |i: usize| found.pairs[i].max(1) as f64;
    for (i, (ours, theirs)) in found.ratio.iter().zip(floats(&case["occ"])).enumerate() {
        assert!((ours - theirs).abs() <= (1e-5 + 4.0 / pairs_at(i)) * theirs.max(1.0), "entry {i}: {ours}, {theirs}");
    }
    let close = found.ratio.iter().zip(floats(&case["occ"])).filter(|(a, b)| (*a - b).abs() <= 1e-5 * b).count();
    assert!(close * 20 >= found.ratio.len() * 19, "{close} of {} agree to 1e-5", found.ratio.len());
}

/// A small section with three labels, uneven.
fn section(n: u32) -> (Vec<[f64; 2]>, Vec<i32>) {
    let at = |i: u32| [f64::from(i * 7919 % 1009), f64::from(i * 104_729 % 613)];
    ((0..n).map(at).collect(), (0..n).map(|i| (at(i)[0] > 500.0) as i32 + (i % 5 == 0) as i32).collect())
}

#[test]
fn it_does_not_depend_on_order_place_or_direction() {
    let (positions, codes) = section(400);
    let params = at(&[0.0, 30.5, 100.25, 250.125]);
    let run = |positions: &[[f64; 2]], codes: &[i32], params: &CoOccurrenceParams| {
        co_occurrence(positions, codes, 3, None, params, &mut ignore).expect("a result").ratio
    };
    let expected = run(&positions, &codes, &params);
    let reversed: Vec<_> = positions.iter().rev().copied().collect();
    assert_eq!(run(&reversed, &codes.iter().rev().copied().collect::<Vec<_>>(), &params), expected);
    // Whole numbers: a shift and a quarter turn are exact, a scale by 3 too.
    let moved: Vec<_> = positions.iter().map(|p| [-p[1] + 4096.0, p[0] - 77.0]).collect();
    assert_eq!(run(&moved, &codes, &params), expected);
    let scaled: Vec<_> = positions.iter().map(|p| p.map(|v| 3.0 * v)).collect();
    assert_eq!(run(&scaled, &codes, &at(&[0.0, 91.5, 300.75, 750.375])), expected);
    let (sine, cosine) = 0.7f64.sin_cos();
    let turned: Vec<_> = positions.iter().map(|p| [cosine * p[0] - sine * p[1], sine * p[0] + cosine * p[1]]).collect();
    agree(&run(&turned, &codes, &params), &expected, 1e-9);
}

#[test]
fn sections_are_counted_apart_and_cells_without_place_or_label_left_out() {
    let (mut positions, mut codes) = section(300);
    let params = at(&[0.0, 50.0, 200.0]);
    let once = co_occurrence(&positions, &codes, 3, None, &params, &mut ignore).expect("a result");
    // The same section twice, on top of each other, and cells that cannot be used.
    positions.extend_from_within(..);
    codes.extend_from_within(..);
    let mut sections: Vec<u32> = (0..600).map(|i| i / 300 * 7).collect();
    for (position, code) in [([f64::NAN, 0.0], 0), ([1.0, f64::INFINITY], 1), ([5.0, 5.0], -1)] {
        positions.push(position);
        codes.push(code);
        sections.push(7);
    }
    let twice = co_occurrence(&positions, &codes, 3, Some(&sections), &params, &mut ignore).expect("a result");
    assert_eq!((twice.without_position, twice.without_label), (2, 1));
    assert_eq!(twice.pairs, once.pairs.iter().map(|pairs| 2 * pairs).collect::<Vec<_>>());
    agree(&twice.ratio, &once.ratio, 1e-12);
}

#[test]
fn one_label_gives_one_and_a_label_without_cells_gives_zero() {
    let (positions, _) = section(200);
    let found = co_occurrence(&positions, &[0; 200], 2, None, &at(&[0.0, 80.0]), &mut ignore).expect("a result");
    assert_eq!(found.ratio, [1.0, 0.0, 0.0, 0.0]);
}

#[test]
fn cells_at_one_position_are_pairs_at_distance_0() {
    let found = co_occurrence(&[[2.0, 3.0]; 4], &[0, 0, 1, 1], 2, None, &at(&[0.0, 1.0]), &mut ignore).expect("pairs");
    assert_eq!(found.pairs, [2, 4, 4, 2]);
}

#[test]
fn what_cannot_be_meant_is_refused_before_any_work() {
    let (positions, codes) = section(50);
    let run = |positions: &[[f64; 2]], codes: &[i32], n_labels, params: &CoOccurrenceParams| {
        co_occurrence(positions, codes, n_labels, None, params, &mut ignore).map(|_| ())
    };
    for bad in [vec![], vec![1.0], vec![2.0, 1.0], vec![0.0, 0.0], vec![-1.0, 1.0], vec![0.0, f64::NAN]] {
        assert!(matches!(run(&positions, &codes, 3, &at(&bad)), Err(SpatialError::BadParameter(_))), "{bad:?}");
    }
    let params = CoOccurrenceParams::default();
    assert!(matches!(run(&positions, &codes, 0, &params), Err(SpatialError::BadParameter(_))));
    assert!(matches!(run(&positions, &codes, 1, &params), Err(SpatialError::BadParameter(_))));
    assert!(matches!(run(&positions, &codes, 1000, &params), Err(SpatialError::BadParameter(_))));
    assert!(matches!(run(&positions, &codes[1..], 3, &params), Err(SpatialError::LengthMismatch { .. })));
    assert!(matches!(run(&[], &[], 3, &params), Err(SpatialError::NoCoordinates)));
    assert!(matches!(run(&[[f64::NAN; 2]], &[0], 3, &params), Err(SpatialError::NoCoordinates)));
    assert!(matches!(run(&positions[..1], &codes[..1], 3, &params), Err(SpatialError::TooFewCells { .. })));
    assert!(matches!(run(&positions, &[-1; 50], 3, &params), Err(SpatialError::TooFewCells { .. })));
    assert!(matches!(run(&[[1.0; 2]; 9], &[0; 9], 1, &params), Err(SpatialError::BadParameter(_))));
}

#[test]
fn it_can_be_cancelled() {
    let (positions, codes) = section(400);
    let params = CoOccurrenceParams::default();
    let stop = &mut |_| ControlFlow::Break(());
    assert_eq!(co_occurrence(&positions, &codes, 3, None, &params, stop), Err(SpatialError::Cancelled));
}

/// Labels dealt out at random over uniform cells: whoever is near is no likelier of one label than of another.
#[test]
fn labels_that_follow_nothing_have_a_ratio_of_one_at_every_distance() {
    let distances = [0.0, 3.0, 8.0, 20.0, 60.0];
    let (mut sums, runs) = ([0.0; 36], 60);
    for run in 0..runs {
        let positions = scatter(400, 500 + run);
        // One cell in eight, three, four: shares of labels that differ do not matter.
        let codes: Vec<i32> =
            random_labels(400, 8, 900 + run).iter().map(|&code| [0, 1, 1, 1, 2, 2, 2, 2][code as usize]).collect();
        let found = co_occurrence(&positions, &codes, 3, None, &at(&distances), &mut ignore).expect("a result");
        sums.iter_mut().zip(&found.ratio).for_each(|(sum, ratio)| *sum += ratio / runs as f64);
    }
    for (entry, mean) in sums.iter().enumerate() {
        let (label, near) = (entry / 12, entry / 4 % 3);
        // No cell is near itself, so of its own label one cell less can be.
        let cells = [50.0, 150.0, 200.0][label];
        let expected = if label == near { (cells - 1.0) / cells * 400.0 / 399.0 } else { 400.0 / 399.0 };
        // About 7 ordered pairs a run of the rarest label within 3: over 60 runs a ratio errs by 5 to 7 %; at 60 by a tenth
        // of a percent.
        let tolerance = [0.25, 0.1, 0.03, 0.005][entry % 4];
        assert!((mean - expected).abs() < tolerance, "entry {entry}: {mean} and {expected}");
    }
}
