//! `resitu metrics` from the outside: outputs, exit codes, progress and words.

mod common;

use std::{fs, path::Path, process::Output};

use common::{Folder, metrics, text};

use resitu::cells::{Column, Csr};
use resitu::io::{BytesSource, Dataset, Embedding, H5adContents, Numbers, Table, Values, write_h5ad};
use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const SIDE: usize = 12;

/// A lattice with a gene of its left half, one of a chequerboard, one that is constant; halves and stripes as labels.
fn section(path: &Path, with_positions: bool) -> Outcome {
    let cells: Vec<(usize, usize)> = (0..SIDE * SIDE).map(|i| (i % SIDE, i / SIDE)).collect();
    let dense: Vec<f32> = cells
        .iter()
        .flat_map(|&(x, y)| [if x < SIDE / 2 { 5.0 } else { 1.0 }, ((x + y) % 2) as f32 * 3.0, 2.0])
        .collect();
    let counts = Csr::from_dense(3, &dense)?;
    // Jittered, so that no distances tie.
    let xy: Vec<f64> = cells
        .iter()
        .flat_map(|&(x, y)| [x as f64 * 10.0 + (y * 7 % 5) as f64 * 0.11, y as f64 * 10.0 + (x * 3 % 7) as f64 * 0.13])
        .collect();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let half = Column::Categorical {
        codes: cells.iter().map(|&(x, _)| i32::from(x >= SIDE / 2)).collect(),
        categories: names(&["left", "right"]),
    };
    let spatial = ("spatial".to_owned(), Embedding { width: 2, values: Numbers::F64(&xy) });
    let bytes = write_h5ad(&H5adContents {
        x: Values::Sparse(&counts),
        obs: Table {
            index: (0..cells.len()).map(|i| format!("cell{i}")).collect(),
            columns: vec![("half".to_owned(), half)],
        },
        var: Table { index: names(&["HALF", "BOARD", "SAME"]), columns: Vec::new() },
        layers: Vec::new(),
        obsm: if with_positions { vec![spatial] } else { Vec::new() },
        obsp: Vec::new(),
        uns: Vec::new(),
    })?;
    Ok(fs::write(path, bytes)?)
}

#[track_caller]
fn refused(output: &Output, exit: i32, code: &str) {
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{words}");
    assert!(words.contains(&format!("error[{code}]")) && words.contains("hint: "), "{words}");
    assert!(!words.contains("panicked"), "{words}");
}

#[test]
fn json_csv_and_h5ad_say_the_same() -> Outcome {
    let folder = Folder::new("metrics-formats");
    let file = folder.0.join("in.h5ad");
    section(&file, true)?;
    for out in ["out.json", "out.csv", "out.h5ad"] {
        let out = folder.0.join(out);
        let done = metrics(&[
            text(&file),
            "--graph",
            "knn:4",
            "--autocorr",
            "--permutations",
            "49",
            "--enrichment",
            "half",
            "-o",
            text(&out),
        ]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let json: Value = serde_json::from_slice(&fs::read(folder.0.join("out.json"))?)?;
    let i = |gene: usize| json["genes"][gene]["moran"]["value"].as_f64();
    assert!(i(0) > Some(0.7) && i(1) < Some(-0.3), "{:?} {:?}", i(0), i(1));
    assert_eq!(json["genes"][2]["undefined"], "constant");
    assert!(json["genes"][2]["moran"]["value"].is_null());
    assert_eq!(json["graph"]["edges"], 4 * SIDE * SIDE);
    assert_eq!(json["test"]["permutations"], 49);
    assert!(json["enrichment"]["zscore"][0].as_f64() > Some(5.0), "left lies beside left");
    assert!(json["notes"][0].as_str().is_some_and(|note| note.contains("counts")));

    let csv = fs::read_to_string(folder.0.join("out.csv"))?;
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!((lines.len(), lines[0][0], lines[0][1]), (4, "gene", "moran_value"));
    assert!(lines.iter().all(|line| line.len() == lines[0].len()));
    assert_eq!(lines[1][1].parse::<f64>().ok(), i(0));
    assert_eq!((lines[3][1], lines[3].last()), ("", Some(&"constant")));
    let pairs = fs::read_to_string(folder.0.join("out.enrichment.csv"))?;
    assert!(pairs.lines().nth(1).is_some_and(|line| line.starts_with("left,left,")), "{pairs}");

    // The cells are still there, and can be measured again.
    let written = Dataset::open(Box::new(BytesSource::new(fs::read(folder.0.join("out.h5ad"))?)))?;
    assert_eq!((written.n_cells(), written.n_genes()), (SIDE * SIDE, 3));
    assert_eq!(written.labels("half")?.levels, ["left", "right"]);
    assert!(written.coordinates()?.is_some());
    Ok(())
}

#[test]
fn squidpy_finds_its_tables_in_the_h5ad() -> Outcome {
    let folder = Folder::new("metrics-squidpy");
    let (file, out) = (folder.0.join("in.h5ad"), folder.0.join("out.h5ad"));
    section(&file, true)?;
    let done = metrics(&[text(&file), "--autocorr", "--permutations", "9", "--enrichment", "half", "-o", text(&out)]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let Some(found) = common::run_python("read_h5ad.py", &[text(&out)]) else {
        println!("skipped: squidpy_finds_its_tables_in_the_h5ad (no Python with anndata)");
        return Ok(());
    };
    let uns = &found["uns"];
    assert_eq!(uns["moranI"]["index"], serde_json::json!(["HALF", "BOARD", "SAME"]), "sorted by I, NaN last");
    assert_eq!(uns["gearyC"]["index"], serde_json::json!(["HALF", "BOARD", "SAME"]), "sorted by C upwards");
    let columns: Vec<&String> = uns["moranI"]["columns"].as_object().ok_or("columns")?.keys().collect();
    for column in
        ["I", "pval_norm", "var_norm", "pval_norm_fdr_bh", "pval_sim", "pval_z_sim", "var_sim", "pval_sim_fdr_bh"]
    {
        assert!(columns.iter().any(|found| *found == column), "{column} is not among {columns:?}");
    }
    let zscore = uns["half_nhood_enrichment"]["zscore"].as_array().ok_or("zscore")?;
    assert!(zscore.len() == 2 && zscore.iter().all(|row| row.as_array().is_some_and(|row| row.len() == 2)));
    assert_eq!(uns["resitu"]["graph"]["k"], 6);
    Ok(())
}

#[test]
fn tables_of_labels_are_written_in_every_form() -> Outcome {
    let folder = Folder::new("metrics-labels");
    let (file, pairs) = (folder.0.join("in.h5ad"), folder.0.join("pairs.csv"));
    section(&file, true)?;
    fs::write(&pairs, "ligand,receptor\nHALF,BOARD\nBOARD,HALF_SAME\nHALF,NOWHERE\n")?;
    let run = |out: &Path| {
        let columns = ["interactions", "centrality", "assortativity", "composition", "niches", "ligrec"];
        let mut arguments: Vec<String> = vec![text(&file).into(), "--graph".into(), "radius:12".into()];
        arguments.extend(columns.iter().flat_map(|name| [format!("--{name}"), "half".to_owned()]));
        let more = ["--pairs", text(&pairs), "--niche-count", "3", "--permutations", "49", "-o", text(out)];
        arguments.extend(more.map(str::to_owned));
        let done = metrics(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let (json, csv, h5ad) = (folder.0.join("out.json"), folder.0.join("out.csv"), folder.0.join("out.h5ad"));
    [&json, &csv, &h5ad].into_iter().for_each(|out| run(out));

    let json: Value = serde_json::from_slice(&fs::read(&json)?)?;
    // 264 edges, of which 12 join the halves.
    assert_eq!(json["interactions"]["matrix"], serde_json::json!([252.0, 12.0, 12.0, 252.0]));
    let r = json["assortativity"]["value"].as_f64().ok_or("a number")?;
    assert!((r - (1.0 - 2.0 * 12.0 / 264.0)).abs() < 1e-12, "{r}");
    assert_eq!(json["centrality"]["clustering"], serde_json::json!([0.0, 0.0]), "a lattice has no triangle");
    assert_eq!(json["niches"]["sizes"].as_array().map(Vec::len), Some(3));
    assert_eq!(json["ligrec"]["pairs_not_measured"], 1);
    assert_eq!(json["ligrec"]["ligand"].as_array().map(Vec::len), Some(8), "two pairs between two labels");

    assert!(fs::read_to_string(&csv)?.starts_with("label,neighbour,value\r\nleft,left,252"));
    for name in ["centrality", "assortativity", "composition", "niches", "ligrec"] {
        assert!(fs::metadata(folder.0.join(format!("out.{name}.csv"))).is_ok(), "{name}");
    }
    let written = Dataset::open(Box::new(BytesSource::new(fs::read(&h5ad)?)))?;
    assert_eq!(written.labels("half_niche")?.levels, ["0", "1", "2"]);
    if let Some(found) = common::run_python("read_h5ad.py", &[text(&h5ad)]) {
        assert_eq!(found["uns"]["half_interactions"][0][0], 252.0);
        assert!(found["uns"]["half_centrality_scores"]["columns"]["degree_centrality"].is_object());
        assert_eq!(found["uns"]["half_ligrec"]["columns"]["ligand"]["text"].as_array().map(Vec::len), Some(8));
        assert_eq!(found["obsm"]["half_composition"]["values"][0], serde_json::json!([1.0, 0.0]));
    }
    refused(&metrics(&[text(&file), "--ligrec", "half", "--pairs", text(&file)]), 3, "io.read-failed");
    fs::write(&pairs, "a,b\n")?;
    refused(&metrics(&[text(&file), "--ligrec", "half", "--pairs", text(&pairs)]), 3, "spatial.bad-parameter");
    assert_eq!(metrics(&[text(&file), "--ligrec", "half"]).status.code(), Some(2));
    Ok(())
}

#[test]
fn without_an_output_a_summary_is_printed_and_progress_is_json_lines() -> Outcome {
    let folder = Folder::new("metrics-summary");
    let file = folder.0.join("in.h5ad");
    section(&file, true)?;
    let done = metrics(&[text(&file), "--transform", "log1p-cp", "--graph", "radius:11.5"]);
    let words = String::from_utf8(done.stdout)?;
    assert!(done.status.success() && words.contains("HALF") && words.contains("transform log1p-cp"), "{words}");
    assert!(!words.contains("were used as they are"), "{words}");
    let lines = String::from_utf8(done.stderr)?;
    let last: Value = serde_json::from_str(lines.lines().last().ok_or("no progress")?)?;
    assert_eq!((last["stage"].as_str(), last["done"] == last["total"]), (Some("spatial autocorrelation"), true));
    Ok(())
}

#[test]
fn sections_keep_cells_apart() -> Outcome {
    let folder = Folder::new("metrics-sections");
    let (file, out) = (folder.0.join("in.h5ad"), folder.0.join("out.json"));
    section(&file, true)?;
    let arguments =
        [text(&file), "--sections", "half", "--enrichment", "half", "--permutations", "9", "-o", text(&out)];
    assert!(metrics(&arguments).status.success());
    let json: Value = serde_json::from_slice(&fs::read(&out)?)?;
    assert_eq!(json["enrichment"]["count"][1], 0.0, "no edge from left to right");
    assert!(json["genes"].is_null(), "only what was asked for");
    Ok(())
}

#[test]
fn what_is_refused_has_a_code_and_leaves_nothing_behind() -> Outcome {
    let folder = Folder::new("metrics-refused");
    let (file, bare, out) = (folder.0.join("in.h5ad"), folder.0.join("bare.h5ad"), folder.0.join("out.csv"));
    section(&file, true)?;
    section(&bare, false)?;
    let run = |more: &[&str]| metrics(&[&[text(&file), "-o", text(&out)], more].concat());
    refused(&run(&["--graph", "knn:0"]), 3, "spatial.bad-parameter");
    refused(&run(&["--draws", "20"]), 2, "usage");
    refused(&run(&["--graph", "knn:144"]), 3, "spatial.too-few-cells");
    refused(&run(&["--graph", "radius:-1"]), 3, "spatial.bad-parameter");
    refused(&run(&["--graph", "radius:0.001"]), 3, "spatial.no-neighbours");
    refused(&run(&["--enrichment", "nothing"]), 3, "io.no-such-name");
    refused(&run(&["--enrichment", "half", "--permutations", "1"]), 3, "spatial.bad-parameter");
    refused(&metrics(&[text(&bare)]), 3, "spatial.no-coordinates");
    refused(&metrics(&[text(&file), "-o", text(&folder.0.join("out.txt"))]), 2, "usage");
    assert_eq!(metrics(&[text(&file), "--graph", "nearest"]).status.code(), Some(2));
    fs::write(&bare, b"no HDF5")?;
    refused(&metrics(&[text(&bare)]), 3, "io.not-hdf5");
    let mut left: Vec<_> =
        fs::read_dir(&folder.0)?.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<_>>()?;
    left.sort();
    assert_eq!(left, ["bare.h5ad", "in.h5ad"]);
    Ok(())
}
