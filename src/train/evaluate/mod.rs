//! Evaluation on the test split: T1 and T5 of the method, beside trivial baselines and the model without its critics.
//!
//! What is evaluated is what ships: weights go through the bundle's quantisation first.

mod baselines;
mod likeness;
mod table;
mod whereabouts;

use std::path::Path;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::config::{Technology, TrainingConfig};
use super::groups::{Data, Group};
use super::infer::{Inferred, infer, panel_tensor};
use super::map::{Map, quantised, reference_map};
use super::run::{load_translator, panel_of};
use super::{TrainError, checkpoint};
use crate::Error;
use crate::model::{NamedTensor, TranslatorConfig};
use crate::progress::{Progress, Tick};

pub use table::markdown;

/// A mean over cells with its 95 % bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

/// T1, pseudo-dissociation: the coordinates of a held-out section are hidden, its cells put on the reference, and their
/// neighbourhoods compared with the true ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Whereabouts {
    pub name: String,
    /// Jensen–Shannon distance of neighbour composition, 20 nearest neighbours; 0 best.
    pub composition_distance: Estimate,
    /// Macro-F1 of the niche; 1 best.
    pub niche_macro_f1: f64,
    /// Share of true neighbours found, by number of neighbours; 1 best.
    pub neighbour_hits: Vec<(usize, Estimate)>,
    /// Spearman of distances to all other cells; 1 best. Placements that are all one place have none.
    pub distance_spearman: Option<Estimate>,
}

/// T5, likeness: translated held-out dissociated cells beside held-out spatial cells of the same states.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Likeness {
    pub name: String,
    /// AUC of a classifier between translated and measured cells; 0.5 best. Mean and range over seeds of sampling.
    pub two_sample_auc: Estimate,
    /// Unbiased MMD², Gaussian kernel, median bandwidth; 0 best. Mean and range over seeds.
    pub mmd_squared: Estimate,
    /// Wasserstein distance of `log1p` counts, mean over genes; 0 best.
    pub wasserstein: f64,
    /// Share of cells whose ten most similar translations are mostly of their own label; 1 best.
    pub label_agreement: f64,
}

/// The result of an evaluation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Evaluation {
    pub seed: u64,
    pub test_sections: Vec<String>,
    pub spatial_cells: usize,
    pub dissociated_cells: usize,
    /// Hits that a random placement would have, by number of neighbours.
    pub chance_hits: Vec<(usize, f64)>,
    pub whereabouts: Vec<Whereabouts>,
    pub likeness: Vec<Likeness>,
}

/// Neighbours at which hits are counted.
const HITS_AT: [usize; 4] = [20, 50, 100, 200];

/// One fine-tuned model with everything it says of the test split.
struct Contender {
    name: &'static str,
    map: Map,
    spatial: Inferred,
    dissociated: Inferred,
}

/// Evaluates a fine-tuned checkpoint and its ablation without critics.
pub fn evaluate(
    config: &TrainingConfig,
    data: &Path,
    tuned: &Path,
    without_critics: &Path,
    device: &Device,
    tick: Tick,
) -> Result<Evaluation, Error> {
    let first = checkpoint::read::<TranslatorConfig>(tuned)?;
    let panel = panel_of(config, data, &first.vocabulary)?;
    let cells = Data::load(config, data, &first.vocabulary, &panel)?;
    let spatial = pooled(&cells.spatial_test);
    let dissociated = pooled(&cells.dissociated_test);
    if spatial.len() <= HITS_AT[HITS_AT.len() - 1] || dissociated.is_empty() {
        return Err(TrainError::BadData("the test split has too few cells".to_owned()).into());
    }
    let second = checkpoint::read::<TranslatorConfig>(without_critics)?;
    if second.vocabulary.to_tsv() != first.vocabulary.to_tsv() {
        return Err(TrainError::BadCheckpoint("its vocabulary is not that of the model beside it").into());
    }
    let mut step = 0;
    let mut advance = |tick: &mut dyn FnMut(Progress) -> std::ops::ControlFlow<()>| -> Result<(), Error> {
        step += 1;
        match tick(Progress { stage: "evaluating", done: step, total: 4 }) {
            std::ops::ControlFlow::Break(()) => Err(TrainError::Cancelled.into()),
            std::ops::ControlFlow::Continue(()) => Ok(()),
        }
    };
    let mut contenders = Vec::new();
    for (name, config, weights) in
        [("resitu", first.config, first.weights), ("resitu without critics", second.config, second.weights)]
    {
        contenders.push(contender(name, &config, weights, &cells, [&spatial, &dissociated], device)?);
        advance(tick)?;
    }
    let whereabouts = whereabouts::evaluate(&contenders, &cells, &spatial, config.seed)?;
    advance(tick)?;
    let likeness = likeness::evaluate(&contenders, &cells, &dissociated, config.seed)?;
    advance(tick)?;
    Ok(Evaluation {
        seed: config.seed,
        test_sections: cells.spatial_test.iter().map(|group| group.name.clone()).collect(),
        spatial_cells: spatial.len(),
        dissociated_cells: dissociated.len(),
        chance_hits: HITS_AT.iter().map(|&k| (k, k as f64 / (spatial.len() - 1) as f64)).collect(),
        whereabouts,
        likeness,
    })
}

fn contender(
    name: &'static str,
    config: &TranslatorConfig,
    weights: Vec<NamedTensor>,
    cells: &Data,
    [spatial, dissociated]: [&Group; 2],
    device: &Device,
) -> Result<Contender, Error> {
    let model = load_translator(config, quantised(weights)?, device)?;
    let panel = panel_tensor(cells, &config.encoder, device);
    Ok(Contender {
        name,
        map: reference_map(&model, config, cells, device)?,
        spatial: infer(&model, &config.encoder, spatial, Technology::Spatial, &panel, device)?,
        dissociated: infer(&model, &config.encoder, dissociated, Technology::Dissociated, &panel, device)?,
    })
}

fn pooled(groups: &[Group]) -> Group {
    let mut pooled = Group::default();
    for group in groups {
        pooled.append(group.clone());
    }
    pooled
}
