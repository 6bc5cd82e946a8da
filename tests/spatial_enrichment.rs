//! Neighbourhood composition and enrichment: known answers, exact moments, the level under the null, and refusals.

mod common;

use std::ops::ControlFlow;

use common::sections::{DEFAULT, order, radius, random_labels, scatter, uniform};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use resitu::Explain;
use resitu::progress::ignore;
use resitu::spatial::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn composition_counts_labelled_neighbours_and_not_the_cell() -> Outcome {
    let line: Vec<[f64; 2]> = [0.0, 1.0, 2.0, 3.0, 50.0].map(|x| [x, 0.0]).to_vec();
    let graph = Graph::build(&line, None, &radius(1.0))?;
    let found = composition(&graph, &[0, 1, 1, -1, 0], 2)?;
    assert_eq!(found.row(0), [0.0, 1.0]);
    assert_eq!(found.row(1), [0.5, 0.5]);
    assert_eq!(found.row(2), [0.0, 1.0], "the unlabelled neighbour is left out");
    assert!(found.row(4).iter().all(|share| share.is_nan()), "an isolated cell has no composition");
    assert_eq!(found.undefined, 1);
    Ok(())
}

#[test]
fn enrichment_has_the_exact_null_mean_and_sees_a_boundary() -> Outcome {
    let positions = scatter(600, 101);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    let codes: Vec<i32> = positions.iter().map(|p| if p[0] < 30.0 { 0 } else { 1 }).collect();
    let found = enrichment(&graph, &codes, 2, None, &EnrichmentParams::default(), &mut ignore)?;
    let n = 600.0;
    let size = [0, 1].map(|label| codes.iter().filter(|&&code| code == label).count() as f64);
    for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let pairs = if a == b { size[a] * (size[a] - 1.0) } else { size[a] * size[b] };
        let exact = graph.n_edges() as f64 * pairs / (n * (n - 1.0));
        let place = 2 * a + b;
        let error = found.deviation[place] / 1000f64.sqrt();
        assert!((found.mean[place] - exact).abs() < 5.0 * error, "{} and exactly {exact}", found.mean[place]);
    }
    assert!(found.z[0] > 10.0 && found.z[1] < -10.0, "each side keeps to itself: {:?}", found.z);

    // Shuffled within sections, labels that merely follow the sections are no enrichment: the counts cannot vary.
    let sections: Vec<u32> = codes.iter().map(|&code| code as u32).collect();
    let within = enrichment(&graph, &codes, 2, Some(&sections), &EnrichmentParams::default(), &mut ignore)?;
    assert!(within.z.iter().chain(&within.p).all(|z| z.is_nan()));
    let closed = EnrichmentParams { permutations: 0, seed: 0 };
    assert!(enrichment(&graph, &codes, 2, Some(&sections), &closed, &mut ignore).is_err(), "edges join the sections");
    Ok(())
}

#[test]
fn permuted_moments_meet_the_closed_form_in_several_sections() -> Outcome {
    let positions = scatter(400, 1);
    let sections: Vec<u32> = (0..400).map(|cell| cell % 3).collect();
    let graph = Graph::build(&positions, Some(&sections), &GraphParams::default())?;
    let mut codes = random_labels(400, 3, 2);
    codes.iter_mut().step_by(17).for_each(|code| *code = -1);
    let many = EnrichmentParams { permutations: 20_000, seed: 5 };
    let found = enrichment(&graph, &codes, 3, Some(&sections), &many, &mut ignore)?;
    let none = EnrichmentParams { permutations: 0, seed: 5 };
    let exact = enrichment(&graph, &codes, 3, Some(&sections), &none, &mut ignore)?;
    assert_eq!(found.counts, exact.counts);
    for pair in 0..9 {
        let error = (found.mean[pair] - exact.mean[pair]).abs() / exact.deviation[pair];
        assert!(error < 5.0 / 20_000f64.sqrt(), "mean off by {error} deviations");
        // A deviation over n draws errs by 1/√(2n) of itself.
        assert!((found.deviation[pair] / exact.deviation[pair] - 1.0).abs() < 5.0 / 40_000f64.sqrt());
    }
    assert!(exact.p.iter().all(|p| p.is_nan()));
    Ok(())
}

#[test]
fn enrichment_calls_five_in_a_hundred_of_null_labels() -> Outcome {
    let positions = scatter(250, 3);
    let graph = Graph::build(&positions, None, &GraphParams::default())?;
    let (mut by_p, mut by_z, runs) = (0.0, 0.0, 600);
    for run in 0..runs {
        let codes = random_labels(250, 3, 1000 + run);
        let found =
            enrichment(&graph, &codes, 3, None, &EnrichmentParams { permutations: 199, seed: run }, &mut ignore)?;
        by_p += f64::from(u8::from(found.p[1] <= 0.05));
        by_z += f64::from(u8::from(found.z[1].abs() > 1.96));
    }
    // Three and a half standard errors of a share of 5 % over 600 runs; equal counts in both tails make p conservative.
    assert!((0.015..=0.081).contains(&(by_p / runs as f64)), "{by_p}");
    assert!((0.02..=0.085).contains(&(by_z / runs as f64)), "{by_z}");
    Ok(())
}

#[test]
fn labels_and_numbers_that_do_not_fit_are_refused_and_work_can_be_cancelled() -> Outcome {
    let graph = Graph::build(&scatter(50, 91), None, &DEFAULT)?;
    assert_eq!(composition(&graph, &[0; 49], 1).expect_err("49 labels").code(), "spatial.length-mismatch");
    assert_eq!(composition(&graph, &[3; 50], 3).expect_err("code 3 of 3").code(), "spatial.bad-parameter");
    assert_eq!(composition(&graph, &[-1; 50], 0).expect_err("no level").code(), "spatial.bad-parameter");
    assert_eq!(composition(&graph, &[-1; 50], 1 << 40).expect_err("absurd").code(), "spatial.bad-parameter");
    let one = EnrichmentParams { permutations: 1, seed: 0 };
    let refused = enrichment(&graph, &[0; 50], 1, None, &one, &mut ignore).expect_err("one permutation");
    assert_eq!(refused.code(), "spatial.bad-parameter");
    let codes = vec![0; 50];
    let cancelled = enrichment(&graph, &codes, 1, None, &EnrichmentParams::default(), &mut |_| ControlFlow::Break(()));
    assert_eq!(cancelled.expect_err("cancelled").code(), "job.cancelled");
    Ok(())
}

#[test]
fn interactions_and_compositions_follow_their_cells_and_count_a_lattice() -> Outcome {
    let n = 400;
    let positions = scatter(n, 111);
    let codes = random_labels(n, 3, 112);
    let order = order(n);
    let moved: Vec<[f64; 2]> =
        order.iter().map(|&cell| [-2.0 * positions[cell][1], 2.0 * positions[cell][0]]).collect();
    // Labels go by other names too.
    let moved_codes: Vec<i32> = order.iter().map(|&cell| (codes[cell] + 1) % 3).collect();
    let (here, there) = (Graph::build(&positions, None, &DEFAULT)?, Graph::build(&moved, None, &DEFAULT)?);
    let renamed = |pair: usize| 3 * ((pair / 3 + 1) % 3) + (pair % 3 + 1) % 3;
    for (edge, shares) in [(EdgeValue::One, false), (EdgeValue::Weight, false), (EdgeValue::One, true)] {
        let a = interactions(&here, &codes, 3, edge, shares)?;
        let b = interactions(&there, &moved_codes, 3, edge, shares)?;
        assert!((0..9).all(|pair| (a[pair] - b[renamed(pair)]).abs() < 1e-9), "{a:?} {b:?}");
    }
    let (a, b) = (label_composition(&here, &codes, 3)?, label_composition(&there, &moved_codes, 3)?);
    assert!((0..9).all(|pair| (a.shares[pair] - b.shares[renamed(pair)]).abs() < 1e-9));
    let (a, b) = (composition(&here, &codes, 3)?, composition(&there, &moved_codes, 3)?);
    for (place, &cell) in order.iter().enumerate() {
        assert!((0..3).all(|label| a.row(cell)[label] == b.row(place)[(label + 1) % 3]), "cell {cell}");
    }

    // Two halves of a lattice of 6 by 4.
    let lattice: Vec<[f64; 2]> = (0..24).map(|i| [f64::from(i % 6), f64::from(i / 6)]).collect();
    let halves: Vec<i32> = (0..24).map(|i| i32::from(i % 6 >= 3)).collect();
    let graph = Graph::build(&lattice, None, &radius(1.0))?;
    // Within a half of 3 by 4: 2 · 4 across and 3 · 3 down, both ways.
    assert_eq!(interactions(&graph, &halves, 2, EdgeValue::One, false)?, [34.0, 4.0, 4.0, 34.0]);
    assert_eq!(interactions(&graph, &halves, 2, EdgeValue::One, true)?[1], 4.0 / 38.0);
    Ok(())
}

#[test]
fn one_label_no_label_and_lonely_cells_are_nan_and_nothing_else() -> Outcome {
    let mut positions = scatter(120, 121);
    positions[5] = [1e5, 0.0];
    positions[6] = [f64::NAN, 0.0];
    let graph = Graph::build(&positions, None, &radius(15.0))?;
    let edges = graph.n_edges() as f64;
    for permutations in [0, 99] {
        let params = EnrichmentParams { permutations, seed: 1 };
        // One label of two, and two labels of which none is in use.
        for codes in [[0; 120], [-1; 120]] {
            let found = enrichment(&graph, &codes, 2, None, &params, &mut ignore)?;
            assert!(found.z.iter().chain(&found.p).all(|value| value.is_nan()), "{found:?}");
            let all = if codes[0] == 0 { edges } else { 0.0 };
            assert_eq!((found.counts, found.mean), (vec![all, 0.0, 0.0, 0.0], vec![all, 0.0, 0.0, 0.0]));
        }
        // A label of one cell can have no edge to itself; one of a lonely cell has none at all.
        let mut codes = [0; 120];
        codes[5] = 1;
        let found = enrichment(&graph, &codes, 3, None, &params, &mut ignore)?;
        assert_eq!((found.counts[1], found.counts[3], found.counts[4]), (0.0, 0.0, 0.0));
        assert!(found.z[1] < 0.0 && found.z[4].is_nan() && found.z[2].is_nan() && found.z[8].is_nan(), "{found:?}");
    }
    assert_eq!(interactions(&graph, &[-1; 120], 1, EdgeValue::One, false)?, [0.0]);
    assert!(interactions(&graph, &[-1; 120], 1, EdgeValue::One, true)?[0].is_nan());
    let found = composition(&graph, &[-1; 120], 2)?;
    assert_eq!((found.undefined, found.shares.iter().all(|share| share.is_nan())), (120, true));
    let found = label_composition(&graph, &[0; 120], 2)?;
    assert_eq!((found.shares[0], found.shares[1], found.counts), (1.0, 0.0, vec![120, 0]));
    assert!(found.shares[2].is_nan() && found.shares[3].is_nan());
    assert!(assortativity(&graph, &[-1; 120], 2)?.is_nan());
    let found = centrality(&graph, &[-1; 120], 2, &mut ignore)?;
    assert!(found.degree.iter().chain(&found.closeness).chain(&found.clustering).all(|score| score.is_nan()));
    Ok(())
}

#[test]
fn labels_that_only_follow_the_section_hold_the_level_within_sections_alone() -> Outcome {
    let n = 300;
    let positions = scatter(n, 131);
    let sections: Vec<u32> = (0..n as u32).map(|cell| cell % 2).collect();
    let graph = Graph::build(&positions, Some(&sections), &DEFAULT)?;
    let mut generator = ChaCha8Rng::seed_from_u64(132);
    let (mut within, mut over_all, mut assorted, runs) = (0.0, 0.0, 0.0, 1000);
    let params = EnrichmentParams { permutations: 0, seed: 0 };
    for _ in 0..runs {
        // Four in five cells of one section, one in five of the other.
        let share = |section: u32| if section == 0 { 0.8 } else { 0.2 };
        let codes: Vec<i32> =
            sections.iter().map(|&section| i32::from(uniform(&mut generator) < share(section))).collect();
        let called = |sections: Option<&[u32]>| -> Result<f64, SpatialError> {
            let found = enrichment(&graph, &codes, 2, sections, &params, &mut ignore)?;
            Ok(f64::from(u8::from(found.z[3].abs() > 1.96)))
        };
        within += called(Some(&sections))?;
        over_all += called(None)?;
        let random: Vec<i32> = (0..n).map(|_| i32::from(uniform(&mut generator) < 0.3)).collect();
        assorted += assortativity(&graph, &random, 2)?;
    }
    // Three and a half standard errors of √(0.05 · 0.95/1000) = 0.7 %.
    assert!((0.026..0.074).contains(&(within / runs as f64)), "{within}");
    assert!(over_all > 0.99 * runs as f64, "sections that differ are no neighbourhoods: {over_all}");
    // 0 if labels are random, but for 1/(n − 1) that a cell is not its own neighbour.
    let mean = assorted / runs as f64;
    assert!((mean + 1.0 / (n as f64 - 1.0)).abs() < 0.005, "{mean}");
    Ok(())
}
