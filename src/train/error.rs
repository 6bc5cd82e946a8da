//! What can be wrong with a training run.

use crate::Explain;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrainError {
    #[error("The training configuration is not valid: {0}.")]
    BadConfig(String),
    #[error("This file or folder could not be read: {0}.")]
    NoFile(&'static str),
    #[error("This file or folder could not be written: {0}.")]
    NotWritten(&'static str),
    #[error("The training data do not fit the configuration: {0}.")]
    BadData(String),
    #[error("The loss is no longer a number, at step {0}.")]
    Diverged(usize),
    #[error("The checkpoint is damaged or of another version: {0}.")]
    BadCheckpoint(&'static str),
    #[error("The training was cancelled; a checkpoint of what it had come to was written.")]
    Cancelled,
}

impl Explain for TrainError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadConfig(_) => "train.bad-config",
            Self::NoFile(_) => "train.no-file",
            Self::NotWritten(_) => "train.not-written",
            Self::BadData(_) => "train.bad-data",
            Self::Diverged(_) => "train.diverged",
            Self::BadCheckpoint(_) => "train.bad-checkpoint",
            Self::Cancelled => "job.cancelled",
        }
    }
    fn hint(&self) -> &'static str {
        match self {
            Self::BadConfig(_) => "Compare the file with models/breast.toml, where every setting is explained.",
            Self::NoFile(_) => "Check the path, and that $RESITU_DATA names the data folder.",
            Self::NotWritten(_) => "Check that the folder exists, is writable and has room.",
            Self::BadData(_) => "Check that each file is the one that the configuration describes.",
            Self::Diverged(_) => "Lower the learning rate or the weights of the critics.",
            Self::BadCheckpoint(_) => "Run the step before again to make the checkpoint anew.",
            Self::Cancelled => "Go on with that checkpoint, or run the same command again to start over.",
        }
    }
}
