//! Neighbourhood composition and enrichment: known answers, exact moments, the level under the null, and refusals.

mod common;

use std::ops::ControlFlow;

use common::sections::{DEFAULT, radius, random_labels, scatter};
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
