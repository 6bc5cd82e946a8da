//! Local and bivariate statistics are esda's (`tests/reference/spatial_local.json`), hold their level, and have rules
//! for what is degenerate.

use std::ops::ControlFlow;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use resitu::Explain;
use resitu::cells::Csr;
use resitu::progress::ignore;
use resitu::spatial::*;
use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/spatial_local.json")).expect("the reference is JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn floats(value: &Value) -> Vec<f64> {
    list(value).iter().map(|value| value.as_f64().unwrap_or(f64::NAN)).collect()
}

fn values(reference: &Value) -> Csr {
    let dense: Vec<f32> = list(&reference["values"]).iter().flat_map(floats).map(|value| value as f32).collect();
    Csr::from_dense(3, &dense).expect("a matrix")
}

fn graph(case: &Value, row_standardise: bool) -> Graph {
    let (mut indptr, mut neighbours) = (vec![0], Vec::new());
    for row in list(&case["rows"]) {
        neighbours.extend(list(row).iter().map(|other| other.as_u64().expect("a cell") as u32));
        indptr.push(neighbours.len());
    }
    let weights = vec![1.0; neighbours.len()];
    Graph::from_rows(indptr, neighbours, weights, row_standardise).expect("a graph")
}

#[track_caller]
fn close(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1e-6), "{what}: {ours:e} here, {theirs:e} there");
}

/// Two counted p-values of `permutations` each: five standard errors of their difference.
#[track_caller]
fn close_p(ours: f64, theirs: f64, permutations: f64, what: &str) {
    let error = (2.0 * theirs * (1.0 - theirs) / permutations).sqrt();
    assert!((ours - theirs).abs() < 5.0 * error + 3.0 / permutations, "{what}: {ours} here, {theirs} there");
}

#[test]
fn local_moran_is_esdas() -> Outcome {
    let reference = reference();
    let permutations = reference["permutations"].as_f64().ok_or("permutations")?;
    let params = LocalParams { permutations: permutations as usize, tail: Tail::One, seed: 3 };
    for case in list(&reference["cases"]) {
        let graph = graph(case, true);
        let found = local_moran(&graph, &values(&reference), LocalNull::Conditional, &params, &mut ignore)?;
        let total = local_moran(&graph, &values(&reference), LocalNull::Total, &params, &mut ignore)?;
        let factor = (graph.n_cells() as f64 - 1.0) / graph.n_cells() as f64;
        for (gene, theirs) in list(&case["lisa"]).iter().enumerate() {
            let of = |key: &str| floats(&theirs[key]);
            let (is, q, p) = (of("Is"), of("q"), of("p_sim"));
            let (mean, variance) = (of("EI_sim"), of("VI_sim"));
            for cell in 0..graph.n_cells() {
                let (ours, all) = (&found[gene].scores[cell], &total[gene].scores[cell]);
                if graph.row(cell).0.is_empty() {
                    assert!(ours.value.is_nan() && ours.p.is_nan() && found[gene].quadrants[cell].is_none());
                    assert_eq!(is[cell], 0.0, "esda calls it 0");
                    continue;
                }
                let name = |what| format!("{what} of cell {cell}, gene {gene}, {}", case["name"]);
                close(ours.value, is[cell], &name("I"));
                // esda's moments are those of n/(n − 1) I.
                close(ours.expected, factor * of("EIc")[cell], &name("EIc"));
                close(ours.variance, factor * factor * of("VIc")[cell], &name("VIc"));
                close(all.expected, factor * of("EI")[cell], &name("EI"));
                close(all.variance, factor * factor * of("VI")[cell], &name("VI"));
                assert_eq!(found[gene].quadrants[cell].map(|q| f64::from(q as u8)), Some(q[cell]));
                let simulated = ours.simulated.ok_or("permutations were asked for")?;
                // The permutations agree with the conditional moments, esda's and ours.
                let error = (ours.variance / permutations).sqrt();
                assert!((simulated.mean - ours.expected).abs() < 5.0 * error, "{}", name("mean"));
                assert!((simulated.mean - mean[cell]).abs() < 7.5 * error + 1e-5, "{}", name("esda's mean"));
                assert!((simulated.variance / ours.variance - 1.0).abs() < 0.3, "{}", name("variance"));
                assert!((simulated.variance / variance[cell] - 1.0).abs() < 0.4, "{}", name("esda's variance"));
                if gene == 1 || graph.row(cell).0.len() < 3 {
                    // Counts, mostly 0, and cells with so few neighbours that the same are often drawn: ties count
                    // for both tails here, for one in esda.
                    assert!(simulated.p > p[cell] - 0.05, "{}", name("p"));
                } else {
                    close_p(simulated.p, p[cell], permutations, &name("p"));
                }
            }
        }
    }
    Ok(())
}

#[test]
fn getis_ord_is_esdas_and_where_rows_are_standardised_ord_and_getis() -> Outcome {
    let reference = reference();
    let permutations = reference["permutations"].as_f64().ok_or("permutations")?;
    let params = LocalParams { permutations: permutations as usize, tail: Tail::One, seed: 4 };
    for case in list(&reference["cases"]) {
        for (place, theirs) in list(&case["getis_ord"]).iter().enumerate() {
            let (standardised, star) = (theirs["transform"] == "R", theirs["star"] == true);
            let (gene, graph) = (place / 4, graph(case, standardised));
            let found = getis_ord(&graph, &values(&reference), star, &params, &mut ignore)?;
            let of = |key: &str| floats(&theirs[key]);
            let n = graph.n_cells() as f64 - if star { 0.0 } else { 1.0 };
            for cell in 0..graph.n_cells() {
                let ours = &found[gene].scores[cell];
                let degree = graph.row(cell).0.len() as f64;
                if degree == 0.0 {
                    assert!(ours.value.is_nan());
                    continue;
                }
                let name = |what| format!("{what} of cell {cell}, {place}, {}", case["name"]);
                close(ours.value, of("Gs")[cell], &name("G"));
                close(ours.expected, of("EGs")[cell], &name("EG"));
                // With standardised rows esda has the variance of one value, not of a mean of k.
                let k = degree + if star { 1.0 } else { 0.0 };
                let ratio = if standardised { (n - k) / (k * (n - 1.0)) } else { 1.0 };
                close(ours.variance, ratio * of("VGs")[cell], &name("VG"));
                close(ours.z, of("Zs")[cell] / ratio.sqrt(), &name("Z"));
                let p = ours.simulated.ok_or("permutations were asked for")?.p;
                if gene == 0 && degree > 2.0 {
                    close_p(p, of("p_sim")[cell], permutations, &name("p"));
                }
            }
        }
    }
    Ok(())
}

#[test]
fn bivariate_moran_and_lee_are_esdas() -> Outcome {
    let reference = reference();
    let permutations = reference["permutations"].as_f64().ok_or("permutations")?;
    let params = BivariateParams { permutations: permutations as usize, tail: Tail::One, seed: 5 };
    let pairs = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)];
    for case in list(&reference["cases"]) {
        let graph = graph(case, true);
        let isolated = graph.n_cells() as f64 / graph.moments().s0;
        let found = bivariate(&graph, &values(&reference), &pairs, &params, &mut ignore)?;
        for (ours, theirs) in found.iter().zip(list(&case["pairs"])) {
            let of = |key: &str| theirs[key].as_f64().expect("a number");
            close(ours.moran.value, isolated * of("I"), "I");
            close(ours.lee.value, of("L"), "L");
            let moran = ours.moran.simulated.ok_or("permutations were asked for")?;
            let lee = ours.lee.simulated.ok_or("permutations were asked for")?;
            // Variances of 3,000 draws: 2.6 % each, more where the null is heavy-tailed.
            assert!((moran.variance / ours.moran.variance - 1.0).abs() < 0.15, "the exact variance of I");
            assert!((moran.variance / (isolated * isolated * of("I_var_sim")) - 1.0).abs() < 0.2);
            assert!((lee.variance / of("L_var_sim") - 1.0).abs() < 0.2);
            let error = (lee.variance / permutations).sqrt();
            assert!((lee.mean - ours.lee.expected).abs() < 5.0 * error, "the exact mean of L");
            assert!((lee.mean - of("L_mean_sim")).abs() < 7.0 * error);
            close_p(moran.p, of("I_p_sim"), permutations, "p of I");
        }
        // A gene with itself: Moran's I.
        let itself = bivariate(&graph, &values(&reference), &[(0, 0)], &params, &mut ignore)?;
        let alone = autocorrelation(&graph, &values(&reference), &AutocorrelationParams::default(), &mut ignore)?;
        close(itself[0].moran.value, alone[0].moran.value, "I of a gene with itself");
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

/// Nothing but noise; sums of four uniforms, near enough to normal.
fn noise(n: usize, genes: usize, seed: u64) -> Csr {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let dense: Vec<f32> = (0..n * genes).map(|_| (0..4).map(|_| uniform(&mut generator) as f32).sum()).collect();
    Csr::from_dense(genes, &dense).expect("a matrix")
}

/// Shares of p ≤ 0.05.
fn share<'a>(scores: impl Iterator<Item = &'a Score>, p: impl Fn(&Score) -> f64) -> f64 {
    let (below, all) = scores.fold((0, 0), |(below, all), score| (below + u32::from(p(score) <= 0.05), all + 1));
    f64::from(below) / f64::from(all)
}

#[test]
fn under_the_null_hypothesis_five_percent_are_below_five_percent() -> Outcome {
    let (n, genes) = (400, 60);
    let graph = Graph::build(&scatter(n, 1), None, &GraphParams::default())?;
    let values = noise(n, genes, 2);
    let params = LocalParams { permutations: 199, ..LocalParams::default() };
    let counted = |score: &Score| score.simulated.map_or(f64::NAN, |test| test.p);
    let moran = local_moran(&graph, &values, LocalNull::Conditional, &params, &mut ignore)?;
    let total = local_moran(&graph, &values, LocalNull::Total, &params, &mut ignore)?;
    let shares = [
        ("LISA, permutations", share(moran.iter().flat_map(|gene| &gene.scores), counted), 0.01),
        // Conditionally on the cell I is linear in nearly normal sums; z under the total null is heavy-tailed.
        ("LISA, conditional moments", share(moran.iter().flat_map(|gene| &gene.scores), |score| score.p), 0.01),
        ("LISA, total moments", share(total.iter().flat_map(|gene| &gene.scores), |score| score.p), 0.02),
    ];
    // 24,000 tests that share neighbours, six each: a standard error of at most √(0.05 · 0.95 · 7/24,000) = 0.37 %.
    for (what, share, tolerance) in shares {
        assert!((share - 0.05).abs() < tolerance, "{what}: {share}");
    }
    for star in [false, true] {
        let found = getis_ord(&graph, &values, star, &params, &mut ignore)?;
        let scores = || found.iter().flat_map(|gene| &gene.scores);
        for (what, share) in [("analytic", share(scores(), |score| score.p)), ("counted", share(scores(), counted))] {
            // The counted p of G* is conditional on the cell's own value, which is part of the sum on both sides.
            assert!((share - 0.05).abs() < 0.01, "G, star {star}, {what}: {share}");
        }
    }
    // 1,770 pairs of 60 independent genes; pairs that share a gene are dependent but uncorrelated: √(.05 · .95/1770) =
    // 0.5 %, three of them, and the granularity of 199 permutations.
    let pairs: Vec<(u32, u32)> = (0..60).flat_map(|x| (0..x).map(move |y| (x, y))).collect();
    let params = BivariateParams { permutations: 199, ..BivariateParams::default() };
    let found = bivariate(&graph, &values, &pairs, &params, &mut ignore)?;
    for (what, share) in [
        ("bivariate Moran, analytic", share(found.iter().map(|pair| &pair.moran), |score| score.p)),
        ("bivariate Moran, counted", share(found.iter().map(|pair| &pair.moran), counted)),
        ("Lee, counted", share(found.iter().map(|pair| &pair.lee), counted)),
    ] {
        assert!((share - 0.05).abs() < 0.02, "{what}: {share}");
    }
    Ok(())
}

#[test]
fn shared_draws_are_conditional_permutations() -> Outcome {
    // The quick way (equal weights) and the slow one (weights of 1, one of them off by a hair) are the same draws.
    let graph = Graph::build(&scatter(120, 3), None, &GraphParams { row_standardise: false, ..Default::default() })?;
    let (indptr, neighbours, weights) = graph.parts();
    let mut uneven = weights.to_vec();
    indptr[..120].iter().for_each(|&first| uneven[first] += 1e-13);
    let slow = Graph::from_rows(indptr.to_vec(), neighbours.to_vec(), uneven, false)?;
    let values = noise(120, 2, 4);
    let params = LocalParams { permutations: 499, ..LocalParams::default() };
    let [quick, slow] = [&graph, &slow]
        .map(|graph| local_moran(graph, &values, LocalNull::Conditional, &params, &mut ignore).expect("statistics"));
    for (a, b) in quick.iter().zip(&slow).flat_map(|(a, b)| a.scores.iter().zip(&b.scores)) {
        let (a, b) = (a.simulated.ok_or("permutations")?, b.simulated.ok_or("permutations")?);
        assert_eq!(a.p, b.p);
        assert!((a.mean - b.mean).abs() < 1e-9 && (a.variance / b.variance - 1.0).abs() < 1e-9);
    }
    Ok(())
}

#[test]
fn a_chequerboard_has_minus_one_everywhere_inside_and_a_block_is_hot() -> Outcome {
    let side = 12u32;
    let lattice: Vec<[f64; 2]> = (0..side * side).map(|i| [f64::from(i % side), f64::from(i / side)]).collect();
    let kind = GraphKind::Grid { neighbours: 4, rings: 1 };
    let graph = Graph::build(&lattice, None, &GraphParams { kind, ..Default::default() })?;
    let board: Vec<f32> = (0..side * side).map(|i| ((i % side + i / side) % 2) as f32).collect();
    let block: Vec<f32> = lattice.iter().map(|[x, y]| f32::from(u8::from(*x < 4.0 && *y < 4.0))).collect();
    let params = LocalParams::default();
    let board = &local_moran(&graph, &Csr::from_dense(1, &board)?, LocalNull::Conditional, &params, &mut ignore)?[0];
    let n = f64::from(side * side);
    for (score, quadrant) in board.scores.iter().zip(&board.quadrants) {
        assert!((score.value + (n - 1.0) / n).abs() < 1e-12, "−(n − 1)/n: {}", score.value);
        assert!(matches!(quadrant, Some(Quadrant::LowHigh | Quadrant::HighLow)));
    }
    let block = &getis_ord(&graph, &Csr::from_dense(1, &block)?, true, &params, &mut ignore)?[0];
    for (score, [x, y]) in block.scores.iter().zip(&lattice) {
        let p = score.simulated.ok_or("permutations")?.p;
        if *x < 3.0 && *y < 3.0 {
            assert!(score.z > 4.5 && p < 0.05, "at {x} {y}: {score:?}");
        } else if *x > 4.0 || *y > 4.0 {
            assert!(score.z < 0.0 && p > 0.5, "at {x} {y}: {score:?}");
        }
    }
    Ok(())
}

#[test]
fn order_of_cells_place_turn_and_scale_change_nothing() -> Outcome {
    let positions = scatter(200, 7);
    let values = noise(200, 3, 8);
    let params = LocalParams { permutations: 0, ..LocalParams::default() };
    let order: Vec<usize> = (0..200).map(|i| i * 77 % 200).collect();
    let moved: Vec<[f64; 2]> =
        order.iter().map(|&i| [9.0 - 3.0 * positions[i][1], 4.0 + 3.0 * positions[i][0]]).collect();
    let mut shuffled = Csr::empty(3);
    for &cell in &order {
        let (genes, row) = values.row(cell);
        shuffled.push_row(genes.iter().copied().zip(row.iter().map(|value| value * 8.0)))?;
    }
    let (here, there) = (
        Graph::build(&positions, None, &GraphParams::default())?,
        Graph::build(&moved, None, &GraphParams::default())?,
    );
    let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * (1.0 + a.abs());
    let a = local_moran(&here, &values, LocalNull::Conditional, &params, &mut ignore)?;
    let b = local_moran(&there, &shuffled, LocalNull::Conditional, &params, &mut ignore)?;
    let (c, d) = (
        getis_ord(&here, &values, true, &params, &mut ignore)?,
        getis_ord(&there, &shuffled, true, &params, &mut ignore)?,
    );
    for gene in 0..3 {
        for (place, &cell) in order.iter().enumerate() {
            assert!(near(a[gene].scores[cell].z, b[gene].scores[place].z));
            assert_eq!(a[gene].quadrants[cell], b[gene].quadrants[place]);
            assert!(near(c[gene].scores[cell].z, d[gene].scores[place].z));
        }
    }
    let pairs = [(0, 1), (2, 0)];
    let a = bivariate(&here, &values, &pairs, &BivariateParams::default(), &mut ignore)?;
    let b = bivariate(&there, &shuffled, &pairs, &BivariateParams::default(), &mut ignore)?;
    assert!(a.iter().zip(&b).all(|(a, b)| near(a.moran.value, b.moran.value) && near(a.lee.value, b.lee.value)));
    let ([x, y], [u, v]) = (
        [(0, 1), (1, 0)].map(|pair| {
            bivariate(&here, &values, &[pair], &BivariateParams::default(), &mut ignore).expect("statistics")[0]
                .lee
                .value
        }),
        [0.0, 0.0],
    );
    assert!(near(x + u, y + v), "L is symmetric");
    Ok(())
}

#[test]
fn what_is_degenerate_is_nan_and_says_why_or_is_refused() -> Outcome {
    let positions = scatter(60, 9);
    let graph = Graph::build(&positions, None, &GraphParams::default())?;
    let mut values = Csr::empty(4);
    for cell in 0..60u32 {
        let odd = if cell == 7 { f32::NAN } else { 1.0 };
        values.push_row([(0, 3.0), (2, odd), (3, (cell % 5) as f32)])?; // gene 1 is empty
    }
    let params = LocalParams { permutations: 19, ..LocalParams::default() };
    let found = local_moran(&graph, &values, LocalNull::Conditional, &params, &mut ignore)?;
    let reasons: Vec<_> = found.iter().map(|gene| gene.undefined).collect();
    let (constant, unusable) = (Some(Undefined::Constant), Some(Undefined::NotFinite));
    assert_eq!(reasons, [constant, constant, unusable, None]);
    assert!(found[..3].iter().all(|gene| gene.scores.iter().all(|score| score.value.is_nan() && score.q.is_nan())));
    assert!(found[0].quadrants.iter().all(Option::is_none));
    let hot = getis_ord(&graph, &values, true, &params, &mut ignore)?;
    assert_eq!(hot.iter().map(|gene| gene.undefined).collect::<Vec<_>>(), reasons);
    let pairs = [(3, 3), (3, 0), (2, 3)];
    let found = bivariate(&graph, &values, &pairs, &BivariateParams::default(), &mut ignore)?;
    assert_eq!(found.iter().map(|pair| pair.undefined).collect::<Vec<_>>(), [None, constant, unusable]);
    assert!(found[1].moran.value.is_nan() && found[2].lee.q.is_nan() && found[0].moran.q <= 1.0);

    let refused = |result: Result<(), SpatialError>| result.expect_err("refused").code();
    let short = noise(59, 1, 1);
    let local = |values: &Csr, params: &LocalParams| {
        local_moran(&graph, values, LocalNull::Total, params, &mut ignore).map(drop)
    };
    let both = |pairs: &[(u32, u32)], params: &BivariateParams| {
        bivariate(&graph, &values, pairs, params, &mut ignore).map(drop)
    };
    assert_eq!(refused(local(&short, &params)), "spatial.length-mismatch");
    assert_eq!(refused(local(&values, &LocalParams { permutations: 2_000_000, ..params })), "spatial.bad-parameter");
    let many = BivariateParams { permutations: 2_000_000, ..Default::default() };
    assert_eq!(refused(both(&[(0, 4)], &BivariateParams::default())), "spatial.bad-parameter");
    assert_eq!(refused(both(&[(0, 1)], &many)), "spatial.bad-parameter");
    assert!(bivariate(&graph, &values, &[], &BivariateParams::default(), &mut ignore)?.is_empty());
    let three =
        Graph::build(&positions[..3], None, &GraphParams { kind: GraphKind::Knn { k: 1 }, ..Default::default() })?;
    let refused = getis_ord(&three, &noise(3, 1, 1), true, &params, &mut ignore).expect_err("three cells");
    assert_eq!(refused.code(), "spatial.too-few-cells");
    let stop = &mut |_| ControlFlow::Break(());
    assert_eq!(getis_ord(&graph, &values, true, &params, stop).expect_err("cancelled").code(), "job.cancelled");
    let stop = &mut |_| ControlFlow::Break(());
    let cancelled = bivariate(&graph, &values, &pairs, &BivariateParams::default(), stop).expect_err("cancelled");
    assert_eq!(cancelled.code(), "job.cancelled");
    Ok(())
}

#[test]
fn a_lonely_cell_has_no_local_statistic_and_changes_that_of_others_by_the_moments_alone() -> Outcome {
    let mut positions = scatter(80, 21);
    positions[11] = [1e5, 0.0];
    positions[12] = [f64::NAN, 0.0];
    let graph = Graph::build(
        &positions,
        None,
        &GraphParams { kind: GraphKind::Radius { radius: 20.0 }, ..Default::default() },
    )?;
    let values = noise(80, 1, 22);
    let all: Vec<f64> = (0..80).map(|cell| f64::from(values.row(cell).1[0])).collect();
    let mean = all.iter().sum::<f64>() / 80.0;
    let squares: f64 = all.iter().map(|value| (value - mean).powi(2)).sum();
    let params = LocalParams { permutations: 99, ..LocalParams::default() };
    let moran = &local_moran(&graph, &values, LocalNull::Conditional, &params, &mut ignore)?[0];
    let star = &getis_ord(&graph, &values, true, &params, &mut ignore)?[0];
    for cell in 0..80 {
        let (neighbours, weights) = graph.row(cell);
        let scores = [&moran.scores[cell], &star.scores[cell]];
        if neighbours.is_empty() {
            assert!(scores.iter().all(|score| score.value.is_nan() && score.p.is_nan() && score.simulated.is_none()));
            assert_eq!(moran.quadrants[cell], None);
            continue;
        }
        let lag: f64 = neighbours.iter().zip(weights).map(|(&other, w)| w * (all[other as usize] - mean)).sum();
        // esda's factor n − 1 above the line.
        let expected = 79.0 * (all[cell] - mean) * lag / squares;
        assert!((scores[0].value - expected).abs() < 1e-9, "cell {cell}: {} and {expected}", scores[0].value);
        let sum: f64 = all[cell] + neighbours.iter().map(|&other| all[other as usize]).sum::<f64>();
        let expected = sum / (neighbours.len() as f64 + 1.0) / all.iter().sum::<f64>();
        assert!((scores[1].value - expected).abs() < 1e-9, "cell {cell}: {} and {expected}", scores[1].value);
    }
    assert!(moran.scores[11].value.is_nan() && moran.scores[12].value.is_nan());
    Ok(())
}
