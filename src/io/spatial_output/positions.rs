//! The table of positions, by the names of cells or spots.

use super::{
    super::{
        Entry, IoError, parquet,
        stream::{self, head},
        table::{MemoryTable, Table},
        text::{Header, read_table},
    },
    Kind,
};

const PLACE: &str = "the positions";

/// Space Ranger wrote these columns without a header until version 2.
const OLD_COLUMNS: [&str; 6] =
    ["barcode", "in_tissue", "array_row", "array_col", "pxl_row_in_fullres", "pxl_col_in_fullres"];

/// Reads the table; its rows are named by cell or barcode.
///
/// # Errors
/// `io.bad-structure` where the columns of the position are missing, and those of reading.
pub(super) fn read(entry: &Entry, kind: Kind) -> Result<MemoryTable, IoError> {
    let table = if parquet::is_parquet(entry) {
        let key = if kind == Kind::Xenium { "cell_id" } else { "barcode" };
        named_by(parquet::read_table(entry, None)?, key)?
    } else {
        let start = head(&mut entry.reader()?, 9).map_err(|error| stream::failed(&error, PLACE))?;
        let has_header = kind == Kind::Xenium || start.starts_with(b"barcode") || start.starts_with(b"\"barcode");
        read_table(entry, PLACE, if has_header { Header::First } else { Header::Given(&OLD_COLUMNS) })?
    };
    let (x, y) = kind.axes();
    let has = |name: &str| table.columns().iter().any(|column| column.name == name);
    if has(x) && has(y) { Ok(table) } else { Err(IoError::bad(PLACE, "it has no columns of x and y")) }
}

/// The table with the texts of a column as the names of its rows.
fn named_by(table: MemoryTable, key: &str) -> Result<MemoryTable, IoError> {
    if table.index_name() == key {
        return Ok(table);
    }
    let names = table.column_as_texts(key).map_err(|_| IoError::bad(PLACE, "it has no names of cells"))?;
    let mut named = MemoryTable::new(key, names);
    for info in table.columns().iter().filter(|info| info.name != key) {
        named.push(&info.name, table.column(&info.name)?)?;
    }
    Ok(named)
}
