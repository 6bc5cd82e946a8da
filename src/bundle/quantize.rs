//! One byte a number: symmetric 8-bit quantisation in blocks.
//!
//! A row is cut into blocks of 32; the last may be shorter. With `a = max |x|` of a block,
//!
//! `s = a / 127` rounded **up** to a 16-bit float, `q = round(x / s)` in −127 ..= 127, and back `x̂ = q · s`.
//!
//! The error is at most `s / 2`, and `s ≤ a / 127 · (1 + 2⁻¹⁰) + 2⁻²⁴`: 0.4 % of the block's largest number. `q · s` has at
//! most 18 significant bits, so the product is exact in `f32` and the same on every machine. Memory is 1.0625 bytes a number.

use half::f16;

use super::BundleError;

/// Numbers that share a scale.
pub const BLOCK: usize = 32;

/// A matrix of quantised rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantized {
    width: usize,
    /// `rows × width`, row-major.
    values: Vec<i8>,
    /// `rows × ceil(width / 32)`, row-major; not negative.
    scales: Vec<f16>,
}

impl Quantized {
    /// Quantises rows of `width` numbers.
    ///
    /// # Errors
    /// `bundle.bad-shape` if the numbers do not fill whole rows; `bundle.bad-value` if one is NaN, infinite or above 8 million.
    pub fn new(width: usize, numbers: &[f32]) -> Result<Self, BundleError> {
        if width == 0 || !numbers.len().is_multiple_of(width) {
            return Err(BundleError::BadShape("the numbers to quantise do not fill whole rows"));
        }
        let mut values = Vec::with_capacity(numbers.len());
        let mut scales = Vec::with_capacity(numbers.len() / width * width.div_ceil(BLOCK));
        for block in numbers.chunks_exact(width).flat_map(|row| row.chunks(BLOCK)) {
            // NaN does not survive `max`, so it is looked for by itself.
            if !block.iter().all(|x| x.is_finite()) {
                return Err(BundleError::BadValue("a number to quantise is not finite"));
            }
            let largest = block.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
            let scale = round_up(largest / 127.0);
            if !scale.is_finite() {
                return Err(BundleError::BadValue("a number is too large to quantise"));
            }
            let step = f64::from(scale);
            let quantize =
                |x: &f32| if step == 0.0 { 0 } else { (f64::from(*x) / step).round().clamp(-127.0, 127.0) as i8 };
            values.extend(block.iter().map(quantize));
            scales.push(scale);
        }
        Ok(Self { width, values, scales })
    }

    /// Takes what was stored.
    ///
    /// # Errors
    /// `bundle.bad-shape` if the lengths do not fit; `bundle.bad-value` if a scale is negative or not finite, or a value −128,
    /// which symmetric quantisation never writes.
    pub fn from_parts(width: usize, values: Vec<i8>, scales: Vec<f16>) -> Result<Self, BundleError> {
        let rows = values.len().checked_div(width).ok_or(BundleError::BadShape("a quantised array has no columns"))?;
        if !values.len().is_multiple_of(width) || rows.checked_mul(width.div_ceil(BLOCK)) != Some(scales.len()) {
            return Err(BundleError::BadShape("a quantised array and its scales do not fit"));
        }
        if !scales.iter().all(|scale| scale.is_finite() && scale.to_f32() >= 0.0) || values.contains(&i8::MIN) {
            return Err(BundleError::BadValue("a quantised array"));
        }
        Ok(Self { width, values, scales })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.width
    }

    /// Numbers a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The stored values and scales.
    pub fn parts(&self) -> (&[i8], &[f16]) {
        (&self.values, &self.scales)
    }

    /// Appends the numbers of some rows to `out`; rows outside are left out.
    pub fn dequantize_rows(&self, rows: std::ops::Range<usize>, out: &mut Vec<f32>) {
        let blocks = self.width.div_ceil(BLOCK);
        let rows = rows.start.min(self.rows())..rows.end.min(self.rows());
        for row in rows {
            let values = self.values[row * self.width..(row + 1) * self.width].chunks(BLOCK);
            let scales = &self.scales[row * blocks..(row + 1) * blocks];
            for (block, scale) in values.zip(scales) {
                let scale = scale.to_f32();
                out.extend(block.iter().map(|&value| f32::from(value) * scale));
            }
        }
    }

    /// All numbers, `rows × width`.
    pub fn dequantize(&self) -> Vec<f32> {
        let mut numbers = Vec::with_capacity(self.values.len());
        self.dequantize_rows(0..self.rows(), &mut numbers);
        numbers
    }
}

/// The smallest 16-bit float that is not below `x ≥ 0`; infinity if there is none.
fn round_up(x: f32) -> f16 {
    let nearest = f16::from_f32(x);
    if nearest.to_f32() < x { f16::from_bits(nearest.to_bits() + 1) } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Explain;

    /// A generator of numbers in (−1, 1): SplitMix64.
    fn random(n: usize, mut state: u64) -> Vec<f32> {
        let mut next = || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        };
        (0..n).map(|_| next()).collect()
    }

    #[test]
    fn the_error_is_within_half_a_step() {
        for (width, magnitude) in [(1, 1.0), (31, 1e-6), (32, 0.02), (33, 300.0), (256, 1e-3), (70, 5e6)] {
            let numbers: Vec<f32> = random(width * 9, width as u64).iter().map(|x| x * magnitude).collect();
            let quantized = Quantized::new(width, &numbers).unwrap();
            let back = quantized.dequantize();
            assert_eq!((quantized.rows(), back.len()), (9, numbers.len()));
            for (row, row_back) in numbers.chunks(width).zip(back.chunks(width)) {
                for (block, block_back) in row.chunks(BLOCK).zip(row_back.chunks(BLOCK)) {
                    let largest = block.iter().fold(0.0f64, |a, x| a.max(f64::from(x.abs())));
                    let bound = 0.5 * (largest / 127.0 * (1.0 + 2f64.powi(-10)) + 2f64.powi(-24));
                    for (x, y) in block.iter().zip(block_back) {
                        let error = (f64::from(*x) - f64::from(*y)).abs();
                        assert!(error <= bound * (1.0 + 1e-9), "{x} became {y}, bound {bound}");
                    }
                }
            }
        }
    }

    #[test]
    fn rows_do_not_share_blocks_and_quantising_twice_changes_nothing() {
        let quantized = Quantized::new(3, &[0.0, 0.0, 0.0, 1.0, -2.0, 0.5]).unwrap();
        assert_eq!(quantized.parts().1.len(), 2);
        let back = quantized.dequantize();
        assert_eq!(back[..3], [0.0; 3]);
        assert_eq!(Quantized::new(3, &back).unwrap().dequantize(), back);
        let mut row = Vec::new();
        quantized.dequantize_rows(1..9, &mut row);
        assert_eq!(row, back[3..]);
    }

    #[test]
    fn numbers_that_cannot_be_kept_are_refused() {
        let code = |result: Result<Quantized, BundleError>| result.unwrap_err().code();
        for bad in [f32::NAN, f32::INFINITY, 1e9] {
            assert_eq!(code(Quantized::new(2, &[1.0, bad])), "bundle.bad-value");
        }
        assert_eq!(code(Quantized::new(0, &[])), "bundle.bad-shape");
        assert_eq!(code(Quantized::new(2, &[1.0])), "bundle.bad-shape");
        assert_eq!(code(Quantized::from_parts(2, vec![1, 2], vec![])), "bundle.bad-shape");
        assert_eq!(code(Quantized::from_parts(0, vec![], vec![])), "bundle.bad-shape");
        assert_eq!(code(Quantized::from_parts(2, vec![1, 2], vec![f16::NAN])), "bundle.bad-value");
        assert_eq!(code(Quantized::from_parts(2, vec![1, 2], vec![f16::NEG_ONE])), "bundle.bad-value");
        assert_eq!(code(Quantized::from_parts(2, vec![1, -128], vec![f16::ONE])), "bundle.bad-value");
    }
}
