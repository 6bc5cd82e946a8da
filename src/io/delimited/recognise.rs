//! Whether a text is a table of numbers, told from its name and its first two records.

use super::{
    super::{
        Entry, FileSet, IoError, stream,
        text::{Field, Records, parse_number},
    },
    PLACE,
};

/// Bytes looked at for what no text holds.
const HEAD_BYTES: usize = 1 << 16;

/// Columns of tables with a row for each molecule: no cells, however many numbers they hold.
const OF_MOLECULES: [&str; 6] = ["transcript_id", "x_location", "global_x", "x_global_px", "CellComp", "molecule_id"];

/// The tables of numbers among the files.
///
/// # Errors
/// For a lone file that is named as a table, what is wrong with it.
pub(super) fn find(files: &FileSet) -> Result<Vec<&Entry>, IoError> {
    if let Some(entry) = files.only() {
        return match is_matrix(entry) {
            Ok(is_matrix) => Ok(is_matrix.then_some(entry).into_iter().collect()),
            Err(IoError::BadText { .. } | IoError::TooLarge { .. }) if !is_named_table(entry.name(), false) => {
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        };
    }
    let named = files.entries().iter().filter(|entry| is_named_table(entry.name(), true));
    Ok(named.filter(|entry| is_matrix(entry).unwrap_or(false)).collect())
}

/// Whether a name promises a table; one that ends in `.txt` may.
fn is_named_table(name: &str, or_text: bool) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    [".csv", ".tsv", ".tab"].iter().any(|ending| name.ends_with(ending)) || or_text && name.ends_with(".txt")
}

fn is_matrix(entry: &Entry) -> Result<bool, IoError> {
    let failed = |error: std::io::Error| stream::failed(&error, PLACE);
    let head = stream::head(&mut entry.reader()?, HEAD_BYTES).map_err(failed)?;
    let is_utf16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let is_control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c);
    if !is_utf16 && head.iter().any(is_control) {
        return Ok(false);
    }
    let mut records = Records::open(entry, PLACE)?;
    let Some(header) = records.next()? else { return Ok(false) };
    let (n_names, names) = (header.len(), header.texts());
    let n_numbers = header.iter().filter(|name| matches!(parse_number(name), Field::Number(_))).count();
    if names.iter().any(|name| OF_MOLECULES.contains(&name.as_str())) {
        return Ok(false);
    }
    let Some(first) = records.next()? else { return Ok(false) };
    let is_wide = first.len() >= 2 && (first.len() == n_names || first.len() == n_names + 1);
    // A header of nothing but numbers is a row of values: the genes have no names.
    let is_named = first.len() == n_names + 1 || n_numbers < n_names;
    let is_number = |field: &[u8]| parse_number(field) != Field::Text || super::super::text::has_decimal_comma(field);
    let has_number = |field: &[u8]| !field.trim_ascii().is_empty() && is_number(field);
    let n_filled = first.iter().skip(1).filter(|field| is_number(field)).count();
    Ok(is_wide && is_named && 2 * n_filled >= first.len() - 1 && first.iter().skip(1).any(has_number))
}
