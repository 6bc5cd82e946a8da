//! Counts made comparable between cells of different size.

use super::{CellsError, Csr};

/// `log1p` of counts scaled so that each cell has the median total: scanpy's `normalize_total` and `log1p`, with their
/// defaults.
///
/// The median is over cells with a total above 0; a cell without counts stays empty. Entries of one gene in one cell
/// are summed first. Negative counts and NaN are not for this: their logarithm may be NaN. O(values · log values a row).
pub fn log1p_per_median_total(counts: &Csr) -> Result<Csr, CellsError> {
    let total = |cell: usize| counts.row(cell).1.iter().map(|&value| f64::from(value)).sum::<f64>();
    let totals: Vec<f64> = (0..counts.n_rows()).map(total).collect();
    let target = median(totals.iter().copied().filter(|total| *total > 0.0).collect());
    let mut normalised = Csr::empty(counts.n_cols());
    let mut row: Vec<(u32, f32)> = Vec::new();
    for (cell, total) in totals.iter().enumerate() {
        row.clear();
        row.extend(counts.row(cell).0.iter().copied().zip(counts.row(cell).1.iter().copied()));
        row.sort_by_key(|entry| entry.0);
        row.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            kept.1 += if same { later.1 } else { 0.0 };
            same
        });
        let scale = if *total > 0.0 { target / total } else { 1.0 };
        normalised.push_row(row.iter().map(|&(gene, value)| (gene, (f64::from(value) * scale).ln_1p() as f32)))?;
    }
    Ok(normalised)
}

/// The middle value, or the mean of the two middle ones; 0 of nothing.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_get_the_median_total_and_empty_ones_stay_empty() -> Result<(), CellsError> {
        // Totals 4, 0, 2, 8: the median of 2, 4 and 8 is 4. The last cell names gene 1 twice.
        let counts = Csr::new(2, vec![0, 2, 2, 3, 6], vec![0, 1, 1, 1, 0, 1], vec![3.0, 1.0, 2.0, 1.0, 2.0, 5.0])?;
        let ln = |count: f32| count.ln_1p();
        let expected = Csr::from_dense(2, &[ln(3.0), ln(1.0), 0.0, 0.0, 0.0, ln(4.0), ln(1.0), ln(3.0)])?;
        assert_eq!(log1p_per_median_total(&counts)?, expected);
        assert_eq!(log1p_per_median_total(&Csr::empty(2))?, Csr::empty(2));
        Ok(())
    }
}
