//! `resitu inspect`: what a file holds, before anything is done with it.

use std::path::PathBuf;

use resitu::genes::{KnownGenes, Species};
use resitu::io::{Dataset, GeneSummary, IoError, Quality, Summary};
use resitu::progress::Progress;
use serde::Serialize;

use crate::{failure::Failure, files::open_cells, watch::Watch};

/// Say what a file holds: cells, genes, matrices, labels and coordinates.
#[derive(clap::Args)]
pub struct Inspect {
    /// A file of cells, an archive, a folder, or several files that belong together.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print JSON, with the fields of `CellsSummary` of the JavaScript API.
    #[arg(long)]
    json: bool,
    /// Look at this matrix instead of the default: X, raw/X or layers/NAME.
    #[arg(long, value_name = "NAME")]
    matrix: Option<String>,
    /// Look the genes up as genes of this species instead of the one that their names tell.
    #[arg(long, value_name = "SPECIES", value_parser = species)]
    species: Option<Species>,
    /// Look at the values of all cells, not of a sample.
    #[arg(long)]
    full: bool,
}

/// What is printed as JSON: a `CellsSummary` with the `GeneSummary` in it.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    summary: &'a Summary,
    genes: &'a GeneSummary,
}

fn species(name: &str) -> Result<Species, &'static str> {
    Species::from_name(name).ok_or("it is neither human nor mouse")
}

impl Inspect {
    pub fn run(&self) -> Result<(), Failure> {
        let mut cells = open_cells(&self.files)?;
        if let Some(name) = &self.matrix {
            cells.use_matrix(name)?;
        }
        let mut summary = cells.summary()?;
        if self.full {
            summary.quality = scan(&cells)?;
        }
        let genes = cells.gene_summary(&KnownGenes::packaged()?, self.species)?;
        if self.json {
            let report = Report { summary: &summary, genes: &genes };
            let json = serde_json::to_string_pretty(&report).map_err(|e| IoError::WriteFailed(e.to_string()))?;
            println!("{json}");
        } else {
            print(&summary);
            let candidates = cells.var_columns().iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
            println!("gene names   {} (of {})", summary.gene_names_from, candidates.join(", "));
            print_genes(&genes);
            for note in &summary.notes {
                println!("note         {note}");
            }
        }
        Ok(())
    }
}

/// What is odd, after a pass over all values.
fn scan(cells: &Dataset) -> Result<Quality, Failure> {
    let (mut watch, mut scan) = (Watch::new(), cells.scan_values());
    loop {
        let (done, total) = (scan.step(cells)?, cells.n_cells());
        let progress = Progress { stage: "looking at values", done: done as u64, total: total as u64 };
        if watch.tick(progress).is_break() {
            return Err(Failure::Cancelled);
        }
        if done == total {
            return Ok(cells.quality_of(scan.seen())?);
        }
    }
}

fn print_quality(quality: &Quality, n_cells: usize) {
    let all = quality.sampled_cells == n_cells;
    let of = if all { "all".to_owned() } else { format!("a sample of {}", quality.sampled_cells) };
    let Quality { nan_values, infinite_values, negative_values, empty_cells, zero_genes, .. } = quality;
    println!("values       of {of} cells: {nan_values} NaN, {infinite_values} infinite, {negative_values} negative");
    println!("             {empty_cells} empty cells, {zero_genes} genes without a count");
    println!("duplicates   {} names of cells, {} of genes", quality.duplicate_cells, quality.duplicate_genes);
    if quality.missing_positions > 0 {
        println!("positions    {} of {n_cells} missing", quality.missing_positions);
    }
    if let Some(name) = &quality.instead {
        println!("instead      --matrix {name}: it looks like counts");
    }
}

fn print(summary: &Summary) {
    println!("format       {}", summary.format);
    println!("cells        {}", summary.n_cells);
    println!("genes        {}", summary.n_genes);
    for matrix in &summary.matrices {
        let mark = if matrix.name == summary.matrix { " (in use)" } else { "" };
        println!("matrix       {}: {}{mark}", matrix.name, matrix.value_kind);
    }
    for label in &summary.labels {
        println!("label        {} ({} levels)", label.name, label.levels);
    }
    print_quality(&summary.quality, summary.n_cells);
    println!("coordinates  {}", summary.coordinates.as_deref().unwrap_or("none"));
}

fn print_genes(genes: &GeneSummary) {
    let GeneSummary { total, matched, renamed, ambiguous, unknown, duplicates, from_other_columns, .. } = genes;
    println!("species      {}: {}", genes.species.unwrap_or("not told"), genes.species_reason);
    println!("gene match   {matched} of {total} by {}: {renamed} renamed, {duplicates} duplicates", genes.column);
    if *from_other_columns > 0 {
        println!("             {from_other_columns} of them by the name in another column");
    }
    println!("             {ambiguous} ambiguous, {unknown} unknown{}", examples(&genes.first_unknown));
    println!("             {} have a one-to-one ortholog between human and mouse", genes.with_ortholog);
    if let Some(share) = genes.counts_matched {
        println!("             {:.1} % of the counts of {} sampled cells", share * 100.0, genes.sampled_cells);
    }
}

fn examples(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!(", such as {}", names.join(", ")) }
}
