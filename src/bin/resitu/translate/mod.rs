//! `resitu translate`: dissociated cells as a spatial platform would show them, put on a reference section.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use resitu::Error;
use resitu::bundle::BundleError;
use resitu::genes::{KnownGenes, Species};
use resitu::io::{Dataset, IoError};
use resitu::progress::Progress;
use resitu::translate::{CheckReport, Options, TranslateError, Translator, block_on};

mod output;

use output::{Output, Summary, Target};

use crate::{device::DeviceChoice, failure::Failure, files::open_cells, watch::Watch};

/// The largest translator file that is read.
const MAX_MODEL_BYTES: u64 = 1 << 30;

/// Translate dissociated cells: expected counts on a spatial platform, neighbourhoods, and places on a reference section.
///
/// Progress goes to the standard error: a bar on a terminal, else lines of JSON. The result appears whole or not at all.
#[derive(clap::Args)]
pub struct Translate {
    /// Cells with raw counts: a file, an archive, a folder, or several files that belong together.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// A translator: a .resitu file.
    #[arg(short, long, value_name = "FILE")]
    model: PathBuf,
    /// Where to write: .h5ad, .csv, or .zip for both with a methods text. Default: NAME.translated.h5ad in the working directory.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Where the arithmetic runs.
    #[arg(long, value_enum, default_value = "cpu")]
    device: DeviceChoice,
    /// Use this matrix instead of the default: X, raw/X or layers/NAME.
    #[arg(long, value_name = "NAME")]
    matrix: Option<String>,
    /// Match the genes of a mouse file to a human translator, or the reverse, by their one-to-one orthologs.
    #[arg(long)]
    orthologs: bool,
    /// Kept in the result; nothing in a translation is drawn at random.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Only say what would be done, how long it would take and what is doubtful.
    #[arg(long)]
    check: bool,
    /// With --check: print JSON, with the fields of `CheckReport` of the JavaScript API.
    #[arg(long, requires = "check")]
    json: bool,
}

impl Translate {
    pub fn run(&self) -> Result<(), Failure> {
        // All that can be refused without reading the file, first.
        let target = Target::of(self.output.as_deref(), self.files.first().map_or(Path::new(""), PathBuf::as_path))?;
        let device = self.device.open()?;
        let translator = Translator::load(&read_model(&self.model)?, device, self.device.name())?;
        let mut cells = open_cells(&self.files)?;
        if let Some(name) = &self.matrix {
            cells.use_matrix(name)?;
        }
        if self.orthologs {
            // A translator whose own genes tell no species has no orthologs to be matched to.
            let to = translator.vocabulary().species().unwrap_or(Species::Other);
            cells.use_orthologs(&KnownGenes::packaged()?, to)?;
        }
        if self.check {
            return self.print_check(&translator, &cells);
        }
        self.translate(&translator, &cells, &target)
    }

    fn translate(&self, translator: &Translator, cells: &Dataset, target: &Target) -> Result<(), Failure> {
        let mut watch = Watch::new();
        let options = Options { seed: self.seed, ..Options::default() };
        let mut job = translator.start_streamed(cells, options).map_err(suggest_matrix)?;
        let mut output = Output::create(target, job.so_far(), cells)?;
        let mut summary = Summary::default();
        while !job.is_finished() {
            let step = block_on(job.step(translator, cells))?;
            if let Some(block) = job.take_block() {
                output.push(&block)?;
                summary.add(&block);
            }
            let progress = Progress { stage: "translating cells", done: step.done as u64, total: step.total as u64 };
            if watch.tick(progress).is_break() {
                return Err(Failure::Cancelled);
            }
        }
        let names = job.finish()?;
        output.finish(&names, &summary, cells)?;
        summary.print(&names, &target.path);
        Ok(())
    }

    fn print_check(&self, translator: &Translator, cells: &Dataset) -> Result<(), Failure> {
        let began = Instant::now();
        let now_ms = || began.elapsed().as_secs_f64() * 1e3;
        let report = block_on(translator.check(cells, &now_ms)).map_err(suggest_matrix)?;
        if self.json {
            let json = serde_json::to_string_pretty(&report).map_err(|e| IoError::WriteFailed(e.to_string()))?;
            println!("{json}");
        } else {
            print(&report);
        }
        Ok(())
    }
}

pub fn read_model(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |error: std::io::Error| IoError::ReadFailed(error.to_string());
    if fs::metadata(path).map_err(failed)?.len() > MAX_MODEL_BYTES {
        return Err(BundleError::TooLarge("the file").into());
    }
    Ok(fs::read(path).map_err(failed)?)
}

/// Says which matrix would do: errors themselves never name one, because layers bear names out of the person's file.
fn suggest_matrix(error: Error) -> Error {
    if let Error::Translate(TranslateError::NotCounts { instead: Some(name), .. }) = &error {
        eprintln!("note: {name} looks like counts; add --matrix '{name}'");
    }
    error
}

fn print(report: &CheckReport) {
    let genes = &report.genes;
    println!("cells        {}", report.cells);
    println!("values       {}", report.value_kind);
    println!("genes        {} of {} known to the translator, by {}", genes.matched, genes.total, genes.column);
    println!("             {} renamed, {} ambiguous, {} unknown", genes.renamed, genes.ambiguous, genes.unknown);
    println!("vocabulary   {} of {} found", genes.vocabulary_matched, genes.vocabulary_total);
    println!("counts       {:.1} % on known genes", genes.counts_matched * 100.0);
    println!("panel        {} genes not in the file", genes.panel_missing.len());
    for names in genes.panel_missing.chunks(10) {
        println!("             {}", names.join(", "));
    }
    println!("device       {}", report.device);
    println!("time         about {:.1} s", report.estimated_seconds);
    println!("memory       about {:.0} MB", report.estimated_bytes / 1e6);
    for warning in &report.warnings {
        println!("note         {warning}");
    }
}
