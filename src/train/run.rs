//! The training steps as the command line calls them: files in, checkpoints out.

use std::path::Path;

use burn::tensor::Device;
use serde_json::json;

use super::TrainError;
use super::checkpoint;
use super::config::{Technology, TrainingConfig};
use super::corpus::{self, GeneStatistics, RawCells, choose_vocabulary};
use super::finetune::{Finetuned, finetune, without_critics};
use super::groups::{Data, training_rows};
use super::pretrain::{PretrainingCell, pretrain};
use crate::Error;
use crate::genes::{GeneTable, Vocabulary};
use crate::model::{EncoderConfig, NamedTensor, PretrainingModel, TranslatorConfig, TranslatorModel, load_weights};
use crate::progress::Tick;

/// `<pad>` and `<mask>`, as in Geneformer V1.
const SPECIAL_TOKENS: usize = 2;

/// Pretrains a base and writes its checkpoint. Held-out sections and cells are not looked at. A cancelled run writes what it
/// has come to before it says so.
pub fn pretrain_base(
    config: &TrainingConfig,
    data: &Path,
    output: &Path,
    device: &Device,
    tick: Tick,
) -> Result<(), Error> {
    let table = corpus::gene_table(data, &config.genes.gencode, &config.genes.hgnc)?;
    let panel = panel_genes(config, data, &table)?;
    let mut files = Vec::new();
    let mut statistics = GeneStatistics::new(table.genes().len());
    for (path, technology, cells) in training_cells(config, data)? {
        let matching = table
            .match_genes(&cells.names)
            .map_err(|_| TrainError::BadData(format!("the genes of {path} are not those of the annotation")))?;
        if technology == Technology::Dissociated {
            statistics.add(&cells, &matching);
        }
        files.push((technology, cells));
    }
    let vocabulary = choose_vocabulary(&table, &panel, &statistics, config.vocabulary.size)?;
    let mut cells = Vec::new();
    for (technology, raw) in files {
        let matching = vocabulary.match_genes(&raw.names)?;
        let tokens = raw.tokens(&matching, &vocabulary, config.encoder.max_tokens)?;
        let technology = corpus::token_type(technology);
        cells.extend(tokens.into_iter().map(|genes| PretrainingCell { genes, technology }));
    }
    let encoder = encoder_config(config, &vocabulary);
    let (model, log) = pretrain(&encoder, &config.pretrain, &cells, config.seed, device, tick)?;
    let complete = log.steps == config.pretrain.steps;
    let log = json!({ "losses": log.losses, "cells": log.cells, "steps": log.steps });
    checkpoint::write(output, &encoder, &model, &vocabulary, &log)?;
    if complete { Ok(()) } else { Err(TrainError::Cancelled.into()) }
}

/// A pretrained base and the cells of the run, read once.
pub struct Prepared {
    base: checkpoint::Checkpoint<EncoderConfig>,
    pub cells: Data,
}

/// Reads a base and every file of the configuration.
pub fn prepare(config: &TrainingConfig, data: &Path, base: &Path) -> Result<Prepared, Error> {
    let base = checkpoint::read::<EncoderConfig>(base)?;
    let panel = panel_of(config, data, &base.vocabulary)?;
    let cells = Data::load(config, data, &base.vocabulary, &panel)?;
    Ok(Prepared { base, cells })
}

/// Fine-tunes a base and writes its checkpoint; a cancelled run too, before it says so.
pub fn finetune_base(
    config: &TrainingConfig,
    prepared: Prepared,
    critics: bool,
    output: &Path,
    device: &Device,
    tick: Tick,
) -> Result<Finetuned, Error> {
    let Prepared { base, cells } = prepared;
    let encoder = base.config;
    let translator = TranslatorConfig {
        encoder: encoder.clone(),
        states: cells.states.len(),
        expression_hidden: config.finetune.expression_hidden,
        niche_embedding: config.finetune.niche_embedding,
    };
    device.seed(config.seed);
    let mut model = TranslatorModel::new(&translator, device)?;
    let pretrained = load_weights(PretrainingModel::new(&encoder, device)?, base.weights, device)?;
    model.encoder = pretrained.encoder;
    model.expression = model.expression.with_bias(super::frequencies::log_frequencies(&cells, &encoder, device));
    model = super::standardise::standardise(model, &encoder, &cells, device)?;
    let mut settings = config.finetune.clone();
    if !critics {
        settings.weights = without_critics(settings.weights);
    }
    let finetuned = finetune(model, &encoder, &cells, &settings, config.seed, device, tick)?;
    let log = json!({
        "entries": finetuned.log,
        "best_step": finetuned.best_step,
        "critics": critics,
        "pretraining": base.log,
    });
    checkpoint::write(output, &translator, &finetuned.model, &base.vocabulary, &log)?;
    if finetuned.cancelled { Err(TrainError::Cancelled.into()) } else { Ok(finetuned) }
}

/// A fine-tuned checkpoint as a model on `device`.
pub fn load_translator(
    config: &TranslatorConfig,
    weights: Vec<NamedTensor>,
    device: &Device,
) -> Result<TranslatorModel, Error> {
    Ok(load_weights(TranslatorModel::new(config, device)?, weights, device)?)
}

fn encoder_config(config: &TrainingConfig, vocabulary: &Vocabulary) -> EncoderConfig {
    EncoderConfig {
        vocabulary: vocabulary.len() + SPECIAL_TOKENS,
        special_tokens: SPECIAL_TOKENS,
        layers: config.encoder.layers,
        hidden: config.encoder.hidden,
        heads: config.encoder.heads,
        feed_forward: config.encoder.feed_forward,
        positions: config.encoder.max_tokens,
        token_types: 2,
        layer_norm_epsilon: 1e-12,
    }
}

/// The reference section's genes, as positions in the table.
fn panel_genes(config: &TrainingConfig, data: &Path, table: &GeneTable) -> Result<Vec<u32>, Error> {
    let dataset = corpus::open(data, reference_path(config)?)?;
    let matching = table.match_genes(dataset.var_columns())?;
    let mut panel: Vec<u32> = matching.token_of.into_iter().flatten().collect();
    let mut seen = std::collections::HashSet::new();
    panel.retain(|gene| seen.insert(*gene));
    Ok(panel)
}

/// The reference section's genes, as positions in the vocabulary.
pub fn panel_of(config: &TrainingConfig, data: &Path, vocabulary: &Vocabulary) -> Result<Vec<u32>, Error> {
    let dataset = corpus::open(data, reference_path(config)?)?;
    let mut panel: Vec<u32> = vocabulary.match_genes(dataset.var_columns())?.token_of.into_iter().flatten().collect();
    panel.sort_unstable();
    panel.dedup();
    Ok(panel)
}

fn reference_path(config: &TrainingConfig) -> Result<&str, TrainError> {
    let reference = config.section.iter().find(|section| section.role == super::config::Role::Reference);
    reference.map(|section| section.path.as_str()).ok_or_else(|| TrainError::BadConfig("no reference".to_owned()))
}

/// Every cell that pretraining may see: the corpora, and the training parts of the tissue's own files.
fn training_cells(config: &TrainingConfig, data: &Path) -> Result<Vec<(String, Technology, RawCells)>, Error> {
    let mut files = Vec::new();
    for file in &config.corpus {
        let dataset = corpus::open(data, &file.path)?;
        let cells = RawCells::read(&dataset, |_| true, file.limit, config.seed)?;
        files.push((file.path.clone(), file.technology, cells));
    }
    for (index, file) in config.dissociated.iter().enumerate() {
        let dataset = corpus::open(data, &file.path)?;
        let keep = training_rows(dataset.n_cells(), file, config.seed + index as u64);
        let cells = RawCells::read(&dataset, |row| keep[row], usize::MAX, config.seed)?;
        files.push((file.path.clone(), Technology::Dissociated, cells));
    }
    for section in &config.section {
        use super::config::Role;
        if matches!(section.role, Role::Reference | Role::Train) {
            let dataset = corpus::open(data, &section.path)?;
            let chosen = super::groups::chosen_rows(section, &dataset)?;
            let cells = RawCells::read(&dataset, |row| chosen[row], SECTION_LIMIT, config.seed)?;
            files.push((section.name.clone(), Technology::Spatial, cells));
        }
    }
    Ok(files)
}

/// Cells of a section that pretraining looks at: fine-tuning sees them all.
const SECTION_LIMIT: usize = 4_000;
