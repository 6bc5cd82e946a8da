//! The tests of Moran's I and Geary's C under the null hypothesis: permutations, their variance, and the level.

mod common;

use common::sections::{DEFAULT, counts, scatter, uniform};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use resitu::cells::Csr;
use resitu::progress::ignore;
use resitu::spatial::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn permutations_depend_on_the_seed_alone_and_their_variance_is_the_exact_one() -> Outcome {
    let positions = scatter(250, 61);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    // 40 genes: more than one piece of work, rare and frequent ones.
    let values = counts(&positions, 40, 62);
    for null in [Null::Values, Null::Rows] {
        let params = AutocorrelationParams {
            permutations: 999,
            null,
            seed: 5,
            variance: Variance::Randomisation,
            ..AutocorrelationParams::default()
        };
        let found = autocorrelation(&graph, &values, &params, &mut ignore)?;
        assert!(found == autocorrelation(&graph, &values, &params, &mut ignore)?, "the same seed");
        let other = autocorrelation(&graph, &values, &AutocorrelationParams { seed: 6, ..params }, &mut ignore)?;
        assert!(found != other, "another seed");
        if null == Null::Values {
            assert!(found.iter().all(|gene| gene.undefined.is_none()));
            for gene in &found {
                for score in [gene.moran, gene.geary] {
                    let simulated = score.simulated.expect("permutations were asked for");
                    // Shuffling values is what the randomisation variance describes exactly. 999 draws: the standard
                    // error of a variance is 4.5 %, more for genes of few cells, whose null is heavy-tailed.
                    assert!((simulated.variance / score.variance - 1.0).abs() < 0.4, "{score:?}");
                    assert!((simulated.mean - score.expected).abs() < 5.0 * (score.variance / 999.0).sqrt());
                }
            }
        }
    }
    Ok(())
}

#[test]
fn under_the_null_hypothesis_five_percent_are_below_five_percent() -> Outcome {
    let positions = scatter(300, 71);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    let genes = 2000;
    let mut generator = ChaCha8Rng::seed_from_u64(72);
    // Sums of four uniforms: near enough to normal.
    let dense: Vec<f32> = (0..300 * genes).map(|_| (0..4).map(|_| uniform(&mut generator) as f32).sum()).collect();
    let params = AutocorrelationParams { permutations: 99, ..AutocorrelationParams::default() };
    let found = autocorrelation(&graph, &Csr::from_dense(genes, &dense)?, &params, &mut ignore)?;
    let share =
        |p: &dyn Fn(&Autocorrelation) -> f64| found.iter().filter(|gene| p(gene) <= 0.05).count() as f64 / genes as f64;
    let simulated = |score: &Score| score.simulated.map_or(f64::NAN, |test| test.p);
    // Binomial standard error √(0.05·0.95/2000) = 0.5 %; four of them. The counted p shares its permutations over genes.
    for (what, share) in [
        ("I, normality", share(&|gene| gene.moran.p)),
        ("C, normality", share(&|gene| gene.geary.p)),
        ("I, permutations", share(&|gene| simulated(&gene.moran))),
        ("C, permutations", share(&|gene| simulated(&gene.geary))),
    ] {
        assert!((0.03..0.07).contains(&share), "{what}: {share}");
    }
    assert!(share(&|gene| gene.moran.q) < 0.01, "and the false discovery rate holds");
    Ok(())
}

#[test]
fn under_the_null_hypothesis_skewed_genes_hold_the_level_but_shuffled_rows_do_not() -> Outcome {
    let positions = scatter(300, 73);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    let genes = 2000;
    let mut generator = ChaCha8Rng::seed_from_u64(74);
    let dense: Vec<f32> = (0..300 * genes).map(|_| -(1.0 - uniform(&mut generator)).ln() as f32).collect();
    let params = AutocorrelationParams {
        variance: Variance::Randomisation,
        null: Null::Rows,
        permutations: 199,
        ..AutocorrelationParams::default()
    };
    let found = autocorrelation(&graph, &Csr::from_dense(genes, &dense)?, &params, &mut ignore)?;
    let mean = |value: &dyn Fn(&Autocorrelation) -> f64| found.iter().map(value).sum::<f64>() / genes as f64;
    let share = |p: &dyn Fn(&Autocorrelation) -> f64| mean(&|gene| f64::from(u8::from(p(gene) <= 0.05)));
    // Four standard errors of √(0.05·0.95/2000) = 0.5 %.
    for (what, share) in
        [("I, randomisation", share(&|gene| gene.moran.p)), ("C, randomisation", share(&|gene| gene.geary.p))]
    {
        assert!((0.03..0.07).contains(&share), "{what}: {share}");
    }
    // A shuffled row meets values that do not know of it, a row in its place the values of cells that have this one as
    // neighbour too: the variance of I is larger by the share of weight that is returned. This test asks too little.
    let (mut returned, mut all) = (0.0, 0.0);
    for cell in 0..300 {
        let (neighbours, weights) = graph.row(cell);
        for (&other, &weight) in neighbours.iter().zip(weights) {
            let (back, back_weights) = graph.row(other as usize);
            returned += back
                .iter()
                .zip(back_weights)
                .filter(|pair| *pair.0 as usize == cell)
                .map(|b| b.1 * weight)
                .sum::<f64>();
            all += weight * weight;
        }
    }
    let simulated = |score: &Score, pick: fn(&Simulated) -> f64| score.simulated.as_ref().map_or(f64::NAN, pick);
    let ratio = mean(&|gene| gene.moran.variance) / mean(&|gene| simulated(&gene.moran, |test| test.variance));
    assert!((ratio / (1.0 + returned / all) - 1.0).abs() < 0.03, "{ratio}, {}", returned / all);
    let level = share(&|gene| simulated(&gene.moran, |test| test.p));
    // P(|Z| > 1.96/√ratio), about.
    assert!((0.10..0.16).contains(&level), "I, rows: {level}");
    Ok(())
}
