//! Translated cells as files.

use resitu::Explain;
use resitu::io::{BytesSource, Dataset};

use super::support::*;

#[test]
fn files_hold_the_translation_and_say_what_it_is() {
    let (translator, dataset) = (translator(), good_dataset(100));
    let result = translate(&translator, &dataset);
    let bytes = result.to_h5ad(&dataset).unwrap();
    let written = Dataset::open(Box::new(BytesSource::new(bytes.clone()))).unwrap();
    assert_eq!((written.n_cells(), written.n_genes()), (100, 7));
    assert_eq!(written.gene_names(), ["GENE3", "GENE1", "GENE20", "GENE39", "GENE0", "GENE8", "GENE7"]);
    assert_eq!(written.obs_names().unwrap(), dataset.obs_names().unwrap());
    assert_eq!(written.labels("side").unwrap(), dataset.labels("side").unwrap());
    let states = written.labels("resitu_state").unwrap();
    assert_eq!((states.codes[9], states.codes[0]), (-1, i32::from(result.state[0])));
    let xy = written.coordinates().unwrap().unwrap().xy;
    assert_eq!(xy[0], [f64::from(result.positions[0]), f64::from(result.positions[1])]);
    let row = written.rows(0..1).unwrap();
    let written_row: Vec<f32> = row.row(0).1.to_vec();
    assert_eq!(written_row, result.expression_of(0));

    let csv = String::from_utf8(result.to_csv(&dataset).unwrap()).unwrap();
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 101);
    assert!(lines.iter().all(|line| line.len() == 7 + 5 + 7));
    assert_eq!((lines[0][7], lines[0][12], lines[1][0]), ("neighbours: state 0", "GENE3", "cell-0"));
    assert_eq!(lines[1][12].parse::<f32>().unwrap(), result.expression_of(0)[0]);
    assert!(lines[10][1..].iter().all(|field| field.is_empty()), "cells without counts have empty fields");
    assert_eq!(result.to_h5ad(&good_dataset(5)).unwrap_err().code(), "translate.other-input");
}
