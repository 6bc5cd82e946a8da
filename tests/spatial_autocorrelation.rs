//! What Moran's I and Geary's C do on odd input, where the answer is known, and under transformations that must not matter.

mod common;

use std::ops::ControlFlow;

use common::sections::{DEFAULT, counts, knn, radius, reordered, scatter};
use resitu::Explain;
use resitu::cells::Csr;
use resitu::progress::ignore;
use resitu::spatial::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

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
    Ok(())
}

#[test]
fn lonely_cells_count_in_the_mean_and_in_no_edge() -> Outcome {
    let mut positions = scatter(150, 95);
    positions[20] = [1e4, 0.0];
    positions[70] = [f64::NAN, 1.0];
    positions[71] = [-1e4, 5.0];
    let graph = Graph::build(&positions, None, &radius(12.0))?;
    assert!(graph.n_isolated() >= 3 && graph.row(20).0.is_empty() && graph.row(70).0.is_empty());
    let values = counts(&positions[..20], 2, 96);
    // The wave of a cell without place would be NaN: counts of the first cells, over and over.
    let rows: Vec<usize> = (0..150).map(|cell| cell * 7 % 20).collect();
    let values = reordered(&values, &rows);
    let found = scores(&graph, &values);
    for (gene, found) in found.iter().enumerate() {
        let value = |cell: usize| {
            let (genes, row) = values.row(cell);
            genes.iter().position(|&other| other as usize == gene).map_or(0.0, |at| f64::from(row[at]))
        };
        let mean = (0..150).map(value).sum::<f64>() / 150.0;
        let squares: f64 = (0..150).map(|cell| (value(cell) - mean).powi(2)).sum();
        let (mut together, mut apart, mut s0) = (0.0, 0.0, 0.0);
        for cell in 0..150 {
            let (neighbours, weights) = graph.row(cell);
            for (&other, weight) in neighbours.iter().zip(weights) {
                let other = other as usize;
                s0 += weight;
                together += weight * (value(cell) - mean) * (value(other) - mean);
                apart += weight * (value(cell) - value(other)).powi(2);
            }
        }
        assert!((s0 - (150 - graph.n_isolated()) as f64).abs() < 1e-9);
        same(&[*found], &[(150.0 / s0 * together / squares, 149.0 / (2.0 * s0) * apart / squares)]);
    }
    Ok(())
}

#[test]
fn a_chequerboard_has_a_geary_of_nearly_two_and_lees_l_knows_a_gene_from_its_opposite() -> Outcome {
    let side = 20u32;
    let n = f64::from(side * side);
    let lattice: Vec<[f64; 2]> = (0..side * side).map(|i| [f64::from(i % side), f64::from(i / side)]).collect();
    let graph = Graph::build(&lattice, None, &radius(1.0))?;
    let dense: Vec<f32> = (0..side * side)
        .flat_map(|i| {
            let board = ((i % side + i / side) % 2) as f32;
            [board, 1.0 - board, (i % side) as f32]
        })
        .collect();
    let values = Csr::from_dense(3, &dense)?;
    let found = scores(&graph, &values);
    // Every edge joins 0 and 1: (n − 1) / (2 S₀) · S₀ / (n / 4).
    assert!((found[0].1 - 2.0 * (n - 1.0) / n).abs() < 1e-12, "{found:?}");

    let pairs = [(0, 0), (0, 1), (1, 0), (2, 2)];
    let pairs = bivariate(&graph, &values, &pairs, &BivariateParams::default(), &mut ignore)?;
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} and {b}");
    near(pairs[0].moran.value, found[0].0);
    near(pairs[3].moran.value, found[2].0);
    // Around a black field lie white ones alone.
    near(pairs[1].moran.value, 1.0);
    near(pairs[2].moran.value, 1.0);
    // The lag of a board is the other board: L of a gene with itself 1, with its opposite −1.
    near(pairs[0].lee.value, 1.0);
    near(pairs[1].lee.value, -1.0);
    Ok(())
}
