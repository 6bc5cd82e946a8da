//! `resitu inspect`: what a file holds, before anything is done with it.

use std::path::PathBuf;

use resitu::io::{IoError, Summary};

use crate::{failure::Failure, files::open_cells};

/// Say what a file holds: cells, genes, matrices, labels and coordinates.
#[derive(clap::Args)]
pub struct Inspect {
    /// An .h5ad file.
    file: PathBuf,
    /// Print JSON, with the fields of `CellsSummary` of the JavaScript API.
    #[arg(long)]
    json: bool,
    /// Look at this matrix instead of the default: X, raw/X or layers/NAME.
    #[arg(long, value_name = "NAME")]
    matrix: Option<String>,
}

impl Inspect {
    pub fn run(&self) -> Result<(), Failure> {
        let mut cells = open_cells(&self.file)?;
        if let Some(name) = &self.matrix {
            cells.use_matrix(name)?;
        }
        let summary = cells.summary()?;
        if self.json {
            let json = serde_json::to_string_pretty(&summary).map_err(|e| IoError::WriteFailed(e.to_string()))?;
            println!("{json}");
        } else {
            print(&summary);
            let candidates = cells.var_columns().iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
            println!("gene names   {} (of {})", summary.gene_names_from, candidates.join(", "));
            for note in &summary.notes {
                println!("note         {note}");
            }
        }
        Ok(())
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
    println!("coordinates  {}", summary.coordinates.as_deref().unwrap_or("none"));
}
