//! `resitu metrics` on a section that nobody has annotated: what is expressed around each cell, and niches of it.

mod common;

use std::{fs, path::Path};

use common::{Folder, metrics, text};

use resitu::cells::{Column, Csr};
use resitu::io::{BytesSource, Dataset, Embedding, H5adContents, Numbers, Table, Values, write_h5ad};
use resitu::progress::ignore;
use resitu::spatial::niches::{KMeansParams, expression_profiles, kmeans, silhouette};
use resitu::spatial::{Graph, GraphKind, GraphParams};
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const CELLS: usize = 240;
/// A cell without position.
const LOST: usize = 17;
/// Likely positions of a cell in a translation.
const LIKELY: usize = 32;

struct Section {
    positions: Vec<[f64; 2]>,
    /// 0, 1, 2 from left to right.
    stripes: Vec<usize>,
    values: Csr,
}

/// Three stripes, each with a gene of its own that half of its cells express, and a gene that is high everywhere.
fn section() -> Result<Section, Box<dyn std::error::Error>> {
    let mut state = 11u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let (mut positions, mut stripes, mut dense) = (Vec::new(), Vec::new(), Vec::new());
    for cell in 0..CELLS {
        let stripe = cell % 3;
        positions.push([100.0 * stripe as f64 + 60.0 * random(), 60.0 * random()]);
        stripes.push(stripe);
        let own = if random() < 0.5 { 2.0 + random() as f32 } else { 0.0 };
        dense.extend((0..3).map(|gene| if gene == stripe { own } else { 0.0 }));
        dense.push(9.0 + random() as f32);
    }
    positions[LOST] = [f64::NAN; 2];
    Ok(Section { positions, stripes, values: Csr::from_dense(4, &dense)? })
}

fn write(section: &Section, path: &Path) -> Outcome {
    let xy: Vec<f64> = section.positions.iter().flatten().copied().collect();
    // Within 2 of the stored position: no cell can come into another stripe.
    let likely: Vec<f32> = section
        .positions
        .iter()
        .flat_map(|place| (0..LIKELY).flat_map(move |draw| [place[0] as f32 + draw as f32 / 16.0, place[1] as f32]))
        .collect();
    let bytes = write_h5ad(&H5adContents {
        x: Values::Sparse(&section.values),
        obs: Table { index: (0..CELLS).map(|i| format!("cell{i}")).collect(), columns: Vec::new() },
        var: Table { index: ["LEFT", "MIDDLE", "RIGHT", "EVERYWHERE"].map(str::to_owned).into(), columns: Vec::new() },
        layers: Vec::new(),
        obsm: vec![
            ("spatial".to_owned(), Embedding { width: 2, values: Numbers::F64(&xy) }),
            ("resitu_likely_positions".to_owned(), Embedding { width: 2 * LIKELY, values: Numbers::F32(&likely) }),
        ],
        obsp: Vec::new(),
        uns: Vec::new(),
    })?;
    Ok(fs::write(path, bytes)?)
}

#[track_caller]
fn measured(file: &Path, out: &Path, more: &[&str]) {
    let output = metrics(&[&[text(file), "--graph", "knn:8", "-o", text(out)], more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().map(|value| value.as_f64().unwrap_or(f64::NAN)).collect()
}

#[test]
fn niches_need_no_labels_and_are_the_librarys() -> Outcome {
    let folder = Folder::new("metrics-niches");
    let at = |name: &str| folder.0.join(name);
    let section = section()?;
    write(&section, &at("in.h5ad"))?;
    let asked = ["--niches-of", "all", "--niche-count", "3", "--seed", "5", "--profiles-of", "RIGHT,LEFT"];
    for out in ["out.json", "out.csv", "out.h5ad"] {
        measured(&at("in.h5ad"), &at(out), &asked);
    }
    let found: Value = serde_json::from_slice(&fs::read(at("out.json"))?)?;
    let niches = &found["expression_niches"];

    // The library, on the cells that have a position.
    let kept: Vec<usize> = (0..CELLS).filter(|&cell| cell != LOST).collect();
    let positions: Vec<[f64; 2]> = kept.iter().map(|&cell| section.positions[cell]).collect();
    let graph = Graph::build(&positions, None, &GraphParams { kind: GraphKind::Knn { k: 8 }, ..GraphParams::DEFAULT })?;
    let mut values = Csr::empty(4);
    for &cell in &kept {
        let (genes, row) = section.values.row(cell);
        values.push_row(genes.iter().copied().zip(row.iter().copied()))?;
    }
    let plain = expression_profiles(&graph, &values, &[0, 1, 2, 3], false, &mut ignore)?;
    let mut profiles = plain.clone();
    profiles.standardise();
    let expected = kmeans(&profiles, &KMeansParams { k: 3, seed: 5, ..KMeansParams::default() }, &mut ignore)?;
    let codes: Vec<i64> = niches["codes"].as_array().ok_or("codes")?.iter().filter_map(Value::as_i64).collect();
    assert_eq!((codes.len(), codes[LOST]), (CELLS, -1));
    assert!(kept.iter().zip(&expected.codes).all(|(&cell, &code)| codes[cell] == i64::from(code)));
    // JSON is read back to the last digit but one.
    let close =
        |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-14 * b.abs());
    let means = plain.means(&expected.codes, 3)?;
    let numbers = ["inertia", "silhouette"].map(|name| niches[name].as_f64().unwrap_or(f64::NAN));
    assert!(close(&numbers, &[expected.inertia, silhouette(&profiles, &expected.codes, 2000, 5)?]), "{numbers:?}");
    assert!(close(&floats(&niches["means"]), &means), "{}", niches["means"]);
    assert_eq!(niches["genes"], json!(["LEFT", "MIDDLE", "RIGHT", "EVERYWHERE"]));
    // And they are the stripes.
    let niche_of = |stripe: usize| codes[kept.iter().copied().find(|&c| section.stripes[c] == stripe).unwrap_or(0)];
    assert!(kept.iter().all(|&cell| codes[cell] == niche_of(section.stripes[cell])));

    // What is around a cell, counted by hand.
    let around = floats(&found["profiles"]["values"]);
    assert_eq!((around.len(), found["profiles"]["genes"].clone()), (2 * CELLS, json!(["RIGHT", "LEFT"])));
    assert!(around[2 * LOST..2 * LOST + 2].iter().all(|value| value.is_nan()));
    let value = |cell: usize, gene: u32| {
        let (genes, row) = section.values.row(cell);
        genes.iter().position(|&other| other == gene).map_or(0.0, |at| f64::from(row[at]))
    };
    for (row, &cell) in kept.iter().enumerate() {
        let neighbours = graph.row(row).0;
        for (column, gene) in [2, 0].into_iter().enumerate() {
            let sum: f64 = neighbours.iter().map(|&other| value(kept[other as usize], gene)).sum();
            // Profiles are f32.
            assert!((around[2 * cell + column] - sum / 8.0).abs() < 1e-6, "cell {cell}");
        }
    }

    let csv = fs::read_to_string(at("out.csv"))?;
    assert!(csv.starts_with("niche,cells,LEFT,MIDDLE,RIGHT,EVERYWHERE\r\n0,80,"), "{csv}");
    let csv = fs::read_to_string(at("out.profiles.csv"))?;
    assert!(csv.starts_with("cell,RIGHT,LEFT\r\ncell0,0,"), "{csv}");
    assert_eq!(csv.lines().nth(1 + LOST), Some("cell17,,"));
    let written = Dataset::open(Box::new(BytesSource::new(fs::read(at("out.h5ad"))?)))?;
    let Column::Categorical { codes: column, categories } = written.obs_column("expression_niche")? else {
        return Err("categories".into());
    };
    assert_eq!(categories, ["0", "1", "2"]);
    assert!(column.iter().zip(&codes).all(|(&a, &b)| i64::from(a) == b));
    let (width, values) = written.embedding("neighbour_expression")?.ok_or("profiles")?;
    assert_eq!((width, values.len()), (2, 2 * CELLS));
    if let Some(found) = common::run_python("read_h5ad.py", &[text(&at("out.h5ad"))]) {
        let rows = found["uns"]["expression_niche_means"].as_array().ok_or("rows")?;
        assert!(close(&rows.iter().flat_map(floats).collect::<Vec<_>>(), &means) && rows.len() == 3);
        let how = &found["uns"]["resitu"]["expression_niches"];
        assert_eq!((&how["genes"], &how["with_self"]), (&niches["genes"], &json!(false)));
    }
    Ok(())
}

#[test]
fn the_cell_itself_counts_where_that_is_asked_for_and_the_summary_names_what_marks_a_niche() -> Outcome {
    let folder = Folder::new("metrics-niches-self");
    let at = |name: &str| folder.0.join(name);
    let section = section()?;
    write(&section, &at("in.h5ad"))?;
    measured(&at("in.h5ad"), &at("alone.json"), &["--profiles-of", "LEFT"]);
    measured(&at("in.h5ad"), &at("with.json"), &["--profiles-of", "LEFT", "--with-self"]);
    let read = |name: &str| -> Result<Vec<f64>, Box<dyn std::error::Error>> {
        Ok(floats(&serde_json::from_slice::<Value>(&fs::read(at(name))?)?["profiles"]["values"]))
    };
    let (alone, with) = (read("alone.json")?, read("with.json")?);
    for cell in (0..CELLS).filter(|&cell| cell != LOST) {
        let (genes, row) = section.values.row(cell);
        let own = if genes[0] == 0 { f64::from(row[0]) } else { 0.0 };
        assert!((with[cell] - (8.0 * alone[cell] + own) / 9.0).abs() < 1e-6, "cell {cell}");
    }

    let output = metrics(&[text(&at("in.h5ad")), "--niches-of", "all", "--niche-count", "3"]);
    let words = String::from_utf8(output.stdout)?;
    assert!(output.status.success() && words.contains("1 cells have no neighbour with values"), "{words}");
    for gene in ["LEFT +", "MIDDLE +", "RIGHT +"] {
        assert!(words.lines().any(|line| line.contains(&format!("cells  {gene}"))), "{gene}: {words}");
    }
    let lines = String::from_utf8(output.stderr)?;
    assert!(lines.contains(r#""stage":"niches""#), "{lines}");
    Ok(())
}

#[test]
fn draws_of_the_positions_keep_the_niches_and_count_who_stays() -> Outcome {
    let folder = Folder::new("metrics-niches-draws");
    let at = |name: &str| folder.0.join(name);
    write(&section()?, &at("in.h5ad"))?;
    let asked = ["--niches-of", "LEFT,MIDDLE,RIGHT", "--niche-count", "3", "--draws", "10"];
    measured(&at("in.h5ad"), &at("out.json"), &asked);
    let found: Value = serde_json::from_slice(&fs::read(at("out.json"))?)?;
    let statistics = found["draws"]["statistics"].as_array().ok_or("statistics")?;
    let of = |name: &str| statistics.iter().filter(|entry| entry["statistic"] == name).collect::<Vec<_>>();
    let (shares, means, stays) =
        (of("expression_niche_share"), of("expression_niche_mean"), of("expression_niche_stays"));
    assert_eq!((shares.len(), means.len(), stays.len()), (3, 9, CELLS));
    let sum: f64 = shares.iter().filter_map(|share| share["mean"].as_f64()).sum();
    assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    assert!(stays.iter().enumerate().all(|(cell, stay)| match cell {
        LOST => stay["mean"].is_null(),
        _ => stay["mean"] == 1.0,
    }));
    Ok(())
}

#[test]
fn what_cannot_be_meant_is_refused() -> Outcome {
    let folder = Folder::new("metrics-niches-refused");
    let file = folder.0.join("in.h5ad");
    write(&section()?, &file)?;
    let refused = |more: &[&str], exit: i32, code: &str| {
        let output = metrics(&[&[text(&file)], more].concat());
        let words = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{words}");
        assert!(words.contains(&format!("error[{code}]")) && words.contains("hint: "), "{words}");
    };
    refused(&["--niches-of", "left"], 2, "usage");
    refused(&["--niches-of", "LEFT,LEFT"], 2, "usage");
    refused(&["--niches-of", "all,LEFT"], 2, "usage");
    refused(&["--profiles-of", "NOWHERE"], 2, "usage");
    refused(&["--with-self"], 2, "usage");
    refused(&["--profiles-of", "LEFT", "--draws", "10"], 2, "usage");
    refused(&["--niches-of", "all", "--niche-count", "0"], 3, "spatial.bad-parameter");
    refused(&["--niches-of", "all", "--niche-count", "1001"], 3, "spatial.bad-parameter");
    refused(&["--niches-of", "all", "--niche-count", "240"], 3, "spatial.too-few-cells");
    Ok(())
}
