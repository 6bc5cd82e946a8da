//! Ripley's functions agree with squidpy 1.8.2, astropy, scipy and shapely (`tests/reference/ripley.json`, made by
//! `scripts/reference/ripley.py`).

use resitu::progress::ignore;
use resitu::spatial::ripley::{squidpy, *};
use serde_json::Value;

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/ripley.json")).expect("the reference is JSON")
}

/// null is NaN.
fn floats(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

fn points(value: &Value) -> Vec<[f64; 2]> {
    floats(&value["x"]).into_iter().zip(floats(&value["y"])).map(|(x, y)| [x, y]).collect()
}

#[track_caller]
fn agree(ours: &[f64], theirs: &[f64], relative: f64, what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        let near = (a - b).abs() <= relative * b.abs().max(1e-3) || (a.is_nan() && b.is_nan());
        assert!(near, "{what}, entry {i}: {a:e} here, {b:e} there");
    }
}

/// The curve of the only label at the reference's distances.
fn curve(case: &Value, function: RipleyFunction, correction: EdgeCorrection, window: &WindowKind) -> Vec<f64> {
    let positions = points(case);
    let radii = floats(&case["radii"]);
    let params = RipleyParams {
        function,
        correction: Some(correction),
        window: window.clone(),
        max_distance: radii.last().copied(),
        steps: radii.len(),
        probes: if case["probes"].is_object() { Probes::At(points(&case["probes"])) } else { Probes::Random(1) },
        bandwidth: case["g"]["bandwidth"].as_f64(),
        simulations: 0,
        ..RipleyParams::default()
    };
    let codes = vec![0; positions.len()];
    ripley(&positions, &codes, 1, None, &params, &mut ignore).expect("a result").curves[0].value.clone()
}

#[test]
fn corrected_functions_in_a_rectangle_are_those_of_astropy_and_scipy() {
    let case = &reference()["rectangle"];
    let corner = |name: &str| [floats(&case[name])[0], floats(&case[name])[1]];
    let window = WindowKind::Rectangle { low: corner("low"), high: corner("high") };
    use EdgeCorrection::*;
    for (name, correction) in
        [("none", Uncorrected), ("translation", Translation), ("isotropic", Isotropic), ("border", Border)]
    {
        agree(&curve(case, RipleyFunction::K, correction, &window), &floats(&case["K"][name]), 1e-9, name);
    }
    for (name, correction) in [("none", Uncorrected), ("border", Border), ("kaplan_meier", KaplanMeier)] {
        agree(&curve(case, RipleyFunction::F, correction, &window), &floats(&case["F"][name]), 1e-9, name);
        agree(&curve(case, RipleyFunction::G, correction, &window), &floats(&case["G"][name]), 1e-9, name);
    }
    let g = curve(case, RipleyFunction::PairCorrelation, Translation, &window);
    agree(&g, &floats(&case["g"]["translation"]), 1e-9, "g");
    // A polygon that is the rectangle, and one that is not convex by a corner that cuts off nothing to speak of.
    let ([x0, y0], [x1, y1]) = (corner("low"), corner("high"));
    let polygon = WindowKind::Polygon(vec![[x1, y1], [x1, y0], [x0, y0], [x0, y1]]);
    agree(&curve(case, RipleyFunction::K, Isotropic, &polygon), &floats(&case["K"]["isotropic"]), 1e-9, "polygon");
    let dent = [x0 + 1e-9, (y0 + y1) / 2.0];
    let dented = WindowKind::Polygon(vec![[x1, y1], [x1, y0], [x0, y0], dent, [x0, y1]]);
    agree(&curve(case, RipleyFunction::K, Isotropic, &dented), &floats(&case["K"]["isotropic"]), 1e-6, "dented");
}

/// Arcs were measured on circles of 40,000 sides.
#[test]
fn corrected_functions_in_a_hull_are_those_measured_by_shapely() {
    let case = &reference()["hull"];
    use EdgeCorrection::*;
    for (name, correction, tolerance) in [("translation", Translation, 1e-9), ("isotropic", Isotropic, 2e-6)] {
        let ours = curve(case, RipleyFunction::K, correction, &WindowKind::ConvexHull);
        agree(&ours, &floats(&case["K"][name]), tolerance, name);
    }
    let border = curve(case, RipleyFunction::K, Border, &WindowKind::ConvexHull);
    agree(&border, &floats(&case["K"]["border"]), 1e-9, "border");
    for (name, correction) in [("none", Uncorrected), ("border", Border), ("kaplan_meier", KaplanMeier)] {
        let ours = curve(case, RipleyFunction::G, correction, &WindowKind::ConvexHull);
        agree(&ours, &floats(&case["G"][name]), 1e-9, name);
    }
}

#[test]
fn squidpys_statistics_come_out_by_its_conventions() {
    let case = &reference()["squidpy"];
    let positions = points(case);
    let codes: Vec<i32> = floats(&case["labels"]).into_iter().map(|v| v as i32).collect();
    for (name, mode) in [("F", squidpy::Mode::F), ("G", squidpy::Mode::G), ("L", squidpy::Mode::L)] {
        let expected = &case["modes"][name];
        let params = squidpy::Params {
            mode,
            observations: 150,
            simulations: 300,
            probes: Some(points(&case["probes"])),
            ..squidpy::Params::default()
        };
        let found = squidpy::ripley(&positions, &codes, 3, &params, &mut ignore).expect("a result");
        agree(&found.bins, &floats(&expected["bins"]), 1e-12, name);
        agree(&found.stats, &floats(&expected["stats"]), 1e-9, name);
        // 300 simulations there and here: five standard errors of the difference. F looks from other random places there.
        let slack = if mode == squidpy::Mode::F { 0.1 } else { 1e-9 };
        let deviation = floats(&expected["simulated_deviation"]);
        for (bin, mean) in floats(&expected["simulated_mean"]).iter().enumerate() {
            let ours = found.simulated.iter().skip(bin).step_by(50).sum::<f64>() / 300.0;
            let bound = 5.0 * deviation[bin] * (2.0f64 / 300.0).sqrt() + slack;
            assert!((ours - mean).abs() <= bound, "{name} {bin}: {ours} here, {mean} there");
        }
        if mode != squidpy::Mode::F {
            for (i, p) in floats(&expected["pvalues"]).iter().enumerate() {
                let bound = 5.0 * (2.0 * p.max(0.01) / 300.0).sqrt();
                assert!((found.pvalues[i] - p).abs() <= bound, "{name} {i}: {} here, {p} there", found.pvalues[i]);
            }
        }
    }
}
