//! Genes as sparse columns, from cells as sparse rows, a bounded part at a time.

use std::ops::Range;

use crate::cells::Csr;

/// Stored values transposed at once: 128 MB. A matrix with more is read several times rather than copied whole.
const BUDGET: usize = 16 << 20;

/// The non-zero values of one gene, in the order of the cells, no cell twice.
pub(super) struct Column {
    pub cells: Vec<u32>,
    pub values: Vec<f32>,
}

/// Splits the genes into ranges of at most [`BUDGET`] stored values (or one gene).
pub(super) fn blocks(matrix: &Csr) -> Vec<Range<usize>> {
    blocks_within(matrix, BUDGET)
}

fn blocks_within(matrix: &Csr, budget: usize) -> Vec<Range<usize>> {
    let counts = stored(matrix, 0..matrix.n_cols());
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut held = 0;
    for (gene, &count) in counts.iter().enumerate() {
        match ranges.last_mut() {
            Some(range) if held + count <= budget => {
                range.end = gene + 1;
                held += count;
            }
            _ => {
                ranges.push(gene..gene + 1);
                held = count;
            }
        }
    }
    ranges
}

/// The columns of `genes`. Repeated entries of a cell are summed; stored zeros are dropped. O(stored values).
pub(super) fn columns(matrix: &Csr, genes: Range<usize>) -> Vec<Column> {
    let mut columns: Vec<Column> = stored(matrix, genes.clone())
        .into_iter()
        .map(|count| Column { cells: Vec::with_capacity(count), values: Vec::with_capacity(count) })
        .collect();
    for cell in 0..matrix.n_rows() {
        let (indices, values) = matrix.row(cell);
        for (&gene, &value) in indices.iter().zip(values) {
            if value == 0.0 || !genes.contains(&(gene as usize)) {
                continue;
            }
            let column = &mut columns[gene as usize - genes.start];
            match column.values.last_mut() {
                Some(sum) if column.cells.last() == Some(&(cell as u32)) => *sum += value,
                _ => {
                    column.cells.push(cell as u32);
                    column.values.push(value);
                }
            }
        }
    }
    columns
}

fn stored(matrix: &Csr, genes: Range<usize>) -> Vec<usize> {
    let mut counts = vec![0; genes.len()];
    for &gene in matrix.parts().1 {
        if genes.contains(&(gene as usize)) {
            counts[gene as usize - genes.start] += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_the_transpose_and_repeats_mean_a_sum() -> Result<(), crate::cells::CellsError> {
        let matrix = Csr::new(3, vec![0, 3, 3, 5], vec![2, 0, 2, 2, 1], vec![1.0, 2.0, 3.0, 5.0, 0.0])?;
        let found = columns(&matrix, 1..3);
        assert!(found[0].cells.is_empty(), "a stored zero is no value");
        assert_eq!((found[1].cells.as_slice(), found[1].values.as_slice()), (&[0, 2][..], &[4.0, 5.0][..]));
        Ok(())
    }

    #[test]
    fn blocks_cover_every_gene_once_and_stay_within_the_budget() -> Result<(), crate::cells::CellsError> {
        let matrix = Csr::from_dense(5, &[1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0])?; // 2 2 0 1 0 stored
        assert_eq!(blocks_within(&matrix, 3), [0..1, 1..5]);
        assert_eq!(blocks_within(&matrix, 1), [0..1, 1..2, 2..5]);
        Ok(())
    }
}
