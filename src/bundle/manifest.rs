//! `manifest.json`: what a translator is, what it was made from, and what its file must contain.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::BundleError;
use crate::genes::Vocabulary;
use crate::model::TranslatorConfig;

/// The version of the format that this code writes, and the only one that it reads.
pub(super) const FORMAT_VERSION: u32 = 1;

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
        // States, niches and sections are counted in one byte a reference cell.
        if self.niches.is_empty() || self.niches.len() > 256 || self.sections.len() > 256 {
            return bad("it has no niche, or too many niches or sections");
        }
        let is_share = |share: &f32| share.is_finite() && *share >= 0.0;
        let fits =
            |niche: &Niche| niche.composition.len() == self.states.len() && niche.composition.iter().all(is_share);
        if !self.niches.iter().all(fits) {
            return bad("a niche's composition does not fit the states");
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
