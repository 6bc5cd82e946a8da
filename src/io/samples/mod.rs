//! Several samples of one experiment as one data set: the cells of one after the other, with the genes that all have.

mod cells;
mod genes;
mod names;
mod values;

use super::{
    IoError,
    reader::Reader,
    rows::Rows,
    table::{ColumnInfo, ColumnKind, Table},
};
use crate::cells::Column;
use genes::SharedGenes;
use values::{Part, Stacked};

/// The samples, in the order of their paths.
struct Samples {
    readers: Vec<Box<dyn Reader>>,
    /// The names of the samples, and those of all cells.
    samples: Vec<String>,
    names: Vec<String>,
    /// Columns of `obs`; that of the sample comes last.
    columns: Vec<ColumnInfo>,
    /// The matrices that all samples have.
    matrices: Vec<(String, SharedGenes)>,
    notes: Vec<String>,
}

/// Reads samples that were opened one by one, with the path of each, as one. `obs` gets a column `sample`, or `sample_file`
/// where the files have such a column themselves.
///
/// # Errors
/// `io.several-datasets` if they differ in format, have no gene in common, or have positions: those of several sections lie
/// over each other. Those of reading.
pub(super) fn open(parts: Vec<(String, Box<dyn Reader>)>) -> Result<Box<dyn Reader>, IoError> {
    let (paths, readers): (Vec<String>, Vec<Box<dyn Reader>>) = parts.into_iter().unzip();
    let format = readers.first().map_or("", |reader| reader.format());
    if readers.iter().any(|reader| reader.format() != format) {
        return Err(IoError::SeveralDatasets("files of cells in more than one format"));
    }
    if readers.iter().any(|reader| reader.coordinates_key().is_some()) {
        return Err(IoError::SeveralDatasets("more than one section with positions"));
    }
    let samples = names::of_paths(&paths);
    let (names, told_apart) = cells::names(&readers, &samples)?;
    let matrices = shared_matrices(&readers)?;
    let mut columns = cells::columns(&readers);
    let is_taken = columns.iter().any(|info| info.name == "sample");
    let column = if is_taken { "sample_file" } else { "sample" };
    columns.retain(|info| info.name != "sample_file");
    columns.push(ColumnInfo { name: column.to_owned(), kind: ColumnKind::Categorical, levels: Some(samples.len()) });
    let mut notes = vec![format!("{} samples are read as one; the column {column} tells them apart.", samples.len())];
    if told_apart {
        notes.push("Names of cells that several samples have got the name of their sample behind them.".to_owned());
    }
    let n_left_out = matrices.first().map_or(0, |(_, genes)| genes.n_left_out);
    if n_left_out > 0 {
        notes.push(format!("{n_left_out} genes that not all samples have were left out."));
    }
    for note in readers.iter().flat_map(|reader| reader.notes()) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    Ok(Box::new(Samples { readers, samples, names, columns, matrices, notes }))
}

/// The matrices that all samples have and can read, in the order of the first sample.
fn shared_matrices(readers: &[Box<dyn Reader>]) -> Result<Vec<(String, SharedGenes)>, IoError> {
    let offered = readers.iter().map(|reader| reader.matrices()).collect::<Result<Vec<_>, _>>()?;
    let (first, others) = offered.split_first().ok_or(IoError::NoMatrix)?;
    let mut matrices = Vec::new();
    for name in first.iter().filter(|name| others.iter().all(|other| other.contains(name))) {
        // What is offered need not be there after all, as `raw/X`; only the default has to be readable.
        let are_there = readers.iter().map(|reader| Ok(reader.matrix(name)?.is_some())).collect::<Result<Vec<_>, _>>();
        let genes = match are_there {
            Ok(are_there) if are_there.contains(&false) => continue,
            Ok(_) => SharedGenes::of(readers, name),
            Err(error) => Err(error),
        };
        match genes {
            Ok(genes) if genes.table.n_rows() > 0 => matrices.push((name.clone(), genes)),
            Err(error) if matrices.is_empty() => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    if matrices.is_empty() {
        return Err(IoError::SeveralDatasets("files of cells without a gene in common"));
    }
    Ok(matrices)
}

impl Samples {
    fn genes(&self, matrix: &str) -> Option<&SharedGenes> {
        self.matrices.iter().find(|(name, _)| name == matrix).map(|(_, genes)| genes)
    }
}

impl Table for Samples {
    fn n_rows(&self) -> usize {
        self.names.len()
    }

    fn index_name(&self) -> &str {
        self.readers.first().map_or("", |reader| reader.obs().index_name())
    }

    fn index(&self) -> Result<Vec<String>, IoError> {
        Ok(self.names.clone())
    }

    fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    fn column(&self, name: &str) -> Result<Column, IoError> {
        let at = self.columns.iter().position(|info| info.name == name).ok_or(IoError::NoSuchName)?;
        if at + 1 < self.columns.len() {
            return cells::column(&self.readers, &self.columns[at]);
        }
        let n_cells = self.readers.iter().map(|reader| reader.obs().n_rows());
        let codes = n_cells.zip(0..).flat_map(|(n_cells, code)| std::iter::repeat_n(code, n_cells)).collect();
        Ok(Column::Categorical { codes, categories: self.samples.clone() })
    }

    fn n_skipped(&self) -> usize {
        self.readers.iter().map(|reader| reader.obs().n_skipped()).max().unwrap_or(0)
    }
}

impl Reader for Samples {
    fn format(&self) -> &'static str {
        self.readers.first().map_or("", |reader| reader.format())
    }

    fn obs(&self) -> &dyn Table {
        self
    }

    fn matrices(&self) -> Result<Vec<String>, IoError> {
        Ok(self.matrices.iter().map(|(name, _)| name.clone()).collect())
    }

    fn matrix(&self, name: &str) -> Result<Option<Box<dyn Rows>>, IoError> {
        let Some(genes) = self.genes(name) else { return Ok(None) };
        let mut parts = Vec::with_capacity(self.readers.len());
        for (reader, numbers) in self.readers.iter().zip(&genes.numbers) {
            let Some(rows) = reader.matrix(name)? else { return Ok(None) };
            parts.push(Part { rows, numbers: numbers.clone() });
        }
        Ok(Some(Box::new(Stacked::new(parts, genes.table.n_rows()))))
    }

    fn var(&self, matrix: &str) -> Result<Box<dyn Table + '_>, IoError> {
        Ok(Box::new(&self.genes(matrix).ok_or(IoError::NoSuchName)?.table))
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn is_simulated(&self) -> Result<bool, IoError> {
        for reader in &self.readers {
            if reader.is_simulated()? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
