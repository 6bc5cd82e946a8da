//! Training cells: files → counts and tokens of one vocabulary.

use std::path::{Path, PathBuf};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::TrainError;
use super::config::Technology;
use crate::Error;
use crate::cells::Csr;
use crate::genes::{GeneMatch, GeneTable, Vocabulary};
use crate::io::{Dataset, FileSource};
use crate::rank::{RankEncoder, row_total};

/// Values to read at once: bounds the memory of a chunk, not of the corpus.
const VALUES_PER_CHUNK: usize = 8_000_000;

/// Where the data are: `$RESITU_DATA`, else `../shared/data`.
pub fn data_folder() -> PathBuf {
    std::env::var_os("RESITU_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from)
}

/// Opens a training file.
pub fn open(data: &Path, path: &str) -> Result<Dataset, Error> {
    let source =
        FileSource::open(&data.join(path)).map_err(|_| TrainError::BadData(format!("{path} could not be opened")))?;
    Ok(Dataset::open(Box::new(source))?)
}

/// The raw counts of some cells of a file, with the file's own genes.
pub struct RawCells {
    pub matrix: Csr,
    /// Candidates for gene names, as [`Dataset::var_columns`].
    pub names: Vec<(String, Vec<String>)>,
    /// The rows of the file that were kept, in order.
    pub rows: Vec<usize>,
}

impl RawCells {
    /// Reads the cells that `keep` answers true for, at most `limit` of them, drawn by `seed`.
    pub fn read(dataset: &Dataset, keep: impl Fn(usize) -> bool, limit: usize, seed: u64) -> Result<Self, Error> {
        let mut rows: Vec<usize> = (0..dataset.n_cells()).filter(|&row| keep(row)).collect();
        if rows.len() > limit {
            rows.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
            rows.truncate(limit);
            rows.sort_unstable();
        }
        let mut matrix = Csr::empty(dataset.n_genes());
        let mut wanted = rows.iter().peekable();
        let (mut start, mut chunk) = (0, Csr::empty(0));
        while start < dataset.n_cells() && wanted.peek().is_some() {
            let end = dataset.range_end(start, VALUES_PER_CHUNK)?;
            dataset.rows_into(start..end, &mut chunk)?;
            while let Some(&&row) = wanted.peek().filter(|&&&row| row < end) {
                let (columns, values) = chunk.row(row - start);
                matrix.push_row(columns.iter().copied().zip(values.iter().copied()))?;
                wanted.next();
            }
            start = end;
        }
        Ok(Self { matrix, names: dataset.var_columns().to_vec(), rows })
    }

    /// Ranked tokens (positions in the vocabulary) of every cell.
    pub fn tokens(&self, matching: &GeneMatch, vocabulary: &Vocabulary, max: usize) -> Result<Vec<Vec<u32>>, Error> {
        let mut encoder = RankEncoder::new(matching, vocabulary, max)?;
        (0..self.matrix.n_rows())
            .map(|row| {
                let (columns, values) = self.matrix.row(row);
                let mut tokens = Vec::new();
                encoder.encode(columns, values, row_total(values), &mut tokens)?;
                Ok(tokens)
            })
            .collect()
    }

    /// Dense counts of the panel's genes, cells × panel.
    pub fn panel_counts(&self, matching: &GeneMatch, panel: &[u32]) -> Vec<f32> {
        let mut counts = vec![0.0; self.matrix.n_rows() * panel.len()];
        let position: std::collections::HashMap<u32, usize> =
            panel.iter().enumerate().map(|(i, &gene)| (gene, i)).collect();
        for (row, cell) in counts.chunks_exact_mut(panel.len().max(1)).enumerate() {
            let (columns, values) = self.matrix.row(row);
            for (&column, &value) in columns.iter().zip(values) {
                let gene = matching.token_of.get(column as usize).copied().flatten();
                if let Some(&index) = gene.and_then(|gene| position.get(&gene)) {
                    cell[index] += value;
                }
            }
        }
        counts
    }
}

/// Detection and non-zero medians of every gene of a table, gathered over files.
///
/// Medians come from a histogram of 32 bins an octave (1 % wide), as exact as ranks need; Geneformer uses a t-digest.
pub struct GeneStatistics {
    bins: Vec<[u32; BINS]>,
    cells: usize,
}

const BINS: usize = 512;
const BINS_PER_OCTAVE: f64 = 32.0;
/// The lowest value of the histogram, in counts per 10,000.
const LOWEST: f64 = 0.05;

impl GeneStatistics {
    pub fn new(n_genes: usize) -> Self {
        Self { bins: vec![[0; BINS]; n_genes], cells: 0 }
    }

    /// Adds the cells of a file, whose genes are matched to the table.
    pub fn add(&mut self, cells: &RawCells, matching: &GeneMatch) {
        for row in 0..cells.matrix.n_rows() {
            let (columns, values) = cells.matrix.row(row);
            let total = row_total(values);
            if total <= 0.0 {
                continue;
            }
            self.cells += 1;
            for (&column, &value) in columns.iter().zip(values) {
                let gene = matching.token_of.get(column as usize).copied().flatten();
                if let (Some(gene), true) = (gene, value > 0.0) {
                    let scaled = f64::from(value) / total * 10_000.0;
                    let bin = ((scaled / LOWEST).log2() * BINS_PER_OCTAVE).clamp(0.0, (BINS - 1) as f64) as usize;
                    self.bins[gene as usize][bin] += 1;
                }
            }
        }
    }

    /// In how many of the cells the gene was seen.
    pub fn detected(&self, gene: usize) -> u32 {
        self.bins[gene].iter().sum()
    }

    /// The non-zero median in counts per 10,000; `None` if the gene was never seen.
    pub fn median(&self, gene: usize) -> Option<f32> {
        let half = self.detected(gene).div_ceil(2);
        let mut seen = 0;
        let bin = self.bins[gene].iter().position(|&count| {
            seen += count;
            seen >= half && half > 0
        })?;
        Some((LOWEST * ((bin as f64 + 0.5) / BINS_PER_OCTAVE).exp2()) as f32)
    }
}

/// The vocabulary: the panel's genes in their order, then those that most cells express, most first.
///
/// A gene of the panel that no dissociated cell shows gets the median of all medians.
pub fn choose_vocabulary(
    table: &GeneTable,
    panel: &[u32],
    statistics: &GeneStatistics,
    size: usize,
) -> Result<Vocabulary, Error> {
    let mut others: Vec<u32> = (0..table.genes().len() as u32)
        .filter(|gene| !panel.contains(gene) && statistics.detected(*gene as usize) > 0)
        .collect();
    others.sort_by_key(|&gene| (std::cmp::Reverse(statistics.detected(gene as usize)), gene));
    let chosen: Vec<u32> = panel.iter().copied().chain(others).take(size.max(panel.len())).collect();
    let mut medians: Vec<f32> = chosen.iter().filter_map(|&gene| statistics.median(gene as usize)).collect();
    medians.sort_unstable_by(f32::total_cmp);
    let usual = medians.get(medians.len() / 2).copied().unwrap_or(1.0);
    let pairs: Vec<(u32, f32)> =
        chosen.iter().map(|&gene| (gene, statistics.median(gene as usize).unwrap_or(usual))).collect();
    Ok(table.vocabulary(&pairs)?)
}

/// Reads the annotation tables named in the configuration.
pub fn gene_table(data: &Path, gencode: &str, hgnc: &str) -> Result<GeneTable, Error> {
    let read = |path: &str| -> Result<String, Error> {
        let bytes = std::fs::read(data.join(path)).map_err(|_| TrainError::NoFile("a gene table"))?;
        let mut text = String::new();
        if path.ends_with(".gz") {
            std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(bytes.as_slice()), &mut text)
                .map_err(|_| TrainError::NoFile("a gene table"))?;
        } else {
            text = String::from_utf8(bytes).map_err(|_| TrainError::NoFile("a gene table"))?;
        }
        Ok(text)
    };
    Ok(GeneTable::human(&read(gencode)?, &read(hgnc)?)?)
}

/// The technology's token type.
pub fn token_type(technology: Technology) -> i32 {
    technology as i32
}
