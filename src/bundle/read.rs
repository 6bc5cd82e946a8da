//! Reading a bundle: nothing in it is believed before it is checked.

use sha2::{Digest, Sha256};

use super::archive::{self, Archive, EntryKind};
use super::{BundleError, Manifest, Reference, Weights};
use crate::genes::Vocabulary;

/// A translator file in memory.
#[derive(Debug, Clone)]
pub struct Bundle {
    pub manifest: Manifest,
    pub vocabulary: Vocabulary,
    pub weights: Weights,
    pub reference: Reference,
    /// Markdown, from an untrusted file: never show it as HTML without sanitising.
    pub model_card: String,
    /// SHA-256 of the file in lower-case hexadecimal: the identity of the translator in every result.
    pub sha256: String,
    /// Length of the file.
    pub bytes: usize,
}

impl Bundle {
    /// Reads a `.resitu` file.
    ///
    /// Checked in this order, each before anything is allocated from it: the zip's structure and every size in it; the
    /// manifest's version; the SHA-256 of every entry; names, medians, shapes, types and ranges. Peak memory is about twice
    /// the file. Weights are unpacked only when asked for.
    ///
    /// # Errors
    /// A [`BundleError`] for every defect; no content makes this panic.
    pub fn read(file: &[u8]) -> Result<Self, BundleError> {
        let archive = Archive::open(file)?;
        let manifest = Manifest::parse(&archive.unpack(&archive::MANIFEST)?)?;
        if manifest.entries.len() != archive::ENTRIES.len() - 1 {
            return Err(BundleError::BadManifest("it does not list the entries of the file"));
        }
        let unpack = |kind| verified(&archive, kind, &manifest);
        let text = |kind: &'static EntryKind| {
            String::from_utf8(unpack(kind)?).map_err(|_| BundleError::BadManifest("a text of the bundle is not UTF-8"))
        };
        let model_card = text(&archive::MODEL_CARD)?;
        let vocabulary = Vocabulary::from_tsv(&text(&archive::GENES)?).map_err(BundleError::BadVocabulary)?;
        manifest.description.check(&vocabulary)?;
        let weights = Weights::read(unpack(&archive::WEIGHTS)?, &manifest.tensors)?;
        let reference = Reference::read(&unpack(&archive::REFERENCE)?, &manifest.description)?;
        Ok(Self { manifest, vocabulary, weights, reference, model_card, sha256: sha256(file), bytes: file.len() })
    }
}

/// Unpacks an entry and compares it to the manifest.
fn verified(archive: &Archive, kind: &'static EntryKind, manifest: &Manifest) -> Result<Vec<u8>, BundleError> {
    let digest = manifest.entries.get(kind.name);
    let digest = digest.ok_or(BundleError::BadManifest("it does not list the entries of the file"))?;
    let content = archive.unpack(kind)?;
    if content.len() as u64 == digest.bytes && sha256(&content) == digest.sha256 {
        Ok(content)
    } else {
        Err(BundleError::HashMismatch(kind.name))
    }
}

/// SHA-256 in lower-case hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
