//! The reference map of a model: where its reference cells lie in the niche embedding, and how near is near.

use burn::tensor::Device;
use rayon::prelude::*;

use super::TrainError;
use super::config::Technology;
use super::groups::{Data, Group};
use super::infer::{infer, panel_tensor};
use crate::Error;
use crate::bundle::{PlacementParams, Quantized, Weight};
use crate::model::{NamedTensor, TranslatorConfig, TranslatorModel};
use crate::translate::{self, Placer};

/// How cells are placed; set by hand, not tuned.
pub const PLACEMENT: PlacementParams = PlacementParams { temperature: 0.05, candidates: 64, bandwidth_um: 50.0 };
/// Quantiles of the calibration, from 0 to 1.
const QUANTILES: usize = 101;
/// The reference map of a model.
pub struct Map {
    pub placer: Placer,
    pub embeddings: Vec<f32>,
    pub niche: Vec<u8>,
    pub calibration: Vec<f32>,
}

/// Weights as they come back from a bundle: quantised and restored.
pub fn quantised(weights: Vec<NamedTensor>) -> Result<Vec<NamedTensor>, Error> {
    weights.into_iter().map(|tensor| Ok(Weight::compact(tensor).restored()?)).collect()
}

/// Embeds the reference section's cells, and calibrates on the validation sections.
pub fn reference_map(
    model: &TranslatorModel,
    config: &TranslatorConfig,
    data: &Data,
    device: &Device,
) -> Result<Map, Error> {
    let panel = panel_tensor(data, &config.encoder, device);
    let of = |group: &Group| infer(model, &config.encoder, group, Technology::Spatial, &panel, device);
    let width = config.niche_embedding;
    let embeddings = of(&data.reference)?.embedding;
    let embeddings = Quantized::new(width, &embeddings)?.dequantize();
    let mut validation = Group::default();
    for group in &data.spatial_validation {
        validation.append(group.clone());
    }
    let mut best: Vec<f32> = of(&validation)?
        .embedding
        .par_chunks_exact(width)
        .map(|cell| {
            let likeness = |row: &[f32]| row.iter().zip(cell).map(|(a, b)| a * b).sum::<f32>();
            embeddings.chunks_exact(width).map(likeness).fold(f32::NEG_INFINITY, f32::max)
        })
        .collect();
    best.sort_unstable_by(f32::total_cmp);
    let last = best.len().checked_sub(1).ok_or_else(|| TrainError::BadData("no validation cell".to_owned()))?;
    let calibration: Vec<f32> =
        (0..QUANTILES).map(|q| best[(q * last + (QUANTILES - 1) / 2) / (QUANTILES - 1)]).collect();
    let states = data.states.len();
    let niche: Vec<u8> = data.reference.composition.chunks_exact(states).map(|row| data.niche(row)).collect();
    let reference = translate::Reference {
        embeddings: embeddings.clone(),
        width,
        positions: data.reference.xy.iter().map(|xy| xy.map(|value| value as f32)).collect(),
        state: data.reference.state.clone(),
        niche: niche.clone(),
    };
    Ok(Map { placer: Placer::new(reference, PLACEMENT, calibration.clone())?, embeddings, niche, calibration })
}

/// The mean of rows.
pub fn mean_row(rows: &[f32], width: usize) -> Vec<f32> {
    let n = (rows.len() / width).max(1) as f64;
    let mut mean = vec![0.0f64; width];
    for row in rows.chunks_exact(width) {
        mean.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value) / n);
    }
    mean.into_iter().map(|value| value as f32).collect()
}
