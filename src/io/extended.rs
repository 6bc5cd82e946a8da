//! The cells of a matrix, with the columns of another table behind their own.

use super::{
    IoError,
    reader::Reader,
    table::{ColumnInfo, MemoryTable, Table},
};
use crate::cells::Column;

/// The annotations of `matrix`, and those of `table` that it has not itself.
pub(super) struct Extended {
    pub(super) matrix: Box<dyn Reader>,
    /// In the order of the matrix.
    pub(super) table: MemoryTable,
    columns: Vec<ColumnInfo>,
}

impl Extended {
    pub(super) fn new(matrix: Box<dyn Reader>, table: MemoryTable) -> Self {
        let own = matrix.obs().columns();
        let is_new = |info: &&ColumnInfo| own.iter().all(|other| other.name != info.name);
        let columns = own.iter().chain(table.columns().iter().filter(is_new)).cloned().collect();
        Self { matrix, table, columns }
    }
}

impl Table for Extended {
    fn n_rows(&self) -> usize {
        self.matrix.obs().n_rows()
    }

    fn index_name(&self) -> &str {
        self.matrix.obs().index_name()
    }

    fn index(&self) -> Result<Vec<String>, IoError> {
        self.matrix.obs().index()
    }

    fn columns(&self) -> &[ColumnInfo] {
        &self.columns
    }

    fn column(&self, name: &str) -> Result<Column, IoError> {
        let is_own = self.matrix.obs().columns().iter().any(|info| info.name == name);
        if is_own { self.matrix.obs().column(name) } else { self.table.column(name) }
    }

    fn n_skipped(&self) -> usize {
        self.matrix.obs().n_skipped()
    }
}
