//! Moran's I and Geary's C of real sections agree with squidpy (`tests/reference/spatial_sections.json`).
//!
//! The files are not part of the repository: they lie in `$RESITU_DATA`, else `../shared/data`; without them the test
//! says so and passes.

mod common;

use resitu::io::{Dataset, FileSource};
use resitu::progress::ignore;
use resitu::spatial::{AutocorrelationParams, Graph, GraphParams, autocorrelation};
use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn open(file: &str) -> Option<Dataset> {
    let path = common::data()?.join(file);
    path.is_file().then(|| Dataset::open(Box::new(FileSource::open(&path).unwrap())).unwrap())
}

#[test]
fn real_sections_have_squidpys_values() -> Outcome {
    let reference: Value = serde_json::from_str(include_str!("reference/spatial_sections.json"))?;
    for section in reference["sections"].as_array().ok_or("sections")? {
        let file = section["file"].as_str().ok_or("file")?;
        let Some(dataset) = open(file) else {
            println!("skipped: {file} (no data)");
            continue;
        };
        let coordinates = dataset.coordinates()?.ok_or("coordinates")?;
        assert_eq!(coordinates.key, section["coordinates"]);
        let labels = match section["section_column"].as_str() {
            Some(column) => Some(dataset.labels(column)?.codes.iter().map(|&code| code as u32).collect::<Vec<_>>()),
            None => None,
        };
        let graph = Graph::build(&coordinates.xy, labels.as_deref(), &GraphParams::default())?;
        let values = dataset.rows(0..dataset.n_cells())?;
        let found = autocorrelation(&graph, &values, &AutocorrelationParams::default(), &mut ignore)?;
        assert_eq!(found.len(), section["genes"].as_array().ok_or("genes")?.len());
        for (gene, ours) in found.iter().enumerate() {
            for (score, key) in [(&ours.moran, "I"), (&ours.geary, "C")] {
                let theirs = section[key][gene].as_f64().unwrap_or(f64::NAN);
                // Both in f64; I may be near 0, where only an absolute bound makes sense.
                let near = (score.value - theirs).abs() < 1e-10 || (score.value.is_nan() && theirs.is_nan());
                assert!(near, "{key} of gene {gene} in {file}: {} here, {theirs} there", score.value);
                if !score.value.is_nan() {
                    let variance = section[format!("{key}_var_norm")].as_f64().ok_or("variance")?;
                    assert!((score.variance / variance - 1.0).abs() < 1e-9, "variance of {key} in {file}");
                }
            }
        }
    }
    Ok(())
}
