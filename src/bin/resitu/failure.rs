//! Why a command ended early, and the exit code that says so.

use std::process::ExitCode;

use resitu::{Error, Explain, io::IoError, spatial::SpatialError};

/// The end of a command that did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The input cannot be used, or the result cannot be written.
    Failed(Error),
    /// The arguments make no sense together: a sentence for people, and what to do instead.
    Usage { sentence: String, hint: &'static str },
    /// The person pressed Ctrl-C.
    Cancelled,
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        match error.into() {
            Error::Spatial(SpatialError::Cancelled) => Self::Cancelled,
            error => Self::Failed(error),
        }
    }
}

impl Failure {
    /// Prints `error[code]: sentence` and `hint: …` to the standard error; gives the exit code.
    pub fn report(&self) -> ExitCode {
        let (code, sentence, hint, exit) = match self {
            Self::Failed(error) => (error.code(), error.to_string(), error.hint(), exit_code(error)),
            Self::Usage { sentence, hint } => ("usage", sentence.clone(), *hint, 2),
            Self::Cancelled => ("job.cancelled", "Cancelled.".to_owned(), "Run the same command to start again.", 130),
        };
        eprintln!("error[{code}]: {sentence}\nhint: {hint}");
        ExitCode::from(exit)
    }
}

fn exit_code(error: &Error) -> u8 {
    match error {
        Error::Io(IoError::WriteFailed(_)) => 1,
        _ if error.code() == "job.cancelled" => 130,
        _ => 3,
    }
}
