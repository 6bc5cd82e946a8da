//! Graph, Moran, Geary, enrichment and interactions agree with squidpy 1.8.2 and esda 2.9.0
//! (`tests/reference/spatial.json`, made by `scripts/reference/spatial.py`).

use resitu::cells::{Csr, log1p_per_median_total};
use resitu::progress::ignore;
use resitu::spatial::*;
use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Both sides compute in f64 and differ in the order of sums alone.
const F64: f64 = 1e-9;

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/spatial.json")).expect("the reference is JSON")
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

fn integers<T: TryFrom<i64>>(value: &Value) -> Vec<T> {
    let list = value.as_array().expect("a list").iter();
    list.map(|v| T::try_from(v.as_i64().expect("an integer")).ok().expect("in range")).collect()
}

fn positions(case: &Value) -> Vec<[f64; 2]> {
    case["positions"].as_array().expect("a list").iter().map(|p| [floats(p)[0], floats(p)[1]]).collect()
}

fn values(case: &Value) -> Csr {
    let values = &case["values"];
    let data = floats(&values["data"]).iter().map(|v| *v as f32).collect();
    let n_cols = values["n_cols"].as_u64().expect("a number") as usize;
    Csr::new(n_cols, integers(&values["indptr"]), integers(&values["indices"]), data).expect("a matrix")
}

fn graph(case: &Value) -> Graph {
    let kind = match case["graph"]["k"].as_u64() {
        Some(k) => GraphKind::Knn { k: k as usize },
        None => GraphKind::Radius { radius: case["graph"]["radius"].as_f64().expect("a radius") },
    };
    let sections = case["sections"].is_array().then(|| integers::<u32>(&case["sections"]));
    let params = GraphParams { kind, ..GraphParams::default() };
    Graph::build(&positions(case), sections.as_deref(), &params).expect("a graph")
}

#[track_caller]
fn close(ours: f64, theirs: f64, relative: f64, what: &str) {
    let near = (ours - theirs).abs() <= relative * theirs.abs().max(1e-300);
    assert!(near || (ours.is_nan() && theirs.is_nan()), "{what}: {ours:e} here, {theirs:e} there");
}

fn test(case: &Value, params: AutocorrelationParams) -> Vec<Autocorrelation> {
    autocorrelation(&graph(case), &values(case), &params, &mut ignore).expect("statistics")
}

#[test]
fn the_graph_is_squidpys() {
    for case in reference()["cases"].as_array().expect("cases") {
        let graph = graph(case);
        let (indptr, neighbours, _) = graph.parts();
        assert_eq!(indptr, integers::<usize>(&case["rows"]["indptr"]), "{}", case["name"]);
        assert_eq!(neighbours, integers::<u32>(&case["rows"]["neighbours"]), "{}", case["name"]);
    }
}

#[test]
fn moran_and_geary_are_squidpys() {
    for case in reference()["cases"].as_array().expect("cases") {
        // squidpy stores weights as f32 (1/6 is off by 2e-8) and sums them so; with that graph no more can be asked.
        let relative = if case["float"] == "float32" { 1e-5 } else { F64 };
        let one = AutocorrelationParams { tail: Tail::One, ..AutocorrelationParams::default() };
        let theirs = &case["squidpy"];
        let (i, c) = (floats(&theirs["I"]), floats(&theirs["C"]));
        let (i_p, c_p) = (floats(&theirs["I_pval_norm"]), floats(&theirs["C_pval_norm"]));
        for (gene, ours) in test(case, one).iter().enumerate() {
            let name = |what| format!("{what} of gene {gene}, {}", case["name"]);
            close(ours.moran.value, i[gene], relative, &name("I"));
            close(ours.geary.value, c[gene], relative, &name("C"));
            if ours.undefined.is_some() {
                continue;
            }
            close(ours.moran.variance, theirs["I_var_norm"].as_f64().expect("a number"), relative, "Var I");
            close(ours.geary.variance, theirs["C_var_norm"].as_f64().expect("a number"), relative, "Var C");
            // squidpy takes 1 − Φ(z), which is off by 1e-16 in absolute terms and 0 beyond z = 8: compare what it has.
            // An error e in z is z·e in ln p, with e up to √n · relative.
            for (ours, theirs, what) in [(&ours.moran, i_p[gene], "p of I"), (&ours.geary, c_p[gene], "p of C")] {
                let tolerance = 100.0 * relative * theirs.max(1e-6) + 2e-16;
                assert!((ours.p - theirs).abs() <= tolerance, "{}: {} {}", name(what), ours.p, theirs);
            }
        }
    }
}

#[test]
fn both_variances_and_the_far_tail_are_esdas() {
    for case in reference()["cases"].as_array().expect("cases") {
        let Some(theirs) = case.get("esda") else { continue };
        for (variance, suffix) in [(Variance::Normality, "norm"), (Variance::Randomisation, "rand")] {
            // esda's Moran is two-tailed, its Geary one-tailed.
            let two = AutocorrelationParams { variance, ..AutocorrelationParams::default() };
            for (gene, ours) in test(case, two).iter().enumerate() {
                let (moran, geary) = (&theirs["moran"][gene], &theirs["geary"][gene]);
                assert_eq!(moran.is_null(), ours.undefined == Some(Undefined::Constant));
                if moran.is_null() {
                    continue;
                }
                for (ours, theirs, p) in [(&ours.moran, moran, ours.moran.p), (&ours.geary, geary, ours.geary.p / 2.0)]
                {
                    let of = |key: &str| theirs[key].as_f64().expect("a number");
                    close(ours.value, of("value"), F64, "value");
                    close(ours.variance, of(&format!("var_{suffix}")), F64, "variance");
                    // At z = 30 a relative error of 1e-12 in z is one of 1e-9 in p.
                    close(p, of(&format!("p_{suffix}")), 1e-8, "p");
                }
            }
        }
    }
}

#[test]
fn the_examples_of_esdas_documentation_come_out() -> Outcome {
    let reference = reference();
    for golden in reference["golden"].as_array().expect("goldens") {
        let y: Vec<f32> = floats(&golden["y"]).iter().map(|v| *v as f32).collect();
        let neighbours: Vec<u32> = integers(&golden["neighbours"]);
        let weights = vec![1.0; neighbours.len()];
        let graph = Graph::from_rows(integers(&golden["indptr"]), neighbours, weights, true)?;
        let normal = AutocorrelationParams::default();
        let random = AutocorrelationParams { variance: Variance::Randomisation, ..normal };
        let (normal, random) = (
            autocorrelation(&graph, &Csr::from_dense(1, &y)?, &normal, &mut ignore)?[0],
            autocorrelation(&graph, &Csr::from_dense(1, &y)?, &random, &mut ignore)?[0],
        );
        // Expression values are f32 here and the rates of these examples are not: half a unit in the 24th bit, 6e-8, is
        // lost in y, and about √n of that at most in a sum.
        let (moran, geary) = (&golden["moran"], &golden["geary"]);
        let of = |object: &Value, key: &str| object[key].as_f64().expect("a number");
        close(normal.moran.value, of(moran, "I"), 1e-6, "I");
        close(normal.moran.variance, of(moran, "VI_norm"), F64, "VI_norm");
        close(normal.moran.p, of(moran, "p_norm"), 1e-5, "p_norm");
        close(random.moran.variance, of(moran, "VI_rand"), 1e-6, "VI_rand");
        close(random.moran.p, of(moran, "p_rand"), 1e-5, "p_rand");
        close(normal.geary.value, of(geary, "C"), 1e-6, "C");
        close(normal.geary.variance, of(geary, "VC_norm"), F64, "VC_norm");
        close(normal.geary.p / 2.0, of(geary, "p_norm"), 1e-5, "p_norm of C");
        close(random.geary.variance, of(geary, "VC_rand"), 1e-6, "VC_rand");
        close(random.geary.p / 2.0, of(geary, "p_rand"), 1e-5, "p_rand of C");
        // As printed in the documentation itself, not by our script.
        let (i, p) = match golden["name"].as_str() {
            Some("stl") => (0.244, 0.00027147862770937614),
            _ => (0.248, 0.00011583307814905095),
        };
        assert_eq!((normal.moran.value * 1e3).round() / 1e3, i);
        close(normal.moran.p, p, 1e-5, "the documented p");
    }
    Ok(())
}

#[test]
fn permutation_variances_are_esdas_for_values_and_squidpys_for_rows() {
    let reference = reference();
    let theirs = &reference["permutations"];
    let permutations = theirs["permutations"].as_u64().expect("a number") as usize;
    for (null, key) in [(Null::Values, "values"), (Null::Rows, "rows")] {
        let params = AutocorrelationParams { permutations, null, tail: Tail::One, ..AutocorrelationParams::default() };
        let ours = test(&reference["cases"][0], params);
        for (gene, ours) in ours.iter().take(3).enumerate() {
            for (score, statistic) in [(&ours.moran, "I"), (&ours.geary, "C")] {
                let variance = floats(&theirs[key][format!("{statistic}_var_sim")])[gene];
                let simulated = score.simulated.expect("permutations were asked for");
                // Two estimates from 2,000 draws each: standard error 2·√(1/2000) = 4.5 %; four of them.
                close(simulated.variance, variance, 0.18, &format!("variance of {statistic}, {key}"));
                // Shuffled rows keep the columns, so their mean of C is not exactly 1.
                let error = (variance / permutations as f64).sqrt();
                let near = (simulated.mean - score.expected).abs() < 4.0 * error;
                assert!(null == Null::Rows || near, "mean of {statistic}: {}", simulated.mean);
            }
        }
        if null == Null::Rows {
            // Genes 0 and 1 have patterns: nothing reaches them in 2,000 permutations, there as here.
            let p = floats(&theirs["rows"]["I_pval_sim"]);
            for gene in 0..2 {
                close(ours[gene].moran.simulated.expect("permutations were asked for").p, p[gene], 1e-12, "p_sim");
            }
        }
    }
}

#[test]
fn interactions_and_enrichment_are_squidpys() -> Outcome {
    let reference = reference();
    let (case, theirs) = (&reference["cases"][2], &reference["labels"]);
    let graph = graph(case);
    let codes: Vec<i32> = integers(&theirs["codes"]);
    let levels = theirs["levels"].as_u64().expect("a number") as usize;
    let flat = |value: &Value| -> Vec<f64> { value.as_array().expect("rows").iter().flat_map(floats).collect() };

    assert_eq!(interactions(&graph, &codes, levels, EdgeValue::One, false)?, flat(&theirs["interactions"]));
    let normalised = interactions(&graph, &codes, levels, EdgeValue::One, true)?;
    for (ours, theirs) in normalised.iter().zip(flat(&theirs["interactions_normalised"])) {
        close(*ours, theirs, F64, "normalised interactions");
    }

    let sections: Vec<u32> = integers(&case["sections"]);
    let found = enrichment(&graph, &codes, levels, Some(&sections), &EnrichmentParams::default(), &mut ignore)?;
    assert_eq!(found.counts, flat(&theirs["counts"]));
    for (ours, theirs) in found.z.iter().zip(flat(&theirs["zscore"])) {
        // Each z comes from 1,000 draws: its standard error is √((1 + z²/2)/1000); five of both sides together.
        let tolerance = 5.0 * ((1.0 + theirs * theirs / 2.0) / 500.0).sqrt();
        assert!((ours - theirs).abs() < tolerance, "z {ours} here, {theirs} there");
    }
    Ok(())
}

#[test]
fn counts_are_prepared_as_scanpy_does() -> Outcome {
    let reference = reference();
    let (case, theirs) = (&reference["cases"][0], &reference["normalised"]);
    let prepared = log1p_per_median_total(&values(case))?;
    // scanpy divides and takes the logarithm in f32: a few units in the 24th bit.
    for (ours, theirs) in prepared.parts().2.iter().zip(floats(&theirs["data"])) {
        close(f64::from(*ours), theirs, 1e-6, "normalised value");
    }
    let found = autocorrelation(&graph(case), &prepared, &AutocorrelationParams::default(), &mut ignore)?;
    for (ours, theirs) in found.iter().zip(floats(&theirs["I"])) {
        // The constant gene is constant no more, and its I, of order 0.1, is that of the totals.
        assert!((ours.moran.value - theirs).abs() < 1e-6, "I: {} here, {theirs} there", ours.moran.value);
    }
    Ok(())
}
