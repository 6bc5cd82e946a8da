//! Writing a bundle.

use std::collections::BTreeMap;

use super::manifest::FORMAT_VERSION;
use super::read::sha256;
use super::{Bundle, BundleError, Description, EntryDigest, Manifest, Reference, Weight, archive, weights};
use crate::genes::Vocabulary;

/// Everything that goes into a `.resitu` file.
#[derive(Debug, Clone)]
pub struct Draft {
    pub description: Description,
    pub vocabulary: Vocabulary,
    pub weights: Vec<Weight>,
    pub reference: Reference,
    /// Markdown.
    pub model_card: String,
}

impl Bundle {
    /// Writes a `.resitu` file: the same draft gives the same bytes. The result is read back before it is handed out, so what
    /// this returns can be read.
    ///
    /// # Errors
    /// As [`Bundle::read`], where the draft contradicts itself or holds numbers that cannot be kept.
    pub fn write(draft: &Draft) -> Result<Vec<u8>, BundleError> {
        draft.description.check(&draft.vocabulary)?;
        draft.reference.check(&draft.description)?;
        let genes = draft.vocabulary.to_tsv();
        let (weights, tensors) = weights::write(&draft.weights)?;
        let reference = draft.reference.write()?;
        let contents: [&[u8]; 4] = [draft.model_card.as_bytes(), genes.as_bytes(), &weights, &reference];
        let digest = |content: &[u8]| EntryDigest { bytes: content.len() as u64, sha256: sha256(content) };
        let entries: BTreeMap<String, EntryDigest> = archive::ENTRIES[1..]
            .iter()
            .zip(contents)
            .map(|(kind, content)| (kind.name.to_owned(), digest(content)))
            .collect();
        let description = draft.description.clone();
        let manifest = Manifest { format_version: FORMAT_VERSION, requires: Vec::new(), description, tensors, entries };
        let manifest = serde_json::to_vec_pretty(&manifest)
            .map_err(|_| BundleError::BadManifest("it cannot be written as JSON"))?;
        let [model_card, genes, weights, reference] = contents;
        let file = archive::write([&manifest, model_card, genes, weights, reference])?;
        let written = Self::read(&file)?;
        // Weights are otherwise unpacked only when used.
        written.weights.tensors()?;
        Ok(file)
    }
}
