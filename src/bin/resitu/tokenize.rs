//! `resitu tokenize`: what a translator's network reads of cells, and makes of them before any head.

use std::path::PathBuf;

use resitu::io::IoError;
use resitu::translate::{Embedded, Translator, block_on};

use crate::{
    device::DeviceChoice,
    failure::Failure,
    files::{open_cells, write_whole},
    translate::read_model,
};

/// Write the rank-value tokens of cells, and the network's pooled hidden states, as JSON.
///
/// The same as `translator.embed` of the JavaScript API: { tokens, hidden, width }, with hidden states row by row and
/// null in those of a cell without tokens.
#[derive(clap::Args)]
pub struct Tokenize {
    /// Cells with raw counts: a file, an archive, a folder, or several files that belong together.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// A translator: a .resitu file.
    #[arg(short, long, value_name = "FILE")]
    model: PathBuf,
    /// The first cell, counted from 0.
    #[arg(long, default_value_t = 0)]
    start: usize,
    /// Number of cells.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=4096))]
    count: u32,
    /// Where the arithmetic runs.
    #[arg(long, value_enum, default_value = "cpu")]
    device: DeviceChoice,
    /// Where to write. Default: the standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Tokenize {
    pub fn run(&self) -> Result<(), Failure> {
        let translator = Translator::load(&read_model(&self.model)?, self.device.open()?, self.device.name())?;
        let cells = open_cells(&self.files)?;
        let rows = self.start..self.start.saturating_add(self.count as usize);
        let embedded: Embedded = block_on(translator.embed_cells(&cells, rows))?;
        let json = serde_json::to_vec(&embedded).map_err(|error| IoError::WriteFailed(error.to_string()))?;
        match &self.output {
            Some(out) => write_whole(out, &json)?,
            None => println!("{}", String::from_utf8_lossy(&json)),
        }
        Ok(())
    }
}
