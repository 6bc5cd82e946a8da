//! The scores of translations agree with scipy 1.17.1 and scikit-learn 1.9.1 (`tests/reference/recovery.json`, made by
//! `scripts/reference/recovery.py`), and mean what their documentation says at chance and at the extremes.

use resitu::spatial::{SpatialError, recovery::*};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Both sides compute in f64 and differ in the order of sums alone.
const F64: f64 = 1e-9;

fn reference(part: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("reference/recovery.json")).expect("the reference is JSON");
    all[part].clone()
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).expect("a list of the expected kind")
}

/// Read as f64 and narrowed, as Python does it.
fn floats(value: &Value) -> Vec<f32> {
    read::<Vec<f64>>(value).into_iter().map(|value| value as f32).collect()
}

fn positions(value: &Value) -> Vec<[f64; 2]> {
    read::<Vec<f64>>(value).chunks_exact(2).map(|xy| [xy[0], xy[1]]).collect()
}

#[track_caller]
fn close(ours: &[f64], theirs: &Value, tolerance: f64) {
    let theirs: Vec<f64> = read(theirs);
    assert_eq!(ours.len(), theirs.len());
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert!((ours - theirs).abs() <= tolerance, "{index}: {ours} here, {theirs} there");
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Positions without structure or ties, the same in every run.
fn scattered(n: usize, salt: u64) -> Vec<[f64; 2]> {
    let uniform = |index: u64| {
        let mixed = (index ^ (salt << 32)).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..n as u64).map(|cell| [uniform(2 * cell), uniform(2 * cell + 1)]).collect()
}

#[test]
fn compositions_are_as_far_apart_as_scipy_says() {
    let cases: Vec<Value> = read(&reference("compositions"));
    for case in cases {
        let distance = jensen_shannon_distance(&floats(&case["p"]), &floats(&case["q"]));
        // The square root turns the rounding of a zero divergence into 1e-8.
        let tolerance = if distance < 1e-6 { 1e-7 } else { F64 };
        assert!((distance - case["distance"].as_f64().expect("a number")).abs() < tolerance, "{case}");
    }
    assert_eq!(jensen_shannon_distance(&[1.0, 0.0], &[0.0, 3.0]), 1.0);
    assert!(jensen_shannon_distance(&[0.0, 0.0], &[0.5, 0.5]).is_nan());
    assert!(jensen_shannon_distance(&[1.0], &[0.5, 0.5]).is_nan());
    assert!(jensen_shannon_distance(&[-1.0, 2.0], &[0.5, 0.5]).is_nan());
}

#[test]
fn macro_f1_is_scikit_learns() {
    let case = reference("labels");
    let (truth, predicted): (Vec<u8>, Vec<u8>) = (read(&case["truth"]), read(&case["predicted"]));
    let classes = case["classes"].as_u64().expect("a number") as usize;
    close(&[macro_f1(&truth, &predicted, classes)], &serde_json::json!([case["macro_f1"]]), F64);
}

#[test]
fn unlabelled_cells_are_left_out_and_refusals_are_misses() {
    assert_eq!(macro_f1(&[0, 1, 255], &[0, 1, 0], 2), 1.0);
    assert_eq!(macro_f1(&[0, 0], &[0, 255], 2), 2.0 / 3.0);
    assert!(macro_f1(&[255], &[0], 2).is_nan());
    assert!(macro_f1(&[0], &[], 2).is_nan());
}

#[test]
fn neighbour_hits_are_the_overlap_of_scikit_learns_neighbours() {
    let case = reference("placement");
    let (truth, placed) = (positions(&case["truth"]), positions(&case["placed"]));
    for (k, hits) in case["hits"].as_object().expect("hits by k") {
        let ours = neighbour_hits(&truth, &placed, k.parse().expect("a number")).expect("hits");
        close(&ours, hits, F64);
    }
}

#[test]
fn ties_score_what_random_choices_score_on_average() {
    let case = reference("placement");
    let k = case["crowded_k"].as_u64().expect("a number") as usize;
    let hits = neighbour_hits(&positions(&case["truth"]), &positions(&case["crowded"]), k).expect("hits");
    // A share of k has a standard deviation below one half: over all draws six standard errors are this.
    let draws = case["crowded_draws"].as_f64().expect("a number");
    close(&hits, &case["crowded_hits"], 6.0 * 0.5 / draws.sqrt());
}

#[test]
fn a_perfect_placement_hits_all_and_one_position_hits_by_chance() {
    let truth = scattered(120, 1);
    let mirrored: Vec<[f64; 2]> = truth.iter().map(|[x, y]| [-2.0 * x, 2.0 * y]).collect();
    assert!(neighbour_hits(&truth, &mirrored, 7).expect("hits").iter().all(|hits| *hits == 1.0));
    let hits = neighbour_hits(&truth, &[[3.0, 4.0]; 120], 7).expect("hits");
    assert!(hits.iter().all(|hits| (hits - 7.0 / 119.0).abs() < F64));
    let random = neighbour_hits(&truth, &scattered(120, 2), 7).expect("hits");
    // 120 cells of 7 neighbours: the standard error of the mean is about 0.008.
    assert!((mean(&random) - 7.0 / 119.0).abs() < 0.03, "{}", mean(&random));
}

#[test]
fn a_cell_without_a_position_scores_nan_and_changes_nothing() {
    let (truth, placed) = (scattered(60, 1), scattered(60, 2));
    let alone = neighbour_hits(&truth, &placed, 5).expect("hits");
    let with = |mut xy: Vec<[f64; 2]>, at| {
        xy.insert(10, at);
        xy
    };
    let mut hits = neighbour_hits(&with(truth, [0.5, 0.5]), &with(placed, [f64::NAN, 0.5]), 5).expect("hits");
    assert!(hits.remove(10).is_nan());
    assert_eq!(hits, alone);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let xy = scattered(5, 1);
    assert!(matches!(neighbour_hits(&xy, &xy[1..], 2), Err(SpatialError::LengthMismatch { .. })));
    assert_eq!(neighbour_hits(&xy, &xy, 5), Err(SpatialError::TooFewCells { needed: 6, found: 5 }));
    assert!(matches!(neighbour_hits(&xy, &xy, 0), Err(SpatialError::BadParameter(_))));
    assert!(matches!(distance_spearman(&xy[..2], &xy[..2], 9, 1), Err(SpatialError::TooFewCells { .. })));
    assert!(matches!(mmd_rbf(&[1.0; 5], &[1.0; 4], 2, 10, 1), Err(SpatialError::BadParameter(_))));
    assert!(matches!(mmd_rbf(&[f32::NAN; 4], &[1.0; 4], 2, 10, 1), Err(SpatialError::BadParameter(_))));
    assert!(matches!(wasserstein_per_gene(&[], &[1.0], 1), Err(SpatialError::TooFewCells { .. })));
    assert!(matches!(foscttm(&[1.0, 2.0], &[1.0], 1), Err(SpatialError::LengthMismatch { .. })));
    assert!(matches!(knn_label_agreement(&[1.0, 2.0], 1, &[0], 1), Err(SpatialError::LengthMismatch { .. })));
    assert!(matches!(
        cross_validated_auc(&[1.0, 2.0], &[1.0, 2.0], 1, &[0, 1], &[0, 0]),
        Err(SpatialError::BadParameter(_))
    ));
    assert!(matches!(classifier_two_sample_auc(&[1.0; 4], &[1.0; 9], 1, 5, 1), Err(SpatialError::TooFewCells { .. })));
}

#[test]
fn distance_spearman_is_scipys() {
    let case = reference("placement");
    let (truth, crowded) = (positions(&case["truth"]), positions(&case["crowded"]));
    close(&distance_spearman(&truth, &crowded, usize::MAX, 1).expect("rows"), &case["crowded_spearman"], F64);
    let drawn = distance_spearman(&truth, &crowded, 20, 1).expect("rows");
    assert_eq!(drawn.len(), 20);
    assert_eq!(drawn, distance_spearman(&truth, &crowded, 20, 1).expect("rows"));
    assert_ne!(drawn, distance_spearman(&truth, &crowded, 20, 2).expect("rows"));
    assert!(distance_spearman(&truth, &[[0.0; 2]; 90], 5, 1).expect("rows").iter().all(|rho| rho.is_nan()));
}

#[test]
fn auc_is_scikit_learns_with_ties() {
    let case = reference("samples");
    let positive: Vec<bool> = (0..140).map(|row| row >= 80).collect();
    let scores: Vec<f64> = read(&case["whole_scores"]);
    close(&[auc(&scores, &positive)], &serde_json::json!([case["whole_auc"]]), F64);
    assert_eq!(auc(&[1.0; 4], &[true, false, true, false]), 0.5);
    assert!(auc(&[1.0; 2], &[true, true]).is_nan());
}

#[test]
fn the_cross_validated_auc_is_scikit_learns() {
    let case = reference("samples");
    let (a, b) = (floats(&case["a"]), floats(&case["b"]));
    let aucs = cross_validated_auc(&a, &b, 6, &read::<Vec<u32>>(&case["fold_a"]), &read::<Vec<u32>>(&case["fold_b"]));
    // Fits to convergence on both sides rank the held-out rows alike.
    close(&aucs.expect("aucs"), &case["auc_per_fold"], F64);
}

#[test]
fn a_classifier_cannot_tell_a_sample_from_its_like_and_can_from_another() {
    let wide = |salt, shift: f32| -> Vec<f32> {
        scattered(1500, salt).into_iter().flatten().map(|value| value as f32 + shift).collect()
    };
    let (a, like, other) = (wide(1, 0.0), wide(2, 0.0), wide(3, 0.9));
    let same = classifier_two_sample_auc(&a, &like, 5, 5, 7).expect("an AUC");
    assert!((same - 0.5).abs() < 0.06, "{same}");
    let told = classifier_two_sample_auc(&a, &other, 5, 5, 7).expect("an AUC");
    assert!(told > 0.99, "{told}");
    assert_eq!(same, classifier_two_sample_auc(&a, &like, 5, 5, 7).expect("an AUC"));
    // A copy of the sample: no row has anything that its twin lacks.
    let copied = classifier_two_sample_auc(&a, &a, 5, 5, 7).expect("an AUC");
    assert!(copied < 0.55, "{copied}");
}

#[test]
fn mmd_is_the_unbiased_estimate_with_scikit_learns_kernel() {
    let case = reference("samples");
    let found = mmd_rbf(&floats(&case["a"]), &floats(&case["b"]), 6, usize::MAX, 1).expect("an MMD");
    close(&[found.squared, found.bandwidth], &serde_json::json!([case["mmd"], case["bandwidth"]]), F64);
    let drawn = |seed| mmd_rbf(&floats(&case["a"]), &floats(&case["b"]), 6, 30, seed).expect("an MMD");
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
    assert_eq!(mmd_rbf(&[1.0; 6], &[1.0; 8], 2, 10, 1), Ok(Mmd { squared: 0.0, bandwidth: 0.0 }));
}

#[test]
fn genes_move_as_far_as_scipy_says() {
    let case = reference("samples");
    let (a, mut b) = (floats(&case["a"]), floats(&case["b"]));
    close(&wasserstein_per_gene(&a, &b, 6).expect("distances"), &case["wasserstein"], F64);
    b[2] = f32::NAN;
    let distances = wasserstein_per_gene(&a, &b, 6).expect("distances");
    assert!(distances[2].is_nan() && distances[1].is_finite());
}

#[test]
fn label_agreement_is_that_of_scikit_learns_neighbours() {
    let case = reference("agreement");
    let (profiles, labels): (_, Vec<u8>) = (floats(&case["profiles"]), read(&case["labels"]));
    for (k, share) in case["shares"].as_object().expect("shares by k") {
        let ours = knn_label_agreement(&profiles, 10, &labels, k.parse().expect("a number")).expect("a share");
        close(&[ours], &serde_json::json!([share]), F64);
    }
}

#[test]
fn foscttm_counts_the_samples_closer_than_the_match() {
    let case = reference("samples");
    let (a, b) = (floats(&case["a"]), floats(&case["b"]));
    close(&foscttm(&a[..360], &b, 6).expect("shares"), &case["foscttm"], F64);
    assert!(foscttm(&b, &b, 6).expect("shares").iter().all(|share| *share == 0.0));
    assert!(foscttm(&[1.0; 12], &[2.0; 12], 3).expect("shares").iter().all(|share| *share == 0.5));
}

#[test]
fn the_bootstrap_interval_is_scipys() {
    let case = reference("interval");
    let mut values: Vec<f64> = read(&case["values"]);
    let ours = bootstrap_interval(&values, 20_000, 3);
    // A percentile of 20,000 draws has a standard error of 0.02 of the mean's own; six of them.
    let tolerance = 0.12 * case["error"].as_f64().expect("a number");
    close(&[ours.low, ours.high], &serde_json::json!([case["low"], case["high"]]), tolerance);
    assert_eq!((ours.mean, ours.n), (mean(&values), 70));
    values.extend([f64::NAN, f64::INFINITY]);
    assert_eq!(bootstrap_interval(&values, 20_000, 3), ours);
    let none = bootstrap_interval(&[f64::NAN], 100, 3);
    assert!(none.n == 0 && none.mean.is_nan() && none.low.is_nan() && none.high.is_nan());
}
