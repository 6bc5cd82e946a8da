//! What the values of a matrix look like: counts, or something made of them.

use crate::cells::Csr;

/// What a matrix seems to hold, told from a sample of its rows.
///
/// The rule, in this order, over the finite values:
/// 1. nothing but zeros, or nothing finite: `Unknown`;
/// 2. a negative value: `Scaled`;
/// 3. all whole numbers (to 1e-6): `Counts`, unless all are 0 or 1 (`Unknown`: presence and absence);
/// 4. row sums equal (to 0.1 %): `Normalised`;
/// 5. row sums of `exp(x) − 1` equal (to 0.1 %): `LogNormalised`;
/// 6. nothing above 1: `Unknown` (fractions or probabilities);
/// 7. nothing above 20: `LogNormalised` (after the log genes were dropped, or another base was used), else `Normalised`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    Counts,
    Normalised,
    LogNormalised,
    Scaled,
    Unknown,
}

impl ValueKind {
    /// The name used in JSON and in the JavaScript types.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Normalised => "normalised",
            Self::LogNormalised => "log-normalised",
            Self::Scaled => "scaled",
            Self::Unknown => "unknown",
        }
    }
}

/// Totals over a sample of rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ValueSample {
    pub rows: usize,
    pub stored: usize,
    pub nan: usize,
    pub infinite: usize,
    pub negative: usize,
    pub fractional: usize,
    pub max: f32,
    /// Rows without any value but zero.
    pub empty_rows: usize,
    /// For each column, whether a row had a value other than zero in it.
    seen: Vec<bool>,
    sums: Spread,
    exp_sums: Spread,
}

/// Least and greatest of some positive numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Spread {
    count: usize,
    min: f64,
    max: f64,
}

impl Spread {
    fn add(&mut self, value: f64) {
        (self.min, self.max) =
            if self.count == 0 { (value, value) } else { (self.min.min(value), self.max.max(value)) };
        self.count += 1;
    }

    /// Equal to 0.1 %, in at least two rows.
    fn is_constant(&self) -> bool {
        self.count >= 2 && self.max - self.min <= 1e-3 * self.max
    }
}

impl ValueSample {
    /// Takes the rows of a matrix into the sample.
    pub fn add(&mut self, matrix: &Csr) {
        self.seen.resize(matrix.n_cols().max(self.seen.len()), false);
        for row in 0..matrix.n_rows() {
            let (mut sum, mut exp_sum) = (0.0, 0.0);
            let (columns, values) = matrix.row(row);
            let mut empty = true;
            for (&column, &value) in columns.iter().zip(values) {
                self.stored += 1;
                // Files may store zeros. NaN is no zero: something was there.
                if value != 0.0 {
                    empty = false;
                    if let Some(seen) = self.seen.get_mut(column as usize) {
                        *seen = true;
                    }
                }
                if value.is_nan() {
                    self.nan += 1;
                } else if value.is_infinite() {
                    self.infinite += 1;
                } else {
                    self.negative += usize::from(value < 0.0);
                    self.fractional += usize::from((value - value.round()).abs() > 1e-6);
                    self.max = self.max.max(value);
                    sum += f64::from(value);
                    exp_sum += f64::from(value).exp_m1();
                }
            }
            self.rows += 1;
            self.empty_rows += usize::from(empty);
            if sum > 0.0 {
                self.sums.add(sum);
                self.exp_sums.add(exp_sum);
            }
        }
    }

    /// Columns in which some row had a value other than zero.
    pub fn seen_columns(&self) -> usize {
        self.seen.iter().filter(|seen| **seen).count()
    }

    /// The verdict; see [`ValueKind`].
    pub fn kind(&self) -> ValueKind {
        if self.negative > 0 {
            ValueKind::Scaled
        } else if self.max == 0.0 {
            ValueKind::Unknown
        } else if self.fractional == 0 {
            if self.max > 1.0 { ValueKind::Counts } else { ValueKind::Unknown }
        } else if self.sums.is_constant() {
            ValueKind::Normalised
        } else if self.exp_sums.is_constant() {
            ValueKind::LogNormalised
        } else if self.max <= 1.0 {
            ValueKind::Unknown
        } else if self.max <= 20.0 {
            ValueKind::LogNormalised
        } else {
            ValueKind::Normalised
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(n_cols: usize, values: &[f32]) -> ValueKind {
        let mut sample = ValueSample::default();
        sample.add(&Csr::from_dense(n_cols, values).unwrap());
        sample.kind()
    }

    #[test]
    fn counts_and_what_is_made_of_them_are_told_apart() {
        let counts = [3.0, 0.0, 7.0, 1.0, 1.0, 0.0];
        assert_eq!(kind(3, &counts), ValueKind::Counts);
        let normalised: Vec<f32> =
            counts.chunks(3).flat_map(|r| r.iter().map(|v| v / r.iter().sum::<f32>() * 1e4)).collect();
        assert_eq!(
            kind(3, &normalised[..3].iter().chain(&[1.5, 9998.5, 0.0]).copied().collect::<Vec<_>>()),
            ValueKind::Normalised
        );
        let log: Vec<f32> = normalised.iter().map(|v| v.ln_1p()).collect();
        assert_eq!(kind(3, &log), ValueKind::LogNormalised);
        assert_eq!(kind(3, &[0.1, -0.5, 2.0]), ValueKind::Scaled);
        assert_eq!(kind(3, &[0.0; 6]), ValueKind::Unknown);
        assert_eq!(kind(2, &[1.0, 0.0, 1.0, 1.0]), ValueKind::Unknown);
        assert_eq!(kind(2, &[0.25, 0.5, 0.1, 0.6]), ValueKind::Unknown);
        assert_eq!(kind(2, &[0.25, 3.5, 1.1, 0.6]), ValueKind::LogNormalised);
    }

    #[test]
    fn values_that_are_no_numbers_are_counted_and_left_out() {
        let mut sample = ValueSample::default();
        sample.add(&Csr::from_dense(3, &[f32::NAN, 5.0, f32::INFINITY, 2.0, 0.0, 1.0]).unwrap());
        assert_eq!((sample.nan, sample.infinite, sample.stored, sample.rows), (1, 1, 5, 2));
        assert_eq!(sample.kind(), ValueKind::Counts);
    }

    #[test]
    fn rows_and_columns_of_zeros_are_counted_though_the_zeros_be_stored() {
        let mut sample = ValueSample::default();
        sample.add(&Csr::new(3, vec![0, 1, 3, 3], vec![0, 0, 2], vec![0.0, 0.0, f32::NAN]).unwrap());
        assert_eq!((sample.rows, sample.empty_rows, sample.seen_columns()), (3, 2, 1));
        sample.add(&Csr::from_dense(3, &[1.0, 0.0, 0.0]).unwrap());
        assert_eq!((sample.rows, sample.empty_rows, sample.seen_columns()), (4, 2, 2));
    }
}
