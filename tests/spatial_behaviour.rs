//! What the spatial statistics do on odd input, under transformations that must not matter, and under the null.

use std::ops::ControlFlow;
use std::time::Instant;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use resitu::Explain;
use resitu::cells::Csr;
use resitu::progress::ignore;
use resitu::spatial::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const DEFAULT: GraphParams = GraphParams::DEFAULT;

fn knn(k: usize) -> GraphParams {
    GraphParams { kind: GraphKind::Knn { k }, ..DEFAULT }
}

fn radius(radius: f64) -> GraphParams {
    GraphParams { kind: GraphKind::Radius { radius }, ..DEFAULT }
}

fn uniform(generator: &mut ChaCha8Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

fn scatter(n: usize, seed: u64) -> Vec<[f64; 2]> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| [100.0 * uniform(&mut generator), 100.0 * uniform(&mut generator)]).collect()
}

/// Small counts: even genes follow a wave through the plane, odd ones nothing.
fn counts(positions: &[[f64; 2]], genes: usize, seed: u64) -> Csr {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let dense: Vec<f32> = positions
        .iter()
        .flat_map(|p| (0..genes).map(|gene| (gene, *p)).collect::<Vec<_>>())
        .map(|(gene, p)| {
            let wave = if gene % 2 == 0 { 1.0 + (p[0] / 15.0 + gene as f64).sin() } else { 1.0 };
            (uniform(&mut generator) * 5.0 * wave * (gene + 6) as f64 / (genes + 5) as f64).round() as f32
        })
        .collect();
    Csr::from_dense(genes, &dense).expect("a matrix")
}

fn code(result: Result<Graph, SpatialError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "a graph")
}

fn rows(graph: &Graph) -> Vec<Vec<u32>> {
    (0..graph.n_cells()).map(|cell| graph.row(cell).0.to_vec()).collect()
}

/// The neighbours by the documented rule, the slow way.
fn brute(positions: &[[f64; 2]], k: usize) -> Vec<Vec<u32>> {
    let distance = |i: usize, j: usize| {
        let (dx, dy) = (positions[i][0] - positions[j][0], positions[i][1] - positions[j][1]);
        dx * dx + dy * dy
    };
    let row = |i: usize| {
        let mut others: Vec<usize> = (0..positions.len()).filter(|&j| j != i).collect();
        others.sort_by(|&a, &b| distance(i, a).total_cmp(&distance(i, b)).then(a.cmp(&b)));
        let mut nearest: Vec<u32> = others[..k].iter().map(|&j| j as u32).collect();
        nearest.sort_unstable();
        nearest
    };
    (0..positions.len()).map(row).collect()
}

#[test]
fn neighbours_are_exact_also_among_ties_and_duplicates() -> Outcome {
    let lattice: Vec<[f64; 2]> = (0..400).map(|i| [f64::from(i % 20), f64::from(i / 20)]).collect();
    let doubled: Vec<[f64; 2]> = (0..300).map(|i| [f64::from(i * 7 % 10), f64::from(i * 3 % 7)]).collect();
    let line: Vec<[f64; 2]> = (0..200).map(|i| [f64::from(i * 37 % 200), 5.0]).collect();
    let mut outlier = scatter(300, 3);
    outlier[17] = [1e12, -1e12];
    let signed_zero: Vec<[f64; 2]> = (0..40).map(|i| if i % 2 == 0 { [0.0, -0.0] } else { [-0.0, 0.0] }).collect();
    for positions in [scatter(500, 1), lattice, doubled, line, outlier, signed_zero] {
        for k in [1, 6, 20] {
            assert_eq!(rows(&Graph::build(&positions, None, &knn(k))?), brute(&positions, k));
        }
    }
    Ok(())
}

#[test]
fn a_radius_includes_its_edge_and_not_the_cell_itself() -> Outcome {
    let lattice: Vec<[f64; 2]> = (0..9).map(|i| [f64::from(i % 3), f64::from(i / 3)]).collect();
    let graph = Graph::build(&lattice, None, &radius(1.0))?;
    assert_eq!(graph.row(4).0, [1, 3, 5, 7]);
    assert_eq!(graph.row(0).0, [1, 3]);
    assert_eq!(graph.row(0).1, [0.5, 0.5]);
    Ok(())
}

#[test]
fn isolated_cells_keep_empty_rows_and_lower_s0() -> Outcome {
    let mut positions: Vec<[f64; 2]> = (0..10).map(|i| [f64::from(i), 0.0]).collect();
    positions.push([1000.0, 0.0]);
    positions.push([f64::NAN, 0.0]);
    positions.push([0.0, f64::INFINITY]);
    let graph = Graph::build(&positions, None, &radius(1.5))?;
    assert_eq!((graph.n_isolated(), graph.without_position()), (3, 2));
    assert_eq!(graph.moments().s0, 10.0);
    assert!(rows(&graph).iter().all(|row| row.iter().all(|&cell| cell < 10)));
    Ok(())
}

#[test]
fn sections_are_never_neighbours() -> Outcome {
    let positions = scatter(300, 5);
    let sections: Vec<u32> = (0..300).map(|i| [7, 2, 900_000][i % 3]).collect();
    let graph = Graph::build(&positions, Some(&sections), &DEFAULT)?;
    for (cell, row) in rows(&graph).iter().enumerate() {
        assert_eq!(row.len(), 6);
        assert!(row.iter().all(|&other| sections[other as usize] == sections[cell]));
    }
    // Each section alone has the same neighbours.
    let alone: Vec<usize> = (0..300).filter(|i| sections[*i] == 2).collect();
    let graph_alone = Graph::build(&alone.iter().map(|&i| positions[i]).collect::<Vec<_>>(), None, &DEFAULT)?;
    for (place, &cell) in alone.iter().enumerate() {
        let mapped: Vec<u32> = graph_alone.row(place).0.iter().map(|&j| alone[j as usize] as u32).collect();
        assert_eq!(mapped, graph.row(cell).0);
    }
    // A section of three cells has two neighbours for each.
    let small: Vec<u32> = (0..300).map(|i| u32::from(i < 3)).collect();
    assert_eq!(Graph::build(&positions, Some(&small), &DEFAULT)?.row(1).0, [0, 2]);
    Ok(())
}

#[test]
fn what_cannot_be_meant_has_a_code() {
    let positions = scatter(30, 1);
    for params in [knn(0), radius(0.0), radius(-1.0), radius(f64::NAN), radius(f64::INFINITY)] {
        assert_eq!(code(Graph::build(&positions, None, &params)), "spatial.bad-parameter");
    }
    assert_eq!(code(Graph::build::<2>(&[], None, &DEFAULT)), "spatial.no-coordinates");
    assert_eq!(code(Graph::build(&[[f64::NAN; 2]; 9], None, &DEFAULT)), "spatial.no-coordinates");
    assert_eq!(code(Graph::build(&positions, Some(&[0; 29]), &DEFAULT)), "spatial.length-mismatch");
    assert_eq!(code(Graph::build(&positions, None, &knn(30))), "spatial.too-few-cells");
    assert_eq!(code(Graph::build(&positions, None, &knn(usize::MAX))), "spatial.too-few-cells");
    assert_eq!(code(Graph::build(&positions, None, &radius(1e-9))), "spatial.no-neighbours");
    assert_eq!(code(Graph::build(&positions, None, &knn(29))), "a graph");
    assert_eq!(code(Graph::from_rows(vec![0, 1], vec![0], vec![1.0], true)), "spatial.bad-parameter");
    assert_eq!(code(Graph::from_rows(vec![0, 1, 1], vec![5], vec![1.0], true)), "spatial.bad-parameter");
    assert_eq!(code(Graph::from_rows(vec![0, 1, 1], vec![1], vec![f64::NAN], true)), "spatial.bad-parameter");
    assert_eq!(code(Graph::from_rows(vec![], vec![], vec![], true)), "spatial.bad-parameter");
}

#[test]
fn degenerate_extents_cost_neither_time_nor_memory() -> Outcome {
    let n = 60_000;
    let one_point = vec![[3.0, 4.0]; n];
    let line: Vec<[f64; 2]> = (0..n).map(|i| [i as f64, 0.0]).collect();
    let mut outlier = scatter(n, 2);
    outlier[0] = [1e150, -1e150];
    let two_clumps: Vec<[f64; 2]> = (0..n).map(|i| [if i % 2 == 0 { 0.0 } else { 1e9 }, 0.0]).collect();
    // Against an ordinary section on the same machine in the same minute; an O(n²) way would take a thousand times as long.
    let time = |positions: &[[f64; 2]]| -> Result<f64, SpatialError> {
        let started = Instant::now();
        assert_eq!(Graph::build(positions, None, &DEFAULT)?.n_edges(), 6 * n);
        Ok(started.elapsed().as_secs_f64())
    };
    let ordinary = time(&scatter(n, 3))?;
    for positions in [&one_point, &line, &outlier, &two_clumps] {
        let taken = time(positions)?;
        assert!(taken < 30.0 * ordinary, "{taken} s, and {ordinary} s for an ordinary section");
    }
    // Many neighbours among many ties.
    assert_eq!(Graph::build(&one_point[..1000], None, &knn(999))?.n_edges(), 1000 * 999);
    // A radius that would join everything with everything is refused before anything is allocated.
    for positions in [&one_point, &line, &two_clumps] {
        assert_eq!(code(Graph::build(positions, None, &radius(1e12))), "spatial.too-many-edges");
    }
    Ok(())
}

fn scores(graph: &Graph, values: &Csr) -> Vec<(f64, f64)> {
    let found = autocorrelation(graph, values, &AutocorrelationParams::default(), &mut ignore).expect("statistics");
    found.iter().map(|gene| (gene.moran.value, gene.geary.value)).collect()
}

/// Each within 1e-9 of the other, NaN with NaN.
#[track_caller]
fn same(a: &[(f64, f64)], b: &[(f64, f64)]) {
    assert_eq!(a.len(), b.len());
    let near = |x: f64, y: f64| (x - y).abs() < 1e-9 || (x.is_nan() && y.is_nan());
    assert!(a.iter().zip(b).all(|(a, b)| near(a.0, b.0) && near(a.1, b.1)), "{a:?}\n{b:?}");
}

#[test]
fn moving_turning_and_scaling_the_section_changes_nothing() -> Outcome {
    let positions = scatter(400, 11);
    let values = counts(&positions, 6, 12);
    let expected = scores(&Graph::build(&positions, None, &DEFAULT)?, &values);
    let (sine, cosine) = 0.7f64.sin_cos();
    let transforms: [&dyn Fn([f64; 2]) -> [f64; 2]; 4] = [
        &|[x, y]| [x + 1234.5, y - 987.0],
        &|[x, y]| [cosine * x - sine * y, sine * x + cosine * y],
        &|[x, y]| [x * 1e-3, y * 1e-3],
        &|[x, y]| [y, -x],
    ];
    for transform in transforms {
        let moved: Vec<[f64; 2]> = positions.iter().map(|p| transform(*p)).collect();
        same(&scores(&Graph::build(&moved, None, &DEFAULT)?, &values), &expected);
    }
    Ok(())
}

#[test]
fn the_order_of_cells_and_the_scale_of_values_change_nothing() -> Outcome {
    let positions = scatter(400, 21);
    let values = counts(&positions, 6, 22);
    let expected = scores(&Graph::build(&positions, None, &DEFAULT)?, &values);
    let order: Vec<usize> = (0..400).map(|i| i * 171 % 400).collect();
    let moved: Vec<[f64; 2]> = order.iter().map(|&i| positions[i]).collect();
    let (mut shuffled, mut scaled) = (Csr::empty(6), Csr::empty(6));
    for &i in &order {
        let (indices, row) = values.row(i);
        // Back to front: the order of indices within a row must not matter either.
        shuffled.push_row(indices.iter().copied().zip(row.iter().copied()).rev())?;
        scaled.push_row(indices.iter().copied().zip(row.iter().map(|v| v * 1024.0)))?;
    }
    let graph = Graph::build(&moved, None, &DEFAULT)?;
    same(&scores(&graph, &shuffled), &expected);
    same(&scores(&graph, &scaled), &expected);
    Ok(())
}

#[test]
fn adding_a_constant_to_every_cell_changes_nothing_even_far_from_zero() -> Outcome {
    let positions = scatter(300, 31);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    let values: Vec<f32> = (0..300).map(|i| (positions[i][0] / 10.0).round() as f32).collect();
    let expected = scores(&graph, &Csr::from_dense(1, &values)?);
    for shift in [1.0, 1000.0, 1_048_576.0] {
        let shifted: Vec<f32> = values.iter().map(|v| v + shift).collect();
        same(&scores(&graph, &Csr::from_dense(1, &shifted)?), &expected);
    }
    Ok(())
}

#[test]
fn a_chequerboard_a_gradient_and_a_complete_graph_have_their_known_values() -> Outcome {
    let side = 20;
    let lattice: Vec<[f64; 2]> = (0..side * side).map(|i| [f64::from(i % side), f64::from(i / side)]).collect();
    let graph = Graph::build(&lattice, None, &radius(1.0))?;
    let board: Vec<f32> = (0..side * side).map(|i| ((i % side + i / side) % 2) as f32).collect();
    let gradient: Vec<f32> = (0..side * side).map(|i| (i % side) as f32).collect();
    let board = scores(&graph, &Csr::from_dense(1, &board)?)[0];
    assert!((board.0 + 1.0).abs() < 1e-12, "I of a chequerboard is −1: {}", board.0);
    let gradient = scores(&graph, &Csr::from_dense(1, &gradient)?)[0];
    assert!(gradient.0 > 0.9 && gradient.1 < 0.1, "a gradient is smooth: {gradient:?}");

    for n in [30, 800] {
        let complete = Graph::build(&scatter(n, 1), None, &knn(n - 1))?;
        let values = Csr::from_dense(1, &(0..n).map(|i| (i * i % 7) as f32).collect::<Vec<_>>())?;
        let found = autocorrelation(&complete, &values, &AutocorrelationParams::default(), &mut ignore)?[0];
        assert!((found.moran.value - found.moran.expected).abs() < 1e-12, "all beside all: I is its expectation");
        assert!(found.moran.p.is_nan() && found.geary.p.is_nan(), "and leaves nothing to test: {found:?}");
    }
    Ok(())
}

#[test]
fn constant_and_unusable_genes_are_nan_and_say_why_and_the_others_keep_their_q() -> Outcome {
    let positions = scatter(200, 41);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    let good = counts(&positions, 2, 42);
    let mut values = Csr::empty(6);
    for cell in 0..200 {
        let (indices, row) = good.row(cell);
        let kept = indices.iter().copied().zip(row.iter().copied());
        let odd =
            [(2, 3.0), (4, if cell == 7 { f32::NAN } else { 1.0 }), (5, if cell == 9 { f32::INFINITY } else { 0.0 })];
        values.push_row(kept.chain(odd))?; // gene 3 is empty
    }
    let params = AutocorrelationParams { permutations: 19, ..AutocorrelationParams::default() };
    let found = autocorrelation(&graph, &values, &params, &mut ignore)?;
    let reasons: Vec<_> = found.iter().map(|gene| gene.undefined).collect();
    let (constant, unusable) = (Some(Undefined::Constant), Some(Undefined::NotFinite));
    assert_eq!(reasons, [None, None, constant, constant, unusable, unusable]);
    assert!(found[2..].iter().all(|gene| gene.moran.value.is_nan() && gene.geary.q.is_nan()));
    let alone = autocorrelation(&graph, &good, &params, &mut ignore)?;
    assert_eq!(found[..2], alone[..], "two tests, not six, are corrected for");
    Ok(())
}

#[test]
fn sparse_and_dense_arithmetic_agree() -> Outcome {
    // The same gene twice: as it is (4 % of cells: the sparse way), and with cells added where all is zero, or with a
    // constant, which takes the dense way.
    let positions = scatter(500, 51);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    let rare: Vec<f32> = (0..500).map(|i| if positions[i][0] < 4.0 { (1 + i % 3) as f32 } else { 0.0 }).collect();
    let sparse = scores(&graph, &Csr::from_dense(1, &rare)?);
    let dense = scores(&graph, &Csr::from_dense(1, &rare.iter().map(|v| v + 1.0).collect::<Vec<_>>())?);
    same(&sparse, &dense);
    Ok(())
}

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
fn genes_tested_in_parts_are_as_tested_together() -> Outcome {
    let positions = scatter(250, 65);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    let values = counts(&positions, 50, 66);
    let params = AutocorrelationParams { permutations: 20, seed: 3, ..AutocorrelationParams::default() };
    let together = autocorrelation(&graph, &values, &params, &mut ignore)?;
    let mut parts = Vec::new();
    for genes in [0..7u32, 7..50] {
        let mut part = Csr::empty(genes.len());
        for cell in 0..250 {
            let (indices, row) = values.row(cell);
            let kept = indices.iter().zip(row).filter(|(gene, _)| genes.contains(gene));
            part.push_row(kept.map(|(gene, value)| (gene - genes.start, *value)))?;
        }
        parts.extend(autocorrelation(&graph, &part, &params, &mut ignore)?);
    }
    assert!(parts != together, "q is over fewer genes");
    correct(&mut parts);
    assert!(parts == together, "until it is corrected over all");
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

#[test]
fn work_reports_progress_and_can_be_cancelled() -> Outcome {
    let positions = scatter(200, 81);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    let values = counts(&positions, 5, 82);
    let params = AutocorrelationParams { permutations: 200, ..AutocorrelationParams::default() };
    let mut seen = Vec::new();
    autocorrelation(&graph, &values, &params, &mut |progress| {
        seen.push((progress.done, progress.total));
        ControlFlow::Continue(())
    })?;
    assert!(seen.len() > 2 && seen.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    assert_eq!(seen.last(), Some(&(5 * 201, 5 * 201)));

    let mut ticks = 0;
    let mut cancel = |_| {
        ticks += 1;
        if ticks > 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let cancelled = autocorrelation(&graph, &values, &params, &mut cancel);
    assert_eq!(cancelled.expect_err("cancelled").code(), "job.cancelled");
    let codes = vec![0; 200];
    let cancelled = enrichment(&graph, &codes, 1, None, &EnrichmentParams::default(), &mut |_| ControlFlow::Break(()));
    assert_eq!(cancelled.expect_err("cancelled").code(), "job.cancelled");
    Ok(())
}

#[test]
fn lengths_and_numbers_that_do_not_fit_are_refused() -> Outcome {
    let positions = scatter(50, 91);
    let graph = Graph::build(&positions, None, &DEFAULT)?;
    let params = AutocorrelationParams::default();
    let short = counts(&positions[..49], 3, 92);
    let refused = autocorrelation(&graph, &short, &params, &mut ignore).expect_err("49 rows for 50 cells");
    assert_eq!(refused.code(), "spatial.length-mismatch");
    let tiny = Graph::build(&positions[..3], None, &knn(1))?;
    let refused = autocorrelation(&tiny, &counts(&positions[..3], 3, 92), &params, &mut ignore);
    assert_eq!(refused.expect_err("three cells").code(), "spatial.too-few-cells");
    let many = AutocorrelationParams { permutations: usize::MAX, ..params };
    assert_eq!(many.check().expect_err("too many").code(), "spatial.bad-parameter");
    assert_eq!(autocorrelation(&graph, &Csr::new(0, vec![0; 51], vec![], vec![])?, &params, &mut ignore)?, []);

    assert_eq!(composition(&graph, &[0; 49], 1).expect_err("49 labels").code(), "spatial.length-mismatch");
    assert_eq!(composition(&graph, &[3; 50], 3).expect_err("code 3 of 3").code(), "spatial.bad-parameter");
    assert_eq!(composition(&graph, &[-1; 50], 0).expect_err("no level").code(), "spatial.bad-parameter");
    assert_eq!(composition(&graph, &[-1; 50], 1 << 40).expect_err("absurd").code(), "spatial.bad-parameter");
    let one = EnrichmentParams { permutations: 1, seed: 0 };
    let refused = enrichment(&graph, &[0; 50], 1, None, &one, &mut ignore).expect_err("one permutation");
    assert_eq!(refused.code(), "spatial.bad-parameter");
    Ok(())
}

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
