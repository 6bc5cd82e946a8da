//! Neighbours by number and by distance are exact, also among ties, duplicates, sections and degenerate extents.

mod common;

use std::time::Instant;

use common::sections::{DEFAULT, knn, order, radius, scatter};
use resitu::Explain;
use resitu::spatial::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

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

#[test]
fn graphs_of_every_kind_follow_their_cells_wherever_they_lie() -> Outcome {
    let n = 400;
    let scattered = scatter(n, 61);
    let lattice: Vec<[f64; 2]> = (0..n).map(|i| [(i % 20) as f64, (i / 20) as f64]).collect();
    let order = order(n);
    let (sine, cosine) = 0.7f64.sin_cos();
    // Reordered, turned, moved and made three times as large at once.
    let moved = |positions: &[[f64; 2]]| -> Vec<[f64; 2]> {
        let turn = |[x, y]: [f64; 2]| [3.0 * (cosine * x - sine * y) + 50.0, 3.0 * (sine * x + cosine * y) - 7.0];
        order.iter().map(|&cell| turn(positions[cell])).collect()
    };
    let grid = GraphParams { kind: GraphKind::Grid { neighbours: 4, rings: 2 }, ..DEFAULT };
    let delaunay = GraphParams { kind: GraphKind::Delaunay, ..DEFAULT };
    let lengths =
        |params: GraphParams, scale: f64| GraphParams { max_length: params.max_length.map(|l| l * scale), ..params };
    for (positions, params) in [
        (&scattered, knn(5)),
        (&scattered, GraphParams { symmetric: true, ..knn(3) }),
        (&scattered, radius(9.0)),
        (&scattered, delaunay),
        (&scattered, GraphParams { percentile: Some(90.0), ..delaunay }),
        (&scattered, GraphParams { max_length: Some(6.0), ..delaunay }),
        (&lattice, grid),
    ] {
        let larger = match params.kind {
            GraphKind::Radius { radius } => GraphParams { kind: GraphKind::Radius { radius: 3.0 * radius }, ..params },
            _ => lengths(params, 3.0),
        };
        let (here, there) = (Graph::build(positions, None, &params)?, Graph::build(&moved(positions), None, &larger)?);
        assert!(here.n_edges() > n);
        for (place, &cell) in order.iter().enumerate() {
            let mut found: Vec<u32> = there.row(place).0.iter().map(|&other| order[other as usize] as u32).collect();
            found.sort_unstable();
            assert_eq!(found, here.row(cell).0, "{:?}, cell {cell}", params.kind);
        }
    }
    Ok(())
}

#[test]
fn a_graph_of_one_cell_or_none_is_refused() {
    let delaunay = GraphParams { kind: GraphKind::Delaunay, ..DEFAULT };
    let grid = GraphParams { kind: GraphKind::Grid { neighbours: 6, rings: 1 }, ..DEFAULT };
    for (params, one) in [
        (knn(1), "spatial.too-few-cells"),
        (radius(1.0), "spatial.no-neighbours"),
        (delaunay, "spatial.no-neighbours"),
        (grid, "spatial.too-few-cells"),
    ] {
        assert_eq!(code(Graph::build::<2>(&[], None, &params)), "spatial.no-coordinates", "{:?}", params.kind);
        assert_eq!(code(Graph::build(&[[2.0, 3.0]], None, &params)), one, "{:?}", params.kind);
        let lost = [[f64::NAN, 0.0], [2.0, 3.0], [0.0, f64::NEG_INFINITY]];
        assert_eq!(code(Graph::build(&lost, None, &params)), one, "{:?}", params.kind);
    }
    // So no statistic can meet a graph without edges.
    assert_eq!(code(Graph::from_rows(vec![0; 31], vec![], vec![], true)), "spatial.no-neighbours");
}
