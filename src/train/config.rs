//! The training configuration: one TOML file says which cells, which sizes, which weights.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::TrainError;
use crate::bundle::Reads;

/// Everything that a training run depends on, besides the data: same file, same data, same device, same weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingConfig {
    pub name: String,
    pub species: String,
    pub tissue: String,
    pub seed: u64,
    pub genes: GeneTables,
    pub vocabulary: VocabularySize,
    pub encoder: EncoderSize,
    pub pretrain: PretrainSettings,
    pub finetune: FinetuneSettings,
    pub states: StateSettings,
    /// Cells for pretraining alone.
    #[serde(default)]
    pub corpus: Vec<CorpusFile>,
    /// Dissociated cells of the tissue.
    pub dissociated: Vec<DissociatedFile>,
    /// Spatial sections of the tissue; exactly one is the reference.
    pub section: Vec<SectionFile>,
}

/// Annotation tables that give Ensembl ids to symbols.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GeneTables {
    pub gencode: String,
    pub hgnc: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VocabularySize {
    /// Genes in the vocabulary: the panel's, then those that most dissociated cells express.
    pub size: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EncoderSize {
    pub layers: usize,
    pub hidden: usize,
    pub heads: usize,
    pub feed_forward: usize,
    pub max_tokens: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PretrainSettings {
    pub steps: usize,
    pub cells_per_step: usize,
    pub learning_rate: f64,
    /// Share of a cell's tokens that are hidden.
    pub masked_share: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FinetuneSettings {
    /// `panel`: both technologies show the network the panel's genes alone; `vocabulary`: all genes of a cell.
    pub reads: Reads,
    /// Up to this share of a training cell's tokens is left out, a new share for each cell of each batch.
    pub token_dropout: f64,
    pub steps: usize,
    pub dissociated_per_step: usize,
    pub spatial_per_step: usize,
    pub learning_rate: f64,
    /// Critic updates for each update of the translator.
    pub critic_steps: usize,
    pub critic_learning_rate: f64,
    pub critic_hidden: usize,
    pub expression_hidden: usize,
    pub niche_embedding: usize,
    pub validate_every: usize,
    /// At most this many cells are looked at in a validation.
    pub validation_cells: usize,
    pub weights: LossWeights,
}

/// Weight of each loss; zero switches it off.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LossWeights {
    /// Counts of either technology from `z` (multinomial).
    pub reconstruction: f64,
    /// Neighbour composition of spatial cells.
    pub niche: f64,
    /// The cell's own state, on either technology.
    pub state: f64,
    /// A translation resembles its own source more than the batch's others (InfoNCE).
    pub contrast: f64,
    /// Wasserstein critic on translated profiles.
    pub adversarial: f64,
    /// Wasserstein critic on `z`.
    pub domain: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StateSettings {
    /// Clusters of k-means before they are named.
    pub clusters: usize,
    pub niches: usize,
    /// Markers of each state, by name; the order of the names is the order of the states.
    pub markers: BTreeMap<String, Vec<String>>,
}

/// The technology of a file's cells; its number is the encoder's token type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Technology {
    Dissociated = 0,
    Spatial = 1,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CorpusFile {
    pub path: String,
    pub technology: Technology,
    pub limit: usize,
    pub source: String,
    pub licence: String,
    pub url: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DissociatedFile {
    pub path: String,
    pub source: String,
    pub licence: String,
    pub url: String,
    pub test_share: f64,
    pub validation_share: f64,
    /// Share of the dissociated cells of a batch that come from this file.
    pub share_of_batch: f64,
    /// All cells are of this state …
    #[serde(default)]
    pub state: Option<String>,
    /// … or a column of labels tells it. Cells whose label leads to no state train no state loss.
    #[serde(default)]
    pub label_column: Option<String>,
    #[serde(default)]
    pub label_to_state: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Trained on, and the map that cells are put back on.
    Reference,
    Train,
    Validation,
    Test,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionFile {
    pub path: String,
    pub name: String,
    pub role: Role,
    /// Only cells whose `column` holds `value`.
    #[serde(default)]
    pub column: Option<String>,
    #[serde(default)]
    pub value: Option<String>,
    /// A yes/no column of cells that are neighbours but never examples (they are in another section too).
    #[serde(default)]
    pub exclude: Option<String>,
    /// Nearest neighbours that make a niche.
    pub neighbours: usize,
    pub source: String,
    pub licence: String,
    pub url: String,
}

impl TrainingConfig {
    /// Reads and checks a TOML file.
    ///
    /// # Errors
    /// `train.bad-config` with the reader's own words, `train.no-file`.
    pub fn read(path: &Path) -> Result<Self, TrainError> {
        let text = std::fs::read_to_string(path).map_err(|_| TrainError::NoFile("the training configuration"))?;
        let config: Self = toml::from_str(&text).map_err(|error| TrainError::BadConfig(error.to_string()))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), TrainError> {
        let bad = |why: &str| Err(TrainError::BadConfig(why.to_owned()));
        let roles = |role| self.section.iter().filter(|section| section.role == role).count();
        if roles(Role::Reference) != 1 {
            return bad("exactly one section must be the reference");
        }
        if roles(Role::Validation) == 0 {
            return bad("a validation section is needed to choose the checkpoint");
        }
        if self.states.markers.len() < 2 || self.states.markers.len() > 200 {
            return bad("two to 200 states are needed");
        }
        if self.states.clusters < 2 || self.states.niches < 2 || self.states.niches > 200 {
            return bad("at least two clusters and two to 200 niches are needed");
        }
        if self.dissociated.is_empty() {
            return bad("at least one dissociated file is needed");
        }
        let positive =
            [self.pretrain.cells_per_step, self.finetune.dissociated_per_step, self.finetune.spatial_per_step];
        if positive.contains(&0) || self.finetune.validate_every == 0 || self.finetune.validation_cells == 0 {
            return bad("a batch or interval is zero");
        }
        if self.finetune.spatial_per_step < self.finetune.dissociated_per_step {
            return bad(
                "spatial_per_step must be at least dissociated_per_step: each dissociated cell is paired by state",
            );
        }
        for file in &self.dissociated {
            if let Some(state) = file.state.iter().chain(file.label_to_state.values()).find(|s| self.state(s).is_none())
            {
                return bad(&format!("no markers are given for the state {state}"));
            }
        }
        Ok(())
    }

    /// Names of the states, in order.
    pub fn state_names(&self) -> Vec<String> {
        self.states.markers.keys().cloned().collect()
    }

    /// The number of a state.
    pub fn state(&self, name: &str) -> Option<u8> {
        self.states.markers.keys().position(|state| state == name).map(|i| i as u8)
    }
}
