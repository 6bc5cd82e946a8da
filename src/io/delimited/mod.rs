//! Matrices of delimited text (CSV, TSV), gzipped or not: one table with names on both sides, and the pairs of tables that
//! MERSCOPE and CosMx leave.

mod imaging;
mod matrix;
mod orientation;
mod recognise;
mod roles;
mod survey;
mod values;
mod walk;

use super::{Entry, FileSet, IoError, annotated, reader::Reader, samples};
use matrix::TextMatrix;
use orientation::{Evidence, Orientation, is_number};
use roles::Role;
use survey::{Key, Survey};

pub(super) use imaging::open as open_imaging;

const PLACE: &str = "the table";

/// Opens the table of numbers among the files; several are samples. Reads each once for its names and kinds of columns.
///
/// Beside a table in which some names are those of genes, tables without such names are no samples: annotations in numbers.
///
/// # Errors
/// `io.bad-text` with the line of a record of another length and for decimal commas, those of [`samples::open`], and those
/// of reading.
pub(super) fn open(files: &FileSet) -> Result<Option<Box<dyn Reader>>, IoError> {
    let mut found = Vec::new();
    for entry in recognise::find(files)? {
        if let Some((matrix, evidence)) = open_table(entry)? {
            found.push((entry.path(), matrix, evidence));
        }
    }
    if found.iter().any(|(_, _, evidence)| *evidence == Evidence::Names) {
        found.retain(|(_, _, evidence)| *evidence == Evidence::Names);
    }
    let used: Vec<&str> = found.iter().map(|(path, _, _)| *path).collect();
    let mut tables = found.into_iter().map(|(path, matrix, _)| (path.to_owned(), Box::new(matrix) as Box<dyn Reader>));
    let reader = match (tables.next(), used.len()) {
        (None, _) => return Ok(None),
        (Some((_, matrix)), 1) => matrix,
        (first, _) => samples::open(first.into_iter().chain(tables).collect())?,
    };
    annotated::join(reader, files, &used).map(Some)
}

fn open_table(entry: &Entry) -> Result<Option<(TextMatrix, Evidence)>, IoError> {
    let mut survey = Survey::read(entry, |_| Ok(Key::First))?;
    survey.check_decimals()?;
    let columns = survey.header.iter().skip(1).zip(survey.fields.iter().skip(1));
    let numbers: Vec<&str> =
        columns.filter(|(_, info)| info.is_nearly_number(survey.names.len())).map(|(name, _)| name.as_str()).collect();
    let corner = survey.header.first().map_or("", String::as_str);
    let (orientation, evidence) = orientation::tell(corner, &survey.names, &numbers);
    let first_names = orientation == Orientation::GenesByCells || roles::first_names_rows(&survey);
    let roles = match orientation {
        Orientation::CellsByGenes => roles::of_cells(&survey, first_names),
        Orientation::GenesByCells => roles::of_genes(&survey),
    };
    let count = |role| roles.iter().filter(|found| **found == role).count();
    // A table of annotations or of numbers without names, or none at all.
    let is_doubtful = count(Role::Value) <= count(Role::Annotation) || numbers.iter().all(|name| is_number(name));
    if count(Role::Value) == 0 || is_doubtful && evidence != Evidence::Names {
        return Ok(None);
    }
    if !first_names {
        survey.names = (0..survey.names.len()).map(|row| row.to_string()).collect();
    }
    let mut matrix = TextMatrix::new(entry, survey, orientation, &roles, "delimited text")?;
    let told = match (orientation, evidence) {
        (Orientation::CellsByGenes, Evidence::Nothing) => {
            "Rows are taken as cells and columns as genes, though the names do not tell; transpose the table if it is the other way round."
        }
        (Orientation::CellsByGenes, _) => "Rows are taken as cells and columns as genes: their names look so.",
        (Orientation::GenesByCells, _) => "Rows are taken as genes and columns as cells: their names look so.",
    };
    matrix.note(told.to_owned());
    if !first_names {
        matrix.note("The first column holds values: the cells have no names and are numbered.".to_owned());
    }
    Ok(Some((matrix, evidence)))
}
