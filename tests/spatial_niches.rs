//! Niches and what they are made of, on odd data, under reordering, and where they are known.

mod common;

use common::sections::{DEFAULT, counts, order, radius, random_labels, reordered, scatter};
use resitu::Explain;
use resitu::cells::Csr;
use resitu::progress::ignore;
use resitu::spatial::niches::*;
use resitu::spatial::{Graph, GraphKind, GraphParams};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn niches_find_stripes_and_leave_lonely_cells_out() -> Outcome {
    // Three stripes of a lattice, each of one label, and a cell far off.
    let mut positions: Vec<[f64; 2]> = (0..600).map(|i| [f64::from(i % 30), f64::from(i / 30)]).collect();
    positions.push([1e4, 0.0]);
    let mut codes: Vec<i32> = (0..600).map(|i| i % 30 / 10).collect();
    codes.push(0);
    let kind = GraphKind::Radius { radius: 1.5 };
    let graph = Graph::build(&positions, None, &GraphParams { kind, ..GraphParams::default() })?;
    let params = KMeansParams { k: 3, ..KMeansParams::default() };
    let mut profiles = composition_profiles(&graph, &codes, 3)?;
    profiles.standardise();
    let found = kmeans(&profiles, &params, &mut ignore)?;
    assert_eq!(found.codes[600], -1);
    let pairs: std::collections::BTreeSet<(i32, i32)> =
        (0..600).filter(|i| (2..8).contains(&(i % 10))).map(|i| (codes[i], found.codes[i])).collect();
    assert_eq!(pairs.len(), 3, "a stripe is a niche");
    assert!(found.stability.iter().all(|index| *index > 0.99) && silhouette(&profiles, &found.codes, 500, 1)? > 0.8);
    assert!(kmeans(&profiles, &KMeansParams { k: 601, ..params }, &mut ignore).is_err());

    // Counted among known niches: at the same places the same, and by the standard of those places.
    assert_eq!(nearest_centre(&profiles, &found.centres)?, found.codes);
    let shares = composition_profiles(&graph, &codes, 3)?;
    let mut again = shares.clone();
    again.standardise_by(&shares.standard());
    assert_eq!(again.values[..1800], profiles.values[..1800]);
    let means = shares.means(&found.codes, 3)?;
    assert!(means.chunks_exact(3).all(|niche| (niche.iter().sum::<f64>() - 1.0).abs() < 1e-6));
    assert!(nearest_centre(&profiles, &found.centres[..4]).is_err() && shares.means(&found.codes, 2).is_err());

    // Label-free: the mean of the neighbours' expression, by hand for a corner.
    let dense: Vec<f32> = (0..601u16).flat_map(|i| [f32::from(i), 1.0]).collect();
    let values = Csr::from_dense(2, &dense)?;
    let around = expression_profiles(&graph, &values, &[0], false, &mut ignore)?;
    assert_eq!(around.values[0], (1.0 + 30.0 + 31.0) / 3.0);
    assert!(around.values[600].is_nan());
    let with_self = expression_profiles(&graph, &values, &[1, 0], true, &mut ignore)?;
    assert_eq!(with_self.values[..2], [1.0, (0.0 + 1.0 + 30.0 + 31.0) / 4.0]);
    assert_eq!(with_self.values[1201], 600.0);
    Ok(())
}

#[test]
fn the_order_of_cells_and_their_place_do_not_matter() -> Outcome {
    let n = 300;
    let positions = scatter(n, 21);
    let (values, codes) = (counts(&positions, 5, 22), random_labels(n, 3, 23));
    let order = order(n);
    let moved: Vec<[f64; 2]> =
        order.iter().map(|&cell| [5.0 * positions[cell][1], -5.0 * positions[cell][0]]).collect();
    let moved_codes: Vec<i32> = order.iter().map(|&cell| codes[cell]).collect();
    let (here, there) = (Graph::build(&positions, None, &DEFAULT)?, Graph::build(&moved, None, &DEFAULT)?);
    let moved_values = reordered(&values, &order);
    for with_self in [false, true] {
        let genes = [4, 0, 2];
        for (a, b) in [
            (
                expression_profiles(&here, &values, &genes, with_self, &mut ignore)?,
                expression_profiles(&there, &moved_values, &genes, with_self, &mut ignore)?,
            ),
            (composition_profiles(&here, &codes, 3)?, composition_profiles(&there, &moved_codes, 3)?),
        ] {
            let row = |profiles: &Profiles, cell: usize| profiles.values[cell * 3..][..3].to_vec();
            // Sums of the same counts in another order, rounded to f32.
            let near = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5);
            assert!(order.iter().enumerate().all(|(place, &cell)| near(&row(&a, cell), &row(&b, place))));
            let (mut a, mut b) = (a, b);
            a.standardise();
            b.standardise();
            // From the same start: the profiles of five cells.
            let start: Vec<f64> = (0..5).flat_map(|cell| row(&a, 7 * cell)).map(f64::from).collect();
            let (a_found, b_found) =
                (kmeans_from(&a, &start, 300, &mut ignore)?, kmeans_from(&b, &start, 300, &mut ignore)?);
            assert!((a_found.inertia / b_found.inertia - 1.0).abs() < 1e-4);
            let moved: Vec<i32> = order.iter().map(|&cell| a_found.codes[cell]).collect();
            assert_eq!(moved, b_found.codes);
            let (a, b) = (silhouette(&a, &a_found.codes, n, 0)?, silhouette(&b, &b_found.codes, n, 0)?);
            assert!((a - b).abs() < 1e-4, "{a} {b}");
        }
    }
    Ok(())
}

#[test]
fn cells_without_a_profile_have_no_niche_and_constant_columns_decide_nothing() -> Outcome {
    let mut positions = scatter(200, 31);
    positions[3] = [1e6, 0.0];
    positions[4] = [f64::NAN, 0.0];
    let graph = Graph::build(&positions, None, &radius(15.0))?;
    // A gene of the left, a constant one, one that nobody expresses, and one with a value that is none.
    let mut values = Csr::empty(4);
    for (cell, position) in positions.iter().enumerate() {
        let left = if position[0] < 50.0 { 3.0 } else { 0.5 };
        values.push_row([(0, left), (1, 7.0), (3, if cell == 100 { f32::NAN } else { 1.0 })])?;
    }
    let mut all = expression_profiles(&graph, &values, &[0, 1, 2], false, &mut ignore)?;
    let row = |profiles: &Profiles, cell: usize| profiles.values[cell * 3..][..3].to_vec();
    assert!([3, 4].iter().all(|&cell| row(&all, cell).iter().all(|value| value.is_nan())));
    all.standardise();
    assert!((0..200).filter(|cell| ![3, 4].contains(cell)).all(|cell| row(&all, cell)[1..] == [0.0, 0.0]));
    let params = KMeansParams { k: 2, ..KMeansParams::default() };
    let found = kmeans(&all, &params, &mut ignore)?;
    assert_eq!((found.codes[3], found.codes[4], found.sizes.iter().sum::<usize>()), (-1, -1, 198));
    let mut left = expression_profiles(&graph, &values, &[0], false, &mut ignore)?;
    left.standardise();
    assert_eq!(kmeans(&left, &params, &mut ignore)?.codes, found.codes, "constant columns change nothing");

    // One value that is none reaches its neighbours, and no further.
    let with_nan = expression_profiles(&graph, &values, &[3], false, &mut ignore)?;
    let around = graph.row(100).0;
    for cell in (0..200).filter(|cell| ![3, 4].contains(cell)) {
        assert_eq!(with_nan.values[cell].is_nan(), around.contains(&(cell as u32)), "cell {cell}");
    }

    // All alike: one niche however many are asked for.
    let mut alike = expression_profiles(&graph, &values, &[1, 2], false, &mut ignore)?;
    alike.standardise();
    let found = kmeans(&alike, &params, &mut ignore)?;
    assert_eq!((found.sizes.as_slice(), found.inertia, found.converged), ([198].as_slice(), 0.0, true));
    assert!(silhouette(&alike, &found.codes, 500, 0)?.is_nan());
    // One niche is the mean; as many niches as cells are the cells.
    let one = kmeans(&left, &KMeansParams { k: 1, ..params }, &mut ignore)?;
    assert!(one.centres[0].abs() < 1e-6 && one.stability.iter().all(|index| *index == 1.0));
    let few = Profiles { width: 1, values: vec![0.0, 5.0, f32::NAN, 9.0] };
    let found = kmeans(&few, &KMeansParams { k: 3, ..params }, &mut ignore)?;
    assert_eq!((found.inertia, found.sizes, found.codes[2]), (0.0, vec![1, 1, 1], -1));
    Ok(())
}

#[test]
fn what_cannot_be_meant_is_refused() -> Outcome {
    let positions = scatter(30, 41);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    let values = counts(&positions, 3, 42);
    let refused = |genes: &[usize], values: &Csr| {
        expression_profiles(&graph, values, genes, false, &mut ignore).map(drop).expect_err("refused").code()
    };
    assert_eq!(refused(&[], &values), "spatial.bad-parameter");
    assert_eq!(refused(&[3], &values), "spatial.bad-parameter");
    assert_eq!(refused(&[0], &counts(&positions[..29], 3, 42)), "spatial.length-mismatch");
    let mut stop = |_| std::ops::ControlFlow::Break(());
    let cancelled = expression_profiles(&graph, &values, &[0], false, &mut stop).expect_err("cancelled");
    assert_eq!(cancelled.code(), "job.cancelled");
    let none = Profiles { width: 2, values: Vec::new() };
    let nobody = Profiles { width: 1, values: vec![f32::NAN; 5] };
    let params = KMeansParams { k: 1, ..KMeansParams::default() };
    for profiles in [&none, &nobody] {
        assert_eq!(kmeans(profiles, &params, &mut ignore).expect_err("no profile").code(), "spatial.too-few-cells");
    }
    for params in [
        KMeansParams { k: 0, ..params },
        KMeansParams { k: 1001, ..params },
        KMeansParams { starts: 0, ..params },
        KMeansParams { max_iterations: 0, ..params },
    ] {
        assert_eq!(params.check().expect_err("refused").code(), "spatial.bad-parameter");
    }
    let profiles = expression_profiles(&graph, &values, &[0, 1], false, &mut ignore)?;
    let start = kmeans_from(&profiles, &[1.0, 2.0, 3.0], 10, &mut ignore).expect_err("one centre and a half");
    assert_eq!(start.code(), "spatial.length-mismatch");
    assert_eq!(silhouette(&profiles, &[0; 29], 10, 0).expect_err("29").code(), "spatial.length-mismatch");
    let stop = &mut |_| std::ops::ControlFlow::Break(());
    assert_eq!(kmeans(&profiles, &params, stop).expect_err("cancelled").code(), "job.cancelled");
    Ok(())
}
