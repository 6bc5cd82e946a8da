//! `resitu simulate`: an example file of cells that nobody measured, and that says so.

use std::path::PathBuf;

use resitu::{
    cells::simulate::{NOTE, breast_tumour},
    io::write_simulated,
};

use crate::{failure::Failure, files::write_whole};

/// Write an example file of simulated cells of a human breast tumour (not measured data).
#[derive(clap::Args)]
pub struct Simulate {
    /// Number of cells.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    cells: u32,
    /// The same seed gives the same cells.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The .h5ad file to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Simulate {
    pub fn run(&self) -> Result<(), Failure> {
        let simulated = breast_tumour(self.cells as usize, self.seed)?;
        let n_genes = simulated.genes.len();
        let bytes = write_simulated(simulated, self.seed)?;
        write_whole(&self.output, &bytes)?;
        println!("wrote {} simulated cells × {n_genes} genes, {} bytes. {NOTE}", self.cells, bytes.len());
        Ok(())
    }
}
