//! The records of a table that was surveyed, from the first to the last, again.

use std::sync::Arc;

use super::{
    super::{
        Entry, IoError,
        table::MemoryTable,
        text::{ColumnBuilder, Record, Records},
    },
    PLACE,
    survey::{Survey, check_width},
};

/// Annotations held in memory at most, as in `text::read_table`.
const MAX_BYTES: usize = 1 << 29;

/// The records of a table, and which of them count.
pub(super) struct Shape {
    entry: Entry,
    width: usize,
    left_out: Vec<bool>,
}

impl Shape {
    pub(super) fn new(entry: Entry, survey: &mut Survey) -> Self {
        Self { entry, width: survey.header.len(), left_out: std::mem::take(&mut survey.left_out) }
    }

    pub(super) fn n_rows(&self) -> usize {
        self.left_out.iter().filter(|left_out| !**left_out).count()
    }

    /// The columns `wanted` (field, name, whether it is text) of a table whose rows have these names. One pass over the
    /// file if there are any.
    pub(super) fn columns(
        self: &Arc<Self>,
        index_name: &str,
        names: Vec<String>,
        wanted: Vec<(usize, String, bool)>,
    ) -> Result<MemoryTable, IoError> {
        let mut builders: Vec<ColumnBuilder> =
            wanted.iter().map(|(_, _, is_text)| ColumnBuilder::new(*is_text)).collect();
        let mut bytes = 0;
        if !wanted.is_empty() {
            let mut walk = Walk::start(self)?;
            for _ in &names {
                let record = walk.next()?;
                for (builder, (field, _, _)) in builders.iter_mut().zip(&wanted) {
                    bytes += builder.push(record.get(*field).unwrap_or_default());
                }
                if bytes > MAX_BYTES {
                    return Err(IoError::large(PLACE, "its annotations take more than 512 MiB"));
                }
            }
        }
        let mut table = MemoryTable::new(index_name, names);
        for (builder, (_, name, _)) in builders.into_iter().zip(wanted) {
            table.push(&name, builder.finish())?;
        }
        Ok(table)
    }
}

/// One way through the records behind the header.
pub(super) struct Walk {
    records: Records,
    shape: Arc<Shape>,
    at: usize,
}

impl Walk {
    pub(super) fn start(shape: &Arc<Shape>) -> Result<Self, IoError> {
        let mut records = Records::open(&shape.entry, PLACE)?;
        records.next()?;
        Ok(Self { records, shape: shape.clone(), at: 0 })
    }

    /// The next record that is not left out. Asked for at most as often as there are such.
    pub(super) fn next(&mut self) -> Result<Record<'_>, IoError> {
        while self.shape.left_out.get(self.at).is_some_and(|left_out| *left_out) {
            self.records.next()?;
            self.at += 1;
        }
        self.at += 1;
        let record = self.records.next()?.ok_or_else(changed)?;
        check_width(&record, self.shape.width)?;
        Ok(record)
    }
}

fn changed() -> IoError {
    IoError::bad(PLACE, "it changed while it was read")
}
