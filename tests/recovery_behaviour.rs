//! What the scores of translations do under changes that must not matter, at chance, and on degenerate samples.

mod common;

use common::sections::{order, scatter, uniform};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use resitu::Explain;
use resitu::spatial::{SpatialError, recovery::*};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Turned, moved and made larger: what no placement should be blamed for.
fn moved(positions: &[[f64; 2]], scale: f64) -> Vec<[f64; 2]> {
    let (sine, cosine) = 0.7f64.sin_cos();
    let turn = |&[x, y]: &[f64; 2]| [scale * (cosine * x - sine * y) + 50.0, scale * (sine * x + cosine * y) - 7.0];
    positions.iter().map(turn).collect()
}

fn picked<T: Copy>(all: &[T], order: &[usize]) -> Vec<T> {
    order.iter().map(|&cell| all[cell]).collect()
}

/// Rows of a matrix that is `d` wide, in an order.
fn rows(all: &[f32], d: usize, order: &[usize]) -> Vec<f32> {
    order.iter().flat_map(|&row| &all[row * d..][..d]).copied().collect()
}

/// Sums of four uniforms, near enough to normal.
fn noise(n: usize, seed: u64) -> Vec<f32> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| (0..4).map(|_| uniform(&mut generator) as f32).sum()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[track_caller]
fn near(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance || a.is_nan() && b.is_nan()), "{a:?}\n{b:?}");
}

#[test]
fn placements_are_scored_by_distances_alone() -> Outcome {
    let n = 200;
    // A tenth of the way from truth to elsewhere.
    let (truth, other) = (scatter(n, 1), scatter(n, 2));
    let placed: Vec<[f64; 2]> =
        truth.iter().zip(&other).map(|(a, b)| [0.9 * a[0] + 0.1 * b[0], 0.9 * a[1] + 0.1 * b[1]]).collect();
    let order = order(n);
    let (far, placed_far) = (moved(&picked(&truth, &order), 1.0), moved(&picked(&placed, &order), 40.0));
    let hits = neighbour_hits(&truth, &placed, 9)?;
    near(&picked(&hits, &order), &neighbour_hits(&far, &placed_far, 9)?, 1e-12);
    let rho = distance_spearman(&truth, &placed, n, 0)?;
    near(&picked(&rho, &order), &distance_spearman(&far, &placed_far, n, 0)?, 1e-9);
    assert!(mean(&rho) > 0.9, "{}", mean(&rho));

    let here = contact_scores(&truth, &placed, 8.0)?;
    assert!(here.shared > 10 && here.precision > 3.0 * here.chance, "{here:?}");
    let there = contact_scores(&moved(&picked(&truth, &order), 1.0), &moved(&picked(&placed, &order), 1.0), 8.0)?;
    assert_eq!(here, there);
    let larger = |positions: &[[f64; 2]]| moved(&picked(positions, &order), 3.0);
    assert_eq!(contact_scores(&larger(&truth), &larger(&placed), 24.0)?, here);
    // Truth and placement change places: precision and recall do too.
    let swapped = contact_scores(&placed, &truth, 8.0)?;
    assert_eq!((swapped.precision, swapped.recall, swapped.shared), (here.recall, here.precision, here.shared));
    Ok(())
}

#[test]
fn random_placements_score_chance() -> Outcome {
    let (mut hits, mut rho, mut contacts, runs) = (0.0, 0.0, 0.0, 20);
    for run in 0..runs {
        let (truth, placed) = (scatter(150, 100 + run), scatter(150, 200 + run));
        hits += mean(&neighbour_hits(&truth, &placed, 10)?) / runs as f64;
        rho += mean(&distance_spearman(&truth, &placed, 40, run)?) / runs as f64;
        let found = contact_scores(&truth, &placed, 10.0)?;
        contacts += (found.precision - found.chance) / runs as f64;
    }
    // 3,000 cells of 10 neighbours at 0.067: √(0.067/30,000) = 0.0015. Distances of a cell are correlated: a row has a
    // deviation of about 0.15 by the placement of the cell between centre and edge.
    assert!((hits - 10.0 / 149.0).abs() < 0.006, "{hits}");
    assert!(rho.abs() < 0.03, "{rho}");
    // About 300 contacts a run at 0.03: √(0.03/6,000) = 0.0022.
    assert!(contacts.abs() < 0.009, "{contacts}");
    Ok(())
}

#[test]
fn samples_are_compared_whatever_their_order_origin_and_side() -> Outcome {
    let (n, d) = (60, 4);
    let (a, noise_b) = (noise(n * d, 1), noise(n * d, 2));
    let b: Vec<f32> = a.iter().zip(&noise_b).map(|(a, b)| (a + b) / 2.0 + 0.3).collect();
    let order: Vec<usize> = (0..n).map(|row| row * 77 % n).collect();
    let (a2, b2) = (rows(&a, d, &order), rows(&b, d, &order));
    // Powers of two and small shifts: exact, or nearly so, in f32.
    let shifted = |values: &[f32], scale: f32| values.iter().map(|v| scale * v + 1.0).collect::<Vec<_>>();

    let match_of = foscttm(&a, &b, d)?;
    near(&picked(&match_of, &order), &foscttm(&a2, &b2, d)?, 1e-12);
    near(&match_of, &foscttm(&b, &a, d)?, 1e-12);
    near(&match_of, &foscttm(&shifted(&a, 2.0), &shifted(&b, 2.0), d)?, 0.01);

    let all = usize::MAX;
    let here = mmd_rbf(&a, &b, d, all, 0)?;
    assert!(here.squared > 0.0);
    for other in [mmd_rbf(&a2, &b, d, all, 0)?, mmd_rbf(&b, &a, d, all, 0)?] {
        near(&[other.squared, other.bandwidth], &[here.squared, here.bandwidth], 1e-9);
    }
    let doubled = mmd_rbf(&shifted(&a, 2.0), &shifted(&b, 2.0), d, all, 0)?;
    near(&[doubled.squared, doubled.bandwidth / 2.0], &[here.squared, here.bandwidth], 1e-5);

    let moved = wasserstein_per_gene(&a, &b, d)?;
    near(&moved, &wasserstein_per_gene(&b, &a2, d)?, 1e-9);
    let by_two: Vec<f64> = moved.iter().map(|distance| 2.0 * distance).collect();
    near(&by_two, &wasserstein_per_gene(&shifted(&a, 2.0), &shifted(&b, 2.0), d)?, 1e-5);
    // A shift is a distance of that shift.
    near(&wasserstein_per_gene(&a, &shifted(&a, 1.0), d)?, &[1.0; 4], 1e-6);

    let scores: Vec<f64> = a[..n].iter().map(|&value| f64::from(value)).collect();
    let positive: Vec<bool> = noise_b[..n].iter().map(|value| *value > 2.0).collect();
    let area = auc(&scores, &positive);
    let curved: Vec<f64> = scores.iter().map(|score| score.exp() - 7.0).collect();
    near(&[area], &[auc(&curved, &positive)], 1e-12);
    near(&[area], &[auc(&picked(&scores, &order), &picked(&positive, &order))], 1e-12);
    let negated: Vec<f64> = scores.iter().map(|score| -score).collect();
    near(&[area], &[1.0 - auc(&negated, &positive)], 1e-12);

    let (p, q) = ([0.1f32, 0.0, 0.7, 0.2], [0.25f32, 0.5, 0.0, 0.25]);
    let distance = jensen_shannon_distance(&p, &q);
    near(&[distance], &[jensen_shannon_distance(&q, &p)], 1e-12);
    near(&[distance], &[jensen_shannon_distance(&p.map(|share| 8.0 * share), &q)], 1e-12);
    near(&[distance], &[jensen_shannon_distance(&picked(&p, &[3, 1, 0, 2]), &picked(&q, &[3, 1, 0, 2]))], 1e-12);

    let labels: Vec<u8> = (0..n as u8).map(|row| row % 3).collect();
    let share = knn_label_agreement(&a, d, &labels, 5)?;
    assert_eq!(share, knn_label_agreement(&a2, d, &picked(&labels, &order), 5)?);
    // Cosines do not see the length of a profile.
    let longer: Vec<f32> = a.iter().enumerate().map(|(at, value)| value * [1.0, 2.0, 4.0][at / d % 3]).collect();
    assert_eq!(share, knn_label_agreement(&longer, d, &labels, 5)?);
    let predicted: Vec<u8> = (0..n as u8).map(|row| row % 7 % 3).collect();
    let score = macro_f1(&labels, &predicted, 3);
    near(&[score], &[macro_f1(&picked(&labels, &order), &picked(&predicted, &order), 3)], 1e-12);
    let renamed = |labels: &[u8]| labels.iter().map(|label| [2, 0, 1][usize::from(*label)]).collect::<Vec<u8>>();
    near(&[score], &[macro_f1(&renamed(&labels), &renamed(&predicted), 3)], 1e-12);
    Ok(())
}

#[test]
fn samples_of_one_distribution_score_chance_and_intervals_cover() -> Outcome {
    let (d, runs) = (3, 120);
    let (mut squared, mut closer, mut covered, mut told) = (Vec::new(), 0.0, 0.0, 0.0);
    for run in 0..runs {
        let (a, b) = (noise(40 * d, 1000 + run), noise(40 * d, 3000 + run));
        squared.push(mmd_rbf(&a, &b, d, usize::MAX, run)?.squared);
        closer += mean(&foscttm(&a, &b, d)?) / runs as f64;
        told += classifier_two_sample_auc(&a, &b, d, 4, run)? / runs as f64;
        // Of four uniforms the mean is 2.
        let values: Vec<f64> = a[..60].iter().map(|&value| f64::from(value)).collect();
        let found = bootstrap_interval(&values, 400, run);
        covered += f64::from(u8::from(found.low <= 2.0 && 2.0 <= found.high)) / runs as f64;
    }
    let average = mean(&squared);
    let deviation = (squared.iter().map(|value| (value - average).powi(2)).sum::<f64>() / runs as f64).sqrt();
    // The estimate is unbiased: four standard errors about 0, though no run can be below −1/n or so.
    assert!(average.abs() < 4.0 * deviation / (runs as f64).sqrt(), "{average} ± {deviation}");
    assert!((closer - 0.5).abs() < 0.02, "{closer}");
    assert!((told - 0.5).abs() < 0.04, "{told}");
    // Percentiles of 60 values are a little narrow: 94 %; three and a half standard errors of 120 runs.
    assert!((0.86..=1.0).contains(&covered), "{covered}");
    Ok(())
}

#[test]
fn samples_of_nothing_or_of_one_thing_are_nan_or_refused() -> Outcome {
    let code = |result: Result<f64, SpatialError>| result.map_or_else(|error| error.code(), |_| "a score");
    let (none, one) = (&[] as &[[f64; 2]], &[[1.0, 2.0]]);
    let first = |result: Result<Vec<f64>, SpatialError>| result.map(|scores| scores[0]);
    assert_eq!(code(first(neighbour_hits(none, none, 1))), "spatial.too-few-cells");
    assert_eq!(code(first(neighbour_hits(one, one, 1))), "spatial.too-few-cells");
    assert_eq!(code(first(distance_spearman(none, none, 9, 1))), "spatial.too-few-cells");
    assert_eq!(code(contact_scores(none, none, 1.0).map(|found| found.chance)), "spatial.no-coordinates");
    assert_eq!(code(contact_scores(one, none, 1.0).map(|found| found.chance)), "spatial.length-mismatch");
    for radius in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(code(contact_scores(one, one, radius).map(|found| found.chance)), "spatial.bad-parameter");
    }
    let alone = contact_scores(one, one, 1.0)?;
    assert!(alone.precision.is_nan() && alone.recall.is_nan() && alone.true_contacts == 0, "{alone:?}");
    assert_eq!(code(first(foscttm(&[], &[], 2))), "spatial.too-few-cells");
    assert_eq!(code(first(foscttm(&[1.0, 2.0], &[1.0, 2.0], 2))), "spatial.too-few-cells");
    assert_eq!(code(first(foscttm(&[1.0, f32::NAN], &[1.0, 2.0], 1))), "spatial.bad-parameter");
    assert_eq!(code(mmd_rbf(&[], &[1.0, 2.0], 1, 9, 0).map(|found| found.squared)), "spatial.too-few-cells");
    assert_eq!(code(classifier_two_sample_auc(&[], &[], 1, 2, 0)), "spatial.too-few-cells");
    assert_eq!(code(classifier_two_sample_auc(&[f32::NAN; 4], &[1.0; 4], 1, 2, 0)), "spatial.bad-parameter");
    assert_eq!(code(knn_label_agreement::<u8>(&[], 2, &[], 1)), "spatial.too-few-cells");
    assert_eq!(code(knn_label_agreement(&[1.0, 2.0], 1, &[0, 1], 0)), "spatial.bad-parameter");
    for d in [0, 3] {
        assert_eq!(code(first(wasserstein_per_gene(&[1.0; 4], &[1.0; 4], d))), "spatial.bad-parameter");
        assert_eq!(code(first(foscttm(&[1.0; 4], &[1.0; 4], d))), "spatial.bad-parameter");
        assert_eq!(code(mmd_rbf(&[1.0; 4], &[1.0; 4], d, 9, 0).map(|found| found.squared)), "spatial.bad-parameter");
    }

    // A feature that is the same everywhere tells nothing; constant genes do not move.
    assert_eq!(classifier_two_sample_auc(&[3.0; 10], &[3.0; 10], 1, 2, 0)?, 0.5);
    assert_eq!(wasserstein_per_gene(&[2.0; 3], &[2.0; 7], 1)?, [0.0]);
    assert!(auc(&[], &[]).is_nan() && auc(&[1.0, 2.0], &[true, true]).is_nan() && auc(&[f64::NAN], &[true]).is_nan());
    assert_eq!(auc(&[4.0; 6], &[true, false, true, false, false, false]), 0.5);
    assert!(macro_f1(&[], &[], 3).is_nan() && macro_f1(&[9, 9], &[0, 1], 3).is_nan());
    assert_eq!(macro_f1(&[1, 1], &[1, 1], 3), 1.0);
    assert!(jensen_shannon_distance(&[], &[]).is_nan() && jensen_shannon_distance(&[0.0; 2], &[1.0; 2]).is_nan());
    assert!(jensen_shannon_distance(&[f32::NAN, 1.0], &[1.0; 2]).is_nan());
    assert!(jensen_shannon_distance(&[-1.0, 2.0], &[1.0; 2]).is_nan());
    assert_eq!(jensen_shannon_distance(&[3.0], &[0.5]), 0.0);
    let found = bootstrap_interval(&[2.5], 50, 0);
    assert_eq!((found.mean, found.low, found.high, found.n), (2.5, 2.5, 2.5, 1));
    Ok(())
}
