//! Where the expression head's biases start: the log frequency of each panel gene on each technology.

use burn::tensor::{Device, Tensor, TensorData};

use super::config::Technology;
use super::groups::{Data, Group};
use crate::model::EncoderConfig;

/// `log` of each gene's share of all panel counts (with half a count added), `[2, vocabulary]`; 0 off the panel.
///
/// The head then starts from the mean profile, and learns how cells differ from it.
pub fn log_frequencies(data: &Data, encoder: &EncoderConfig, device: &Device) -> Tensor<2> {
    let mut bias = vec![0.0f32; encoder.token_types * encoder.vocabulary];
    let sides: [(Technology, Vec<&Group>); 2] = [
        (Technology::Dissociated, data.dissociated.iter().collect()),
        (Technology::Spatial, std::iter::once(&data.reference).chain(&data.spatial).collect()),
    ];
    for (technology, groups) in sides {
        let mut sums = vec![0.5f64; data.panel.len()];
        for group in groups {
            for cell in group.counts.chunks_exact(data.panel.len()) {
                sums.iter_mut().zip(cell).for_each(|(sum, count)| *sum += f64::from(*count));
            }
        }
        let total: f64 = sums.iter().sum();
        for (sum, &gene) in sums.iter().zip(&data.panel) {
            let token = gene as usize + encoder.special_tokens;
            bias[technology as usize * encoder.vocabulary + token] = (sum / total).ln() as f32;
        }
    }
    Tensor::from_data(TensorData::new(bias, [encoder.token_types, encoder.vocabulary]), device)
}
