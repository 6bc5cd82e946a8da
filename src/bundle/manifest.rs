//! `manifest.json`: what a translator is, what it was made from, and what its file must contain.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::BundleError;
use crate::genes::Vocabulary;
use crate::model::TranslatorConfig;

/// The version of the format that this code writes, and the only one that it reads.
pub(super) const FORMAT_VERSION: u32 = 1;

/// Reference cells that may be considered for one place: more only cost time.
const MAX_CANDIDATES: usize = 4_096;

/// The whole manifest. Fields that a reader does not know are ignored; what it must know is named in `requires`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format_version: u32,
    /// Names of extensions without which the bundle would be misunderstood. Version 1 knows none.
    #[serde(default)]
    pub requires: Vec<String>,
    #[serde(flatten)]
    pub description: Description,
    /// The weights by name.
    pub tensors: BTreeMap<String, StoredTensor>,
    /// Every other entry of the zip by name.
    pub entries: BTreeMap<String, EntryDigest>,
}

/// What the author of a translator says about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    pub name: String,
    pub version: String,
    /// Licence of the weights.
    pub licence: String,
    pub directions: Vec<Direction>,
    /// For people, such as `human`. What is enforced are the gene names.
    pub species: String,
    pub tissue: String,
    /// Names of the technology tokens, in order: first the dissociated, then the spatial ones.
    pub technologies: Vec<String>,
    /// The genes of the spatial platform.
    pub panel: Vec<PanelGene>,
    pub model: TranslatorConfig,
    /// Tokens of a cell beyond these are cut.
    pub max_tokens: usize,
    /// Which genes of a cell become tokens.
    #[serde(default)]
    pub reads: Reads,
    /// Median counts of a reference cell over the panel: expected counts are predicted shares times this.
    pub panel_total: f32,
    pub placement: PlacementParams,
    /// How like the reference validation cells are: ascending quantiles, evenly spaced from 0 to 1, of their highest cosine
    /// similarity to a reference cell.
    pub calibration: Vec<f32>,
    pub states: Vec<State>,
    pub niches: Vec<Niche>,
    /// Sections of the reference map; `section` of a reference cell points here.
    pub sections: Vec<Section>,
    /// What the translator was trained on.
    pub sources: Vec<Source>,
    /// Scores beside their baselines, as the evaluation printed them.
    #[serde(default)]
    pub evaluation: serde_json::Value,
}

/// What is translated into what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Single-cell to spatial.
    ScToSt,
    /// Spatial to single-cell.
    StToSc,
}

/// Which genes of a cell a translator looks at. The cell's depth is counted over all its genes either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reads {
    /// Every gene of the vocabulary.
    #[default]
    Vocabulary,
    /// The panel's genes alone: both technologies then show the network the same genes.
    Panel,
}

/// How a cell's position among the reference cells is chosen; [`crate::translate::Placer`] says by which rule.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PlacementParams {
    /// Cosine similarities are divided by this before the softmax over candidates.
    pub temperature: f32,
    /// Reference cells that are considered: those of highest similarity.
    pub candidates: usize,
    /// Width of the Gaussian kernel in which candidates support each other's position.
    pub bandwidth_um: f32,
}

/// A gene of the panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelGene {
    /// As [`crate::genes::Gene::label`] of the gene, for readers of the manifest.
    pub symbol: String,
    /// Position in the vocabulary.
    pub gene: u32,
}

/// A state of cells, such as a cell type: niches are made of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub name: String,
    /// Genes by which the state was recognised, best first.
    pub markers: Vec<String>,
}

/// A kind of neighbourhood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Niche {
    pub name: String,
    /// Share of each state among the neighbours, at the centre of the niche: not negative.
    pub composition: Vec<f32>,
}

/// A section of tissue in the reference map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    pub name: String,
    pub technology: String,
    /// The line that has to be shown with the map.
    pub attribution: String,
    pub licence: String,
    pub url: String,
}

/// A data set that the translator was trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub name: String,
    pub licence: String,
    pub url: String,
}

/// How the numbers of a tensor are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    F32,
    F16,
    /// As [`super::Quantized`], in blocks along the last axis.
    Q8,
}

/// Form of one tensor of the weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTensor {
    pub scheme: Scheme,
    pub shape: Vec<usize>,
}

/// What an entry of the zip must unpack to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryDigest {
    pub bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// What is read first: enough to know whether the rest can be understood.
#[derive(Deserialize)]
struct Preamble {
    format_version: u32,
    #[serde(default)]
    requires: Vec<String>,
}

impl Manifest {
    /// Parses a manifest without yet comparing it to anything.
    ///
    /// # Errors
    /// `bundle.unsupported-version`, `bundle.bad-manifest`.
    pub(super) fn parse(json: &[u8]) -> Result<Self, BundleError> {
        let bad = |_| BundleError::BadManifest("it is not the JSON that it should be");
        let preamble: Preamble = serde_json::from_slice(json).map_err(bad)?;
        if preamble.format_version != FORMAT_VERSION || !preamble.requires.is_empty() {
            return Err(BundleError::UnsupportedVersion);
        }
        serde_json::from_slice(json).map_err(bad)
    }
}

impl Description {
    /// Checks that the description agrees with itself and with the vocabulary.
    ///
    /// # Errors
    /// `bundle.bad-manifest`, `bundle.bad-model`.
    pub(super) fn check(&self, vocabulary: &Vocabulary) -> Result<(), BundleError> {
        let bad = |reason| Err(BundleError::BadManifest(reason));
        self.model.check().map_err(BundleError::BadModel)?;
        let encoder = &self.model.encoder;
        if encoder.special_tokens.checked_add(vocabulary.len()) != Some(encoder.vocabulary) {
            return bad("the network's vocabulary is not the gene table's");
        }
        if self.technologies.is_empty() || self.technologies.len() > encoder.token_types {
            return bad("the technologies do not fit the network's tokens");
        }
        if self.directions.is_empty() || self.panel.is_empty() || self.sections.is_empty() {
            return bad("it names no direction, panel or section");
        }
        if self.states.len() != self.model.states {
            return bad("the states do not fit the network");
        }
        // States, niches and sections are counted in one byte a cell, of which 255 marks a cell without a niche.
        if self.niches.is_empty() || self.niches.len() > 255 || self.sections.len() > 256 {
            return bad("it has no niche, or too many niches or sections");
        }
        let is_share = |share: &f32| share.is_finite() && *share >= 0.0;
        let fits =
            |niche: &Niche| niche.composition.len() == self.states.len() && niche.composition.iter().all(is_share);
        if !self.niches.iter().all(fits) {
            return bad("a niche's composition does not fit the states");
        }
        if !(1..=encoder.positions).contains(&self.max_tokens) {
            return bad("the longest cell has no tokens, or more than the network has positions");
        }
        let positive = |value: f32| value.is_finite() && value > 0.0;
        let PlacementParams { temperature, candidates, bandwidth_um } = self.placement;
        if ![self.panel_total, temperature, bandwidth_um].into_iter().all(positive) {
            return bad("a total, temperature or bandwidth is not a positive number");
        }
        if !(1..=MAX_CANDIDATES).contains(&candidates) {
            return bad("the number of candidates for a place is zero or too large");
        }
        let rises = self.calibration.windows(2).all(|pair| pair[0] <= pair[1]);
        if self.calibration.len() < 2 || !rises || !self.calibration.iter().all(|value| value.is_finite()) {
            return bad("the calibration is not a list of rising numbers");
        }
        let mut seen = HashSet::new();
        for PanelGene { symbol, gene } in &self.panel {
            if vocabulary.genes().get(*gene as usize).is_none_or(|gene| gene.label() != symbol) {
                return bad("a gene of the panel is not in the gene table");
            }
            if !seen.insert(gene) {
                return bad("a gene is twice in the panel");
            }
        }
        Ok(())
    }
}
