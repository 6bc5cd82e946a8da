//! The file a translation goes to, written while cells are translated: a result may be larger than memory.

use std::path::{Path, PathBuf};

use resitu::Error;
use resitu::io::{Dataset, FileSink, IoError, Sink, Zip, ZipEntry};
use resitu::translate::{CsvRows, Format, H5adRows, NO_LABEL, Translation, ZIP_ENTRIES, close_zip};

use crate::{failure::Failure, files::unwritten};

/// Where a translation goes, and as what.
pub struct Target {
    pub path: PathBuf,
    pub format: Format,
}

impl Target {
    /// By the name given, else `NAME.translated.h5ad` in the working directory.
    pub fn of(output: Option<&Path>, input: &Path) -> Result<Self, Failure> {
        let path = match (output, input.file_stem()) {
            (Some(output), _) => output.to_owned(),
            (None, Some(stem)) => {
                let mut name = stem.to_owned();
                name.push(".translated.h5ad");
                PathBuf::from(name)
            }
            (None, None) => PathBuf::from("translated.h5ad"),
        };
        let extension = path.extension().map(|extension| extension.to_ascii_lowercase());
        match extension.as_deref().and_then(|extension| extension.to_str()).and_then(Format::of_extension) {
            Some(format) => Ok(Self { path, format }),
            None => Err(Failure::Usage {
                sentence: "The output is none of .h5ad, .csv and .zip.".into(),
                hint: "Name the output OUT.h5ad, OUT.csv or OUT.zip (both, and a methods text).",
            }),
        }
    }
}

/// A file under construction; it appears when it is finished.
pub enum Output {
    H5ad(Box<H5adRows<FileSink>>),
    Csv(CsvRows<FileSink>),
    /// A zip takes one entry after the other: the table waits beside it.
    Zip {
        h5ad: Box<H5adRows<ZipEntry<FileSink>>>,
        csv: CsvRows<FileSink>,
    },
}

impl Output {
    /// Begins the file; `names` is a translation without rows.
    pub fn create(target: &Target, names: &Translation, cells: &Dataset) -> Result<Self, Error> {
        let sink = FileSink::create(&target.path).map_err(unwritten)?;
        Ok(match target.format {
            Format::H5ad => Self::H5ad(Box::new(H5adRows::start(sink, names, cells)?)),
            Format::Csv => Self::Csv(CsvRows::start(sink, names, cells)?),
            Format::Zip => {
                let entry = Zip::new(sink).store(ZIP_ENTRIES[0]).map_err(unwritten)?;
                let beside = FileSink::create(&target.path.with_extension("zip.csv")).map_err(unwritten)?;
                Self::Zip {
                    h5ad: Box::new(H5adRows::start(entry, names, cells)?),
                    csv: CsvRows::start(beside, names, cells)?,
                }
            }
        })
    }

    /// Adds the next cells.
    pub fn push(&mut self, block: &Translation) -> Result<(), IoError> {
        let rows = 0..block.n_cells;
        match self {
            Self::H5ad(h5ad) => h5ad.push(block, rows),
            Self::Csv(csv) => csv.push(block, rows),
            Self::Zip { h5ad, csv } => {
                h5ad.push(block, rows.clone())?;
                csv.push(block, rows)
            }
        }
    }

    /// Ends the file and puts it in its place; `names` is the translation without rows, with its provenance.
    pub fn finish(self, names: &Translation, summary: &Summary, cells: &Dataset) -> Result<(), Error> {
        let sink = match self {
            Self::H5ad(h5ad) => h5ad.finish(names, cells)?,
            Self::Csv(csv) => csv.finish()?,
            Self::Zip { h5ad, csv } => {
                let zip = h5ad.finish(names, cells)?.finish().map_err(unwritten)?;
                let mut entry = zip.deflate(ZIP_ENTRIES[1]).map_err(unwritten)?;
                csv.finish()?.read_back(&mut |bytes| entry.append(bytes)).map_err(unwritten)?;
                let zip = entry.finish().map_err(unwritten)?;
                close_zip(zip, names, summary.n_cells, cells.n_genes())?
            }
        };
        Ok(sink.finish().map_err(unwritten)?)
    }
}

/// What is said of a translation at the end, gathered from its blocks: 5 bytes a cell.
#[derive(Default)]
pub struct Summary {
    pub n_cells: usize,
    confidence: Vec<f32>,
    in_niche: Vec<usize>,
}

impl Summary {
    pub fn add(&mut self, block: &Translation) {
        self.n_cells += block.n_cells;
        self.confidence.extend(block.confidence.iter().filter(|value| !value.is_nan()));
        self.in_niche.resize(block.niches.len(), 0);
        for niche in block.niche.iter().filter(|niche| **niche != NO_LABEL) {
            if let Some(cells) = self.in_niche.get_mut(usize::from(*niche)) {
                *cells += 1;
            }
        }
    }

    pub fn print(&mut self, names: &Translation, out: &Path) {
        let from = &names.provenance;
        self.confidence.sort_unstable_by(f32::total_cmp);
        println!("cells        {} ({} without counts of known genes)", self.n_cells, names.empty_cells);
        println!("genes        {} matched, {:.1} % of the counts", from.genes_matched, from.counts_matched * 100.0);
        if let Some(median) = self.confidence.get(self.confidence.len() / 2) {
            println!("confidence   {median:.2} (median; cells of the tissue that the translator knows have 0.5)");
        }
        for (name, cells) in names.niches.iter().zip(&self.in_niche) {
            println!("niche        {name}: {cells} cells");
        }
        println!("written      {}", out.display());
    }
}
