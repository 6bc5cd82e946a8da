//! What can go wrong between cells and translated cells.

use crate::{Explain, io::ValueKind};

/// A translation that cannot be started or ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TranslateError {
    #[error("The file holds no cells.")]
    NoCells,
    /// `instead` is the matrix of the file that does look like counts; not part of the sentence, because layers bear names
    /// out of the user's file.
    #[error("The values look {}, but a translator needs raw counts.", .kind.as_str())]
    NotCounts { kind: ValueKind, instead: Option<String> },
    #[error("The parts of the translator do not fit together: {0}.")]
    BadTranslator(&'static str),
    #[error("The job was started with another file, matrix or translator.")]
    OtherInput,
    #[error("The translation has not reached the last cell yet.")]
    Unfinished,
    #[error("There is not enough memory for the results of so many cells.")]
    TooLarge,
    #[error("This build of resitu cannot use the device {0}.")]
    DeviceNotBuilt(&'static str),
    #[error("No device {0} answers on this machine.")]
    DeviceUnavailable(&'static str),
}

impl Explain for TranslateError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoCells => "translate.no-cells",
            Self::NotCounts { .. } => "translate.not-counts",
            Self::BadTranslator(_) => "translate.bad-translator",
            Self::OtherInput => "translate.other-input",
            Self::Unfinished => "translate.unfinished",
            Self::TooLarge => "translate.too-large",
            Self::DeviceNotBuilt(_) => "device.not-built",
            Self::DeviceUnavailable(_) => "device.unavailable",
        }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::NoCells => "Check that the file was saved whole, and that no filter removed every cell.",
            Self::NotCounts { instead: Some(_), .. } => {
                "Choose the matrix of the file that holds the counts; the summary of the file says which."
            }
            Self::NotCounts { instead: None, .. } => {
                "Save the file again with the raw counts in X, raw/X or layers/counts: normalised values cannot be turned back."
            }
            Self::BadTranslator(_) => "The translator file may be damaged; download it again.",
            Self::OtherInput => "Start a new translation after changing the file, its matrix or the translator.",
            Self::Unfinished => "Go on until every cell is done.",
            Self::TooLarge => "Split the file by cells and translate the parts.",
            Self::DeviceNotBuilt(_) => "Use --device cpu, or build with --features webgpu or --features cuda.",
            Self::DeviceUnavailable(_) => "Use the CPU, or check the graphics driver.",
        }
    }
}
