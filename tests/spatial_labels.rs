//! Statistics of labels agree with squidpy 1.8.2, networkx and scikit-learn (`tests/reference/labels*.json`, made by
//! `scripts/reference/labels.py`), and keep their promises on lattices, under reordering and under the null.

mod common;

use common::sections::{random_labels, scatter, uniform};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use resitu::cells::Csr;
use resitu::io::{Dataset, FileSource};
use resitu::progress::ignore;
use resitu::spatial::ligrec::{Between, Complex, Counting, LigrecParams, Pair, ligrec};
use resitu::spatial::niches::*;
use resitu::spatial::*;
use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/labels.json")).expect("the reference is JSON")
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

fn integers<T: TryFrom<i64>>(value: &Value) -> Vec<T> {
    let list = value.as_array().expect("a list").iter();
    list.map(|v| T::try_from(v.as_i64().expect("an integer")).ok().expect("in range")).collect()
}

fn graph(case: &Value) -> Graph {
    let indices: Vec<u32> = integers(&case["graph"]["indices"]);
    let weights = vec![1.0; indices.len()];
    Graph::from_rows(integers(&case["graph"]["indptr"]), indices, weights, true).expect("a graph")
}

fn values(case: &Value) -> Csr {
    let data = floats(&case["values"]["data"]).iter().map(|v| *v as f32).collect();
    Csr::new(10, integers(&case["values"]["indptr"]), integers(&case["values"]["indices"]), data).expect("a matrix")
}

fn pairs(list: &Value) -> Vec<Pair> {
    let name = |pair: &Value, side: usize| pair[side].as_str().expect("a name").to_owned();
    let list = list.as_array().expect("a list").iter();
    list.map(|pair| Pair::new(&name(pair, 0), &name(pair, 1)).expect("a pair")).collect()
}

#[track_caller]
fn all_close(ours: &[f64], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (a, b) in ours.iter().zip(theirs) {
        // Both sides are f64 and differ in the order of sums alone.
        assert!((a - b).abs() <= 1e-12 * b.abs().max(1.0) || (a.is_nan() && b.is_nan()), "{what}: {a} here, {b} there");
    }
}

#[track_caller]
fn centrality_agrees(graph: &Graph, codes: &[i32], n_labels: usize, theirs: &Value) {
    let found = centrality(graph, codes, n_labels, &mut ignore).expect("scores");
    all_close(&found.degree, &floats(&theirs["degree_centrality"]), "degree");
    all_close(&found.clustering, &floats(&theirs["average_clustering"]), "clustering");
    all_close(&found.closeness, &floats(&theirs["closeness_centrality"]), "closeness");
}

#[test]
fn centrality_and_assortativity_are_squidpys_and_networkx_s() -> Outcome {
    let all = reference();
    for case in [&all, &all["in_pieces"]] {
        let codes: Vec<i32> = integers(&case["labels"]);
        centrality_agrees(&graph(case), &codes, 4, &case["centrality"]);
        let theirs = case["assortativity"].as_f64().ok_or("a number")?;
        all_close(&[assortativity(&graph(case), &codes, 4)?], &[theirs], "assortativity");
    }
    let pieces = centrality(&graph(&all["in_pieces"]), &integers::<i32>(&all["in_pieces"]["labels"]), 4, &mut ignore)?;
    assert!(pieces.unreachable.iter().any(|&cells| cells > 0), "this case is to have cells out of reach");
    Ok(())
}

/// squidpy's tables are pairs × (cluster, cluster), both in the order of ours but for the pairs.
#[track_caller]
fn ligrec_agrees(found: &ligrec::Ligrec, theirs: &Value, what: &str) {
    let squares = found.n_labels * found.n_labels;
    let names: Vec<(String, String)> = found.pairs.iter().map(|pair| pair.names()).collect();
    let expected = pairs(&theirs["pairs"]);
    assert_eq!(names.len(), expected.len(), "{what}");
    let (means, p) = (floats(&theirs["means"]), floats(&theirs["pvalues"]));
    let n = theirs["permutations"].as_f64().expect("a number");
    for (row, pair) in expected.iter().enumerate() {
        let upper = |(a, b): &(String, String)| (a.to_uppercase(), b.to_uppercase());
        let at = names.iter().position(|names| upper(names) == upper(&pair.names())).expect("the pair");
        for square in 0..squares {
            let (ours, theirs) = (found.means[at * squares + square], means[row * squares + square]);
            assert!((ours - theirs).abs() <= 1e-9 * theirs.abs(), "{what}: mean {ours} here, {theirs} there");
            let (ours, theirs) = (found.p[at * squares + square], p[row * squares + square]);
            assert_eq!(ours.is_nan(), theirs.is_nan(), "{what}: which are tested");
            // The difference of two shares of n permutations each: five standard errors and a count, by the share in common.
            let share = ((ours + theirs) / 2.0).clamp(1.0 / n, 1.0 - 1.0 / n);
            let error = (share * (1.0 - share) * 2.0 / n).sqrt();
            assert!(
                ours.is_nan() || (ours - theirs).abs() < 5.0 * error + 1.0 / n,
                "{what}: p {ours} here, {theirs} there"
            );
        }
    }
}

#[test]
fn the_ligand_receptor_test_is_squidpys() -> Outcome {
    let case = reference();
    let genes: Vec<String> = (0..10).map(|gene| format!("g{gene}")).collect();
    let codes: Vec<i32> = integers(&case["labels"]);
    for theirs in case["ligrec"].as_array().ok_or("a list")? {
        let policy = theirs["policy"].as_str().ok_or("a policy")?;
        let complex = if policy == "min" { Complex::LowestGene } else { Complex::Each };
        let params = LigrecParams { complex, counting: Counting::Squidpy, ..LigrecParams::default() };
        let (graph, values, pairs) = (graph(&case), values(&case), pairs(&case["pairs"]));
        let found = ligrec(&graph, &values, &genes, &pairs, (&codes, 4), None, &params, &mut ignore)?;
        ligrec_agrees(&found, theirs, policy);
        let plus_one = LigrecParams { counting: Counting::PlusOne, ..params };
        let corrected = ligrec(&graph, &values, &genes, &pairs, (&codes, 4), None, &plus_one, &mut ignore)?;
        let differs = found.p.iter().zip(&corrected.p).filter(|(a, b)| !a.is_nan() && a < b).count();
        assert!(differs > 0 && corrected.p.iter().all(|p| p.is_nan() || *p > 0.0), "the +1 is never 0");
    }
    Ok(())
}

#[test]
fn real_labels_give_squidpys_numbers() -> Outcome {
    let Some(folder) = common::data() else {
        println!("skipped: real_labels_give_squidpys_numbers (no data)");
        return Ok(());
    };
    let theirs: Value = serde_json::from_str(include_str!("reference/labels_section.json"))?;
    let path = folder.join(theirs["file"].as_str().ok_or("a file")?);
    let cells = Dataset::open(Box::new(FileSource::open(&path)?))?;
    let labels = cells.labels(theirs["column"].as_str().ok_or("a column")?)?;
    // The reference leaves unlabelled cells out: so do these rows and the graph.
    let kept: Vec<usize> = (0..cells.n_cells()).filter(|&cell| labels.codes[cell] >= 0).collect();
    assert_eq!(Some(kept.len() as u64), theirs["cells"].as_u64());
    let xy = cells.coordinates()?.ok_or("positions")?.xy;
    let positions: Vec<[f64; 2]> = kept.iter().map(|&cell| [xy[cell][0], xy[cell][1]]).collect();
    let levels: Vec<&str> = theirs["levels"].as_array().ok_or("levels")?.iter().filter_map(Value::as_str).collect();
    let code = |name: &String| levels.iter().position(|level| level == name).map_or(-1, |code| code as i32);
    let codes: Vec<i32> = kept.iter().map(|&cell| code(&labels.levels[labels.codes[cell] as usize])).collect();
    let kind = GraphKind::Radius { radius: theirs["radius"].as_f64().ok_or("a radius")? };
    let graph = Graph::build(&positions, None, &GraphParams { kind, ..GraphParams::default() })?;
    assert_eq!(Some(graph.n_edges() as u64), theirs["edges"].as_u64());

    centrality_agrees(&graph, &codes, levels.len(), &theirs["centrality"]);
    let r = theirs["assortativity"].as_f64().ok_or("a number")?;
    all_close(&[assortativity(&graph, &codes, levels.len())?], &[r], "assortativity");

    let found = enrichment(&graph, &codes, levels.len(), None, &EnrichmentParams::default(), &mut ignore)?;
    let closed = EnrichmentParams { permutations: 0, seed: 0 };
    let exact = enrichment(&graph, &codes, levels.len(), None, &closed, &mut ignore)?;
    assert_eq!(found.counts, floats(&theirs["enrichment"]["count"]));
    let mut compared = 0;
    for (pair, theirs) in floats(&theirs["enrichment"]["zscore"]).into_iter().enumerate() {
        // A pair that few of the 1,000 permutations have at all has a deviation by chance: one of them more or less halves z.
        let seen = 1000.0 * exact.mean[pair];
        if seen < 30.0 {
            continue;
        }
        compared += 1;
        let z = exact.z[pair];
        // Over 1,000 permutations the mean errs by 0.03 deviations, the deviation by 2.2 % and more where counts are few.
        let slack = 5.0 * (0.03 + z.abs() * (0.022 + 0.5 / seen.sqrt()));
        assert!((found.z[pair] - z).abs() < slack && (theirs - z).abs() < slack, "{} {theirs} {z}", found.z[pair]);
    }
    assert!(2 * compared > found.z.len(), "{compared}");

    let values = cells.rows(0..cells.n_cells())?;
    let mut labelled = Csr::empty(values.n_cols());
    for &cell in &kept {
        let (genes, counts) = values.row(cell);
        labelled.push_row(genes.iter().copied().zip(counts.iter().copied()))?;
    }
    let params = LigrecParams {
        complex: Complex::LowestGene,
        counting: Counting::Squidpy,
        permutations: theirs["ligrec"]["permutations"].as_u64().ok_or("a number")? as usize,
        ..LigrecParams::default()
    };
    let pairs = pairs(&theirs["pairs"]);
    let of = (&codes[..], levels.len());
    let found = ligrec(&graph, &labelled, cells.gene_names(), &pairs, of, None, &params, &mut ignore)?;
    ligrec_agrees(&found, &theirs["ligrec"], "real section");
    Ok(())
}

#[test]
fn the_ligand_receptor_test_calls_at_most_five_in_a_hundred_of_null_labels() -> Outcome {
    let positions = scatter(200, 7);
    let graph = Graph::build(&positions, None, &GraphParams::default())?;
    let mut generator = ChaCha8Rng::seed_from_u64(8);
    // Expression follows the place, labels follow nothing.
    let dense: Vec<f32> = positions
        .iter()
        .flat_map(|p| [p[0], p[1]])
        .map(|level| (uniform(&mut generator) * level / 20.0).floor() as f32)
        .collect();
    let values = Csr::from_dense(2, &dense)?;
    let genes = ["L", "R"].map(str::to_owned);
    let pairs = [Pair::new("L", "R").ok_or("a pair")?];
    for between in [Between::Labels, Between::Neighbours] {
        let (mut called, runs) = (0.0, 500);
        for run in 0..runs {
            let codes = random_labels(200, 3, 5000 + run);
            let params = LigrecParams { between, permutations: 99, seed: run, ..LigrecParams::default() };
            let found = ligrec(&graph, &values, &genes, &pairs, (&codes, 3), None, &params, &mut ignore)?;
            called += f64::from(u8::from(found.p[1] <= 0.05));
        }
        // Three and a half standard errors over 500 runs.
        assert!((0.016..=0.085).contains(&(called / runs as f64)), "{between:?}: {called}");
    }
    Ok(())
}

#[test]
fn the_order_of_cells_and_the_names_of_labels_do_not_matter() -> Outcome {
    let positions = scatter(300, 11);
    let codes = random_labels(300, 4, 12);
    let order: Vec<usize> = (0..300).map(|cell| cell * 77 % 300).collect();
    let moved: Vec<[f64; 2]> = order.iter().map(|&cell| positions[cell]).collect();
    let renamed = |code: i32| [2, 0, 3, 1][code as usize];
    let moved_codes: Vec<i32> = order.iter().map(|&cell| renamed(codes[cell])).collect();
    let graph = Graph::build(&positions, None, &GraphParams::default())?;
    let moved_graph = Graph::build(&moved, None, &GraphParams::default())?;
    let here = centrality(&graph, &codes, 4, &mut ignore)?;
    let there = centrality(&moved_graph, &moved_codes, 4, &mut ignore)?;
    let none = EnrichmentParams { permutations: 0, seed: 0 };
    let exact = enrichment(&graph, &codes, 4, None, &none, &mut ignore)?;
    let moved_exact = enrichment(&moved_graph, &moved_codes, 4, None, &none, &mut ignore)?;
    for label in 0..4 {
        let to = renamed(label as i32) as usize;
        assert_eq!((here.degree[label], here.closeness[label]), (there.degree[to], there.closeness[to]));
        all_close(&[here.clustering[label]], &[there.clustering[to]], "clustering");
        for other in 0..4 {
            let (at, moved_at) = (4 * label + other, 4 * to + renamed(other as i32) as usize);
            all_close(&[exact.z[at]], &[moved_exact.z[moved_at]], "z");
        }
    }
    let r = [assortativity(&graph, &codes, 4)?, assortativity(&moved_graph, &moved_codes, 4)?];
    all_close(&r[..1], &r[1..], "assortativity");
    Ok(())
}

#[test]
fn a_chequerboard_is_the_most_disassortative_and_halves_are_assortative() -> Outcome {
    let lattice: Vec<[f64; 2]> = (0..400).map(|i| [f64::from(i % 20), f64::from(i / 20)]).collect();
    let kind = GraphKind::Radius { radius: 1.0 };
    let graph = Graph::build(&lattice, None, &GraphParams { kind, ..GraphParams::default() })?;
    let board: Vec<i32> = (0..400).map(|i| (i % 20 + i / 20) % 2).collect();
    assert!((assortativity(&graph, &board, 2)? + 1.0).abs() < 1e-12);
    let found = centrality(&graph, &board, 2, &mut ignore)?;
    // Every cell of the other colour touches; no triangle; all at one step.
    assert_eq!((found.degree[0], found.clustering[0], found.closeness[0]), (1.0, 0.0, 1.0));
    let halves: Vec<i32> = (0..400).map(|i| i32::from(i % 20 >= 10)).collect();
    // 760 edges, of which 20 join the halves: r = 1 − 2 · 20 / 760.
    assert!((assortativity(&graph, &halves, 2)? - (1.0 - 40.0 / 760.0)).abs() < 1e-12);
    let found = centrality(&graph, &halves, 2, &mut ignore)?;
    assert_eq!((found.degree[0], found.closeness[0]), (0.1, 200.0 / (20.0 * 55.0)));
    Ok(())
}

#[test]
fn neighbours_alone_can_signal() -> Outcome {
    // A line of cells a a a b b b: only the third and fourth touch across. The ligand is in the third alone, the receptor
    // in the fourth.
    let line: Vec<[f64; 2]> = (0..6).map(|x| [f64::from(x), 0.0]).collect();
    let kind = GraphKind::Radius { radius: 1.0 };
    let graph = Graph::build(&line, None, &GraphParams { kind, ..GraphParams::default() })?;
    let values = Csr::from_dense(2, &[0., 0., 0., 0., 6., 0., 0., 4., 0., 0., 0., 0.])?;
    let genes = ["L", "R"].map(str::to_owned);
    let pairs = [Pair::new("L", "R").ok_or("a pair")?];
    let codes = [0, 0, 0, 1, 1, 1];
    let mean = |between| -> Result<Vec<f64>, SpatialError> {
        let params = LigrecParams { between, permutations: 99, ..LigrecParams::default() };
        Ok(ligrec(&graph, &values, &genes, &pairs, (&codes, 2), None, &params, &mut ignore)?.means)
    };
    assert_eq!(mean(Between::Labels)?, [0.0, (2.0 + 4.0 / 3.0) / 2.0, 0.0, 0.0]);
    assert_eq!(mean(Between::Neighbours)?, [0.0, (6.0 + 4.0) / 2.0, 0.0, 0.0]);
    let alone = LigrecParams { permutations: 9, ..LigrecParams::default() };
    let one = ligrec(&graph, &values, &genes, &pairs, (&[0; 6], 1), None, &alone, &mut ignore)?;
    assert_eq!(one.p, [1.0], "one label cannot vary");
    let missing = Csr::from_dense(2, &[f32::NAN, 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.])?;
    let undefined = ligrec(&graph, &missing, &genes, &pairs, (&codes, 2), None, &alone, &mut ignore)?;
    assert!(undefined.means[0].is_nan() && undefined.p[0].is_nan());
    Ok(())
}

#[test]
fn k_means_is_scikit_learns_from_the_same_start() -> Outcome {
    let case = reference();
    let theirs = &case["kmeans"];
    let codes: Vec<i32> = integers(&case["labels"]);
    let profiles = composition_profiles(&graph(&case), &codes, 4)?;
    let found = kmeans_from(&profiles, &floats(&theirs["start"]), 300, &mut ignore)?;
    let number = |name: &str| theirs[name].as_f64().expect("a number");
    // Profiles are f32 here.
    assert!((found.inertia / number("inertia") - 1.0).abs() < 1e-6, "{} {}", found.inertia, theirs["inertia"]);
    assert!(found.converged);
    let labels: Vec<i32> = integers(&theirs["labels"]);
    let names: std::collections::BTreeSet<(i32, i32)> = found.codes.iter().copied().zip(labels).collect();
    assert_eq!(names.len(), 4, "the same clusters, by other names");
    let width = silhouette(&profiles, &found.codes, 1000, 0)?;
    assert!((width - number("silhouette")).abs() < 1e-5, "{width}");
    let best = kmeans(&profiles, &KMeansParams { k: 4, starts: 10, ..KMeansParams::default() }, &mut ignore)?;
    assert!(best.inertia <= found.inertia * (1.0 + 1e-9), "ten starts find no worse");
    assert!(best.sizes.is_sorted_by(|a, b| a >= b) && best.sizes.iter().sum::<usize>() == 300);
    assert_eq!(kmeans(&profiles, &KMeansParams { k: 4, starts: 10, ..KMeansParams::default() }, &mut ignore)?, best);
    Ok(())
}
