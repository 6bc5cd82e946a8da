//! What Moran's I and Geary's C do on odd input, where the answer is known, and under transformations that must not matter.

mod common;

use std::ops::ControlFlow;

use common::sections::{DEFAULT, counts, knn, radius, scatter};
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
