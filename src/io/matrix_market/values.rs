//! The values by cells: straight from the stream where it is sorted by cell, gathered in bands where it is not.

use std::{
    ops::Range,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    super::{
        Entry, IoError,
        matrix::{Banded, Entries, Forward, Pass, Passes, sort_and_sum},
        rows::Rows,
    },
    body::{Body, Header, PLACE, Value},
};
use crate::cells::Csr;

/// Entries that are cheap to look at.
const NEAR_ENTRIES: u64 = 1 << 20;

/// Which dimension the cells are.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    header: Header,
    cells_are_rows: bool,
}

impl Layout {
    /// Tells the orientation from the numbers of barcodes and features; where both are equal it is that of 10x, features
    /// × cells.
    pub(super) fn of(header: Header, n_cells: usize, n_features: usize) -> Result<Self, IoError> {
        let shape = (header.n_rows as usize, header.n_cols as usize);
        let cells_are_rows = match shape {
            _ if shape == (n_features, n_cells) => false,
            _ if shape == (n_cells, n_features) => true,
            _ => return Err(IoError::bad(PLACE, "its size is not that of the barcodes and features")),
        };
        Ok(Self { header, cells_are_rows })
    }

    fn n_cells(&self) -> usize {
        (if self.cells_are_rows { self.header.n_rows } else { self.header.n_cols }) as usize
    }

    fn n_features(&self) -> usize {
        (if self.cells_are_rows { self.header.n_cols } else { self.header.n_rows }) as usize
    }

    /// The cell of an entry and the feature.
    fn place(&self, value: Value) -> (u32, u32) {
        if self.cells_are_rows { (value.row, value.col) } else { (value.col, value.row) }
    }
}

/// The matrix, cells × features.
pub(super) struct Values {
    sorted: Forward<Sorted>,
    scattered: OnceLock<Banded<Scattered>>,
}

impl Values {
    pub(super) fn new(matrix: Entry, layout: Layout) -> Self {
        let sorted = Sorted { matrix, layout, is_unsorted: Arc::default() };
        Self { sorted: Forward::new(sorted), scattered: OnceLock::new() }
    }

    /// Asks the sorted reading; from the first entry on that is out of order, the other one.
    fn ask<T>(&self, ask: impl Fn(&dyn Rows) -> Result<T, IoError>) -> Result<T, IoError> {
        if self.scattered.get().is_none() {
            let answer = ask(&self.sorted);
            let sorted = self.sorted.passes();
            if answer.is_ok() || !sorted.is_unsorted.load(Ordering::Relaxed) {
                return answer;
            }
        }
        ask(self.scattered.get_or_init(|| {
            let Sorted { matrix, layout, .. } = self.sorted.passes();
            Banded::new(Scattered { matrix: matrix.clone(), layout: *layout })
        }))
    }
}

impl Rows for Values {
    fn n_rows(&self) -> usize {
        self.sorted.n_rows()
    }

    fn n_cols(&self) -> usize {
        self.sorted.n_cols()
    }

    fn rows(&self, rows: Range<usize>) -> Result<Csr, IoError> {
        self.ask(|values| values.rows(rows.clone()))
    }

    fn range_end(&self, start: usize, max_stored: usize) -> Result<usize, IoError> {
        self.ask(|values| values.range_end(start, max_stored))
    }

    fn cheap_rows(&self) -> Result<Range<usize>, IoError> {
        self.ask(|values| {
            let rows = values.cheap_rows()?;
            // One look at the first of them shows most files that are not sorted.
            values.range_end(0, NEAR_ENTRIES as usize)?;
            Ok(rows)
        })
    }

    fn values_per_row(&self) -> usize {
        1
    }

    fn is_row_wise(&self) -> bool {
        false
    }
}

/// A file sorted by cell, as Cell Ranger writes it.
struct Sorted {
    matrix: Entry,
    layout: Layout,
    is_unsorted: Arc<AtomicBool>,
}

struct SortedPass {
    body: Body,
    layout: Layout,
    is_unsorted: Arc<AtomicBool>,
    /// The first entry of a later cell.
    next: Option<Value>,
    cell: u32,
}

impl Passes for Sorted {
    type Pass = SortedPass;

    fn n_rows(&self) -> usize {
        self.layout.n_cells()
    }

    fn n_cols(&self) -> usize {
        self.layout.n_features()
    }

    fn start(&self) -> Result<SortedPass, IoError> {
        let mut body = Body::open(&self.matrix)?;
        if body.header() != self.layout.header {
            return Err(IoError::bad(PLACE, "it changed while it was read"));
        }
        let next = body.next()?;
        Ok(SortedPass { body, layout: self.layout, is_unsorted: self.is_unsorted.clone(), next, cell: 0 })
    }

    fn n_near_rows(&self) -> usize {
        let share = NEAR_ENTRIES as f64 / self.layout.header.n_entries.max(1) as f64;
        (self.n_rows() as f64 * share.min(1.0)) as usize
    }
}

impl Pass for SortedPass {
    fn next(&mut self, row: &mut Vec<(u32, f32)>) -> Result<(), IoError> {
        while let Some(value) = self.next {
            let (cell, feature) = self.layout.place(value);
            if cell > self.cell {
                break;
            }
            if cell < self.cell {
                self.is_unsorted.store(true, Ordering::Relaxed);
                return Err(IoError::bad(PLACE, "it is not sorted by cell"));
            }
            row.push((feature, value.value));
            self.next = self.body.next()?;
        }
        self.cell += 1;
        sort_and_sum(row);
        Ok(())
    }
}

/// A file in any order.
struct Scattered {
    matrix: Entry,
    layout: Layout,
}

impl Entries for Scattered {
    fn n_rows(&self) -> usize {
        self.layout.n_cells()
    }

    fn n_cols(&self) -> usize {
        self.layout.n_features()
    }

    fn place(&self) -> &'static str {
        PLACE
    }

    fn is_ascending(&self) -> bool {
        false
    }

    fn visit(&self, mut see: impl FnMut(u32, u32, f32) -> Result<(), IoError>) -> Result<(), IoError> {
        let mut body = Body::open(&self.matrix)?;
        if body.header() != self.layout.header {
            return Err(IoError::bad(PLACE, "it changed while it was read"));
        }
        while let Some(value) = body.next()? {
            let (cell, feature) = self.layout.place(value);
            see(cell, feature, value.value)?;
        }
        Ok(())
    }
}
