//! Cells' tokens as padded tensors.

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

/// A padded batch: `tokens`, `types` and `padding` as [`crate::model::Encoder::forward`] takes them.
#[derive(Clone)]
pub struct Batch {
    pub tokens: Tensor<2, Int>,
    pub types: Tensor<2, Int>,
    pub padding: Tensor<2, Bool>,
}

impl Batch {
    /// Pads cells to the longest. Genes are positions in the vocabulary; `special_tokens` shifts them.
    pub fn new<T: AsRef<[u32]>>(cells: &[T], technology: i32, special_tokens: usize, device: &Device) -> Self {
        let shifted: Vec<Vec<i32>> = cells
            .iter()
            .map(|cell| cell.as_ref().iter().map(|&gene| (gene as usize + special_tokens) as i32).collect())
            .collect();
        Self::from_tokens(&shifted, &vec![technology; cells.len()], device)
    }

    /// Pads sequences of tokens, special ones included, each with its own technology.
    pub fn from_tokens(cells: &[Vec<i32>], technologies: &[i32], device: &Device) -> Self {
        let length = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let mut flat = vec![0i32; cells.len() * length];
        let mut types = vec![0i32; cells.len() * length];
        let mut padding = vec![true; cells.len() * length];
        for (cell, tokens) in cells.iter().enumerate() {
            let start = cell * length;
            flat[start..start + tokens.len()].copy_from_slice(tokens);
            padding[start..start + tokens.len()].fill(false);
            types[start..start + length].fill(technologies[cell]);
        }
        let shape = [cells.len(), length];
        Self {
            tokens: Tensor::from_data(TensorData::new(flat, shape), device),
            types: Tensor::from_data(TensorData::new(types, shape), device),
            padding: Tensor::from_data(TensorData::new(padding, shape), device),
        }
    }
}
