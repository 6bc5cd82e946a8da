//! Tables of annotations that lie beside a matrix, joined by the names of cells.

use std::{collections::HashSet, ops::Range};

use super::{
    Coordinates, Entry, FileSet, IoError,
    carried::{Aligned, Carried},
    coordinates,
    extended::Extended,
    reader::Reader,
    rows::Rows,
    table::{ColumnInfo, ColumnKind, MemoryTable, Table},
    text::{Header, read_table},
};
const PLACE: &str = "the annotations";

/// What the names of such tables contain.
const WORDS: [&str; 10] = ["meta", "annot", "cell", "cluster", "label", "obs", "pheno", "position", "coord", "spatial"];

/// Columns that may name the cells where the first one does not.
const KEYS: [&str; 8] = ["barcode", "barcodes", "cell", "cell_id", "cellid", "cell_name", "cell_names", "name"];

/// The reader of a matrix whose cells have more annotations than its own.
struct Annotated {
    cells: Extended,
    key: Option<String>,
    note: String,
}

/// Joins every table of `files` that is called like annotations and whose rows are cells of `matrix`. At least half of the
/// cells, or of the table's rows, have to find each other; cells without a row stay, with missing values. Names of cells are
/// compared as they are, then as R writes them into headers (`AAAC-1` as `AAAC.1`). `used` are the paths that the matrix is
/// read from.
pub(super) fn join(matrix: Box<dyn Reader>, files: &FileSet, used: &[&str]) -> Result<Box<dyn Reader>, IoError> {
    let mut joined = matrix;
    for entry in files.entries().iter().filter(|entry| is_candidate(entry) && !used.contains(&entry.path())) {
        // A table that cannot be read, or is none, must not keep the matrix from being read.
        let Ok(table) = read_table(entry, PLACE, Header::First) else { continue };
        if table.columns().is_empty() {
            continue;
        }
        let names = joined.obs().index()?;
        if let Some((table, n_found)) = aligned(table, names)? {
            joined = Box::new(Annotated::new(joined, table, n_found));
        }
    }
    Ok(joined)
}

/// Larger tables are none of annotations: the outlines of cells, for instance.
const MAX_BYTES: u64 = 256 << 20;

fn is_candidate(entry: &Entry) -> bool {
    let name = entry.name().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let is_table = [".csv", ".tsv", ".txt", ".tab"].iter().any(|ending| name.ends_with(ending));
    is_table && entry.stored_bytes() <= MAX_BYTES && WORDS.iter().any(|word| name.contains(word))
}

/// The table in the order of the cells, and how many of them it has; `None` if its rows are no cells, or not one a cell.
fn aligned(table: MemoryTable, names: Vec<String>) -> Result<Option<(MemoryTable, usize)>, IoError> {
    let mut keys = vec![table.index()?];
    let is_key = |info: &&ColumnInfo| {
        info.kind != ColumnKind::Numbers && KEYS.contains(&info.name.to_ascii_lowercase().as_str())
    };
    for info in table.columns().iter().filter(is_key) {
        keys.push(table.column_as_texts(&info.name)?);
    }
    for spelling in [str::to_owned as fn(&str) -> String, as_in_r] {
        let wanted: Vec<String> = names.iter().map(|name| spelling(name)).collect();
        let cells: HashSet<&String> = wanted.iter().collect();
        for key in &keys {
            let spelt: Vec<String> = key.iter().map(|name| spelling(name)).collect();
            let rows: HashSet<&String> = spelt.iter().collect();
            let n_found = rows.iter().filter(|name| cells.contains(*name)).count();
            let is_one_a_cell = rows.len() == spelt.len();
            if is_one_a_cell && n_found > 0 && 2 * n_found >= rows.len().min(cells.len()) {
                let (table, n_missing) = table.renamed(spelt)?.aligned(wanted);
                let n_found = names.len() - n_missing;
                return Ok(Some((table.renamed(names)?, n_found)));
            }
        }
    }
    Ok(None)
}

/// A name as `make.names` of R gives it.
fn as_in_r(name: &str) -> String {
    let dotted = name.replace(['-', ' '], ".");
    if dotted.starts_with(|first: char| first.is_ascii_digit()) { format!("X{dotted}") } else { dotted }
}

impl Annotated {
    fn new(matrix: Box<dyn Reader>, table: MemoryTable, n_found: usize) -> Self {
        let note = format!(
            "Annotations from a table beside the matrix: {n_found} of its {} cells are in it.",
            matrix.obs().n_rows()
        );
        let cells = Extended::new(matrix, table);
        let key = match cells.matrix.coordinates_key() {
            Some(key) => Some(key.to_owned()),
            None => coordinates::column_pair(&cells).map(|(x, y)| format!("obs/{x}, obs/{y}")),
        };
        Self { cells, key, note }
    }
}

impl Reader for Annotated {
    fn format(&self) -> &'static str {
        self.cells.matrix.format()
    }

    fn obs(&self) -> &dyn Table {
        &self.cells
    }

    fn matrices(&self) -> Result<Vec<String>, IoError> {
        self.cells.matrix.matrices()
    }

    fn matrix(&self, name: &str) -> Result<Option<Box<dyn Rows>>, IoError> {
        self.cells.matrix.matrix(name)
    }

    fn var(&self, matrix: &str) -> Result<Box<dyn Table + '_>, IoError> {
        self.cells.matrix.var(matrix)
    }

    fn coordinates_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    fn coordinates(&self) -> Result<Option<Coordinates>, IoError> {
        match self.cells.matrix.coordinates_key() {
            Some(_) => self.cells.matrix.coordinates(),
            None => coordinates::of_columns(&self.cells),
        }
    }

    fn embedding(&self, name: &str) -> Result<Option<(usize, Vec<f32>)>, IoError> {
        self.cells.matrix.embedding(name)
    }

    fn embedding_width(&self, name: &str) -> Result<Option<usize>, IoError> {
        self.cells.matrix.embedding_width(name)
    }

    fn carried(&self) -> Result<Carried, IoError> {
        self.cells.matrix.carried()
    }

    fn embedding_rows(&self, name: &str, rows: Range<usize>) -> Result<Option<Vec<f64>>, IoError> {
        self.cells.matrix.embedding_rows(name, rows)
    }

    fn aligned(&self, path: &str) -> Result<Option<Aligned>, IoError> {
        self.cells.matrix.aligned(path)
    }

    fn notes(&self) -> Vec<String> {
        self.cells.matrix.notes().into_iter().chain([self.note.clone()]).collect()
    }

    fn is_simulated(&self) -> Result<bool, IoError> {
        self.cells.matrix.is_simulated()
    }
}
