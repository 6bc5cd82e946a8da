//! What the test of ligands and receptors does on odd data, under reordering, and where sections differ.

mod common;

use common::sections::{DEFAULT, order, radius, random_labels, reordered, scatter, uniform};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use resitu::Explain;
use resitu::cells::Csr;
use resitu::progress::ignore;
use resitu::spatial::ligrec::{Between, Ligrec, LigrecParams, Pair, ligrec};
use resitu::spatial::{Graph, SpatialError};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const BOTH: [Between; 2] = [Between::Labels, Between::Neighbours];

fn pairs(names: &[(&str, &str)]) -> Vec<Pair> {
    names.iter().map(|(ligand, receptor)| Pair::new(ligand, receptor).expect("a pair")).collect()
}

fn genes(n: usize) -> Vec<String> {
    (0..n).map(|gene| format!("G{gene}")).collect()
}

/// Small counts that follow the place of the cells.
fn expression(positions: &[[f64; 2]], seed: u64) -> Csr {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let levels = positions.iter().flat_map(|p| [p[0], p[1], 50.0]);
    let dense: Vec<f32> = levels.map(|level| (uniform(&mut generator) * level / 20.0).floor() as f32).collect();
    Csr::from_dense(3, &dense).expect("a matrix")
}

fn run(
    graph: &Graph,
    values: &Csr,
    codes: &[i32],
    n_labels: usize,
    params: &LigrecParams,
) -> Result<Ligrec, SpatialError> {
    let pairs = pairs(&[("G0", "G1"), ("G1", "G2"), ("G0_G1", "G2")]);
    ligrec(graph, values, &genes(values.n_cols()), &pairs, (codes, n_labels), None, params, &mut ignore)
}

#[test]
fn the_order_of_cells_their_place_and_the_names_of_labels_do_not_matter() -> Outcome {
    let n = 300;
    let (positions, codes) = (scatter(n, 1), random_labels(n, 3, 2));
    let values = expression(&positions, 3);
    let order = order(n);
    let moved: Vec<[f64; 2]> = order.iter().map(|&cell| [9.0 - positions[cell][1], positions[cell][0]]).collect();
    let moved_codes: Vec<i32> = order.iter().map(|&cell| (codes[cell] + 1) % 3).collect();
    let (here, there) = (Graph::build(&positions, None, &DEFAULT)?, Graph::build(&moved, None, &DEFAULT)?);
    for between in BOTH {
        let params = LigrecParams { between, permutations: 999, ..LigrecParams::default() };
        let a = run(&here, &values, &codes, 3, &params)?;
        let b = run(&there, &reordered(&values, &order), &moved_codes, 3, &params)?;
        assert_eq!(a.pairs, b.pairs);
        for result in 0..27 {
            let (pair, from, to) = (result / 9, result / 3 % 3, result % 3);
            let other = 9 * pair + 3 * ((from + 1) % 3) + (to + 1) % 3;
            assert!((a.means[result] - b.means[other]).abs() < 1e-12);
            // Other shuffles: two counts of 999 draws, five standard errors of their difference at most.
            assert!((a.p[result] - b.p[other]).abs() < 5.0 * (2.0 * 0.25 / 999.0f64).sqrt(), "{result}");
        }
        // Twice the expression, twice the means, and no other p.
        let (indptr, indices, data) = values.parts();
        let doubled = data.iter().map(|value| 2.0 * value).collect();
        let doubled = Csr::new(3, indptr.to_vec(), indices.to_vec(), doubled)?;
        let doubled = run(&here, &doubled, &codes, 3, &params)?;
        assert!(a.means.iter().zip(&doubled.means).all(|(a, b)| (2.0 * a - b).abs() < 1e-12));
        assert_eq!(a.p, doubled.p);
    }
    Ok(())
}

/// Sums are of rounded values, and in registers or one at a time by the number of labels.
#[test]
fn neither_the_unit_of_values_nor_the_way_of_summing_changes_p() -> Outcome {
    let n = 1200;
    let positions = scatter(n, 11);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    let mut generator = ChaCha8Rng::seed_from_u64(12);
    let dense: Vec<f32> = (0..3 * n).map(|_| (3.0 * uniform(&mut generator) - 1.0).max(0.0) as f32).collect();
    let scaled = |by: f32| Csr::from_dense(3, &dense.iter().map(|value| value * by).collect::<Vec<f32>>());
    for n_labels in [5, 20, 60, 200usize] {
        let codes = random_labels(n, n_labels as u32, 13);
        let params = LigrecParams { permutations: 499, ..LigrecParams::default() };
        let a = run(&graph, &scaled(1.0)?, &codes, n_labels, &params)?;
        // As if there were more labels: their sums go another way.
        let b = run(&graph, &scaled(0.3)?, &codes, n_labels, &params)?;
        let c = run(&graph, &scaled(1.0)?, &codes, if n_labels < 100 { 129 } else { 300 }, &params)?;
        let wide = c.n_labels;
        for (result, &p) in a.p.iter().enumerate() {
            let (pair, from, to) = (result / n_labels.pow(2), result / n_labels % n_labels, result % n_labels);
            let same = c.p[(pair * wide + from) * wide + to];
            assert!(p.is_nan() == b.p[result].is_nan() && p.is_nan() == same.is_nan());
            assert!(p.is_nan() || (p - b.p[result]).abs() < 1.5 / 500.0, "{n_labels} labels: {p} {}", b.p[result]);
            assert!(p.is_nan() || (p - same).abs() < 1e-12, "{n_labels} labels: {p} {same}");
        }
    }
    Ok(())
}

#[test]
fn genes_that_say_nothing_and_labels_that_do_not_vary_are_never_significant() -> Outcome {
    let mut positions = scatter(120, 5);
    positions[9] = [1e6, 0.0];
    let graph = Graph::build(&positions, None, &radius(20.0))?;
    let good = expression(&positions[..9], 6);
    let good = reordered(&good, &(0..120).map(|cell| cell * 5 % 9).collect::<Vec<_>>());
    // G3 is the same in every cell, G4 expressed nowhere, G5 and G6 have a value that is none.
    let mut values = Csr::empty(7);
    for cell in 0..120 {
        let (indices, row) = good.row(cell);
        let odd =
            [(3, 2.0), (5, if cell == 30 { f32::NAN } else { 1.0 }), (6, if cell == 31 { f32::INFINITY } else { 1.0 })];
        values.push_row(indices.iter().copied().zip(row.iter().copied()).chain(odd))?;
    }
    let names = [("G3", "G3"), ("G0", "G4"), ("G5", "G0"), ("G1", "G6"), ("G0", "G1"), ("G0", "NOWHERE")];
    let mut codes = random_labels(120, 2, 7);
    codes[..4].fill(-1);
    for between in BOTH {
        let params = LigrecParams { between, permutations: 99, ..LigrecParams::default() };
        let test = |codes: &[i32], n_labels: usize| {
            ligrec(&graph, &values, &genes(7), &pairs(&names), (codes, n_labels), None, &params, &mut ignore)
        };
        let found = test(&codes, 3)?;
        assert_eq!((found.pairs.len(), found.not_measured), (5, 1));
        let of = |pair: usize| (&found.means[9 * pair..9 * pair + 9], &found.p[9 * pair..9 * pair + 9]);
        let in_use = [0, 1, 3, 4];
        // Constant: the mean is the constant, and no shuffle gives less.
        assert!(in_use.iter().all(|&at| of(0).0[at] == 2.0 && of(0).1[at] == 1.0), "{between:?} {:?}", of(0));
        assert!(of(1).0.iter().all(|mean| *mean == 0.0) && of(1).1.iter().all(|p| p.is_nan()));
        for pair in [2, 3] {
            assert!(in_use.iter().all(|&at| of(pair).0[at].is_nan()), "{between:?} {:?}", of(pair));
            assert!(of(pair).1.iter().all(|p| p.is_nan()), "{between:?} {:?}", of(pair));
        }
        assert!(in_use.iter().all(|&at| of(4).1[at] > 0.0 && of(4).1[at] <= 1.0), "the others are tested");
        // The third label has no cell.
        assert!((0..5).all(|pair| [2, 5, 6, 7, 8].iter().all(|&at| of(pair).1[at].is_nan())));

        let one = test(&[0; 120], 1)?;
        assert!(one.p[0] == 1.0 && one.p[4] == 1.0, "one label: every shuffle is the data: {:?}", one.p);
        let none = test(&[-1; 120], 2)?;
        assert!(none.p.iter().chain(&none.q).all(|p| p.is_nan()), "no label: {:?}", none.p);
    }
    let refused = |params: LigrecParams, names: &[(&str, &str)], codes: &[i32]| {
        let found = ligrec(&graph, &values, &genes(7), &pairs(names), (codes, 3), None, &params, &mut ignore).map(drop);
        found.expect_err("refused").code()
    };
    let good = LigrecParams::default();
    assert_eq!(refused(good, &[("A", "B")], &codes), "spatial.bad-parameter");
    assert_eq!(refused(good, &[], &codes), "spatial.bad-parameter");
    assert_eq!(refused(good, &names, &codes[1..]), "spatial.length-mismatch");
    for params in [
        LigrecParams { permutations: 0, ..good },
        LigrecParams { threshold: f64::NAN, ..good },
        LigrecParams { threshold: 1.5, ..good },
    ] {
        assert_eq!(refused(params, &names, &codes), "spatial.bad-parameter");
    }
    Ok(())
}

#[test]
fn what_differs_between_sections_alone_holds_the_level_within_them() -> Outcome {
    let n = 200;
    let positions = scatter(n, 11);
    let sections: Vec<u32> = (0..n as u32).map(|cell| cell % 2).collect();
    let graph = Graph::build(&positions, Some(&sections), &DEFAULT)?;
    let mut generator = ChaCha8Rng::seed_from_u64(12);
    // One section expresses both genes more.
    let dense: Vec<f32> = sections
        .iter()
        .flat_map(|&section| [1.0, 1.0].map(|level| level + 3.0 * f64::from(section)))
        .map(|level| (uniform(&mut generator) * 2.0 * level).floor() as f32)
        .collect();
    let values = Csr::from_dense(2, &dense)?;
    for between in BOTH {
        let (mut within, mut over_all, runs) = (0.0, 0.0, 400);
        for run in 0..runs {
            // And has more cells of the second label.
            let codes: Vec<i32> = sections
                .iter()
                .map(|&section| i32::from(uniform(&mut generator) < 0.2 + 0.6 * f64::from(section)))
                .collect();
            let params = LigrecParams { between, permutations: 99, seed: run, ..LigrecParams::default() };
            let called = |sections: Option<&[u32]>| -> Result<f64, SpatialError> {
                let pairs = pairs(&[("G0", "G1")]);
                let found = ligrec(&graph, &values, &genes(2), &pairs, (&codes, 2), sections, &params, &mut ignore)?;
                Ok(f64::from(u8::from(found.p[3] <= 0.05)))
            };
            within += called(Some(&sections))?;
            over_all += called(None)?;
        }
        let (within, over_all) = (within / runs as f64, over_all / runs as f64);
        // Three and a half standard errors of √(0.05 · 0.95/400) = 1.1 %.
        assert!((0.012..0.088).contains(&within), "{between:?}: {within}");
        assert!(over_all > 0.9, "{between:?}: shuffled over sections, the section is taken for the label: {over_all}");
    }
    Ok(())
}
