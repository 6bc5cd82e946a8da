//! The training steps from the outside, on simulated cells: from files to a translator, twice the same.

mod common;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use common::Folder;

use resitu::bundle::Bundle;
use resitu::cells::simulate::{Simulated, breast_tumour};
use resitu::cells::{Column, Csr};
use resitu::io::{Embedding, H5adContents, Numbers, Table, Values, write_h5ad};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Genes of the simulated panel.
const PANEL: usize = 60;

/// The first genes of simulated cells as a section: cells in bands by type, so that neighbourhoods mean something.
fn section(path: &Path, cells: usize, seed: u64) -> Outcome {
    let simulated = breast_tumour(cells, seed)?;
    let mut panel = Csr::empty(PANEL);
    for cell in 0..cells {
        let (columns, values) = simulated.counts.row(cell);
        let on_panel = columns.iter().zip(values).filter(|(column, _)| (**column as usize) < PANEL);
        panel.push_row(on_panel.map(|(column, value)| (*column, *value)))?;
    }
    let Column::Categorical { codes, .. } = &simulated.labels else { return Err("the labels are categorical".into()) };
    let xy: Vec<f64> = codes
        .iter()
        .enumerate()
        .flat_map(|(i, &code)| [f64::from(code) * 50.0 + (i % 7) as f64 * 3.1, (i / 7) as f64 * 4.3])
        .collect();
    let spatial = ("spatial".to_owned(), Embedding { width: 2, values: Numbers::F64(&xy) });
    write(path, Values::Sparse(&panel), &simulated, PANEL, vec![spatial])
}

fn write(path: &Path, x: Values, cells: &Simulated, genes: usize, obsm: Vec<(String, Embedding)>) -> Outcome {
    let bytes = write_h5ad(&H5adContents {
        x,
        obs: Table { index: cells.names.clone(), columns: vec![("label".to_owned(), cells.labels.clone())] },
        var: Table { index: cells.genes[..genes].to_vec(), columns: Vec::new() },
        layers: Vec::new(),
        obsm,
        obsp: Vec::new(),
        uns: Vec::new(),
    })?;
    Ok(fs::write(path, bytes)?)
}

/// Data, gene tables and a configuration small enough for seconds.
fn prepare(folder: &Path) -> Outcome {
    let cells = breast_tumour(120, 1)?;
    write(&folder.join("sc.h5ad"), Values::Sparse(&cells.counts), &cells, cells.genes.len(), Vec::new())?;
    for (name, seed) in [("reference", 2), ("validation", 3), ("test", 4)] {
        section(&folder.join(format!("{name}.h5ad")), 230, seed)?;
    }
    let ids: Vec<String> = cells.genes.iter().enumerate().map(|(i, gene)| format!("ENSG{i:011},{gene}\n")).collect();
    fs::write(folder.join("gencode.csv"), ids.concat())?;
    fs::write(folder.join("hgnc.tsv"), "symbol\tstatus\talias_symbol\tprev_symbol\tensembl_gene_id\n")?;
    let about = "source = \"simulated\"\nlicence = \"none\"\nurl = \"none\"\n";
    let sections = ["reference", "validation", "test"].map(|role| {
        format!("[[section]]\npath = \"{role}.h5ad\"\nname = \"{role}\"\nrole = \"{role}\"\nneighbours = 8\n{about}")
    });
    let markers = [&cells.genes[0], &cells.genes[PANEL / 2]];
    let config = format!(
        "name = \"tiny\"\nspecies = \"human\"\ntissue = \"simulated\"\nseed = 3\n\
         [genes]\ngencode = \"gencode.csv\"\nhgnc = \"hgnc.tsv\"\n[vocabulary]\nsize = 200\n\
         [encoder]\nlayers = 1\nhidden = 32\nheads = 2\nfeed_forward = 32\nmax_tokens = 40\n\
         [pretrain]\nsteps = 3\ncells_per_step = 8\nlearning_rate = 1e-3\nmasked_share = 0.15\n\
         [finetune]\nreads = \"panel\"\ntoken_dropout = 0.2\nsteps = 4\ndissociated_per_step = 4\nspatial_per_step = 8\nlearning_rate = 1e-3\ncritic_steps = 2\n\
         critic_learning_rate = 1e-3\ncritic_hidden = 8\nexpression_hidden = 16\nniche_embedding = 8\nvalidate_every = 2\n\
         validation_cells = 40\n[finetune.weights]\nreconstruction = 1.0\nniche = 1.0\nstate = 0.5\ncontrast = 0.3\n\
         adversarial = 0.3\ndomain = 0.3\n\
         [[dissociated]]\npath = \"sc.h5ad\"\ntest_share = 0.3\nvalidation_share = 0.2\nshare_of_batch = 1.0\n\
         state = \"first\"\n{about}{}\
         [states]\nclusters = 4\nniches = 3\n[states.markers]\nfirst = [\"{}\"]\nsecond = [\"{}\"]\n",
        sections.concat(),
        markers[0],
        markers[1]
    );
    Ok(fs::write(folder.join("tiny.toml"), config)?)
}

fn resitu(folder: &Path, arguments: &[&str]) -> Result<Output, std::io::Error> {
    Command::new(env!("CARGO_BIN_EXE_resitu")).current_dir(folder).env("RESITU_DATA", folder).args(arguments).output()
}

fn succeed(folder: &Path, arguments: &[&str]) -> Result<String, Box<dyn std::error::Error>> {
    let output = resitu(folder, arguments)?;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

#[test]
fn files_become_a_translator_and_the_same_seed_the_same_one() -> Outcome {
    let folder = Folder::new("training");
    let path = &folder.0;
    prepare(path)?;
    let with = ["--config", "tiny.toml"];
    let mut bundles = Vec::new();
    for run in ["a", "b"] {
        let [base, tuned, plain] = ["base", "tuned", "plain"].map(|name| format!("{name}-{run}"));
        let (scores, bundle) = (format!("{run}.json"), format!("{run}.resitu"));
        succeed(path, &[&["pretrain"], &with[..], &["-o", &base]].concat())?;
        let said = succeed(path, &[&["finetune"], &with[..], &["--base", &base, "-o", &tuned]].concat())?;
        assert!(said.contains("kept the weights of step"), "{said}");
        let flags = ["--base", &base, "--without-critics", "-o", &plain];
        succeed(path, &[&["finetune"], &with[..], &flags].concat())?;
        let flags = [tuned.as_str(), "--without-critics", &plain, "-o", &scores];
        let table = succeed(path, &[&["evaluate"], &with[..], &flags].concat())?;
        for method in ["resitu without critics", "random reference cell of the same state", "mean profile"] {
            assert!(table.contains(method), "{table}");
        }
        succeed(path, &[&["quantize"], &with[..], &[&tuned, "--scores", &scores, "-o", &bundle]].concat())?;
        bundles.push(fs::read(path.join(bundle))?);
    }
    let bundle = Bundle::read(&bundles[0])?;
    assert_eq!(bundle.manifest.description.panel.len(), PANEL);
    assert_eq!(bundle.reference.len(), 230);
    assert!(bundle.model_card.contains("Research use only"));
    assert!(bundles[0] == bundles[1], "two runs with one seed differ");
    Ok(())
}

#[test]
fn mistakes_have_a_code_and_leave_nothing_behind() -> Outcome {
    let folder = Folder::new("training-mistakes");
    let path = &folder.0;
    prepare(path)?;
    let fails = |arguments: &[&str], code: &str, exit: i32| -> Outcome {
        let output = resitu(path, arguments)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(&format!("error[{code}]")), "{arguments:?}: {said}");
        assert_eq!(output.status.code(), Some(exit), "{said}");
        Ok(())
    };
    fails(&["pretrain", "--config", "absent.toml", "-o", "x"], "train.no-file", 3)?;
    fails(&["finetune", "--config", "tiny.toml", "--base", "absent", "-o", "x"], "train.no-file", 3)?;
    let config = fs::read_to_string(path.join("tiny.toml"))?;
    fs::write(path.join("twice.toml"), config.replace("role = \"test\"", "role = \"reference\""))?;
    fails(&["pretrain", "--config", "twice.toml", "-o", "x"], "train.bad-config", 3)?;
    fs::write(path.join("gone.toml"), config.replace("sc.h5ad", "gone.h5ad"))?;
    fails(&["pretrain", "--config", "gone.toml", "-o", "x"], "train.bad-data", 3)?;
    if !cfg!(feature = "cuda") {
        fails(&["pretrain", "--config", "tiny.toml", "--device", "cuda", "-o", "x"], "device.not-built", 3)?;
    }
    assert!(!path.join("x").exists());
    Ok(())
}
