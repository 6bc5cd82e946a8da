//! Parquet: the columns of plain values of a table, as positions and shapes of cells are kept.
//!
//! A small strict reader instead of the crate `parquet`: that one may panic on damaged pages, which aborts in wasm, and
//! needs C for Zstandard. Nested columns are left out.

mod encoding;
mod metadata;
mod pages;
mod thrift;
mod values;

use super::{
    Entry, IoError,
    table::{ColumnInfo, ColumnKind, MemoryTable, Table},
};
use crate::cells::Column;
use metadata::{Footer, Leaf, Meaning};
pub(super) use values::Bytes;
use values::Values;

const PLACE: &str = "a Parquet file";
const SIGNATURE: &[u8; 4] = b"PAR1";
const MAX_FOOTER_BYTES: u64 = 16 << 20;
/// Compressed bytes of a column in one row group, which are read at once.
const MAX_CHUNK_BYTES: u64 = 256 << 20;
/// Rows that a byte of the file can stand for. Cells have names or positions of their own, which take far more.
const MAX_ROWS_PER_BYTE: u64 = 64;
/// Rows at most, for the sake of the index that a table has: the names of 16 million cells.
const MAX_ROWS: u64 = 1 << 24;
/// Columns that a table in memory is made of at most, where nobody says which are wanted.
const MAX_TABLE_BYTES: usize = 512 << 20;

/// An open Parquet file: its footer. Columns are read when they are asked for.
pub(super) struct Parquet {
    entry: Entry,
    footer: Footer,
    columns: Vec<ColumnInfo>,
}

/// Whether the bytes are a Parquet file's, by its first four.
pub(super) fn is_parquet(entry: &Entry) -> bool {
    entry.head(4).is_ok_and(|head| head == SIGNATURE)
}

/// The columns of a Parquet file that are neither nested nor of an unknown type, in its order.
///
/// # Errors
/// `io.bad-structure`, `io.too-large`, `io.unsupported-codec`, `io.truncated`, `io.read-failed`.
pub fn read_parquet(entry: &Entry) -> Result<Vec<(String, Column)>, IoError> {
    let table = read_table(entry, None)?;
    let names: Vec<String> = table.columns().iter().map(|info| info.name.clone()).collect();
    names.into_iter().map(|name| Ok((name.clone(), table.column(&name)?))).collect()
}

/// A table in memory with the columns `wanted`, those that are there, or with all. The index is the one that pandas
/// wrote, else the rows are numbered from 0.
///
/// # Errors
/// `io.bad-structure`, `io.too-large`, `io.unsupported-codec`, `io.truncated`, `io.read-failed`.
pub(super) fn read_table(entry: &Entry, wanted: Option<&[&str]>) -> Result<MemoryTable, IoError> {
    let file = Parquet::open(entry)?;
    let index = file.index_column().map(str::to_owned);
    let names = match &index {
        Some(name) => super::table::into_texts(file.column(name)?),
        None => (0..file.n_rows()).map(|row| row.to_string()).collect(),
    };
    let mut table = MemoryTable::new(index.as_deref().unwrap_or("index"), names);
    let mut bytes = 0usize;
    for info in file.columns().iter().filter(|info| wanted.is_none_or(|wanted| wanted.contains(&info.name.as_str()))) {
        if wanted.is_none() && Some(&info.name) == index.as_ref() {
            continue;
        }
        let column = file.column(&info.name)?;
        bytes = bytes.saturating_add(match &column {
            Column::Text(texts) => texts.iter().map(|text| text.len() + size_of::<String>()).sum(),
            other => 8 * other.len(),
        });
        if bytes > MAX_TABLE_BYTES {
            return Err(IoError::large(PLACE, "its columns exceed 512 MiB"));
        }
        table.push(&info.name, column)?;
    }
    Ok(table)
}

impl Parquet {
    /// Reads the footer and checks it.
    pub(super) fn open(entry: &Entry) -> Result<Self, IoError> {
        let file_bytes = entry.source().len();
        if file_bytes < 12 {
            return Err(IoError::Truncated);
        }
        let mut tail = [0; 8];
        read_at(entry, file_bytes - 8, &mut tail)?;
        match &tail[4..] {
            b"PAR1" => {}
            b"PARE" => return Err(IoError::UnsupportedCodec("Parquet's encryption".into())),
            // It begins as it should and has no end.
            _ if is_parquet(entry) => return Err(IoError::Truncated),
            _ => return Err(IoError::bad(PLACE, "it does not end as one")),
        }
        let footer_bytes = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
        let start = (file_bytes - 8).checked_sub(footer_bytes);
        let start = start.ok_or(IoError::bad(PLACE, "its footer is longer than it"))?;
        if footer_bytes > MAX_FOOTER_BYTES {
            return Err(IoError::large(PLACE, "its footer exceeds 16 MiB"));
        }
        let mut footer = vec![0; footer_bytes as usize];
        read_at(entry, start, &mut footer)?;
        let footer = Footer::decode(&footer, file_bytes)?;
        if footer.n_rows > MAX_ROWS.min(file_bytes.saturating_mul(MAX_ROWS_PER_BYTE)) {
            return Err(IoError::large(PLACE, "it claims more rows than it can hold"));
        }
        let info = |leaf: &Leaf| match leaf.meaning {
            Meaning::Truth => ColumnInfo { name: leaf.name.clone(), kind: ColumnKind::Categorical, levels: Some(2) },
            Meaning::Signed | Meaning::Unsigned | Meaning::Float | Meaning::Half => {
                ColumnInfo { name: leaf.name.clone(), kind: ColumnKind::Numbers, levels: None }
            }
            Meaning::Text | Meaning::Binary => {
                ColumnInfo { name: leaf.name.clone(), kind: ColumnKind::Text, levels: None }
            }
        };
        let columns = footer.leaves.iter().map(info).collect();
        Ok(Self { entry: entry.clone(), footer, columns })
    }

    pub(super) fn n_rows(&self) -> usize {
        self.footer.n_rows as usize
    }

    /// The columns that can be read. Whole numbers that are too large for `f64` are read as text all the same.
    pub(super) fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    /// The column that pandas keeps the index in.
    pub(super) fn index_column(&self) -> Option<&str> {
        let pandas: serde_json::Value = serde_json::from_str(self.footer.pandas.as_deref()?).ok()?;
        let name = pandas.get("index_columns")?.get(0)?.as_str()?;
        self.columns.iter().map(|info| info.name.as_str()).find(|column| *column == name)
    }

    /// One column. Errors: `io.no-such-name`, and those of reading.
    pub(super) fn column(&self, name: &str) -> Result<Column, IoError> {
        let (values, meaning) = self.values(name)?;
        values.into_column(meaning)
    }

    /// One column of bytes, as geometries are.
    pub(super) fn bytes(&self, name: &str) -> Result<Bytes, IoError> {
        let (values, _) = self.values(name)?;
        values.into_bytes().ok_or(IoError::bad(PLACE, "a column does not hold bytes"))
    }

    fn values(&self, name: &str) -> Result<(Values, Meaning), IoError> {
        let leaf = self.footer.leaves.iter().find(|leaf| leaf.name == name).ok_or(IoError::NoSuchName)?;
        let mut values = Values::new(leaf);
        for (n_rows, chunks) in &self.footer.groups {
            let chunk = chunks.get(leaf.position).and_then(Option::as_ref);
            let chunk = chunk.ok_or(IoError::bad(PLACE, "a column lies outside the file"))?;
            if chunk.n_values != *n_rows {
                return Err(IoError::bad(PLACE, "a column holds more or fewer values than there are rows"));
            }
            if chunk.bytes > MAX_CHUNK_BYTES {
                return Err(IoError::large(PLACE, "a column of a row group exceeds 256 MiB"));
            }
            // No more than the file holds, as the footer's check made sure.
            let mut bytes = vec![0; chunk.bytes as usize];
            read_at(&self.entry, chunk.start, &mut bytes)?;
            pages::read(&bytes, chunk, leaf, *n_rows as usize, &mut values)?;
        }
        if values.len() != self.n_rows() {
            return Err(IoError::bad(PLACE, "a column holds more or fewer values than there are rows"));
        }
        Ok((values, leaf.meaning))
    }
}

fn read_at(entry: &Entry, offset: u64, buffer: &mut [u8]) -> Result<(), IoError> {
    entry.source().read_at(offset, buffer).map_err(|error| IoError::unreadable(error.kind()))
}
