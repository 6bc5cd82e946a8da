//! `resitu translate` from the outside: outputs, exit codes, progress and words.

use std::{
    fs,
    io::Read,
    path::PathBuf,
    process::{Command, Output},
};

use resitu::bundle::Bundle;
use resitu::cells::Csr;
use resitu::io::{Dataset, FileSource, H5adContents, Table, Values, write_h5ad};
use serde_json::Value;

use super::support::*;

/// A folder with a translator and a file of counts; it goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("resitu-translate-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let folder = Self(path);
        fs::write(folder.0.join("tiny.resitu"), Bundle::write(&draft(1)).unwrap()).unwrap();
        folder.save("cells.h5ad", &counts(250), None);
        folder
    }

    fn save(&self, name: &str, x: &Csr, layer: Option<&Csr>) {
        let table = |index: Vec<String>| Table { index, columns: Vec::new() };
        let contents = H5adContents {
            x: Values::Sparse(x),
            obs: table((0..x.n_rows()).map(|cell| format!("cell-{cell}")).collect()),
            var: table(gene_names()),
            layers: layer.map(|layer| ("counts".to_owned(), Values::Sparse(layer))).into_iter().collect(),
            obsm: Vec::new(),
            obsp: Vec::new(),
            uns: Vec::new(),
        };
        fs::write(self.0.join(name), write_h5ad(&contents).unwrap()).unwrap();
    }

    fn resitu(&self, arguments: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_resitu");
        Command::new(program).arg("translate").args(arguments).current_dir(&self.0).output().unwrap()
    }

    /// Names in the folder, hidden ones too.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_file_is_translated_to_h5ad_and_csv() {
    let folder = Folder::new("both");
    let output = folder.resitu(&["cells.h5ad", "--model", "tiny.resitu", "--seed", "5"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let source = FileSource::open(&folder.0.join("cells.translated.h5ad")).unwrap();
    let written = Dataset::open(Box::new(source)).unwrap();
    assert_eq!((written.n_cells(), written.n_genes()), (250, 7));
    assert!(text(&output.stdout).contains("250 (25 without counts of known genes)"), "{}", text(&output.stdout));
    let last = text(&output.stderr).lines().last().map(|line| serde_json::from_str::<Value>(line).unwrap()).unwrap();
    assert_eq!(
        (&last["stage"], &last["done"], &last["total"]),
        (&"translating cells".into(), &250.into(), &250.into())
    );

    let output = folder.resitu(&["cells.h5ad", "-m", "tiny.resitu", "-o", "cells.csv"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(fs::read_to_string(folder.0.join("cells.csv")).unwrap().lines().count(), 251);
    let output = folder.resitu(&["cells.h5ad", "-m", "tiny.resitu", "--output", "cells.zip"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut archive = zip::ZipArchive::new(fs::File::open(folder.0.join("cells.zip")).unwrap()).unwrap();
    let mut zipped = String::new();
    archive.by_name("cells.csv").unwrap().read_to_string(&mut zipped).unwrap();
    assert_eq!(zipped, fs::read_to_string(folder.0.join("cells.csv")).unwrap());
    assert_eq!(archive.by_name("cells.h5ad").unwrap().compression(), zip::CompressionMethod::Stored);
    assert!(archive.by_name("methods.md").unwrap().size() > 1_000);
    assert_eq!(
        folder.names(),
        ["cells.csv", "cells.h5ad", "cells.translated.h5ad", "cells.zip", "tiny.resitu"],
        "nothing is left over"
    );
}

#[test]
fn a_translated_file_is_measured_with_intervals_and_a_null() {
    let folder = Folder::new("draws");
    // Some cells have no counts: they have NaN for every gene and no position, and are left out.
    let all = counts(250);
    let empty: Vec<usize> = (0..all.n_rows()).filter(|&cell| all.row(cell).0.is_empty()).collect();
    assert!(!empty.is_empty());
    folder.save("cells.h5ad", &all, None);
    assert!(folder.resitu(&["cells.h5ad", "-m", "tiny.resitu"]).status.success());
    let metrics = |arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_resitu");
        Command::new(program).arg("metrics").args(arguments).current_dir(&folder.0).output().unwrap()
    };
    let asked = ["--autocorr", "--enrichment", "resitu_state", "--co-occurrence", "resitu_niche", "--draws", "20"];
    let measured = |out: &str| {
        let more = ["cells.translated.h5ad", "--null-from", "tiny.resitu", "--seed", "3", "-o", out];
        let output = metrics(&[&asked[..], &more].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        fs::read(folder.0.join(out)).unwrap()
    };
    let written = measured("first.json");
    assert_eq!(written, measured("second.json"), "the seed decides");
    let json: Value = serde_json::from_slice(&written).unwrap();
    let rows = json["draws"]["statistics"].as_array().unwrap();
    let of = |name: &str| rows.iter().filter(|row| row["statistic"] == name).collect::<Vec<_>>();
    // Seven genes; five states; three niches at 49 distances.
    assert_eq!([of("moranI").len(), of("enrichment_zscore").len(), of("co_occurrence").len()], [7, 25, 441]);
    let mut apart = 0;
    for row in of("moranI") {
        let [low, mean, high] = ["low", "mean", "high"].map(|name| row[name].as_f64().unwrap());
        assert!(low < high && (low..=high).contains(&mean), "{row}");
        assert_eq!(row["undefined"], 0.0);
        apart += usize::from(row["null_mean"].as_f64() != Some(mean));
    }
    assert_eq!(apart, 7);
    let observed = json["genes"].as_array().unwrap().iter().map(|gene| gene["moran"]["value"].as_f64());
    assert!(
        of("moranI").iter().map(|row| row["value"].as_f64()).eq(observed),
        "the value is that of the stored places"
    );

    let gene = json["genes"][0]["gene"].as_str().unwrap();
    let places = ["--niches", "resitu_state", "--niche-count", "3", "--local", gene, "--permutations", "0"];
    let pairs = format!("ligand,receptor\n{gene},{}\n", json["genes"][1]["gene"].as_str().unwrap());
    fs::write(folder.0.join("pairs.csv"), pairs).unwrap();
    let output = metrics(&[&["cells.translated.h5ad", "--draws", "20", "-o", "places.json"], &places[..]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let json: Value = serde_json::from_slice(&fs::read(folder.0.join("places.json")).unwrap()).unwrap();
    let rows = json["draws"]["statistics"].as_array().unwrap();
    let of = |name: &str| rows.iter().filter(|row| row["statistic"] == name).collect::<Vec<_>>();
    let lengths =
        ["niche_share", "niche_composition", "niche_stays", "local_moran", "g_star_z"].map(|name| of(name).len());
    assert_eq!(lengths, [3, 15, 250, 250, 250]);
    for (cell, row) in of("niche_stays").into_iter().enumerate() {
        match empty.contains(&cell) {
            true => assert!(row["mean"].is_null() && row["undefined"] == 20.0, "{row}"),
            // At the stored place every cell is in its own niche.
            false => assert!(row["value"] == 1.0 && (0.0..=1.0).contains(&row["mean"].as_f64().unwrap()), "{row}"),
        }
    }
    let shares: f64 = of("niche_share").iter().map(|row| row["mean"].as_f64().unwrap()).sum();
    assert!((shares - 1.0).abs() < 1e-9, "{shares}");

    let ligrec = ["cells.translated.h5ad", "--draws", "5", "--ligrec", "resitu_state", "--pairs", "pairs.csv"];
    let output = metrics(&ligrec);
    assert_eq!(output.status.code(), Some(2), "means of labels have no place: {}", text(&output.stderr));
    let output = metrics(&[&ligrec[..], &["--ligrec-between", "neighbours", "-o", "ligrec.json"]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let json: Value = serde_json::from_slice(&fs::read(folder.0.join("ligrec.json")).unwrap()).unwrap();
    let rows = json["draws"]["statistics"].as_array().unwrap();
    assert!(rows.len() == 25 && rows.iter().any(|row| row["low"].as_f64() < row["high"].as_f64()), "{rows:?}");

    let output = metrics(&[&asked[..], &["cells.translated.h5ad", "-o", "again.h5ad"]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    // The measured file still says where else its cells may be.
    let output = metrics(&["again.h5ad", "--draws", "20"]);
    assert!(
        output.status.success() && text(&output.stdout).contains("20 of the positions"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn the_check_writes_nothing() {
    let folder = Folder::new("check");
    let output = folder.resitu(&["cells.h5ad", "-m", "tiny.resitu", "--check", "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["cells"], &report["genes"]["vocabularyMatched"]), (&250.into(), &40.into()));
    assert_eq!(folder.names(), ["cells.h5ad", "tiny.resitu"]);
}

#[test]
fn refusals_have_a_code_a_hint_and_an_exit_code() {
    let folder = Folder::new("refusals");
    let refused = |arguments: &[&str], exit: i32, code: &str| {
        let output = folder.resitu(arguments);
        let words = text(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{words}");
        assert!(words.contains(&format!("error[{code}]: ")) && words.contains("\nhint: "), "{words}");
        words
    };
    refused(&["cells.h5ad", "-m", "cells.h5ad"], 3, "bundle.not-a-zip");
    refused(&["tiny.resitu", "-m", "tiny.resitu"], 3, "io.unknown-format");
    refused(&["cells.h5ad", "-m", "nothing.resitu"], 3, "io.read-failed");
    refused(&["cells.h5ad", "-m", "tiny.resitu", "-o", "cells.txt"], 2, "usage");
    if !cfg!(feature = "cuda") {
        refused(&["cells.h5ad", "-m", "tiny.resitu", "--device", "cuda"], 3, "device.not-built");
    }
    let (counts, log) = (counts(30), {
        let counts = counts(30);
        let (indptr, indices, values) = counts.parts();
        let values = values.iter().map(|value| (value * 1.7).ln_1p()).collect();
        Csr::new(counts.n_cols(), indptr.to_vec(), indices.to_vec(), values).unwrap()
    });
    folder.save("log.h5ad", &log, Some(&counts));
    let words = refused(&["log.h5ad", "-m", "tiny.resitu"], 3, "translate.not-counts");
    assert!(words.contains("--matrix 'layers/counts'"), "{words}");
    let output = folder.resitu(&["log.h5ad", "-m", "tiny.resitu", "--matrix", "layers/counts"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing_behind() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    let folder = Folder::new("cancel");
    folder.save("many.h5ad", &counts(60_000), None);
    let mut child = Command::new(env!("CARGO_BIN_EXE_resitu"))
        .args(["translate", "many.h5ad", "-m", "tiny.resitu"])
        .current_dir(&folder.0)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    // The first report of progress: the handler is in place and the work is under way.
    assert!(lines.next().unwrap().unwrap().contains("translating cells"));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(rest.iter().any(|line| line.contains("error[job.cancelled]")), "{rest:?}");
    assert_eq!(folder.names(), ["cells.h5ad", "many.h5ad", "tiny.resitu"]);
}
