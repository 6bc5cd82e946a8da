//! What a model says of a group of cells, batch by batch, read back to the CPU.

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::batch::Batch;
use super::config::Technology;
use super::groups::{Data, Group};
use crate::Error;
use crate::model::{EncoderConfig, ModelError, TranslatorModel};

/// Tokens of the panel's genes.
pub fn panel_tensor(data: &Data, encoder: &EncoderConfig, device: &Device) -> Tensor<1, Int> {
    let tokens: Vec<i32> = data.panel.iter().map(|&gene| (gene as usize + encoder.special_tokens) as i32).collect();
    let n = tokens.len();
    Tensor::from_data(TensorData::new(tokens, [n]), device)
}

/// `z` of a group's cells.
pub fn embed(
    model: &TranslatorModel,
    cells: &Group,
    technology: Technology,
    special_tokens: usize,
    device: &Device,
) -> Tensor<2> {
    let batch = Batch::new(&cells.tokens, technology as i32, special_tokens, device);
    model.embed(batch.tokens, batch.types, batch.padding)
}

/// Padded tokens of a batch.
const TOKENS_PER_BATCH: usize = 8_192;

/// Row-major results, in the order of the group's cells.
#[derive(Default)]
pub struct Inferred {
    /// Cells × panel, rows sum to 1.
    pub shares: Vec<f32>,
    /// Cells × states, rows sum to 1.
    pub composition: Vec<f32>,
    /// Cells × states.
    pub state: Vec<f32>,
    /// Cells × niche embedding, unit rows.
    pub embedding: Vec<f32>,
}

/// Runs the model over a group. Cells are batched by length; the order of the result is the group's.
pub fn infer(
    model: &TranslatorModel,
    encoder: &EncoderConfig,
    cells: &Group,
    technology: Technology,
    panel: &Tensor<1, Int>,
    device: &Device,
) -> Result<Inferred, Error> {
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by_key(|&cell| (cells.tokens[cell].len(), cell));
    let mut result = Inferred::default();
    let mut widths = [0; 4];
    let mut start = 0;
    while start < order.len() {
        // Lengths rise, so the last cell of a batch sets its padding.
        let mut end = start + 1;
        while end < order.len() && (end + 1 - start) * cells.tokens[order[end]].len() <= TOKENS_PER_BATCH {
            end += 1;
        }
        let tokens: Vec<&[u32]> = order[start..end].iter().map(|&cell| cells.tokens[cell].as_slice()).collect();
        let batch = Batch::new(&tokens, technology as i32, encoder.special_tokens, device);
        let said = model.read(model.embed(batch.tokens, batch.types, batch.padding), panel.clone());
        let parts = [said.shares, said.composition, said.state, said.embedding];
        let into = [&mut result.shares, &mut result.composition, &mut result.state, &mut result.embedding];
        for ((part, into), width) in parts.into_iter().zip(into).zip(&mut widths) {
            *width = part.dims()[1];
            let values = part
                .inner()
                .try_into_vec_as::<f32>()
                .map_err(|_| ModelError::DeviceLost("a result could not be read"))?;
            if values.iter().any(|value| !value.is_finite()) {
                return Err(ModelError::NotFinite.into());
            }
            into.resize(cells.len() * *width, 0.0);
            for (row, &cell) in values.chunks_exact(*width).zip(&order[start..end]) {
                into[cell * *width..(cell + 1) * *width].copy_from_slice(row);
            }
        }
        start = end;
    }
    Ok(result)
}

/// The largest entry of each row, the first of equals.
pub fn argmax_rows(values: &[f32], width: usize) -> Vec<u8> {
    values
        .chunks_exact(width)
        .map(|row| row.iter().enumerate().fold(0, |best, (i, value)| if *value > row[best] { i } else { best }) as u8)
        .collect()
}
