//! What a translator is made of, before it is on a device.

use std::collections::HashSet;

use super::{PlacementParams, Reference, TranslateError};
use crate::genes::Vocabulary;
use crate::model::{NamedTensor, TranslatorConfig};

/// The pieces of a translator as plain data: out of a bundle, or straight from training.
#[derive(Debug, Clone)]
pub struct Parts {
    pub config: TranslatorConfig,
    pub weights: Vec<NamedTensor>,
    pub vocabulary: Vocabulary,
    /// Positions in the vocabulary of the genes to predict.
    pub panel: Vec<u32>,
    /// Median counts of a reference cell: what the predicted shares are multiplied by.
    pub panel_total: f32,
    /// Tokens of a cell beyond these are cut.
    pub max_tokens: usize,
    /// Names of the states, in the order of the network's outputs.
    pub states: Vec<String>,
    pub niches: Vec<Niche>,
    pub reference: Reference,
    pub placement: PlacementParams,
    /// Evenly spaced ascending quantiles, from 0 to 1, of the best similarity of validation cells.
    pub calibration: Vec<f32>,
    /// Whom the reference section is owed to.
    pub attribution: String,
    /// SHA-256 of the bundle, in hexadecimal.
    pub sha256: String,
}

/// A kind of neighbourhood.
#[derive(Debug, Clone, PartialEq)]
pub struct Niche {
    pub name: String,
    /// Share of each state among the neighbours.
    pub centroid: Vec<f32>,
}

impl Parts {
    /// Checks what [`super::Placer::new`] and the network do not.
    ///
    /// # Errors
    /// `translate.bad-translator` if sizes disagree, a gene or label does not exist, or a number makes no sense.
    pub(super) fn check(&self) -> Result<(), TranslateError> {
        let bad = |reason| Err(TranslateError::BadTranslator(reason));
        let encoder = &self.config.encoder;
        if encoder.special_tokens.checked_add(self.vocabulary.len()) != Some(encoder.vocabulary) {
            return bad("the vocabulary and the network differ in their number of genes");
        }
        if self.panel.is_empty() || self.panel.iter().any(|gene| *gene as usize >= self.vocabulary.len()) {
            return bad("the panel is empty or has genes outside the vocabulary");
        }
        if self.panel.iter().collect::<HashSet<_>>().len() != self.panel.len() {
            return bad("the panel has a gene twice");
        }
        if !(self.panel_total.is_finite() && self.panel_total > 0.0) {
            return bad("the total of the panel is not a positive number");
        }
        if self.max_tokens == 0 || self.max_tokens > encoder.positions {
            return bad("the longest cell has no tokens, or more than the network has positions");
        }
        if self.states.len() != self.config.states {
            return bad("the states and the network's outputs differ in number");
        }
        // 255 marks cells without a niche.
        if self.niches.is_empty() || self.niches.len() > usize::from(super::NO_LABEL) {
            return bad("there is no niche, or too many");
        }
        let fits = |niche: &Niche| {
            niche.centroid.len() == self.states.len() && niche.centroid.iter().all(|share| share.is_finite())
        };
        if !self.niches.iter().all(fits) {
            return bad("the centre of a niche is not a composition of the states");
        }
        if self.reference.width != self.config.niche_embedding {
            return bad("the reference and the network differ in the width of the niche embedding");
        }
        let within = |labels: &[u8], n: usize| labels.iter().all(|label| usize::from(*label) < n);
        if !within(&self.reference.state, self.states.len()) || !within(&self.reference.niche, self.niches.len()) {
            return bad("a reference cell has a state or niche that does not exist");
        }
        Ok(())
    }
}
