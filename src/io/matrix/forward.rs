//! A matrix whose rows lie in order in a stream: read forward, and from the start again for a step back.

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    super::{IoError, rows::Rows},
    WINDOW, check_stored,
};
use crate::cells::Csr;

/// Rows that can be read from the first to the last, again and again.
pub(in crate::io) trait Passes: Send + Sync {
    type Pass: Pass;

    fn n_rows(&self) -> usize;

    fn n_cols(&self) -> usize;

    /// Begins at the first row.
    fn start(&self) -> Result<Self::Pass, IoError>;

    /// Rows that lie near the start of the stream: about as many as hold a million values.
    fn n_near_rows(&self) -> usize;
}

/// One way through the rows.
pub(in crate::io) trait Pass: Send {
    /// Appends the next row's values, ascending by column. Called at most `n_rows` times.
    fn next(&mut self, row: &mut Vec<(u32, f32)>) -> Result<(), IoError>;
}

/// Rows out of a stream, with those around the last answer at hand.
pub(in crate::io) struct Forward<P: Passes> {
    passes: P,
    state: Mutex<Option<State<P::Pass>>>,
}

struct State<T> {
    pass: T,
    /// Rows that the pass has given.
    n_read: usize,
    /// The last of them, from row `kept_from` to row `n_read`.
    kept: Csr,
    kept_from: usize,
    row: Vec<(u32, f32)>,
}

impl<P: Passes> Forward<P> {
    pub(in crate::io) fn new(passes: P) -> Self {
        Self { passes, state: Mutex::new(None) }
    }

    pub(in crate::io) fn passes(&self) -> &P {
        &self.passes
    }

    /// Runs `work` on a pass that keeps row `from` or has it still to come; a pass that failed is given up.
    fn with_pass<T>(
        &self,
        from: usize,
        work: impl FnOnce(&mut State<P::Pass>) -> Result<T, IoError>,
    ) -> Result<T, IoError> {
        let mut slot: MutexGuard<'_, _> = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = match slot.take() {
            Some(state) if state.kept_from <= from => state,
            _ => State {
                pass: self.passes.start()?,
                n_read: 0,
                kept: Csr::empty(self.passes.n_cols()),
                kept_from: 0,
                row: Vec::new(),
            },
        };
        state.forget_before(from)?;
        let done = work(&mut state)?;
        *slot = Some(state);
        Ok(done)
    }
}

impl<T: Pass> State<T> {
    /// Frees the rows before `from`, reading past those that have not come yet.
    fn forget_before(&mut self, from: usize) -> Result<(), IoError> {
        if from > self.kept_from {
            let mut kept = Csr::empty(self.kept.n_cols());
            for row in from..self.n_read {
                push(&mut kept, &self.kept, row - self.kept_from)?;
            }
            self.kept = kept;
            self.kept_from = from;
        }
        while self.n_read < from {
            self.row.clear();
            self.pass.next(&mut self.row)?;
            self.n_read += 1;
        }
        Ok(())
    }

    fn read_one(&mut self) -> Result<(), IoError> {
        self.row.clear();
        self.pass.next(&mut self.row)?;
        self.kept.push_row(self.row.iter().copied())?;
        self.n_read += 1;
        Ok(())
    }
}

fn push(to: &mut Csr, from: &Csr, row: usize) -> Result<(), IoError> {
    let (indices, values) = from.row(row);
    Ok(to.push_row(indices.iter().copied().zip(values.iter().copied()))?)
}

impl<P: Passes> Rows for Forward<P> {
    fn n_rows(&self) -> usize {
        self.passes.n_rows()
    }

    fn n_cols(&self) -> usize {
        self.passes.n_cols()
    }

    fn rows(&self, rows: Range<usize>) -> Result<Csr, IoError> {
        self.with_pass(rows.start, |state| {
            while state.n_read < rows.end {
                state.read_one()?;
                check_stored(state.kept.n_stored())?;
            }
            // Usually all that is kept was asked for, and nobody asks for it again.
            if state.n_read == rows.end && state.kept.n_stored() > WINDOW {
                state.kept_from = rows.end;
                return Ok(std::mem::replace(&mut state.kept, Csr::empty(self.passes.n_cols())));
            }
            let mut out = Csr::empty(self.passes.n_cols());
            for row in rows.clone() {
                push(&mut out, &state.kept, row - state.kept_from)?;
            }
            Ok(out)
        })
    }

    /// Reads ahead to count, at most a few million values: the end may be nearer than it could be.
    fn range_end(&self, start: usize, max_stored: usize) -> Result<usize, IoError> {
        let max_stored = max_stored.min(4 * WINDOW);
        if start >= self.n_rows() {
            return Ok(self.n_rows());
        }
        self.with_pass(start, |state| {
            while state.n_read < self.passes.n_rows() && state.kept.n_stored() <= max_stored {
                state.read_one()?;
            }
            let starts = state.kept.parts().0;
            Ok(start + starts.partition_point(|stored| *stored <= max_stored).saturating_sub(1))
        })
    }

    fn cheap_rows(&self) -> Result<Range<usize>, IoError> {
        Ok(0..self.passes.n_near_rows().clamp(1, self.n_rows().max(1)))
    }

    fn values_per_row(&self) -> usize {
        // Whatever lies between is decoded once; `cheap_rows` bounds it.
        1
    }

    fn is_row_wise(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// 50 rows × 7 columns; row r holds r % 4 values. Fails at row 40 if asked to.
    struct Made {
        n_starts: AtomicUsize,
        broken: bool,
    }

    struct Way {
        row: usize,
        broken: bool,
    }

    fn value(row: usize) -> impl Iterator<Item = (u32, f32)> {
        (0..row % 4).map(move |column| (2 * column as u32, (row * 10 + column + 1) as f32))
    }

    impl Passes for Made {
        type Pass = Way;
        fn n_rows(&self) -> usize {
            50
        }
        fn n_cols(&self) -> usize {
            7
        }
        fn start(&self) -> Result<Way, IoError> {
            self.n_starts.fetch_add(1, Ordering::Relaxed);
            Ok(Way { row: 0, broken: self.broken })
        }
        fn n_near_rows(&self) -> usize {
            10
        }
    }

    impl Pass for Way {
        fn next(&mut self, row: &mut Vec<(u32, f32)>) -> Result<(), IoError> {
            if self.broken && self.row == 40 {
                return Err(IoError::Truncated);
            }
            row.extend(value(self.row));
            self.row += 1;
            Ok(())
        }
    }

    fn made(broken: bool) -> Forward<Made> {
        Forward::new(Made { n_starts: AtomicUsize::new(0), broken })
    }

    #[test]
    fn rows_come_in_any_order_and_a_step_back_costs_a_pass() {
        let matrix = made(false);
        for (range, n_starts) in [(0..10, 1), (5..10, 1), (8..20, 1), (30..50, 1), (50..50, 1), (0..50, 2), (3..4, 2)] {
            let rows = matrix.rows(range.clone()).unwrap();
            assert_eq!(rows.n_rows(), range.len());
            for (at, row) in range.clone().enumerate() {
                let (indices, values) = rows.row(at);
                let found: Vec<(u32, f32)> = indices.iter().copied().zip(values.iter().copied()).collect();
                assert_eq!(found, value(row).collect::<Vec<_>>(), "{range:?} {row}");
            }
            assert_eq!(matrix.passes().n_starts.load(Ordering::Relaxed), n_starts, "{range:?}");
        }
    }

    #[test]
    fn the_end_of_a_range_is_counted_by_reading_ahead() {
        let matrix = made(false);
        for (start, max_stored, end) in [(0, 6, 5), (0, 5, 3), (1, 0, 1), (4, 0, 5), (48, 100, 50), (50, 1, 50)] {
            assert_eq!(matrix.range_end(start, max_stored).unwrap(), end, "{start} {max_stored}");
        }
    }

    #[test]
    fn a_pass_that_fails_is_begun_anew() {
        let matrix = made(true);
        assert_eq!(matrix.rows(35..45).unwrap_err(), IoError::Truncated);
        assert_eq!(matrix.rows(35..40).unwrap().n_rows(), 5);
        assert_eq!(matrix.rows(40..41).unwrap_err(), IoError::Truncated);
    }
}
