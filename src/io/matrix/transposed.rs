//! A dense matrix stored genes × cells, as loom stores it.

use super::{
    super::{
        IoError,
        tree::{Array, Tree},
    },
    WINDOW,
    banded::Entries,
};

/// A dense array, genes × cells; [`super::Banded`] makes rows of cells of it.
pub(in crate::io) struct Transposed {
    array: Box<dyn Array>,
    n_genes: usize,
    n_cells: usize,
}

impl Transposed {
    pub(in crate::io) fn open(tree: &dyn Tree, path: &str, place: &'static str) -> Result<Self, IoError> {
        let array = tree.array(path, place)?.ok_or(IoError::NoMatrix)?;
        let &[n_genes, n_cells] = array.shape() else { return Err(IoError::bad(place, "it is not a matrix")) };
        let (Ok(n_genes), Ok(n_cells)) = (u32::try_from(n_genes), u32::try_from(n_cells)) else {
            return Err(IoError::large(place, "too many cells or genes"));
        };
        Ok(Self { array, n_genes: n_genes as usize, n_cells: n_cells as usize })
    }
}

impl Entries for Transposed {
    fn n_rows(&self) -> usize {
        self.n_cells
    }

    fn n_cols(&self) -> usize {
        self.n_genes
    }

    fn place(&self) -> &'static str {
        self.array.place()
    }

    fn has_columns(&self) -> bool {
        true
    }

    fn visit_column(&self, column: u32, see: &mut dyn FnMut(u32, f32)) -> Result<(), IoError> {
        let gene = column as usize;
        let mut values = vec![0.0; self.n_cells];
        self.array.read_f32(gene..gene + 1, &mut values)?;
        (0..).zip(&values).for_each(|(cell, value)| see(cell, *value));
        Ok(())
    }

    /// Genes in windows that end where chunks end, so that no chunk is inflated twice.
    fn visit(&self, mut see: impl FnMut(u32, u32, f32) -> Result<(), IoError>) -> Result<(), IoError> {
        let chunk = self.array.chunk_rows().max(1);
        let step = (WINDOW / self.n_cells.max(1) / chunk).max(1).saturating_mul(chunk);
        let (mut start, mut values) = (0, Vec::new());
        while start < self.n_genes {
            let end = start.saturating_add(step).min(self.n_genes);
            values.resize((end - start) * self.n_cells, 0.0);
            self.array.read_f32(start..end, &mut values)?;
            for (gene, row) in (start..end).zip(values.chunks_exact(self.n_cells.max(1))) {
                for (cell, &value) in row.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                    see(cell as u32, gene as u32, value)?;
                }
            }
            start = end;
        }
        Ok(())
    }
}
