//! An annotated matrix in a file, opened without reading its values.

use std::ops::Range;

use super::{
    Coordinates, FileSet, IoError, Source, archive,
    matrix::{WINDOW, check_stored},
    reader::Reader,
    recognise::recognise,
    rows::{Rows, range_end},
    table::{ColumnInfo, ColumnKind},
    values::{ValueKind, ValueSample},
};
use crate::cells::{Column, Csr};

/// One matrix that the file offers.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixInfo {
    /// `X`, `raw/X` or `layers/NAME`.
    pub name: String,
    pub value_kind: ValueKind,
    pub n_genes: usize,
    /// What the kind was told from.
    pub sample: ValueSample,
}

/// Cells in a file: names and annotations at hand, values by ranges of rows.
///
/// Opening reads the headers, the gene names and a sample of at most 2,000 rows of each matrix. Whatever the file
/// claims, no allocation exceeds what its size can justify.
pub struct Dataset {
    reader: Box<dyn Reader>,
    matrices: Vec<MatrixInfo>,
    in_use: usize,
    matrix: Box<dyn Rows>,
    var_columns: Vec<(String, Vec<String>)>,
    genes_from: usize,
    /// `var_columns` by the names of another species, when the genes are to be matched by them; else empty.
    pub(super) orthologs: Vec<(String, Vec<String>)>,
    notes: Vec<String>,
}

const SAMPLE_ROWS: usize = 2_000;
const SAMPLE_BLOCKS: usize = 20;
/// Values of a dense matrix to sample at most: more would mean inflating much of the file.
const SAMPLE_VALUES: usize = 16_000_000;
/// Text of `var` held in memory.
const MAX_VAR_TEXT_BYTES: usize = 256 << 20;

impl Dataset {
    /// Opens one file, whatever its format; see [`Dataset::open_files`].
    pub fn open(source: Box<dyn Source>) -> Result<Self, IoError> {
        Self::open_files(FileSet::single("", source))
    }

    /// Opens a file, or several that belong together, in the format that their bytes and names show.
    ///
    /// # Errors
    /// `io.unknown-format`, `io.not-hdf5`, `io.truncated`, `io.not-h5ad`, `io.no-matrix`, `io.unsupported-filter`,
    /// `io.bad-structure`, `io.too-large`, `io.read-failed`.
    pub fn open_files(files: FileSet) -> Result<Self, IoError> {
        let files = archive::expand(files)?;
        let reader = match recognise(&files) {
            // Perhaps it is in archives inside of the archive or the folder.
            Err(IoError::UnknownFormat) => recognise(&archive::expand_inner(&files)?.ok_or(IoError::UnknownFormat)?)?,
            found => found?,
        };
        let mut notes = reader.notes();
        let (matrices, matrix) = survey(&*reader, &mut notes)?;
        let mut dataset = Self {
            reader,
            matrices,
            in_use: 0,
            matrix,
            var_columns: Vec::new(),
            genes_from: 0,
            orthologs: Vec::new(),
            notes,
        };
        let skipped = [("obs", dataset.reader.obs().n_skipped()), ("var", dataset.read_var()?)];
        for (name, n_skipped) in skipped.into_iter().filter(|(_, n_skipped)| *n_skipped > 0) {
            dataset.notes.push(format!("{n_skipped} columns of {name} have a form that resitu does not read."));
        }
        dataset.note_better_matrix();
        if dataset.is_simulated()? {
            dataset.notes.push(crate::cells::simulate::NOTE.to_owned());
        }
        Ok(dataset)
    }

    /// Number of cells.
    pub fn n_cells(&self) -> usize {
        self.reader.obs().n_rows()
    }

    /// Number of genes of the matrix in use.
    pub fn n_genes(&self) -> usize {
        self.matrix.n_cols()
    }

    /// The file format.
    pub fn format(&self) -> &'static str {
        self.reader.format()
    }

    /// Sentences for people about everything that was ambiguous or left out.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether resitu's simulator made the cells, as it writes into the file.
    pub fn is_simulated(&self) -> Result<bool, IoError> {
        self.reader.is_simulated()
    }

    /// Names of the cells.
    pub fn obs_names(&self) -> Result<Vec<String>, IoError> {
        self.reader.obs().index()
    }

    /// The annotations of the cells.
    pub fn obs_columns(&self) -> &[ColumnInfo] {
        self.reader.obs().columns()
    }

    /// One annotation of the cells. Errors: `io.no-such-name`, and those of reading.
    pub fn obs_column(&self, name: &str) -> Result<Column, IoError> {
        self.reader.obs().column(name)
    }

    /// Candidates for gene names, for the matrix in use: the index of `var` first, then its columns of text.
    pub fn var_columns(&self) -> &[(String, Vec<String>)] {
        &self.var_columns
    }

    /// The gene names in use, one a column of the matrix.
    pub fn gene_names(&self) -> &[String] {
        self.var_columns.get(self.genes_from).map_or(&[], |(_, names)| names)
    }

    /// The `var` column that the gene names are taken from.
    pub fn gene_names_from(&self) -> &str {
        self.var_columns.get(self.genes_from).map_or("", |(name, _)| name)
    }

    /// Takes the gene names from another column of [`Dataset::var_columns`].
    pub fn use_gene_names(&mut self, column: &str) -> Result<(), IoError> {
        self.genes_from = self.var_columns.iter().position(|(name, _)| name == column).ok_or(IoError::NoSuchName)?;
        Ok(())
    }

    /// Where [`Dataset::coordinates`] would come from.
    pub fn coordinates_key(&self) -> Option<&str> {
        self.reader.coordinates_key()
    }

    /// The positions of the cells, if the file has any.
    pub fn coordinates(&self) -> Result<Option<Coordinates>, IoError> {
        self.reader.coordinates()
    }

    /// An entry of `obsm`: its width, and its values row by row. `None` where the format has no such entries, or the file none
    /// of that name with a row of numbers for every cell.
    ///
    /// # Errors
    /// Those of reading; `io.too-large` if it does not fit the memory.
    pub fn embedding(&self, name: &str) -> Result<Option<(usize, Vec<f32>)>, IoError> {
        self.reader.embedding(name)
    }

    /// The width of what [`Dataset::embedding`] would give; nothing is read but what the file says of it.
    ///
    /// # Errors
    /// Those of reading.
    pub fn embedding_width(&self, name: &str) -> Result<Option<usize>, IoError> {
        self.reader.embedding_width(name)
    }

    /// The file itself.
    pub(super) fn reader(&self) -> &dyn Reader {
        &*self.reader
    }

    /// Every matrix that the file offers; the first is the default.
    pub fn matrices(&self) -> &[MatrixInfo] {
        &self.matrices
    }

    /// The matrix in use.
    pub fn matrix_name(&self) -> &str {
        self.matrices.get(self.in_use).map_or("", |matrix| &matrix.name)
    }

    /// What the values of the matrix in use look like.
    pub fn value_kind(&self) -> ValueKind {
        self.matrices.get(self.in_use).map_or(ValueKind::Unknown, |matrix| matrix.value_kind)
    }

    /// Uses another matrix; `raw/X` has genes of its own. The choice of gene names and orthologs starts anew.
    pub fn use_matrix(&mut self, name: &str) -> Result<(), IoError> {
        let chosen = self.matrices.iter().position(|matrix| matrix.name == name).ok_or(IoError::NoSuchName)?;
        self.matrix = self.reader.matrix(name)?.ok_or(IoError::NoMatrix)?;
        self.in_use = chosen;
        self.read_var().map(|_| ())
    }

    /// The cells `rows` of the matrix in use: cells × genes. At most 67 million values at once.
    ///
    /// Dense and CSR files are read where the rows lie. A CSC file costs one pass for every 16 million values, which
    /// rows asked for in order share.
    pub fn rows(&self, rows: Range<usize>) -> Result<Csr, IoError> {
        if rows.start > rows.end || rows.end > self.matrix.n_rows() {
            return Err(IoError::bad("the matrix", "rows outside it were asked for"));
        }
        self.matrix.rows(rows)
    }

    /// [`Dataset::rows`] in place of what `part` holds. A pass over a file that gives the same part each time is spared
    /// new memory for each range, which costs about as much as reading an uncompressed file.
    ///
    /// # Errors
    /// Those of [`Dataset::rows`]. What `part` then holds is a matrix, but not one of the file's.
    pub fn rows_into(&self, rows: Range<usize>, part: &mut Csr) -> Result<(), IoError> {
        if rows.start > rows.end || rows.end > self.matrix.n_rows() {
            return Err(IoError::bad("the matrix", "rows outside it were asked for"));
        }
        self.matrix.rows_into(rows, part)
    }

    /// Values of some genes (columns of the matrix in use) in the cells `rows`, row-major: zero where none is stored,
    /// repeated ones summed. Reads less than [`Dataset::rows`] where the storage allows: a CSC or loom file has the genes
    /// side by side, a dense one needs no sparse rows made of it.
    ///
    /// # Errors
    /// Those of [`Dataset::rows`]; `io.bad-structure` for a gene that is not there; `io.too-large` for more than 67 million
    /// values.
    pub fn expression(&self, genes: &[u32], rows: Range<usize>) -> Result<Vec<f32>, IoError> {
        let is_there = rows.start <= rows.end && rows.end <= self.matrix.n_rows();
        if !is_there || genes.iter().any(|gene| *gene as usize >= self.n_genes()) {
            return Err(IoError::bad("the matrix", "cells or genes outside it were asked for"));
        }
        let count = rows.len().saturating_mul(genes.len());
        check_stored(count)?;
        let mut values = vec![0.0; count];
        if count > 0 {
            self.matrix.columns(rows, genes, &mut values)?;
        }
        Ok(values)
    }

    /// The end of the next range of cells from `start` for [`Dataset::expression`] of as many genes, in about as much
    /// memory as `max_values` take; at least one cell.
    pub fn expression_end(&self, start: usize, n_genes: usize, max_values: usize) -> Result<usize, IoError> {
        let (next, n_rows) = (start.saturating_add(1), self.matrix.n_rows());
        Ok(self.matrix.columns_end(start, n_genes, max_values)?.clamp(next.min(n_rows), n_rows))
    }

    /// Whether cells can be read in any order at the same cost. In a CSC file each jump costs a pass over it.
    pub fn is_row_wise(&self) -> bool {
        self.matrix.is_row_wise()
    }

    /// The end of the longest range of cells from `start` that stores at most `max_values` values; at least one cell.
    pub fn range_end(&self, start: usize, max_values: usize) -> Result<usize, IoError> {
        range_end(&*self.matrix, start, max_values)
    }

    /// Gives the number of columns that could not be read.
    fn read_var(&mut self) -> Result<usize, IoError> {
        let var = self.reader.var(self.matrix_name())?;
        if var.n_rows() != self.n_genes() {
            return Err(IoError::bad("var", "it and the matrix differ in their number of genes"));
        }
        let mut columns = vec![(var.index_name().to_owned(), var.index()?)];
        let mut bytes = 0;
        // Few categories for many genes are classes of genes, not names.
        let can_name = |info: &&ColumnInfo| {
            info.kind != ColumnKind::Numbers && info.levels.is_none_or(|levels| levels >= var.n_rows().div_ceil(2))
        };
        for info in var.columns().iter().filter(can_name) {
            // One unreadable column must not keep the others from naming the genes.
            let Ok(texts) = var.column_as_texts(&info.name) else { continue };
            bytes += texts.iter().map(|text| text.len() + size_of::<String>()).sum::<usize>();
            if bytes > MAX_VAR_TEXT_BYTES {
                break;
            }
            columns.push((info.name.clone(), texts));
        }
        self.genes_from = best_gene_names(&columns);
        let n_skipped = var.n_skipped();
        drop(var);
        self.var_columns = columns;
        self.orthologs.clear();
        Ok(n_skipped)
    }

    fn note_better_matrix(&mut self) {
        if let Some(counts) = self.better_matrix() {
            let note = format!("{} does not look like counts; {counts} does.", self.matrix_name());
            self.notes.push(note);
        }
    }
}

/// The index, unless it merely numbers the genes and a column of a well-known name does not.
fn best_gene_names(columns: &[(String, Vec<String>)]) -> usize {
    let is_numbering = |names: &[String]| names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    let known =
        ["gene_name", "gene_names", "gene_symbol", "gene_symbols", "symbol", "feature_name", "gene", "gene_ids"];
    match columns.first() {
        Some((_, names)) if is_numbering(names) => known
            .iter()
            .find_map(|known| columns.iter().position(|(name, texts)| name == known && !is_numbering(texts)))
            .unwrap_or(0),
        _ => 0,
    }
}

/// A matrix and what is known about it.
type Surveyed = (MatrixInfo, Box<dyn Rows>);

/// Looks at every matrix; gives their descriptions and the first one opened.
fn survey(reader: &dyn Reader, notes: &mut Vec<String>) -> Result<(Vec<MatrixInfo>, Box<dyn Rows>), IoError> {
    let mut infos = Vec::new();
    let mut default = None;
    let mut first_error = None;
    let mut n_unreadable = 0;
    for name in reader.matrices()? {
        match look_at(reader, &name) {
            Ok(Some((info, matrix))) => {
                infos.push(info);
                default.get_or_insert(matrix);
            }
            Ok(None) => {}
            // The file could not be read at all: no use in trying the next matrix.
            Err(error @ IoError::ReadFailed(_)) => return Err(error),
            Err(error) => {
                n_unreadable += 1;
                first_error.get_or_insert(error);
            }
        }
    }
    let Some(matrix) = default else { return Err(first_error.unwrap_or(IoError::NoMatrix)) };
    if let Some(error) = first_error {
        notes.push(format!("{n_unreadable} of the file's matrices cannot be used. {error}"));
    }
    Ok((infos, matrix))
}

fn look_at(reader: &dyn Reader, name: &str) -> Result<Option<Surveyed>, IoError> {
    let Some(matrix) = reader.matrix(name)? else { return Ok(None) };
    if matrix.n_rows() != reader.obs().n_rows() {
        return Err(IoError::bad("the matrix", "it and obs differ in their number of cells"));
    }
    if matrix.n_cols() != reader.var(name)?.n_rows() {
        return Err(IoError::bad("the matrix", "it and var differ in their number of genes"));
    }
    if matrix.n_rows() == 0 || matrix.n_cols() == 0 {
        return Err(IoError::EmptyMatrix);
    }
    let sample = sample(&*matrix)?;
    let info = MatrixInfo { name: name.to_owned(), value_kind: sample.kind(), n_genes: matrix.n_cols(), sample };
    Ok(Some((info, matrix)))
}

/// At most 2,000 rows in blocks spread evenly over the rows that are cheap to see.
fn sample(matrix: &dyn Rows) -> Result<ValueSample, IoError> {
    let mut sample = ValueSample::default();
    let from = matrix.cheap_rows()?;
    let block_values = matrix.values_per_row().saturating_mul(SAMPLE_ROWS / SAMPLE_BLOCKS).max(1);
    let blocks = (SAMPLE_VALUES / block_values).clamp(1, SAMPLE_BLOCKS);
    let rows = (SAMPLE_ROWS / SAMPLE_BLOCKS).max(1);
    let blocks = if from.len() <= SAMPLE_ROWS { 1 } else { blocks };
    let rows = if from.len() <= SAMPLE_ROWS { from.len() } else { rows };
    for block in 0..blocks {
        let last_start = from.len() - rows;
        let start = from.start + if blocks == 1 { 0 } else { last_start / (blocks - 1) * block };
        let mut at = start;
        while at < start + rows {
            let end = range_end(matrix, at, WINDOW)?.min(start + rows);
            sample.add(&matrix.rows(at..end)?);
            at = end;
        }
    }
    Ok(sample)
}
