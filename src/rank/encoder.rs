//! The rank-value encoding of Geneformer (Theodoris et al., Nature 2023), with ties decided.

use super::RankError;
use crate::genes::{GeneMatch, Vocabulary};

/// Encodes cells one after the other, reusing its buffers.
///
/// For a cell with raw counts `x`, their sum `n` over **all** measured genes, and a gene's median `m` in the vocabulary, the
/// gene's value is `x / n · 10,000 / m`, computed in `f64` from left to right. Genes outside the vocabulary and zeros are
/// dropped, genes of the file that lead to one gene of the vocabulary are summed first, and the rest is sorted by value,
/// highest first, then by position in the vocabulary, and cut after `max_tokens`.
///
/// Geneformer leaves ties to numpy's unstable sort; they are common at low counts. Only `+ * /` and comparisons are used,
/// which IEEE 754 fixes to the last bit: native and wasm give the same tokens.
#[derive(Debug)]
pub struct RankEncoder<'a> {
    token_of: &'a [Option<u32>],
    medians: &'a [f32],
    max_tokens: usize,
    /// Summed counts of each gene of the vocabulary; all zero between two cells.
    sums: Vec<f64>,
    /// The genes whose sum is above zero, with their value.
    order: Vec<(f64, u32)>,
}

impl<'a> RankEncoder<'a> {
    /// An encoder for the cells of one file. Memory is O(vocabulary).
    ///
    /// # Errors
    /// `rank.bad-shape` if the match leads outside the vocabulary.
    pub fn new(matching: &'a GeneMatch, vocabulary: &'a Vocabulary, max_tokens: usize) -> Result<Self, RankError> {
        let n_genes = vocabulary.len();
        if matching.token_of.iter().flatten().any(|&gene| gene as usize >= n_genes) {
            return Err(RankError::BadShape);
        }
        let medians = vocabulary.medians();
        Ok(Self { token_of: &matching.token_of, medians, max_tokens, sums: vec![0.0; n_genes], order: Vec::new() })
    }

    /// Puts the positions in the vocabulary of a cell's genes, best first, into `tokens`, and gives how many genes of the
    /// vocabulary the cell expresses before the cut.
    ///
    /// `columns` and `values` are one row of a matrix with a column a gene of the file: unsorted and repeated columns are
    /// allowed. `total` is `n`, usually [`row_total`]. A cell without counts gives no tokens. The model's special tokens are
    /// not added here. O(non-zeros + k log k) for k tokens.
    ///
    /// # Errors
    /// `rank.bad-value` if a value or the total is negative, infinite or NaN, or the total is zero where a
    /// value is not; `rank.bad-shape` if a column is outside the file's genes. `tokens` is then empty.
    pub fn encode(
        &mut self,
        columns: &[u32],
        values: &[f32],
        total: f64,
        tokens: &mut Vec<u32>,
    ) -> Result<usize, RankError> {
        tokens.clear();
        self.order.clear();
        let summed = self.sum(columns, values, total);
        for (value, gene) in &mut self.order {
            let sum = std::mem::take(&mut self.sums[*gene as usize]);
            *value = sum / total * 10_000.0 / f64::from(self.medians[*gene as usize]);
        }
        summed?;
        let expressed = self.order.len();
        let best_first = |a: &(f64, u32), b: &(f64, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if (1..expressed).contains(&self.max_tokens) {
            self.order.select_nth_unstable_by(self.max_tokens - 1, best_first);
        }
        self.order.truncate(self.max_tokens);
        self.order.sort_unstable_by(best_first);
        tokens.extend(self.order.iter().map(|(_, gene)| gene));
        Ok(expressed)
    }

    /// Adds the counts up in `sums` and lists the genes they fall on in `order`.
    fn sum(&mut self, columns: &[u32], values: &[f32], total: f64) -> Result<(), RankError> {
        if columns.len() != values.len() {
            return Err(RankError::BadShape);
        }
        if !total.is_finite() || total < 0.0 {
            return Err(RankError::BadValue);
        }
        for (&column, &value) in columns.iter().zip(values) {
            if !value.is_finite() || value < 0.0 || (value > 0.0 && total == 0.0) {
                return Err(RankError::BadValue);
            }
            let gene = *self.token_of.get(column as usize).ok_or(RankError::BadShape)?;
            let Some(gene) = gene.filter(|_| value > 0.0) else { continue };
            let sum = &mut self.sums[gene as usize];
            if *sum == 0.0 {
                self.order.push((0.0, gene));
            }
            *sum += f64::from(value);
        }
        Ok(())
    }
}

/// The tokens of one cell; for many cells of a file use a [`RankEncoder`], which this makes.
///
/// # Errors
/// As [`RankEncoder::new`] and [`RankEncoder::encode`].
pub fn encode(
    columns: &[u32],
    values: &[f32],
    total: f64,
    matching: &GeneMatch,
    vocabulary: &Vocabulary,
    max_tokens: usize,
) -> Result<Vec<u32>, RankError> {
    let mut tokens = Vec::new();
    RankEncoder::new(matching, vocabulary, max_tokens)?.encode(columns, values, total, &mut tokens)?;
    Ok(tokens)
}

/// The counts of a cell over all measured genes, summed in `f64` in the order they are stored.
pub fn row_total(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genes::{Gene, GeneReport};

    fn vocabulary(medians: &[f32]) -> Vocabulary {
        let genes = (0..medians.len()).map(|i| Gene { symbol: format!("G{i}"), ..Gene::default() });
        Vocabulary::new(genes.collect(), medians.to_vec()).unwrap()
    }

    fn matching(token_of: &[Option<u32>]) -> GeneMatch {
        GeneMatch {
            column: "index".into(),
            token_of: token_of.to_vec(),
            first_unknown: Vec::new(),
            report: GeneReport::default(),
        }
    }

    #[test]
    fn medians_decide_and_ties_go_by_position() {
        let vocabulary = vocabulary(&[4.0, 1.0, 1.0, 2.0]);
        let matching = matching(&[Some(0), Some(1), Some(2), Some(3), None]);
        let encode = |values: &[f32], max| {
            let columns: Vec<u32> = (0..values.len() as u32).collect();
            encode(&columns, values, row_total(values), &matching, &vocabulary, max).unwrap()
        };
        assert_eq!(encode(&[4.0, 2.0, 2.0, 5.0, 100.0], 9), [3, 1, 2, 0]);
        assert_eq!(encode(&[4.0, 2.0, 2.0, 5.0, 100.0], 2), [3, 1], "cut after the best");
        assert_eq!(encode(&[4.0, 2.0, 2.0, 5.0, 100.0], 0), [0u32; 0]);
        assert_eq!(encode(&[0.0, 0.0, 1.0, 0.0, 0.0], 9), [2], "zeros are dropped");
        assert_eq!(encode(&[0.0; 5], 9), [0u32; 0], "an empty cell has no tokens");
        assert_eq!(encode(&[0.0, 0.0, 0.0, 0.0, 7.0], 9), [0u32; 0], "nor has one of unknown genes");
    }

    #[test]
    fn duplicates_are_summed_before_ranking() {
        let (vocabulary, matching) = (vocabulary(&[1.0, 1.0]), matching(&[Some(0), Some(1), Some(1)]));
        assert_eq!(encode(&[2, 0, 1], &[2.0, 3.0, 2.0], 7.0, &matching, &vocabulary, 9).unwrap(), [1, 0]);
        assert_eq!(
            encode(&[0, 1, 1], &[3.0, 2.0, 2.0], 7.0, &matching, &vocabulary, 9).unwrap(),
            [1, 0],
            "repeated columns"
        );
    }

    #[test]
    fn an_error_leaves_the_encoder_clean() {
        let (vocabulary, matching) = (vocabulary(&[1.0, 1.0]), matching(&[Some(0), Some(1)]));
        let mut encoder = RankEncoder::new(&matching, &vocabulary, 9).unwrap();
        let mut tokens = vec![7];
        for bad in [-1.0, f32::NAN, f32::INFINITY] {
            assert_eq!(encoder.encode(&[0, 1], &[5.0, bad], 5.0, &mut tokens), Err(RankError::BadValue));
            assert!(tokens.is_empty());
        }
        for total in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(encoder.encode(&[0], &[5.0], total, &mut tokens), Err(RankError::BadValue));
        }
        assert_eq!(encoder.encode(&[0, 2], &[5.0, 1.0], 5.0, &mut tokens), Err(RankError::BadShape));
        assert_eq!(encoder.encode(&[0], &[], 5.0, &mut tokens), Err(RankError::BadShape));
        assert_eq!(encoder.encode(&[1], &[1.0], 1.0, &mut tokens), Ok(1));
        assert_eq!(tokens, [1], "nothing of the failed cells is left");
        assert!(RankEncoder::new(&self::matching(&[Some(2)]), &vocabulary, 9).is_err());
    }
}
