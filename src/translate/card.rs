//! What a translator says of itself, for people and for JavaScript.

use serde::Serialize;

use super::Translator;
use crate::bundle::{Direction, Source};

/// The `TranslatorCard` of `www/src/types.ts`, field by field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Card {
    pub name: String,
    pub version: String,
    pub sha256: String,
    pub bytes: usize,
    pub species: String,
    pub tissue: String,
    pub directions: Vec<Direction>,
    pub panel: Vec<String>,
    pub states: Vec<String>,
    pub niches: Vec<String>,
    pub parameters: usize,
    pub model_card: String,
    pub sources: Vec<Source>,
    pub reference: CardReference,
}

/// The section on which cells are placed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CardReference {
    pub section: String,
    pub n_cells: usize,
    pub attribution: String,
}

impl Translator {
    /// What the translator says of itself.
    pub fn card(&self) -> Card {
        let about = self.description();
        Card {
            name: about.name.clone(),
            version: about.version.clone(),
            sha256: self.sha256().to_owned(),
            bytes: self.bytes(),
            species: about.species.clone(),
            tissue: about.tissue.clone(),
            directions: about.directions.clone(),
            panel: about.panel.iter().map(|gene| gene.symbol.clone()).collect(),
            states: about.states.iter().map(|state| state.name.clone()).collect(),
            niches: about.niches.iter().map(|niche| niche.name.clone()).collect(),
            parameters: self.parameters(),
            model_card: self.model_card().to_owned(),
            sources: about.sources.clone(),
            reference: CardReference {
                section: about.sections.first().map_or_else(String::new, |section| section.name.clone()),
                n_cells: self.reference().positions.len(),
                attribution: self.attribution().to_owned(),
            },
        }
    }
}
