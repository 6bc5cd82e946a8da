//! MERSCOPE and CosMx: a table of counts and a table of cells, joined by the names of cells.

use super::{
    super::{
        Entry, FileSet, IoError,
        reader::Reader,
        table::{MemoryTable, Table},
        text::{Header, read_table},
    },
    matrix::TextMatrix,
    orientation::Orientation,
    roles::Role,
    survey::{Key, Survey, cosmx_name},
};

const CELLS: &str = "the table of cells";

/// An instrument, and how its files are called.
struct Instrument {
    format: &'static str,
    /// In the names of the tables of counts and of cells.
    counts: &'static str,
    cells: &'static str,
    missing: &'static str,
    /// What the names of columns begin with that are no genes: probes without a target.
    controls: &'static [&'static str],
    keys: &'static [&'static str],
    unit: &'static str,
}

const INSTRUMENTS: [Instrument; 2] = [
    Instrument {
        format: "MERSCOPE",
        counts: "cell_by_gene",
        cells: "cell_metadata",
        missing: "the counts (cell_by_gene.csv) that go with cell_metadata.csv",
        controls: &["Blank-", "blank-", "Blank_"],
        keys: &[],
        unit: "Positions are in µm.",
    },
    Instrument {
        format: "CosMx",
        counts: "exprMat_file",
        cells: "metadata_file",
        missing: "the counts (exprMat_file.csv) that go with metadata_file.csv",
        controls: &["NegPrb", "Negative", "SystemControl", "FalseCode"],
        keys: &["fov", "cell_ID", "cell", "cell_id"],
        unit: "Positions are in pixels of the instrument; one is about 0.12 µm (0.18 µm on the first instruments).",
    },
];

/// Opens the pair of tables if the files are called as those of MERSCOPE or CosMx; without the table of cells there are no
/// positions, and a note says so.
///
/// # Errors
/// `io.missing-file` without the counts, `io.several-datasets`, and those of reading.
pub(in crate::io) fn open(files: &FileSet) -> Result<Option<Box<dyn Reader>>, IoError> {
    for instrument in &INSTRUMENTS {
        match (of_name(files, instrument.counts)?, of_name(files, instrument.cells)?) {
            (Some(counts), cells) => return Ok(Some(Box::new(instrument.join(counts, cells)?))),
            (None, Some(_)) => return Err(IoError::MissingFile(instrument.missing)),
            (None, None) => {}
        }
    }
    Ok(None)
}

fn of_name<'a>(files: &'a FileSet, part: &str) -> Result<Option<&'a Entry>, IoError> {
    let is_it = |entry: &&Entry| {
        let name = entry.name();
        name.contains(part) && (name.ends_with(".csv") || name.ends_with(".csv.gz"))
    };
    let mut found = files.entries().iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err(IoError::SeveralDatasets("more than one section of MERSCOPE or CosMx")),
        (found, _) => Ok(found),
    }
}

impl Instrument {
    fn join(&self, counts: &Entry, cells: Option<&Entry>) -> Result<TextMatrix, IoError> {
        let survey = Survey::read(counts, |header| self.key(header))?;
        survey.check_decimals()?;
        let names = survey.names.clone();
        let n_in_no_cell = survey.left_out.iter().filter(|left_out| **left_out).count();
        let (mut roles, mut n_controls, mut n_texts) = (Vec::new(), 0, 0);
        for (at, (name, info)) in survey.header.iter().zip(&survey.fields).enumerate() {
            let is_key = self.keys.contains(&name.as_str()) || (self.keys.is_empty() && at == 0);
            let is_control = self.controls.iter().any(|control| name.starts_with(control));
            n_controls += usize::from(is_control);
            let is_text = !is_key && !is_control && !info.is_number();
            n_texts += usize::from(is_text);
            roles.push(if is_key || is_control || is_text { Role::Nothing } else { Role::Value });
        }
        let mut matrix = TextMatrix::new(counts, survey, Orientation::CellsByGenes, &roles, self.format)?;
        if n_controls > 0 {
            matrix.note(format!("{n_controls} columns are controls, not genes, and were left out."));
        }
        if n_texts > 0 {
            matrix.note(format!("{n_texts} columns of the counts hold text and were left out."));
        }
        if n_in_no_cell > 0 {
            matrix
                .note(format!("{n_in_no_cell} rows are of cell 0, which is what lies in no cell, and were left out."));
        }
        let Some(cells) = cells else {
            matrix.note(format!("There are no positions: the table of cells ({}.csv) is missing.", self.cells));
            return Ok(matrix);
        };
        let cells = self.cells(cells)?;
        let n_positions = cells.n_rows();
        let n_cells = names.len();
        let (obs, n_missing) = cells.aligned(names);
        matrix.set_obs(obs);
        if n_missing == n_cells {
            matrix
                .note("No cell of the counts occurs in the table of cells: they may be of different sections.".into());
            return Ok(matrix);
        }
        matrix.note(self.unit.to_owned());
        if n_missing > 0 {
            matrix.note(format!("{n_missing} of {n_cells} cells have no position."));
        }
        let n_unused = n_positions.saturating_sub(n_cells - n_missing);
        if n_unused > 0 {
            matrix.note(format!("{n_unused} cells of the table of cells have no counts and are left out."));
        }
        Ok(matrix)
    }

    fn key(&self, header: &[String]) -> Result<Key, IoError> {
        if self.keys.is_empty() {
            return Ok(Key::First);
        }
        let at = |name: &str| header.iter().position(|other| other == name);
        match (at("fov"), at("cell_ID")) {
            (Some(fov), Some(cell)) => Ok(Key::FovAndCell { fov, cell }),
            _ => Err(IoError::bad(super::PLACE, "it has no columns fov and cell_ID")),
        }
    }

    /// The annotations, by the names that the counts have.
    fn cells(&self, entry: &Entry) -> Result<MemoryTable, IoError> {
        let table = read_table(entry, CELLS, Header::First)?;
        if self.keys.is_empty() {
            return Ok(table);
        }
        let texts = |name: &str| match table.index_name() == name {
            true => table.index(),
            false => table.column_as_texts(name),
        };
        let lacking = |_| IoError::bad(CELLS, "it has no columns fov and cell_ID");
        let (fovs, cells) = (texts("fov").map_err(lacking)?, texts("cell_ID").map_err(lacking)?);
        // Cell 0 has no counterpart among the counts: its name is that of nothing there.
        let names = fovs.iter().zip(&cells).map(|(fov, cell)| cosmx_name(fov, cell).unwrap_or_default()).collect();
        let mut named = MemoryTable::new("cell", names);
        if !table.index_name().is_empty() {
            named.push(table.index_name(), crate::cells::Column::Text(table.index()?))?;
        }
        for info in table.columns() {
            named.push(&info.name, table.column(&info.name)?)?;
        }
        Ok(named)
    }
}
