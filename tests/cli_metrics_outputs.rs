//! The point patterns, local statistics and pairs of `resitu metrics`, and its h5ad in squidpy's hands.

mod common;

use std::{fs, path::Path, process::Output};

use common::{Folder, metrics, text};

use resitu::cells::{Column, Csr};
use resitu::io::{BytesSource, Dataset, Embedding, H5adContents, Numbers, Table, Values, write_h5ad};
use serde_json::Value;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const CELLS: usize = 300;

/// Three clumps of cells among others, in a square of 100; two genes follow the clumps, one follows nothing.
fn section(path: &Path, as_text: bool) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut state = 7u64;
    let mut random = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let centres = [[20.0, 25.0], [75.0, 30.0], [45.0, 80.0]];
    let (mut xy, mut dense, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for cell in 0..CELLS {
        let clumped = cell % 3 == 0;
        let centre = centres[cell / 3 % 3];
        let place = match clumped {
            true => centre.map(|middle: f64| middle + 12.0 * (random() + random() - 1.0)),
            false => [100.0 * random(), 100.0 * random()],
        };
        xy.extend(place);
        let high = if clumped { 4.0 } else { 1.0 };
        dense.extend([high + random() as f32, high * 2.0 + random() as f32, (3.0 * random()) as f32]);
        labels.push(
            if clumped {
                "tumour"
            } else if cell % 3 == 1 {
                "immune"
            } else {
                "stroma"
            }
            .to_owned(),
        );
    }
    let column = match as_text {
        true => Column::Text(labels.clone()),
        false => Column::Categorical {
            codes: (0..CELLS).map(|cell| [2, 0, 1][cell % 3]).collect(),
            categories: ["immune", "stroma", "tumour"].map(str::to_owned).to_vec(),
        },
    };
    let score = Column::Numbers((0..CELLS).map(|cell| cell as f64 / 2.0).collect());
    let bytes = write_h5ad(&H5adContents {
        x: Values::Sparse(&Csr::from_dense(3, &dense)?),
        obs: Table {
            index: (0..CELLS).map(|i| format!("cell{i}")).collect(),
            columns: vec![("kind".to_owned(), column), ("score".to_owned(), score)],
        },
        var: Table { index: ["EPCAM", "KRT8", "NOISE"].map(str::to_owned).to_vec(), columns: Vec::new() },
        layers: Vec::new(),
        obsm: vec![("spatial".to_owned(), Embedding { width: 2, values: Numbers::F64(&xy) })],
        obsp: Vec::new(),
        uns: Vec::new(),
    })?;
    fs::write(path, bytes)?;
    Ok(labels)
}

#[track_caller]
fn done(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[track_caller]
fn refused(arguments: &[&str], exit: i32, word: &str) {
    let output = metrics(arguments);
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{words}");
    assert!(words.contains(word) && !words.contains("panicked"), "{words}");
}

fn json(path: &Path) -> Result<Value, Box<dyn std::error::Error>> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

#[test]
fn squidpy_draws_every_result_and_goes_on_with_the_graph() -> Outcome {
    let folder = Folder::new("metrics-plots");
    let (file, out) = (folder.0.join("in.h5ad"), folder.0.join("out.h5ad"));
    // Labels as text: what squidpy would refuse comes back as categories.
    section(&file, true)?;
    for function in ["L", "G"] {
        let columns = ["enrichment", "interactions", "centrality", "co-occurrence", "ripley"];
        let mut arguments = vec![text(&file).to_owned(), "--autocorr".to_owned(), "--graph".into(), "knn:5".into()];
        arguments.extend(columns.iter().flat_map(|name| [format!("--{name}"), "kind".to_owned()]));
        let more = ["--ripley-function", function, "--simulations", "19", "--permutations", "9", "-o", text(&out)];
        arguments.extend(more.map(str::to_owned));
        done(&metrics(&arguments.iter().map(String::as_str).collect::<Vec<_>>()));
        let Some(found) = common::run_python("draw_squidpy.py", &[text(&out), "kind", function]) else {
            println!("skipped: squidpy_draws_every_result_and_goes_on_with_the_graph (no Python with anndata)");
            return Ok(());
        };
        assert_eq!(found["drawn"], 5, "{found}");
        assert_eq!(found["edges"], serde_json::json!([CELLS * 5, 1.0, "float64"]));
        assert_eq!(found["categories"], serde_json::json!(["immune", "stroma", "tumour"]));
        let below = |name: &str, limit: f64| found[name].as_f64().is_some_and(|value| value < limit);
        // squidpy computes I from f32 values and weights, and co-occurrence from f32 positions: a pair may change sides.
        assert!(below("moran", 1e-5) && below("interactions", 1e-12), "{found}");
        assert!(below("co_occurrence", 0.02) && below("ripley", 1e-9), "{found}");
        assert_eq!(found["ripley_columns"], serde_json::json!([["bins", "simulations", "stats"], 3]));
    }
    Ok(())
}

#[test]
fn values_are_copied_by_parts_where_no_metric_reads_them() -> Outcome {
    let folder = Folder::new("metrics-copied");
    let file = folder.0.join("in.h5ad");
    section(&file, false)?;
    let (copied, held) = (folder.0.join("copied.h5ad"), folder.0.join("held.h5ad"));
    done(&metrics(&[text(&file), "--interactions", "kind", "-o", text(&copied)]));
    done(&metrics(&[text(&file), "--interactions", "kind", "--autocorr", "-o", text(&held)]));
    let open = |path: &Path| -> Result<Dataset, Box<dyn std::error::Error>> {
        Ok(Dataset::open(Box::new(BytesSource::new(fs::read(path)?)))?)
    };
    let (original, copied, held) = (open(&file)?, open(&copied)?, open(&held)?);
    for written in [&copied, &held] {
        assert_eq!(written.rows(0..CELLS)?, original.rows(0..CELLS)?);
        assert_eq!(written.coordinates()?, original.coordinates()?);
        assert_eq!(written.obs_names()?, original.obs_names()?);
        assert_eq!(written.obs_column("score")?, original.obs_column("score")?);
        assert_eq!(written.labels("kind")?, original.labels("kind")?);
    }
    Ok(())
}

#[test]
fn point_patterns_are_written_in_every_form() -> Outcome {
    let folder = Folder::new("metrics-points");
    let (file, out) = (folder.0.join("in.h5ad"), folder.0.join("out.json"));
    section(&file, false)?;
    let patterns = ["--co-occurrence", "kind", "--distances", "0,5,10,20", "--ripley", "kind", "--simulations", "39"];
    done(&metrics(&[&[text(&file)], &patterns[..], &["-o", text(&out)]].concat()));
    let found = json(&out)?;
    assert_eq!(found["co_occurrence"]["interval"], serde_json::json!([0.0, 5.0, 10.0, 20.0]));
    let ratio = |row: usize, column: usize| found["co_occurrence"]["ratio"][(row * 3 + column) * 3].as_f64();
    assert!(ratio(2, 2) > Some(1.2) && ratio(0, 2) < Some(0.7), "the tumour's cells lie in clumps");
    assert_eq!(found["ripley"]["correction"], "isotropic");
    let p = |label: usize| found["ripley"]["curves"][label]["global_p"].as_f64();
    assert!(p(2) == Some(1.0 / 40.0) && p(0) > Some(0.1), "{:?} {:?}", p(2), p(0));

    let csv = folder.0.join("out.csv");
    done(&metrics(&[&[text(&file)], &patterns[..], &["-o", text(&csv)]].concat()));
    let (first, second) = (fs::read_to_string(&csv)?, fs::read_to_string(folder.0.join("out.ripley.csv"))?);
    assert!(first.starts_with("label,conditional_on,distance,ratio,pairs\r\nimmune,immune,5,"), "{first}");
    assert_eq!((first.lines().count(), second.lines().count()), (1 + 27, 1 + 150));
    assert!(second.starts_with("label,distance,value,theoretical,mean,low,high,p\r\nimmune,0,0,0,"), "{second}");
    let printed = metrics(&[&[text(&file)], &patterns[..]].concat());
    let printed = String::from_utf8(printed.stdout)?;
    assert!(printed.contains("Ripley's L") && printed.contains("tumour around tumour"), "{printed}");

    refused(
        &[text(&file), "--ripley", "kind", "--ripley-function", "K", "--edge-correction", "kaplan-meier"],
        3,
        "bad-parameter",
    );
    refused(&[text(&file), "--co-occurrence", "kind", "--distances", "5,1"], 3, "spatial.bad-parameter");
    refused(&[text(&file), "--simulations", "9"], 2, "--ripley");
    refused(&[text(&file), "--ripley", "score"], 3, "error[");
    Ok(())
}

#[test]
fn local_statistics_and_pairs_are_those_of_the_named_genes() -> Outcome {
    let folder = Folder::new("metrics-local");
    let (file, out, cells) = (folder.0.join("in.h5ad"), folder.0.join("out.json"), folder.0.join("out.h5ad"));
    let kinds = section(&file, false)?;
    let genes = ["--local", "KRT8,NOISE", "--pairs-of", "EPCAM,KRT8,NOISE", "--permutations", "99"];
    for out in [&out, &cells] {
        done(&metrics(&[&[text(&file)], &genes[..], &["-o", text(out)]].concat()));
    }
    let found = json(&out)?;
    let z = found["local"]["genes"][0]["g_star"]["z"].as_array().ok_or("z")?;
    let mean = |kind: &str| {
        let of: Vec<f64> = z.iter().zip(&kinds).filter(|(_, k)| *k == kind).filter_map(|(z, _)| z.as_f64()).collect();
        of.iter().sum::<f64>() / of.len() as f64
    };
    assert!(mean("tumour") > 1.0 && mean("stroma") < 0.5, "{} {}", mean("tumour"), mean("stroma"));
    let pairs = found["pairs"]["pairs"].as_array().ok_or("pairs")?;
    let of = |x: &str, y: &str, name: &str| {
        pairs.iter().find(|pair| pair["gene_x"] == x && pair["gene_y"] == y).and_then(|pair| pair[name].as_f64())
    };
    assert_eq!(pairs.len(), 6);
    assert_eq!(of("EPCAM", "KRT8", "lee"), of("KRT8", "EPCAM", "lee"), "Lee's L is symmetric");
    assert!(of("EPCAM", "KRT8", "moran_p_sim") < Some(0.05) && of("EPCAM", "NOISE", "moran_p_sim") > Some(0.05));
    let written = Dataset::open(Box::new(BytesSource::new(fs::read(&cells)?)))?;
    assert_eq!(written.labels("KRT8_moran_local_quadrant")?.levels, ["high-high", "low-high", "low-low", "high-low"]);
    assert!(matches!(written.obs_column("NOISE_g_star_z")?, Column::Numbers(values) if values.len() == CELLS));

    refused(&[text(&file), "--local", "krt8"], 2, "error[usage]");
    refused(&[text(&file), "--pairs-of", "KRT8"], 2, "error[usage]");
    refused(&[text(&file), "--pairs-of", "KRT8,KRT8"], 2, "error[usage]");
    Ok(())
}

#[test]
fn graphs_are_pruned_and_made_mutual() -> Outcome {
    let folder = Folder::new("metrics-graphs");
    let (file, out) = (folder.0.join("in.h5ad"), folder.0.join("out.json"));
    section(&file, false)?;
    let graph = |more: &[&str]| -> Result<Value, Box<dyn std::error::Error>> {
        done(&metrics(&[&[text(&file), "--interactions", "kind", "-o", text(&out)], more].concat()));
        Ok(json(&out)?["graph"].clone())
    };
    let edges = |graph: &Value| graph["edges"].as_u64();
    let whole = graph(&["--graph", "delaunay"])?;
    let pruned = graph(&["--graph", "delaunay", "--percentile", "90"])?;
    let short = graph(&["--graph", "delaunay", "--max-length", "4"])?;
    assert!(edges(&pruned) < edges(&whole) && edges(&short) < edges(&pruned), "{whole} {pruned} {short}");
    assert_eq!((pruned["percentile"].as_f64(), short["max_length"].as_f64()), (Some(90.0), Some(4.0)));
    assert!(edges(&graph(&["--symmetric"])?) > edges(&graph(&[])?));
    refused(&[text(&file), "--graph", "grid:4", "--max-length", "4"], 3, "spatial.bad-parameter");
    refused(&[text(&file), "--in-space"], 2, "third dimension");
    Ok(())
}

#[test]
fn what_else_the_file_holds_is_carried_over() -> Outcome {
    let folder = Folder::new("metrics-carried");
    let (file, out, counts) = (folder.0.join("in.h5ad"), folder.0.join("out.h5ad"), folder.0.join("counts.h5ad"));
    if common::run_python("carried_over.py", &["write", text(&file)]).is_none() {
        println!("skipped: what_else_the_file_holds_is_carried_over (no Python with anndata)");
        return Ok(());
    }
    done(&metrics(&[text(&file), "--enrichment", "kind", "-o", text(&out)]));
    let compare = |out: &Path| common::run_python("carried_over.py", &["compare", text(&file), text(out)]);
    let found = compare(&out).ok_or("no answer")?;
    let yes = |part: &str, name: &str| assert_eq!(found[part][name], true, "{part}/{name}: {found}");
    assert_eq!(found["X"], true);
    ["spatial", "X_pca", "X_umap"].iter().for_each(|name| yes("obsm", name));
    ["counts", "dense"].iter().for_each(|name| yes("layers", name));
    ["kind_colors", "pca", "loadings", "steps", "table", "threshold"].iter().for_each(|name| yes("uns", name));
    assert_eq!(found["before"]["translator"], "earlier");
    assert_eq!(found["uns_new"], serde_json::json!(["kind_nhood_enrichment", "spatial_neighbors"]));
    // What cannot be carried over is named.
    let notes = found["notes"].to_string();
    for name in ["obsm/frame", "obsp/columns", "varm/frame", "uns/kept_sparse"] {
        assert!(notes.contains(name), "{name}: {notes}");
    }
    ["PCs", "narrow"].iter().for_each(|name| yes("varm", name));
    ["connectivities", "distances", "dense"].iter().for_each(|name| yes("obsp", name));
    yes("varp", "correlation");
    assert!(!notes.contains("connectivities") && !notes.contains("PCs"), "{notes}");

    // What is damaged stays behind and costs nothing else.
    let (damaged, rest) = (folder.0.join("damaged.h5ad"), folder.0.join("rest.h5ad"));
    fs::copy(&file, &damaged)?;
    common::run_python("carried_over.py", &["damage", text(&damaged)]).ok_or("no answer")?;
    let output = metrics(&[text(&damaged), "--enrichment", "kind", "-o", text(&rest)]);
    done(&output);
    let notes = String::from_utf8(output.stderr)?;
    assert!(notes.contains("obsp/connectivities") && notes.contains("obsp/distances"), "{notes}");
    let carried = Dataset::open(Box::new(BytesSource::new(fs::read(&rest)?)))?.carried()?;
    let graph = ["obsp/spatial_connectivities", "obsp/spatial_distances"];
    let others = ["varm/PCs", "varm/narrow", "varp/correlation"];
    assert_eq!(carried.aligned, [&["obsp/dense"], &graph[..], &others[..]].concat());

    // Of another matrix, X becomes a layer.
    let more = ["--matrix", "layers/counts", "--autocorr", "-o", text(&counts)];
    done(&metrics(&[&[text(&file)], &more[..]].concat()));
    let found = compare(&counts).ok_or("no answer")?;
    assert_eq!(found["layers_new"], serde_json::json!(["X"]));
    assert_eq!((&found["X"], &found["layers"]["dense"]), (&false.into(), &true.into()));

    // Measured again, nothing of the first run is lost or doubled.
    let again = folder.0.join("again.h5ad");
    done(&metrics(&[text(&out), "--composition", "kind", "-o", text(&again)]));
    let found = common::run_python("carried_over.py", &["compare", text(&out), text(&again)]).ok_or("no answer")?;
    assert_eq!(found["uns"]["kind_nhood_enrichment"], true, "{found}");
    assert_eq!(found["obsp_new"], serde_json::json!([]));
    Ok(())
}

#[test]
fn squidpy_draws_ligands_and_receptors_by_the_lines_of_the_documentation() -> Outcome {
    let folder = Folder::new("metrics-ligrec");
    let (file, pairs, out) = (folder.0.join("in.h5ad"), folder.0.join("pairs.csv"), folder.0.join("out.h5ad"));
    section(&file, false)?;
    fs::write(&pairs, "ligand,receptor\nEPCAM,KRT8\nKRT8,NOISE\n")?;
    done(&metrics(&[
        text(&file),
        "--ligrec",
        "kind",
        "--pairs",
        text(&pairs),
        "--permutations",
        "99",
        "-o",
        text(&out),
    ]));
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spatial.md");
    let arguments = [text(&out), "kind", text(&docs), "EPCAM,KRT8", "KRT8,NOISE"];
    let Some(found) = common::run_python("draw_ligrec.py", &arguments) else {
        println!(
            "skipped: squidpy_draws_ligands_and_receptors_by_the_lines_of_the_documentation (no Python with anndata)"
        );
        return Ok(());
    };
    assert!(found["drawn"].as_u64() >= Some(1), "{found}");
    assert_eq!(found["rows"][0], found["rows"][1], "squidpy's own names of rows");
    assert_eq!(found["shape"], serde_json::json!([2, 9]));
    assert!(found["difference"].as_f64() < Some(1e-5), "{found}");
    Ok(())
}
