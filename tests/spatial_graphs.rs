//! Graphs of every kind are squidpy's (`tests/reference/spatial_graphs.json`), and odd positions have their stated rules.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use resitu::Explain;
use resitu::spatial::*;
use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn params(case: &Value) -> GraphParams {
    let given = &case["params"];
    let size = |key: &str| given[key].as_u64().map(|value| value as usize);
    let kind = match (size("knn"), given["radius"].as_f64(), size("grid"), size("rings")) {
        (Some(k), ..) => GraphKind::Knn { k },
        (_, Some(radius), ..) => GraphKind::Radius { radius },
        (.., Some(neighbours), Some(rings)) => GraphKind::Grid { neighbours, rings },
        _ => GraphKind::Delaunay,
    };
    GraphParams {
        kind,
        min_length: given["min"].as_f64(),
        max_length: given["max"].as_f64(),
        percentile: given["percentile"].as_f64(),
        weighting: if given["spectral"].is_boolean() { Weighting::Spectral } else { Weighting::One },
        row_standardise: false,
        ..GraphParams::default()
    }
}

fn build<const D: usize>(case: &Value, params: &GraphParams) -> Graph {
    let coordinate = |value: &Value| value.as_f64().expect("a coordinate");
    let positions: Vec<[f64; D]> =
        list(&case["positions"]).iter().map(|p| std::array::from_fn(|axis| coordinate(&p[axis]))).collect();
    let sections: Option<Vec<u32>> = case["sections"]
        .as_array()
        .map(|sections| sections.iter().map(|section| section.as_u64().expect("a section") as u32).collect());
    Graph::build(&positions, sections.as_deref(), params).expect("a graph")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn edges(graph: &Graph) -> Vec<(u32, u32, f64)> {
    let (indptr, neighbours, _) = graph.parts();
    let distances = graph.distances().expect("distances are kept");
    let row = |cell: usize| {
        (indptr[cell]..indptr[cell + 1]).map(move |edge| (cell as u32, neighbours[edge], distances[edge]))
    };
    (0..graph.n_cells()).flat_map(row).collect()
}

#[test]
fn neighbours_distances_and_weights_of_every_kind_are_squidpys() -> Outcome {
    let reference: Value = serde_json::from_str(include_str!("reference/spatial_graphs.json"))?;
    for case in list(&reference["cases"]) {
        let name = &case["name"];
        let in_space = list(&case["positions"][0]).len() == 3;
        let build = |params: &GraphParams| if in_space { build::<3>(case, params) } else { build::<2>(case, params) };
        let mut params = params(case);
        if let Some(percentile) = params.percentile.take() {
            // Squidpy's percentile counts the diagonal; ours does not, and both are to be had.
            let whole = build(&params);
            let ours = GraphParams::squidpy_percentile(percentile, whole.n_cells(), whole.n_edges());
            assert!(ours < percentile);
            params.percentile = Some(ours);
        }
        let graph = build(&params);
        let (found, theirs) = (edges(&graph), list(&case["edges"]));
        assert_eq!(found.len(), theirs.len(), "{name}");
        for ((from, to, distance), theirs) in found.iter().zip(theirs) {
            assert_eq!(
                (Some(u64::from(*from)), Some(u64::from(*to))),
                (theirs[0].as_u64(), theirs[1].as_u64()),
                "{name}"
            );
            let theirs = theirs[2].as_f64().ok_or("a distance")?;
            assert!((distance - theirs).abs() <= 1e-9 * theirs.max(1e-3), "{name}: {distance} and {theirs}");
        }
        if let Some(weights) = case["weights"].as_array() {
            for (ours, theirs) in graph.parts().2.iter().zip(weights) {
                let theirs = theirs.as_f64().ok_or("a weight")?;
                assert!((ours - theirs).abs() < 1e-6, "squidpy's weights are f32: {ours} and {theirs}");
            }
        }
    }
    Ok(())
}

fn uniform(generator: &mut ChaCha8Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

fn scatter(n: usize, seed: u64) -> Vec<[f64; 2]> {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    (0..n).map(|_| [100.0 * uniform(&mut generator), 60.0 * uniform(&mut generator)]).collect()
}

fn kind(kind: GraphKind) -> GraphParams {
    GraphParams { kind, ..GraphParams::default() }
}

fn rows(graph: &Graph) -> Vec<Vec<u32>> {
    (0..graph.n_cells()).map(|cell| graph.row(cell).0.to_vec()).collect()
}

fn code(result: Result<Graph, SpatialError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "a graph")
}

/// Every edge has a circle through its ends without a cell inside, and its reverse.
#[track_caller]
fn assert_delaunay(positions: &[[f64; 2]], graph: &Graph) {
    let rows = rows(graph);
    for (a, row) in rows.iter().enumerate() {
        assert!(row.iter().all(|&b| rows[b as usize].contains(&(a as u32))), "symmetric");
        for &b in row.iter().filter(|&&b| b as usize > a) {
            let (p, q) = (positions[a], positions[b as usize]);
            let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
            for (c, r) in positions.iter().enumerate() {
                if c == a || c == b as usize || *r == p || *r == q {
                    continue;
                }
                // Circles through p and q have their centre at the middle plus t times the normal; r is outside when t
                // is beyond a bound on its side.
                let (d, n) = ([q[0] - p[0], q[1] - p[1]], [p[1] - q[1], q[0] - p[0]]);
                let m = [r[0] - (p[0] + q[0]) / 2.0, r[1] - (p[1] + q[1]) / 2.0];
                let side = m[0] * n[0] + m[1] * n[1];
                let outside = m[0] * m[0] + m[1] * m[1] - (d[0] * d[0] + d[1] * d[1]) / 4.0;
                if side == 0.0 {
                    assert!(outside > 0.0, "a cell on an edge");
                    continue;
                }
                let bound = outside / (2.0 * side);
                if side > 0.0 { high = high.min(bound) } else { low = low.max(bound) }
            }
            assert!(low <= high + 1e-9 * (1.0 + high.abs()), "an edge without an empty circle: {a} {b}, {low} {high}");
        }
    }
}

#[test]
fn a_delaunay_graph_is_one_also_on_lattices_circles_and_near_lines() -> Outcome {
    let lattice: Vec<[f64; 2]> = (0..200).map(|i| [f64::from(i * 7 % 20), f64::from(i / 20)]).collect();
    let circle: Vec<[f64; 2]> = (0..80).map(|i| (f64::from(i) * 0.0785).sin_cos().into()).collect();
    for positions in [scatter(300, 1), lattice, circle] {
        assert_delaunay(&positions, &Graph::build(&positions, None, &kind(GraphKind::Delaunay))?);
    }
    // Nearly on a line: exact predicates tell the sides that rounding hides; every cell has its place in the graph.
    let nearly: Vec<[f64; 2]> = (0..500).map(|i| [0.1 * f64::from(i), 0.3 * f64::from(i)]).collect();
    let graph = Graph::build(&nearly, None, &kind(GraphKind::Delaunay))?;
    assert_eq!(graph.n_isolated(), 0);
    assert!((0..499).all(|i| graph.row(i).0.contains(&(i as u32 + 1))), "and at least the path along it");
    Ok(())
}

#[test]
fn a_triangulation_depends_on_the_positions_and_not_on_their_order_place_turn_or_scale() -> Outcome {
    let positions = scatter(400, 2);
    let expected = rows(&Graph::build(&positions, None, &kind(GraphKind::Delaunay))?);
    let (sine, cosine) = 0.7f64.sin_cos();
    let transforms: [&dyn Fn([f64; 2]) -> [f64; 2]; 5] = [
        &|[x, y]| [x + 1234.5, y - 987.0],
        &|[x, y]| [cosine * x - sine * y, sine * x + cosine * y],
        &|[x, y]| [x * 1e120, y * 1e120],
        &|[x, y]| [x * 1e-200, y * 1e-200],
        &|[x, y]| [-y, x],
    ];
    for transform in transforms {
        let moved: Vec<[f64; 2]> = positions.iter().map(|p| transform(*p)).collect();
        assert_eq!(rows(&Graph::build(&moved, None, &kind(GraphKind::Delaunay))?), expected);
    }
    // On a lattice, where any diagonal would do, the order of cells does not choose it.
    let lattice: Vec<[f64; 2]> = (0..100).map(|i| [f64::from(i % 10), f64::from(i / 10)]).collect();
    let graph = Graph::build(&lattice, None, &kind(GraphKind::Delaunay))?;
    let order: Vec<usize> = (0..100).map(|i| i * 37 % 100).collect();
    let shuffled: Vec<[f64; 2]> = order.iter().map(|&i| lattice[i]).collect();
    let other = Graph::build(&shuffled, None, &kind(GraphKind::Delaunay))?;
    for (place, &cell) in order.iter().enumerate() {
        let mut mapped: Vec<u32> = other.row(place).0.iter().map(|&j| order[j as usize] as u32).collect();
        mapped.sort_unstable();
        assert_eq!(mapped, graph.row(cell).0);
    }
    Ok(())
}

#[test]
fn cells_at_one_position_are_one_corner_and_cells_without_position_none() -> Outcome {
    let mut positions = vec![[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [5.0, 5.0], [0.0, -0.0]];
    positions.push([f64::NAN, 1.0]);
    let graph = Graph::build(&positions, None, &kind(GraphKind::Delaunay))?;
    assert_eq!(graph.row(0).0, [1, 2, 4]);
    assert_eq!(graph.row(4).0, [0, 1, 2]);
    assert_eq!(graph.row(1).0, [0, 2, 3, 4]);
    assert_eq!((graph.row(5).0.len(), graph.without_position()), (0, 1));
    assert_eq!(graph.distances().ok_or("distances")?[..3], [4.0, 4.0, 0.0]);
    // All at one place: all beside all; one cell alone: no graph.
    assert_eq!(Graph::build(&[[3.0, 3.0]; 9], None, &kind(GraphKind::Delaunay))?.n_edges(), 72);
    assert_eq!(code(Graph::build(&[[3.0, 3.0]], None, &kind(GraphKind::Delaunay))), "spatial.no-neighbours");
    assert_eq!(
        code(Graph::build(&vec![[3.0, 3.0]; 20_000], None, &kind(GraphKind::Delaunay))),
        "spatial.too-many-edges"
    );
    Ok(())
}

#[test]
fn odd_extents_triangulate_without_panic() -> Outcome {
    let mut generator = ChaCha8Rng::seed_from_u64(9);
    let exponents = [-300, -160, -12, 0, 12, 140, 149];
    for round in 0..300 {
        let n = 1 + (generator.next_u32() % 40) as usize;
        let mut coordinate = || match generator.next_u32() % 6 {
            0 => 0.0,
            1 => f64::from_bits(generator.next_u64()), // anything at all
            2 => f64::from(generator.next_u32() % 4),
            _ => (uniform(&mut generator) - 0.5) * 10f64.powi(exponents[(generator.next_u32() % 7) as usize]),
        };
        let positions: Vec<[f64; 2]> = (0..n).map(|_| [coordinate(), coordinate()]).collect();
        match Graph::build(&positions, None, &kind(GraphKind::Delaunay)) {
            Ok(graph) => {
                let usable = graph.n_cells() - graph.without_position();
                assert_eq!(graph.n_isolated(), graph.n_cells() - usable, "round {round}: all have a place in it");
            }
            Err(error) => assert!(["spatial.no-neighbours", "spatial.no-coordinates"].contains(&error.code())),
        }
    }
    Ok(())
}

#[test]
fn neighbours_in_space_are_exact() -> Outcome {
    let mut generator = ChaCha8Rng::seed_from_u64(4);
    let positions: Vec<[f64; 3]> =
        (0..400).map(|_| std::array::from_fn(|_| (8.0 * uniform(&mut generator)).floor())).collect();
    let graph = Graph::build(&positions, None, &kind(GraphKind::Knn { k: 7 }))?;
    for cell in 0..400 {
        let d2 = |j: usize| (0..3).map(|a| (positions[cell][a] - positions[j][a]).powi(2)).sum::<f64>();
        let mut others: Vec<usize> = (0..400).filter(|&j| j != cell).collect();
        others.sort_by(|&a, &b| d2(a).total_cmp(&d2(b)).then(a.cmp(&b)));
        let mut nearest: Vec<u32> = others[..7].iter().map(|&j| j as u32).collect();
        nearest.sort_unstable();
        assert_eq!(graph.row(cell).0, nearest);
    }
    // A plane in space is the plane.
    let flat = scatter(200, 5);
    let lifted: Vec<[f64; 3]> = flat.iter().map(|[x, y]| [*x, 7.0, *y]).collect();
    let params = kind(GraphKind::Radius { radius: 8.0 });
    assert_eq!(Graph::build(&flat, None, &params)?, Graph::build(&lifted, None, &params)?);
    assert_eq!(code(Graph::build(&lifted, None, &kind(GraphKind::Delaunay))), "spatial.bad-parameter");
    Ok(())
}

#[test]
fn a_symmetric_graph_has_every_edge_both_ways_and_the_moments_of_its_weights() -> Outcome {
    let positions = scatter(300, 6);
    let directed = Graph::build(&positions, None, &GraphParams::default())?;
    let params = GraphParams { symmetric: true, row_standardise: false, ..GraphParams::default() };
    let graph = Graph::build(&positions, None, &params)?;
    let (before, after) = (rows(&directed), rows(&graph));
    for (cell, row) in after.iter().enumerate() {
        for &other in row {
            assert!(after[other as usize].contains(&(cell as u32)));
            assert!(before[cell].contains(&other) || before[other as usize].contains(&(cell as u32)));
        }
        assert!(before[cell].iter().all(|other| row.contains(other)));
    }
    let moments = graph.moments();
    assert_eq!((moments.s0, moments.s1), (graph.n_edges() as f64, 2.0 * graph.n_edges() as f64));
    Ok(())
}

#[test]
fn weights_fall_with_distance_and_rows_sum_to_one() -> Outcome {
    let positions = scatter(300, 7);
    let gaussian = GraphParams { weighting: Weighting::Gaussian { bandwidth: 3.0 }, ..GraphParams::default() };
    let graph = Graph::build(&positions, None, &GraphParams { row_standardise: false, ..gaussian })?;
    for (weight, distance) in graph.parts().2.iter().zip(graph.distances().ok_or("distances")?) {
        assert!((weight - (-distance * distance / 18.0).exp()).abs() < 1e-15);
    }
    let standardised = Graph::build(&positions, None, &gaussian)?;
    assert!(standardised.margins().0.iter().all(|sum| (sum - 1.0).abs() < 1e-12));
    // So far apart that the weight would be 0: it stays an edge.
    let narrow = GraphParams { weighting: Weighting::Gaussian { bandwidth: 1e-6 }, ..GraphParams::default() };
    assert!(Graph::build(&positions, None, &narrow)?.parts().2.iter().all(|weight| *weight > 0.0));
    Ok(())
}

#[test]
fn parameters_that_cannot_be_meant_are_refused() {
    let grid = |neighbours, rings| kind(GraphKind::Grid { neighbours, rings });
    let knn = GraphParams::default();
    let wrong = [
        grid(0, 1),
        grid(6, 0),
        grid(6, 101),
        GraphParams { max_length: Some(3.0), ..grid(6, 1) },
        GraphParams { max_length: Some(0.0), ..knn },
        GraphParams { max_length: Some(f64::NAN), ..knn },
        GraphParams { min_length: Some(-1.0), ..knn },
        GraphParams { min_length: Some(3.0), max_length: Some(2.0), ..knn },
        GraphParams { percentile: Some(100.5), ..knn },
        GraphParams { percentile: Some(f64::NAN), ..knn },
        GraphParams { weighting: Weighting::Gaussian { bandwidth: 0.0 }, ..knn },
    ];
    for params in wrong {
        assert_eq!(params.check().map_err(|error| error.code()), Err("spatial.bad-parameter"), "{params:?}");
        assert_eq!(code(Graph::build(&scatter(30, 1), None, &params)), "spatial.bad-parameter");
    }
    assert_eq!(code(Graph::build(&scatter(6, 1), None, &grid(6, 1))), "spatial.too-few-cells");
    // Spots at one place are no lattice: the median distance is 0.
    assert_eq!(code(Graph::build(&[[1.0, 1.0]; 20], None, &grid(6, 1))), "spatial.no-neighbours");
}
