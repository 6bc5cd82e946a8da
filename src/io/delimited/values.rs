//! The values of a table by cells: a record a cell is streamed, a record a gene is gathered in bands.

use std::sync::Arc;

use super::{
    super::{
        IoError,
        matrix::{Entries, Pass, Passes},
        text::{Field, Record, parse_number},
    },
    PLACE,
    walk::{Shape, Walk},
};

/// Values that are cheap to look at.
const NEAR_VALUES: usize = 1 << 20;

/// Fields that hold values, each with the number of its gene or cell.
pub(super) struct Fields(Vec<Option<u32>>);

impl Fields {
    /// Numbers the fields `held` in their order.
    pub(super) fn new(held: impl Iterator<Item = bool>) -> Self {
        let mut next = 0;
        Self(
            held.map(|held| {
                let number = held.then_some(next);
                next += u32::from(held);
                number
            })
            .collect(),
        )
    }

    fn n_held(&self) -> usize {
        self.0.iter().flatten().count()
    }

    /// Every value of a record that is not zero, by its gene or cell; missing ones are NaN.
    fn visit(&self, record: &Record<'_>, mut see: impl FnMut(u32, f32) -> Result<(), IoError>) -> Result<(), IoError> {
        for (number, field) in self.0.iter().zip(record.iter()) {
            // Nearly all of a matrix of counts.
            let (Some(number), false) = (number, field == b"0") else { continue };
            let value = match parse_number(field) {
                Field::Number(value) => value as f32,
                // A word here was met before, and counted.
                Field::Missing | Field::Text => f32::NAN,
            };
            if value != 0.0 {
                see(*number, value)?;
            }
        }
        Ok(())
    }
}

/// A table of cells × genes.
pub(super) struct CellRows {
    pub(super) shape: Arc<Shape>,
    pub(super) genes: Arc<Fields>,
}

pub(super) struct CellPass {
    walk: Walk,
    genes: Arc<Fields>,
}

impl Passes for CellRows {
    type Pass = CellPass;

    fn n_rows(&self) -> usize {
        self.shape.n_rows()
    }

    fn n_cols(&self) -> usize {
        self.genes.n_held()
    }

    fn start(&self) -> Result<CellPass, IoError> {
        Ok(CellPass { walk: Walk::start(&self.shape)?, genes: self.genes.clone() })
    }

    fn n_near_rows(&self) -> usize {
        (NEAR_VALUES / self.n_cols().max(1)).min(self.n_rows())
    }
}

impl Pass for CellPass {
    fn next(&mut self, row: &mut Vec<(u32, f32)>) -> Result<(), IoError> {
        self.genes.visit(&self.walk.next()?, |gene, value| {
            row.push((gene, value));
            Ok(())
        })
    }
}

/// A table of genes × cells.
pub(super) struct GeneRows {
    pub(super) shape: Arc<Shape>,
    pub(super) cells: Arc<Fields>,
    /// Values other than zero of each cell, as the survey counted them.
    pub(super) n_stored: Arc<[u32]>,
}

impl Entries for GeneRows {
    fn n_rows(&self) -> usize {
        self.cells.n_held()
    }

    fn n_cols(&self) -> usize {
        self.shape.n_rows()
    }

    fn place(&self) -> &'static str {
        PLACE
    }

    fn visit(&self, mut see: impl FnMut(u32, u32, f32) -> Result<(), IoError>) -> Result<(), IoError> {
        let mut walk = Walk::start(&self.shape)?;
        for gene in 0..self.n_cols() as u32 {
            self.cells.visit(&walk.next()?, |cell, value| see(cell, gene, value))?;
        }
        Ok(())
    }

    fn row_counts(&self) -> Option<&[u32]> {
        Some(&self.n_stored)
    }
}
