//! Tokenised cells and how they are put together for the device: similar lengths, bounded padding.

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

use crate::cells::Csr;
use crate::genes::{GeneMatch, Vocabulary};
use crate::rank::{RankEncoder, RankError, row_total};

/// Lengths are padded to a multiple of this: few shapes for a GPU to compile kernels for.
const LENGTH_STEP: usize = 8;

/// Attention scores of a layer: 64 MB. WebGPU binds buffers of 128 MiB, and no larger unless the adapter agrees.
const MAX_SCORES: usize = 1 << 24;

/// How much goes through the network at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// Padded tokens a batch.
    pub(super) tokens: usize,
    /// Attention heads: each scores every token of a cell against every other.
    pub(super) heads: usize,
    /// The network's positions.
    pub(super) max_length: usize,
}

impl Budget {
    /// How many cells of this padded length a batch may hold; at least one.
    pub(super) fn cells(&self, length: usize) -> usize {
        (self.tokens / length.max(1)).min(MAX_SCORES / self.cell_scores(length).max(1)).max(1)
    }

    /// Attention scores of one cell of this padded length; saturates where addresses have 32 bits.
    pub(super) fn cell_scores(&self, length: usize) -> usize {
        self.heads.saturating_mul(length).saturating_mul(length)
    }
}

/// The tokens of some cells, end to end, and what share of their counts they stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    tokens: Vec<u32>,
    ends: Vec<usize>,
    /// Counts of known genes, and of all genes.
    pub(super) counts_known: f64,
    pub(super) counts: f64,
}

impl Tokens {
    /// Encodes the rows of a matrix: the genes that `reads` holds for, best first, at most `max_tokens`. `special` is added
    /// to positions in the vocabulary.
    pub(super) fn encode(
        rows: &Csr,
        matching: &GeneMatch,
        vocabulary: &Vocabulary,
        reads: &[bool],
        max_tokens: usize,
        special: u32,
    ) -> Result<Self, RankError> {
        let read = |gene: &Option<u32>| gene.filter(|&gene| reads.get(gene as usize) == Some(&true));
        let looked_at = GeneMatch { token_of: matching.token_of.iter().map(read).collect(), ..matching.clone() };
        let mut encoder = RankEncoder::new(&looked_at, vocabulary, max_tokens)?;
        let (mut encoded, mut cell) = (Self::default(), Vec::new());
        for row in 0..rows.n_rows() {
            let (columns, values) = rows.row(row);
            // Genes outside the vocabulary count here too: the total is the cell's depth.
            let total = row_total(values);
            encoder.encode(columns, values, total, &mut cell)?;
            encoded.push(cell.iter().map(|gene| gene + special));
            encoded.counts += total;
            let known = |column: &u32| matching.token_of.get(*column as usize).copied().flatten().is_some();
            let known = columns.iter().zip(values).filter(|(column, _)| known(column));
            encoded.counts_known += known.map(|(_, value)| f64::from(*value)).sum::<f64>();
        }
        Ok(encoded)
    }

    /// Appends a cell.
    pub(super) fn push(&mut self, tokens: impl IntoIterator<Item = u32>) {
        self.tokens.extend(tokens);
        self.ends.push(self.tokens.len());
    }

    /// Number of cells.
    pub(super) fn n_cells(&self) -> usize {
        self.ends.len()
    }

    /// Tokens of one cell of this list.
    pub(super) fn cell(&self, cell: usize) -> &[u32] {
        let start = if cell == 0 { 0 } else { self.ends[cell - 1] };
        &self.tokens[start..self.ends[cell]]
    }

    /// Cells without a token, which no batch holds.
    pub(super) fn empty_cells(&self) -> impl Iterator<Item = usize> {
        (0..self.n_cells()).filter(|cell| self.cell(*cell).is_empty())
    }

    /// Batches of cells within the budget, shortest first; ties in length go by row.
    pub(super) fn batches(&self, budget: &Budget) -> Vec<Batch> {
        let mut order: Vec<usize> = (0..self.n_cells()).filter(|cell| !self.cell(*cell).is_empty()).collect();
        order.sort_by_key(|cell| self.cell(*cell).len());
        let mut batches: Vec<Batch> = Vec::new();
        for cell in order {
            let length = padded(self.cell(cell).len(), budget.max_length);
            match batches.last_mut() {
                Some(batch) if batch.cells.len() < budget.cells(length) => {
                    batch.cells.push(cell);
                    batch.length = length;
                }
                _ => batches.push(Batch { cells: vec![cell], length }),
            }
        }
        batches
    }
}

/// Cells that go through the network together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    /// Cells of the [`Tokens`] they come from.
    pub(super) cells: Vec<usize>,
    /// Tokens a cell, with padding.
    pub(super) length: usize,
}

/// The next multiple of 8, but not beyond the network's positions.
pub(super) fn padded(length: usize, max_length: usize) -> usize {
    length.next_multiple_of(LENGTH_STEP).min(max_length).max(length)
}

/// What the encoder takes: tokens, technologies and padding, each `[cells, length]`.
pub(super) struct Input {
    pub(super) tokens: Tensor<2, Int>,
    pub(super) types: Tensor<2, Int>,
    pub(super) padding: Tensor<2, Bool>,
}

impl Batch {
    /// Moves the batch to the device.
    pub(super) fn input(&self, tokens: &Tokens, technology: usize, device: &Device) -> Input {
        let shape = [self.cells.len(), self.length];
        let mut ids = vec![0_i32; shape[0] * shape[1]];
        for (row, cell) in ids.chunks_exact_mut(self.length).zip(&self.cells) {
            // Tokens are below the vocabulary's 2¹⁸.
            row.iter_mut().zip(tokens.cell(*cell)).for_each(|(id, token)| *id = *token as i32);
        }
        let tokens = Tensor::from_data(TensorData::new(ids, shape), device);
        let types = Tensor::full(shape, technology as i64, device);
        // Padding is token 0, and no gene has it.
        Input { padding: tokens.clone().equal_elem(0), tokens, types }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(lengths: &[usize]) -> Tokens {
        let mut tokens = Tokens::default();
        lengths.iter().for_each(|length| tokens.push(2..2 + *length as u32));
        tokens
    }

    fn budget(tokens: usize) -> Budget {
        Budget { tokens, heads: 4, max_length: 100 }
    }

    #[test]
    fn attention_scores_are_bounded() {
        let budget = Budget { tokens: 1 << 16, heads: 4, max_length: 2_048 };
        assert_eq!((budget.cells(512), budget.cells(8), budget.cells(2_048)), (16, 8_192, 1));
        let long = Budget { heads: 64, max_length: 1 << 16, ..budget };
        assert_eq!(long.cells(1 << 16), 1, "one cell has to go through, however long");
        assert_eq!(16 * budget.cell_scores(512), MAX_SCORES);
    }

    #[test]
    fn batches_hold_every_cell_once_within_the_budget() {
        let lengths: Vec<usize> = (0..200).map(|i| i * 37 % 101).collect();
        let tokens = tokens(&lengths);
        let batches = tokens.batches(&budget(512));
        let mut seen: Vec<usize> = batches.iter().flat_map(|batch| batch.cells.iter().copied()).collect();
        seen.sort_unstable();
        let not_empty: Vec<usize> = (0..200).filter(|i| lengths[*i] > 0).collect();
        assert_eq!(seen, not_empty);
        for batch in &batches {
            let longest = batch.cells.iter().map(|cell| lengths[*cell]).max().unwrap();
            assert_eq!(batch.length, padded(longest, 100));
            assert!(batch.cells.len() * batch.length <= 512 || batch.cells.len() == 1);
        }
        assert!(batches.windows(2).all(|pair| pair[0].length <= pair[1].length));
        assert_eq!(tokens.empty_cells().collect::<Vec<_>>(), [0, 101]);
    }

    #[test]
    fn one_long_cell_is_a_batch_of_its_own() {
        assert_eq!(tokens(&[90, 90]).batches(&budget(64)).len(), 2);
    }

    #[test]
    fn padding_stays_within_the_positions() {
        assert_eq!([padded(1, 100), padded(8, 100), padded(99, 100), padded(100, 100)], [8, 8, 100, 100]);
    }
}
