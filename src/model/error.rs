//! What can be wrong with a network.

use crate::Explain;

/// Weights or a configuration that do not make a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    #[error("The model's configuration is not valid: {0}.")]
    BadConfig(&'static str),
    #[error("The model's weights lack the tensor {0}.")]
    MissingTensor(String),
    #[error("The model's weights hold the tensor {0}, which this version does not know.")]
    UnknownTensor(String),
    #[error("The tensor {0} of the model has another shape than its configuration says.")]
    BadShape(String),
    #[error("The model computed values that are not finite.")]
    NotFinite,
    #[error("The device stopped answering: {0}.")]
    DeviceLost(&'static str),
}

impl Explain for ModelError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadConfig(_) => "model.bad-config",
            Self::MissingTensor(_) => "model.missing-tensor",
            Self::UnknownTensor(_) => "model.unknown-tensor",
            Self::BadShape(_) => "model.bad-shape",
            Self::NotFinite => "model.not-finite",
            Self::DeviceLost(_) => "device.lost",
        }
    }
    fn hint(&self) -> &'static str {
        match self {
            Self::BadConfig(_) | Self::MissingTensor(_) | Self::UnknownTensor(_) | Self::BadShape(_) => {
                "The translator file does not fit this version of resitu; download it again or use the version it names."
            }
            Self::NotFinite => "Try the CPU device; if it happens there too, the translator file is at fault.",
            Self::DeviceLost(_) => {
                "Choose the CPU device, or close other programs that use the graphics card and retry."
            }
        }
    }
}
