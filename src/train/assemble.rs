//! From a fine-tuned checkpoint to a `.resitu` file: quantisation, reference map, calibration, model card.

use std::path::Path;

use burn::tensor::Device;

use super::card::model_card;
use super::config::{Role, TrainingConfig};
use super::evaluate::Evaluation;
use super::groups::Data;
use super::map::{PLACEMENT, mean_row, quantised, reference_map};
use super::run::{load_translator, panel_of};
use super::{TrainError, checkpoint};
use crate::Error;
use crate::bundle::{
    Bundle, Description, Direction, Draft, Niche, PanelGene, Quantized, Reference, Section, Source, State, Weight,
};
use crate::genes::Vocabulary;
use crate::model::TranslatorConfig;

/// Version of the default translator's file, in its manifest.
const VERSION: &str = "0.1.0";

/// Writes the bundle of a fine-tuned checkpoint; gives its bytes.
pub fn assemble(
    config: &TrainingConfig,
    data: &Path,
    tuned: &Path,
    evaluation: &Evaluation,
    machine: &str,
    device: &Device,
) -> Result<Vec<u8>, Error> {
    let checkpoint = checkpoint::read::<TranslatorConfig>(tuned)?;
    let panel = panel_of(config, data, &checkpoint.vocabulary)?;
    let cells = Data::load(config, data, &checkpoint.vocabulary, &panel)?;
    let weights: Vec<Weight> = checkpoint.weights.iter().cloned().map(Weight::compact).collect();
    let model = load_translator(&checkpoint.config, quantised(checkpoint.weights)?, device)?;
    let map = reference_map(&model, &checkpoint.config, &cells, device)?;
    let description = Description {
        name: config.name.clone(),
        version: VERSION.to_owned(),
        licence: "CC BY 4.0".to_owned(),
        directions: vec![Direction::ScToSt],
        species: config.species.clone(),
        tissue: config.tissue.clone(),
        technologies: vec!["dissociated".to_owned(), "spatial".to_owned()],
        panel: panel_genes(&cells.panel, &checkpoint.vocabulary),
        model: checkpoint.config.clone(),
        max_tokens: config.encoder.max_tokens,
        reads: config.finetune.reads,
        panel_total: cells.panel_total,
        placement: PLACEMENT,
        calibration: map.calibration,
        states: config
            .states
            .markers
            .iter()
            .map(|(name, markers)| State { name: name.clone(), markers: markers.clone() })
            .collect(),
        niches: niches(&cells),
        sections: sections(config),
        sources: sources(config),
        evaluation: serde_json::to_value(evaluation).map_err(|_| TrainError::NotWritten("the evaluation"))?,
    };
    let model_card = model_card(config, &description, &cells, &checkpoint.log, evaluation, machine);
    let n = cells.reference.len();
    let draft = Draft {
        reference: Reference {
            embeddings: Quantized::new(checkpoint.config.niche_embedding, &map.embeddings)?,
            positions_um: cells.reference.xy.iter().map(|xy| xy.map(|value| value as f32)).collect(),
            state: cells.reference.state.clone(),
            niche: map.niche,
            section: vec![0; n],
        },
        description,
        vocabulary: checkpoint.vocabulary,
        weights,
        model_card,
    };
    Ok(Bundle::write(&draft)?)
}

fn panel_genes(panel: &[u32], vocabulary: &Vocabulary) -> Vec<PanelGene> {
    let genes = vocabulary.genes();
    panel.iter().map(|&gene| PanelGene { symbol: genes[gene as usize].label().to_owned(), gene }).collect()
}

/// Niches named by the states that are over-represented in them, most first.
fn niches(data: &Data) -> Vec<Niche> {
    let states = data.states.len();
    let mean = mean_row(&data.reference.composition, states);
    data.niches
        .chunks_exact(states)
        .enumerate()
        .map(|(index, composition)| {
            let mut order: Vec<usize> = (0..states).collect();
            // A share weighted by how much it exceeds the usual: neither rare states nor ubiquitous ones name a niche.
            let standing =
                |state: usize| composition[state] * (composition[state] / mean[state].max(1e-3)).max(1e-6).ln();
            order.sort_by(|&a, &b| standing(b).total_cmp(&standing(a)));
            let named: Vec<&str> = order
                .iter()
                .take(2)
                .filter(|&&state| standing(state) > 0.02 && composition[state] > 0.1)
                .map(|&state| data.states[state].as_str())
                .collect();
            let name = if named.is_empty() { "mixed".to_owned() } else { named.join(" + ") };
            Niche { name: format!("{} {name}", index + 1), composition: composition.to_vec() }
        })
        .collect()
}

fn sections(config: &TrainingConfig) -> Vec<Section> {
    config
        .section
        .iter()
        .filter(|section| section.role == Role::Reference)
        .map(|section| Section {
            name: section.name.clone(),
            technology: "10x Xenium".to_owned(),
            attribution: format!(
                "{}, {}; states, niches and embeddings computed by resitu",
                section.source, section.licence
            ),
            licence: section.licence.clone(),
            url: section.url.clone(),
        })
        .collect()
}

fn sources(config: &TrainingConfig) -> Vec<Source> {
    let corpora = config.corpus.iter().map(|file| (&file.source, &file.licence, &file.url));
    let dissociated = config.dissociated.iter().map(|file| (&file.source, &file.licence, &file.url));
    let sections = config.section.iter().map(|section| (&section.source, &section.licence, &section.url));
    let mut sources: Vec<Source> = Vec::new();
    for (name, licence, url) in dissociated.chain(sections).chain(corpora) {
        if !sources.iter().any(|source| &source.name == name) {
            sources.push(Source { name: name.clone(), licence: licence.clone(), url: url.clone() });
        }
    }
    sources
}
