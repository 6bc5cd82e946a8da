//! Where the translator's centres and scale start: from what the pretrained encoder makes of training cells.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use super::config::Technology;
use super::groups::{Data, Group};
use super::infer::embed;
use crate::Error;
use crate::model::{EncoderConfig, ModelError, TranslatorModel};

/// Cells of each technology that are looked at.
const CELLS: usize = 512;
const BATCH: usize = 32;

/// Means of the embedding by technology, and the reciprocal of the deviation that is left.
pub fn standardise(
    model: TranslatorModel,
    encoder: &EncoderConfig,
    data: &Data,
    device: &Device,
) -> Result<TranslatorModel, Error> {
    let plain = model.valid();
    let inner = device.clone().inner();
    let (mut centres, mut squares, mut seen) = (Vec::new(), vec![0.0f64; encoder.hidden], 0usize);
    for (technology, groups) in [
        (Technology::Dissociated, data.dissociated.as_slice()),
        (Technology::Spatial, std::slice::from_ref(&data.reference)),
    ] {
        let rows = embeddings(&plain, encoder, data, groups, technology, &inner)?;
        let n = (rows.len() / encoder.hidden).max(1) as f64;
        let mut mean = vec![0.0f64; encoder.hidden];
        for row in rows.chunks_exact(encoder.hidden) {
            mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value) / n);
        }
        for row in rows.chunks_exact(encoder.hidden) {
            for ((square, value), mean) in squares.iter_mut().zip(row).zip(&mean) {
                *square += (f64::from(*value) - mean).powi(2);
            }
        }
        seen += rows.len() / encoder.hidden;
        centres.extend(mean.into_iter().map(|value| value as f32));
    }
    let scale: Vec<f32> =
        squares.iter().map(|square| (1.0 / (square / seen.max(1) as f64).sqrt().max(1e-6)) as f32).collect();
    let technologies = centres.len() / encoder.hidden;
    let centre = Tensor::from_data(TensorData::new(centres, [technologies, encoder.hidden]), device);
    let scale = Tensor::from_data(TensorData::new(scale, [encoder.hidden]), device);
    Ok(model.with_standardisation(centre, scale))
}

/// Embeddings of cells spread evenly over the groups.
fn embeddings(
    model: &TranslatorModel,
    encoder: &EncoderConfig,
    data: &Data,
    groups: &[Group],
    technology: Technology,
    device: &Device,
) -> Result<Vec<f32>, Error> {
    let mut values = Vec::new();
    for group in groups.iter().filter(|group| !group.is_empty()) {
        let step = (group.len() * groups.len()).div_ceil(CELLS).max(1);
        let rows: Vec<usize> = (0..group.len()).step_by(step).collect();
        for rows in rows.chunks(BATCH) {
            let cells = group.select(rows, data.panel.len(), data.states.len());
            let z = embed(model, &cells, technology, encoder.special_tokens, device);
            let z = z.try_into_vec_as::<f32>().map_err(|_| ModelError::DeviceLost("an embedding could not be read"))?;
            values.extend(z);
        }
    }
    Ok(values)
}
