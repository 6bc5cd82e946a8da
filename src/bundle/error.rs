//! What can be wrong with a translator file.

use crate::Explain;
use crate::genes::GenesError;
use crate::model::ModelError;

/// A `.resitu` file, or a model folder of another tool, that is refused.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error("This is not a translator file: it is no zip archive.")]
    NotAZip,
    #[error("The translator file is damaged: {0}.")]
    BadArchive(&'static str),
    #[error("The translator file holds an entry whose name leads outside.")]
    UnsafePath,
    #[error("The translator file holds an entry that does not belong there.")]
    UnexpectedEntry,
    #[error("The translator file holds {0} twice.")]
    DuplicateEntry(&'static str),
    #[error("The translator file lacks {0}.")]
    MissingEntry(&'static str),
    #[error("The translator file is too large: {0}.")]
    TooLarge(&'static str),
    #[error("The content of {0} is not what the translator's manifest says.")]
    HashMismatch(&'static str),
    #[error("The translator file needs a newer version of resitu.")]
    UnsupportedVersion,
    #[error("The translator's manifest is not valid: {0}.")]
    BadManifest(&'static str),
    #[error("The translator's arrays are not valid: {0}.")]
    BadShape(&'static str),
    #[error("The translator holds numbers that are not finite or out of range: {0}.")]
    BadValue(&'static str),
    #[error("The translator's gene table is not valid: {0}")]
    BadVocabulary(#[source] GenesError),
    #[error("The translator's network is not valid: {0}")]
    BadModel(#[source] ModelError),
}

impl Explain for BundleError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAZip => "bundle.not-a-zip",
            Self::BadArchive(_) => "bundle.bad-archive",
            Self::UnsafePath => "bundle.unsafe-path",
            Self::UnexpectedEntry => "bundle.unexpected-entry",
            Self::DuplicateEntry(_) => "bundle.duplicate-entry",
            Self::MissingEntry(_) => "bundle.missing-entry",
            Self::TooLarge(_) => "bundle.too-large",
            Self::HashMismatch(_) => "bundle.hash-mismatch",
            Self::UnsupportedVersion => "bundle.unsupported-version",
            Self::BadManifest(_) => "bundle.bad-manifest",
            Self::BadShape(_) => "bundle.bad-shape",
            Self::BadValue(_) => "bundle.bad-value",
            Self::BadVocabulary(_) => "bundle.bad-vocabulary",
            Self::BadModel(_) => "bundle.bad-model",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::NotAZip => {
                "Choose a file that ends in .resitu; a web page saved under that name is a common mistake."
            }
            Self::BadArchive(_) | Self::MissingEntry(_) | Self::HashMismatch(_) => {
                "The download may be incomplete: fetch the file again."
            }
            Self::UnsafePath | Self::UnexpectedEntry | Self::DuplicateEntry(_) => {
                "Do not use this file unless you know who made it; a translator is written by `resitu quantize` and never repacked."
            }
            Self::TooLarge(_) => "Use a smaller or more strongly quantised translator.",
            Self::UnsupportedVersion => "Update resitu, or use a translator made for this version.",
            Self::BadManifest(_)
            | Self::BadShape(_)
            | Self::BadValue(_)
            | Self::BadVocabulary(_)
            | Self::BadModel(_) => "The file was written by a faulty tool: ask its author for another.",
        }
    }
}
